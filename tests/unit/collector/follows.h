/* SPDX-License-Identifier: MIT */
/* Whether it can be told where a link leads: kernels before Linux 5.6, and valgrind, cannot. */
#pragma once

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline void skip_without_openat2(void)
{
	if (syscall(SYS_openat2, -1, "", NULL, (size_t)0) < 0 && errno == ENOSYS)
		cr_skip_test("there is no openat2");
}
