/* SPDX-License-Identifier: MIT */
/* What servers say of themselves: the first byte says to which question it is the answer. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/model/about.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size)
{
	assert(memchr(text, 0, size));
	assert(utf8_cut(text, strlen(text), size) == strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(struct model_about *, const json_t *) = {
		about_read_version, about_read_tags,  about_read_show,
		about_read_ps,      about_read_props, about_read_models};
	struct model_about a;
	json_t *doc;

	if (size < 2)
		return 0;
	doc = json_loadb((const char *)data + 1, size - 1, 0, NULL);
	about_init(&a);
	memcpy(a.model, "gemma3", sizeof "gemma3");
	if (data[0] & 0x80)
		a.model[0] = '\0';
	readers[(data[0] & 0x7f) % (sizeof readers / sizeof readers[0])](&a, doc);
	check_text(a.version, sizeof a.version);
	check_text(a.identity, sizeof a.identity);
	check_text(a.model, sizeof a.model);
	check_text(a.error, sizeof a.error);
	assert((a.status == 0) == (a.error[0] == '\0'));
	assert(!(a.gpu_share < 0) && !(a.gpu_share > 1));
	json_decref(doc);
	return 0;
}
