/* SPDX-License-Identifier: MIT */
#include "ctl/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define ANSWER_BYTES 64

enum interrupt interrupt_default(bool is_private)
{
	return is_private ? INTERRUPT_CANCEL : INTERRUPT_DETACH;
}

/* Ctrl-C again, or the terminal is gone; not: it has another size. */
static bool is_final(int signal_fd)
{
	struct signalfd_siginfo info;
	bool final = false;

	while (read(signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
		final = final || info.ssi_signo != SIGWINCH;
	return final;
}

/* A line of standard input: its length, 0 at its end, -EINTR at a signal. */
static ssize_t read_answer(char ret[static ANSWER_BYTES], int signal_fd)
{
	struct pollfd p[] = {{.fd = STDIN_FILENO, .events = POLLIN},
	                     {.fd = signal_fd, .events = POLLIN}};

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return -errno;
		if (p[1].revents && is_final(signal_fd))
			return -EINTR;
		if (p[0].revents)
			return read(STDIN_FILENO, ret, ANSWER_BYTES);
	}
}

enum interrupt interrupt_ask(FILE *to, bool is_private, int signal_fd)
{
	char answer[ANSWER_BYTES];
	ssize_t n;

	if (!isatty(STDIN_FILENO) || !isatty(fileno(to)))
		return interrupt_default(is_private);
	(void)fputs(is_private ? "\nc: cancel the review   Enter: go on   [c] "
	                       : "\nd: leave, the review goes on   c: cancel it   Enter: go on   "
	                         "[d/c] ",
	            to);
	(void)fflush(to);
	n = read_answer(answer, signal_fd);
	if (n <= 0) {
		(void)fputc('\n', to);
		return interrupt_default(is_private);
	}
	if (answer[0] == 'c' || answer[0] == 'C')
		return INTERRUPT_CANCEL;
	return (answer[0] == 'd' || answer[0] == 'D') && !is_private ? INTERRUPT_DETACH
	                                                             : INTERRUPT_GO_ON;
}
