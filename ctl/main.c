/* SPDX-License-Identifier: MIT */
/*
 * chimeractl - the table of commands.
 */
#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include "ctl/command.h"
#include "ctl/complete.h"
#include "ctl/terminal.h"

static const struct command *const commands[] = {
	&review_command,   &submit_command,    &list_command,     &show_command,
	&watch_command,    &cancel_command,    &retry_command,    &report_command,
	&verify_command,   &pipelines_command, &personas_command, &endpoints_command,
	&doctor_command,   &check_command,     &compare_command,  &init_command,
	&backtest_command, &bundle_command,    &explain_command,  &ack_command,
	&trends_command,   &accept_command,    &backup_command,   &schedule_command,
	&tune_command};

static void print_help(void)
{
	(void)printf("usage: chimeractl [--socket PATH] [--json] COMMAND ...\n\n"
	             "Reviews benchmark artifacts with chimerad and checks its reports.\n\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		(void)printf("  %-10s %s\n", commands[i]->name, commands[i]->about);
	(void)printf("\n  --socket PATH  where the daemon listens (default $CHIMERAD_SOCKET, else\n"
	             "                 $XDG_RUNTIME_DIR/chimerad.sock, else /run/chimerad.sock)\n"
	             "  --json         print the daemon's JSON\n"
	             "  --version      print the version\n\n"
	             "chimeractl COMMAND --help says more. Example:\n\n"
	             "  chimeractl review --local examples/nightly\n");
}

static void print_command_help(const struct command *c)
{
	(void)printf("usage: chimeractl %s %s\n\n%c%s.\n", c->name, c->usage,
	             c->about[0] - 'a' + 'A', c->about + 1);
	if (*c->help)
		(void)printf("\n%s", c->help);
	(void)printf("\nExample:\n\n  %s\n", c->example);
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return true;
	}
	return false;
}

static int run_command(const struct ctl *ctl, const char *name, int argc, char **argv)
{
	if (strcmp(name, "complete") == 0) /* for the shells, not in the list */
		return complete_run(commands, ARRAY_LEN(commands), argc, argv);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(name, commands[i]->name) != 0)
			continue;
		if (!wants_help(argc, argv))
			return commands[i]->run(ctl, argc, argv);
		print_command_help(commands[i]);
		return CTL_DONE;
	}
	return ctl_fail(CTL_USAGE, "%s: no such command: see chimeractl --help", name);
}

/* Options before the command. Returns the index of the command, or -1 - exit code to leave. */
static int read_globals(struct ctl *ctl, int argc, char **argv)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			ctl->json = true;
		} else if (strcmp(argv[i], "--socket") == 0 && i + 1 < argc) {
			ctl->socket = argv[++i];
		} else if (strncmp(argv[i], "--socket=", 9) == 0) {
			ctl->socket = argv[i] + 9;
		} else if (strcmp(argv[i], "--version") == 0) {
			(void)printf("chimeractl %s\n", CHIMERAD_VERSION);
			return -1 - CTL_DONE;
		} else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			print_help();
			return -1 - CTL_DONE;
		} else {
			return -1 - ctl_fail(CTL_USAGE,
			                     "%s: unknown or incomplete option: see chimeractl "
			                     "--help",
			                     argv[i]);
		}
	}
	return i;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	int code, at = read_globals(ctl, argc, argv);

	if (at < 0)
		return -1 - at;
	if (at >= argc)
		return ctl_fail(CTL_USAGE, "no command: see chimeractl --help");
	code = run_command(ctl, argv[at], argc - at - 1, argv + at + 1);
	curl_global_cleanup(); /* curl_easy_init() began it, where there was something to ask */
	return code;
}

int main(int argc, char **argv)
{
	struct ctl ctl = {0};
	int code;

	(void)signal(SIGPIPE, SIG_IGN);
	code = run(&ctl, argc, argv);
	/* A pager or head that has seen enough is no failure. */
	if (fflush(stdout) != 0 && errno != EPIPE && code == CTL_DONE)
		return ctl_fail(CTL_FAILED, "standard output: cannot write: %s", strerror(errno));
	return code;
}
