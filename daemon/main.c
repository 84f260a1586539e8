/* SPDX-License-Identifier: MIT */
#include <curl/curl.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>

#include "daemon/daemon.h"
#include "lib/base/markdown_memory.h"

enum { EXIT_USAGE = 2 };

/*
 * Of malloc. Each thread of the pool would have a heap of its own and keep a megabyte of it at
 * rest. Giving back under work what is needed again makes the others wait: pulse.h does it at rest.
 */
#define HEAPS      1
#define TRIM_BYTES (8 << 20)
#define MMAP_BYTES (1 << 20)

struct arguments {
	struct daemon_options options;
	bool check, version, help;
};

static const char usage[] =
	"usage: chimerad [--config FILE] [--state DIR] [--socket PATH] [--check] [--version]\n";

static int parse(struct arguments *ret, int argc, char **argv)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'},
	                                        {"state", required_argument, NULL, 's'},
	                                        {"socket", required_argument, NULL, 'l'},
	                                        {"exit-with-stdin", no_argument, NULL, 'x'},
	                                        {"check", no_argument, NULL, 'k'},
	                                        {"version", no_argument, NULL, 'v'},
	                                        {"help", no_argument, NULL, 'h'},
	                                        {0}};
	struct settings_source *settings = &ret->options.settings;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'c')
			settings->config = optarg;
		else if (option == 's')
			settings->state = optarg;
		else if (option == 'l')
			settings->socket = optarg;
		else if (option == 'x')
			ret->options.exit_with_stdin = true;
		else if (option == 'k')
			ret->check = true;
		else if (option == 'v')
			ret->version = true;
		else if (option == 'h')
			ret->help = true;
		else
			return -1; /* getopt has said why */
	}
	if (optind == argc)
		return 0;
	(void)fprintf(stderr, "chimerad: \"%s\": takes no operand\n", argv[optind]);
	return -1;
}

static int check(const struct arguments *a)
{
	CLEANUP(config_freep) struct config *config = NULL;
	struct error err = {0};
	int r = settings_load(&config, &a->options.settings, &err);

	if (r == 0)
		r = settings_check(config, &err);
	if (r < 0) {
		(void)fprintf(stderr, "chimerad: %s\n", err.text);
		return EXIT_FAILURE;
	}
	(void)puts("configuration, pipelines and personas are good");
	return EXIT_SUCCESS;
}

static int run(const struct arguments *a)
{
	struct daemon *d;
	struct error err = {0};
	uv_loop_t loop;
	int r;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || !markdown_tables() ||
	    uv_loop_init(&loop) < 0) {
		log_err(a->options.log, "cannot begin: out of memory or descriptors");
		return EXIT_FAILURE;
	}
	r = daemon_start(&d, &loop, &a->options, &err);
	if (r == 0) {
		(void)uv_run(&loop, UV_RUN_DEFAULT);
		r = daemon_free(d, &err);
	}
	if (r < 0)
		log_err(a->options.log, "%s", err.text);
	(void)uv_loop_close(&loop);
	curl_global_cleanup();
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void bound_heaps(void)
{
	(void)mallopt(M_ARENA_MAX, HEAPS);
	(void)mallopt(M_TRIM_THRESHOLD, TRIM_BYTES);
	(void)mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
}

int main(int argc, char **argv)
{
	struct log log;
	struct arguments a = {
		.options = {.reviews = {review_start, review_cancel, review_suspend}, .log = &log}};

	log_init(&log);
	bound_heaps();
	if (parse(&a, argc, argv) < 0) {
		(void)fputs(usage, stderr);
		return EXIT_USAGE;
	}
	if (a.help || a.version) {
		(void)fputs(a.help ? usage : "chimerad " CHIMERAD_VERSION "\n", stdout);
		return EXIT_SUCCESS;
	}
	if (a.check)
		return check(&a);
	(void)signal(SIGPIPE, SIG_IGN); /* libuv writes with write(2) */
	return run(&a);
}
