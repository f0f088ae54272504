/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which pod, container or unit a cgroup belongs to. */

#include <stddef.h>
#include <stdint.h>

/*
 * The Kubernetes pod's name where the path is a pod's (the kubelet's NAMESPACE_NAME_UID in
 * /var/log/pods gives it), else the container's id (its first 12 digits), else the systemd unit; 0
 * and the text in ret, or -ENOENT: none of these. Pure but for reading pods_directory.
 */
int pod_of_path(const char *path, const char *pods_directory, char *ret, size_t size);

/* The same from a cgroup's id, through the cgroup file system; answers are cached. */
int pod_of_cgroup(uint64_t id, char *ret, size_t size);
