/* SPDX-License-Identifier: MIT */
#include "daemon/secret.h"

#include <errno.h>
#include <stdio.h>

#include "lib/base/files.h"

#define BYTES_MAX 4096 /* with its newline; the longest in use have some 200 */

static int path_of(char *ret, size_t size, const char *credential, const char *file,
                   struct error *err)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	int n;

	if (file) {
		n = snprintf(ret, size, "%s", file);
	} else if (dir) {
		n = snprintf(ret, size, "%s/%s", dir, credential);
	} else {
		return error_set(
			err, -ENOENT,
			"credential %s: the service manager gave none: add LoadCredential= "
			"to the unit, or name a file",
			credential);
	}
	return n < 0 || (size_t)n >= size
	               ? error_set(err, -ENAMETOOLONG, "the path of the key is too long")
	               : 0;
}

int secret_read(char **ret, const char *credential, const char *file, struct error *err)
{
	char path[4096];
	size_t len;
	int r;

	*ret = NULL;
	if (!credential && !file)
		return 0;
	r = path_of(path, sizeof path, credential, file, err);
	if (r == 0)
		r = files_read(ret, &len, NULL, path, BYTES_MAX, err);
	if (r == 0)
		(*ret)[strcspn(*ret, "\r\n")] = '\0';
	return r;
}

void secret_free(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}
