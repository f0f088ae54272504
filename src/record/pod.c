/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From a cgroup to the name that people know it by. */

#include "src/record/pod.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "src/base/file.h"

#define FILEID_KERNFS 0xfe /* include/linux/exportfs.h */

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

int pod_uid(const char *path, char uid[POD_UID_SIZE + 1])
{
	const char *pod =
		strstr(path, "kubepods") ? strstr(strstr(path, "kubepods") + 8, "pod") : NULL;

	for (; pod; pod = strstr(pod + 3, "pod")) {
		size_t n = strspn(pod + 3, "0123456789abcdef-_");
		if (n < POD_UID_SIZE)
			continue;
		memcpy(uid, pod + 3, POD_UID_SIZE);
		uid[POD_UID_SIZE] = 0;
		for (char *c = uid; *c; c++)
			if (*c == '_')
				*c = '-';
		return 0;
	}
	return -ENOENT;
}

/*
 * NAMESPACE_NAME_UID: neither a namespace nor a UID has an underscore, nor has a name (RFC 1123).
 */
int pod_of_uid(const char *uid, const char *pods_directory, struct bs_pod *ret)
{
	_cleanup_(close_directory) DIR *directory = opendir(pods_directory);
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		const char *name = strchr(entry->d_name, '_');
		const char *end = strrchr(entry->d_name, '_');
		if (!name || end == name || strcmp(end + 1, uid) != 0 || name == entry->d_name ||
			name - entry->d_name >= BS_NAME_SIZE)
			continue;
		memset(ret, 0, sizeof(*ret));
		memcpy(ret->space, entry->d_name, (size_t)(name - entry->d_name));
		name++;
		size_t n = (size_t)(end - name);
		memcpy(ret->name, name, n < BS_POD_NAME ? n : BS_POD_NAME);
		return 0;
	}
	return -ENOENT;
}

static void pod_name(const char *uid, const char *pods_directory, char *ret, size_t size)
{
	struct bs_pod pod;

	if (pod_of_uid(uid, pods_directory, &pod) == 0)
		snprintf(ret, size, "%.*s", BS_POD_NAME, pod.name);
	else
		snprintf(ret, size, "%s", uid);
}

/* "docker-ID.scope", "ID": 64 hexadecimal digits, of which people read 12. */
static int container_id(const char *component, char *ret, size_t size)
{
	for (const char *start = component; *start; start++) {
		size_t n = strspn(start, "0123456789abcdef");
		if (n == 64) {
			snprintf(ret, size, "%.12s", start);
			return 0;
		}
		start += n;
		if (!*start)
			break;
	}
	return -ENOENT;
}

static bool is_unit(const char *component)
{
	const char *dot = strrchr(component, '.');

	return dot && (!strcmp(dot, ".service") || !strcmp(dot, ".scope"));
}

int pod_of_path(const char *path, const char *pods_directory, char *ret, size_t size)
{
	char uid[POD_UID_SIZE + 1];
	const char *last = strrchr(path, '/');

	if (pod_uid(path, uid) == 0) {
		pod_name(uid, pods_directory, ret, size);
		return 0;
	}
	last = last ? last + 1 : path;
	if (container_id(last, ret, size) == 0)
		return 0;
	if (!is_unit(last))
		return -ENOENT;
	snprintf(ret, size, "%s", last);
	return 0;
}

/* A cgroup's id is its kernfs file handle (name_to_handle_at(2)). */
static int cgroup_path(uint64_t id, char *ret, size_t size)
{
	struct {
		struct file_handle handle;
		uint64_t id;
	} request = {{.handle_bytes = sizeof(uint64_t), .handle_type = FILEID_KERNFS}, id};
	memcpy(request.handle.f_handle, &id, sizeof(id));

	_cleanup_close_ int root = open_path(AT_FDCWD, POD_CGROUPS, O_RDONLY | O_DIRECTORY, 0);
	if (root < 0)
		return root;
	_cleanup_close_ int fd = open_by_handle_at(root, &request.handle, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;

	char link[64];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, ret, size - 1);
	if (n < 0)
		return -errno;
	ret[n] = 0;
	return 0;
}

int pod_of_cgroup(uint64_t id, char *ret, size_t size)
{
	static struct {
		uint64_t id;
		int r;
		char pod[256];
	} cache[256]; /* ids are never used again, so an answer stays true */
	size_t slot = id % ARRAY_SIZE(cache);
	char path[4096];

	if (id == 0) /* no cgroup has it, and it marks a free slot */
		return -ENOENT;
	if (cache[slot].id != id) {
		int r = cgroup_path(id, path, sizeof(path));
		if (r == 0)
			r = pod_of_path(path, POD_LOGS, cache[slot].pod, sizeof(cache[slot].pod));
		cache[slot].r = r;
		cache[slot].id = id;
	}
	if (cache[slot].r == 0)
		snprintf(ret, size, "%s", cache[slot].pod);
	return cache[slot].r;
}
