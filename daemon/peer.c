/* SPDX-License-Identifier: MIT */
#include "daemon/peer.h"

#include <errno.h>
#include <grp.h>
#include <sys/socket.h>

#include "daemon/config.h"

#define PEER_GROUPS_MAX 1024 /* supplementary groups looked at; NGROUPS_MAX is 65536 */

void peer_policy_init(struct peer_policy *ret, const struct config *config)
{
	const struct group *group = getgrnam("chimerad");

	*ret = (struct peer_policy){
		.own = geteuid(),
		.has_group = group != NULL,
		.group = group ? group->gr_gid : 0,
		.uids = config->allow_uids,
		.n_uids = config->n_allow_uids,
		.gids = config->allow_gids,
		.n_gids = config->n_allow_gids,
	};
}

static bool listed(const uint64_t *ids, size_t n, uint64_t id)
{
	for (size_t i = 0; i < n; i++) {
		if (ids[i] == id)
			return true;
	}
	return false;
}

static bool group_may(const struct peer_policy *p, gid_t gid)
{
	return (p->has_group && gid == p->group) || listed(p->gids, p->n_gids, gid);
}

static bool groups_may(const struct peer_policy *p, int fd)
{
	gid_t groups[PEER_GROUPS_MAX];
	socklen_t len = sizeof groups;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
		return false;
	for (size_t i = 0; i < len / sizeof *groups; i++) {
		if (group_may(p, groups[i]))
			return true;
	}
	return false;
}

int peer_check(int fd, const struct peer_policy *p, struct error *err)
{
	struct ucred who;
	socklen_t len = sizeof who;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		return error_set(err, -EACCES, "cannot tell who connects: %s", strerror(errno));
	if (who.uid == 0 || who.uid == p->own || listed(p->uids, p->n_uids, who.uid) ||
	    group_may(p, who.gid) || groups_may(p, fd))
		return 0;
	return error_set(err, -EACCES,
	                 "uid %u may not use this daemon: add it to the group chimerad, or to "
	                 "allow.uids of the configuration",
	                 (unsigned)who.uid);
}
