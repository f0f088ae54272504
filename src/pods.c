/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From the tree of cgroups to the map of pods. */

#include "pods.h"

#include <dirent.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pod.h"
#include "util.h"

#define DEPTH 6 /* of a pod's cgroup below the root: kubelet.slice, kubepods.slice, its class, the pod */

struct pods {
	int inotify;
	struct pod_cgroup *known; /* as they are in the map */
	size_t n;
	bool written; /* the map holds these and no others */
};

/* --- looking ------------------------------------------------------------------------------------- */

struct scan {
	const char *logs;
	void (*fn)(void *userdata, const char *path);
	void *userdata;
	struct pod_cgroup *found;
	size_t n;
};

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static int add(struct scan *scan, uint64_t id, const struct bs_pod *pod)
{
	struct pod_cgroup *grown = reallocarray(scan->found, scan->n + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	scan->found = grown;
	scan->found[scan->n++] = (struct pod_cgroup){.id = id, .pod = *pod};
	return 0;
}

/* Can there be pods below? The kubelet's own directories, and those that it may be put into. */
static bool leads_to_pods(const char *path, const char *name)
{
	return strstr(name, "kube") || (strstr(path, "kube") && (strcmp(name, "burstable") == 0 ||
		strcmp(name, "besteffort") == 0 || strcmp(name, "guaranteed") == 0));
}

static int scan_directory(struct scan *scan, const char *path, unsigned depth);

/* One directory of the tree: a pod, the way to some, or neither. A cgroup's id is its inode number (fs/kernfs/). */
static int scan_cgroup(struct scan *scan, const char *parent, const char *name, unsigned depth)
{
	_cleanup_free_ char *path = format_text("%s/%s", parent, name);
	char uid[POD_UID_SIZE + 1];
	struct bs_pod pod;
	struct stat st;

	if (!path)
		return -ENOMEM;
	if (pod_uid(path, uid) < 0)
		return leads_to_pods(path, name) && depth < DEPTH ? scan_directory(scan, path, depth + 1) : 0;
	if (pod_of_uid(uid, scan->logs, &pod) < 0 || stat(path, &st) < 0)
		return 0; /* not known yet, or gone meanwhile */
	return add(scan, st.st_ino, &pod);
}

static int scan_directory(struct scan *scan, const char *path, unsigned depth)
{
	_cleanup_(close_directory) DIR *directory = opendir(path);
	struct dirent *entry;
	int r = 0;

	if (!directory)
		return errno == ENOENT ? 0 : -errno;
	if (scan->fn)
		scan->fn(scan->userdata, path);
	while (r == 0 && (entry = readdir(directory)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			r = scan_cgroup(scan, path, entry->d_name, depth);
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct pod_cgroup *left = a, *right = b;

	return left->id < right->id ? -1 : left->id > right->id;
}

int pods_scan(const char *cgroups, const char *logs, void (*fn)(void *userdata, const char *path), void *userdata,
	struct pod_cgroup **ret, size_t *ret_n)
{
	struct scan scan = {.logs = logs, .fn = fn, .userdata = userdata};

	if (fn)
		fn(userdata, logs);
	int r = scan_directory(&scan, cgroups, 1);
	if (r < 0) {
		free(scan.found);
		return r;
	}
	if (scan.n)
		qsort(scan.found, scan.n, sizeof(*scan.found), compare);
	*ret = scan.found;
	*ret_n = scan.n;
	return 0;
}

/* --- keeping current ------------------------------------------------------------------------------- */

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
	return pods->written && pods->n == n && (!n || memcmp(pods->known, found, n * sizeof(*found)) == 0);
}

int pods_refresh(struct pods *pods, struct enforcer *enforcer)
{
	struct pod_cgroup *found = NULL;
	size_t n = 0;

	forget_events(pods); /* before the look: what comes during it is looked at again */
	int r = pods_scan(POD_CGROUPS, POD_LOGS, look_at, pods, &found, &n);
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
