/* SPDX-License-Identifier: MIT */
/*
 * interrupt - somebody typed Ctrl-C while a review is followed: what is it to mean?
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

enum interrupt { INTERRUPT_GO_ON, INTERRUPT_DETACH, INTERRUPT_CANCEL };

/*
 * What is done where nobody can be asked, and at a second Ctrl-C: a review of the daemon's goes on
 * without us, a private one ends with us.
 */
enum interrupt interrupt_default(bool is_private);

/* Asks on the terminal `to`, if it and standard input are one. signal_fd: of watch_signals(). */
enum interrupt interrupt_ask(FILE *to, bool is_private, int signal_fd);
