/* SPDX-License-Identifier: MIT */
/*
 * lock - one daemon per state directory: flock on STATE/lock, held as long as the fd is open.
 */
#pragma once

#include "lib/base/error.h"

/*
 * -EBUSY: another process holds it; the message names its pid where the file tells. The file
 * stays behind on purpose: unlinking a lock file lets two processes hold "the" lock.
 */
int lock_take(int *ret_fd, const char *dir, struct error *err) MUST_USE;

/*
 * For a private daemon, of which nothing else runs yet: waits for its turn, as long as there is
 * somebody at the other end of stdin. -ECANCELED: nobody.
 */
int lock_wait(int *ret_fd, const char *dir, struct error *err) MUST_USE;
