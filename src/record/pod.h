/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which pod, container or unit a cgroup belongs to. */

#include <stddef.h>
#include <stdint.h>

#include "bpf/contract/abi.h"

#define POD_CGROUPS  "/sys/fs/cgroup" /* where the v2 hierarchy is mounted */
#define POD_LOGS     "/var/log/pods" /* the kubelet's: a directory for each pod, NAMESPACE_NAME_UID */
#define POD_UID_SIZE 36              /* of a pod, "8-4-4-4-12" */

/*
 * The pod's UID in a path with a component "podUID" or "kubepods-…-podUID.slice", where systemd
 * writes '_' for '-'. 0, or -ENOENT: it is no pod's.
 */
int pod_uid(const char *path, char uid[POD_UID_SIZE + 1]);

/* The pod's namespace and name; -ENOENT: the kubelet has no directory for it (yet). */
int pod_of_uid(const char *uid, const char *pods_directory, struct bs_pod *ret);

/*
 * The Kubernetes pod's name where the path is a pod's (the kubelet's NAMESPACE_NAME_UID in
 * /var/log/pods gives it), else the container's id (its first 12 digits), else the systemd unit; 0
 * and the text in ret, or -ENOENT: none of these. Pure but for reading pods_directory.
 */
int pod_of_path(const char *path, const char *pods_directory, char *ret, size_t size);

/* The same from a cgroup's id, through the cgroup file system; answers are cached. */
int pod_of_cgroup(uint64_t id, char *ret, size_t size);

/* A pod and the id of its cgroup. */
struct pod_cgroup {
	uint64_t id;
	struct bs_pod pod;
};

/*
 * The pods below these two directories into *ret, which the caller frees, by the id of their
 * cgroup, ascending. -errno but for directories that are not there. fn is called with every
 * directory in which others may come and go; NULL: it is not.
 */
int pod_scan(const char *cgroups, const char *logs, void (*fn)(void *userdata, const char *path),
	void *userdata, struct pod_cgroup **ret, size_t *ret_n);
