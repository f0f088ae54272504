/* SPDX-License-Identifier: GPL-2.0-or-later */

/* pod_of_path(): Kubernetes by the kubelet's directory, containers by id, units by name. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/record/pod.h"
#include "src/base/base.h"

#define UID       "0123abcd-1234-5678-9abc-def012345678"
#define UID_SLICE "0123abcd_1234_5678_9abc_def012345678"
#define CONTAINER "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static char pods[] = "/tmp/test-pods-XXXXXX", entry[128];

static int make_pods(void **state)
{
	if (!mkdtemp(pods))
		return -1;
	snprintf(entry, sizeof(entry), "%s/kube-system_cilium-x7k2p_" UID, pods);
	return mkdir(entry, 0700);
}

static int remove_pods(void **state)
{
	rmdir(entry);
	return rmdir(pods);
}

static void expect(const char *path, const char *expected)
{
	char pod[256] = "";
	int r = pod_of_path(path, pods, pod, sizeof(pod));

	assert_int_equal(r, expected ? 0 : -ENOENT);
	if (expected)
		assert_string_equal(pod, expected);
}

static void finds_the_pods_name(void **state)
{
	expect("/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_SLICE
	       ".slice/cri-containerd-" CONTAINER ".scope",
		"cilium-x7k2p");
	expect("/sys/fs/cgroup/kubepods/besteffort/pod" UID "/" CONTAINER, "cilium-x7k2p");
}

static void falls_back_to_the_pods_uid(void **state)
{
	expect("/kubepods/podffffffff-1234-5678-9abc-def012345678/x",
		"ffffffff-1234-5678-9abc-def012345678");
}

static void finds_containers_and_units(void **state)
{
	expect("/sys/fs/cgroup/system.slice/docker-" CONTAINER ".scope", "001122334455");
	expect("/sys/fs/cgroup/machine.slice/libpod-" CONTAINER ".scope", "001122334455");
	expect("/sys/fs/cgroup/docker/" CONTAINER, "001122334455");
	expect("/sys/fs/cgroup/system.slice/cron.service", "cron.service");
	expect("/sys/fs/cgroup/user.slice/user-0.slice/session-1.scope", "session-1.scope");
}

static void says_when_it_is_none(void **state)
{
	expect("/sys/fs/cgroup", NULL);
	expect("/", NULL);
	expect("", NULL);
	expect("/sys/fs/cgroup/user.slice", NULL);
	expect("/sys/fs/cgroup/kubepods.slice", NULL);
	expect("/kubepods/podnothing/podshort", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_pods_name),
		cmocka_unit_test(falls_back_to_the_pods_uid),
		cmocka_unit_test(finds_containers_and_units),
		cmocka_unit_test(says_when_it_is_none),
	};
	return cmocka_run_group_tests(tests, make_pods, remove_pods);
}
