/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Keeping the map of pods current. */

#include "src/watchbpf/pods.h"

#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "src/record/pod.h"
#include "src/base/base.h"

struct pods {
	int inotify;
	struct pod_cgroup *known; /* as they are in the map */
	size_t n;
	bool written; /* the map holds these and no others */
};

static void look_at(void *userdata, const char *path)
{
	const struct pods *pods = userdata;

	inotify_add_watch(pods->inotify, path, IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_ONLYDIR);
}

int pods_open(struct pods **ret)
{
	struct pods *pods = calloc(1, sizeof(*pods));

	if (!pods)
		return -ENOMEM;
	pods->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (pods->inotify < 0) {
		free(pods);
		return -errno;
	}
	*ret = pods;
	return 0;
}

void pods_free(struct pods **pods)
{
	if (!*pods)
		return;
	close((*pods)->inotify);
	free((*pods)->known);
	free(*pods);
	*pods = NULL;
}

int pods_fd(const struct pods *pods)
{
	return pods->inotify;
}

static void forget_events(const struct pods *pods)
{
	char events[4096];

	while (read(pods->inotify, events, sizeof(events)) > 0)
		continue;
}

static bool is_same(const struct pods *pods, const struct pod_cgroup *found, size_t n)
{
	return pods->written && pods->n == n &&
	       (!n || memcmp(pods->known, found, n * sizeof(*found)) == 0);
}

int pods_refresh(struct pods *pods, struct enforcer *enforcer)
{
	struct pod_cgroup *found = NULL;
	size_t n = 0;

	forget_events(pods); /* before the look: what comes during it is looked at again */
	int r = pod_scan(POD_CGROUPS, POD_LOGS, look_at, pods, &found, &n);
	if (r < 0)
		return r;
	if (is_same(pods, found, n)) {
		free(found);
		return 0;
	}
	r = enforcer_set_pods(enforcer, found, n);
	free(pods->known);
	pods->known = found;
	pods->n = n;
	pods->written = r == 0;
	return r;
}
