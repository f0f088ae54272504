/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From the tree of cgroups and the kubelet's directories to the pods of this node. */

#include "src/record/pod.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/text.h"

/* A pod's cgroup below the root: kubelet.slice, kubepods.slice, its class, the pod. */
#define DEPTH 6

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
	return strstr(name, "kube") ||
	       (strstr(path, "kube") &&
		       (strcmp(name, "burstable") == 0 || strcmp(name, "besteffort") == 0 ||
			       strcmp(name, "guaranteed") == 0));
}

static int scan_directory(struct scan *scan, const char *path, unsigned depth);

/*
 * One directory of the tree: a pod, the way to some, or neither. A cgroup's id is its inode
 * number (fs/kernfs/).
 */
static int scan_cgroup(struct scan *scan, const char *parent, const char *name, unsigned depth)
{
	_cleanup_free_ char *path = format_text("%s/%s", parent, name);
	char uid[POD_UID_SIZE + 1];
	struct bs_pod pod;
	struct stat st;

	if (!path)
		return -ENOMEM;
	if (pod_uid(path, uid) < 0)
		return leads_to_pods(path, name) && depth < DEPTH
			       ? scan_directory(scan, path, depth + 1)
			       : 0;
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

int pod_scan(const char *cgroups, const char *logs, void (*fn)(void *userdata, const char *path),
	void *userdata, struct pod_cgroup **ret, size_t *ret_n)
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
