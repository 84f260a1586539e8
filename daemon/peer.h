/* SPDX-License-Identifier: MIT */
/*
 * peer - who is at the other end of a Unix socket, and whether they may speak.
 *
 * The kernel vouches for uid, gid and supplementary groups as they were at connect().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/error.h"

struct config;

struct peer_policy { /* borrows the lists of the configuration */
	uid_t own;
	bool has_group;
	gid_t group; /* chimerad's */
	const uint64_t *uids, *gids;
	size_t n_uids, n_gids;
};

/* Asks the system for the group `chimerad`: blocks, so at start and reload only. */
void peer_policy_init(struct peer_policy *ret, const struct config *config);

/* Root, the daemon's own user, members of its group, and whom `allow` names; else -EACCES. */
int peer_check(int fd, const struct peer_policy *policy, struct error *err) MUST_USE;
