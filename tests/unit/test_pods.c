/* SPDX-License-Identifier: GPL-2.0-or-later */

/* pod_scan(): from a tree of cgroups and the kubelet's directories to pods by cgroup id. */

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

#include "src/watchbpf/pods.h"
#include "src/base/text.h"

#define UID(n)   "0123abcd-1234-5678-9abc-def01234567" #n
#define SLICE(n) "0123abcd_1234_5678_9abc_def01234567" #n

static char top[] = "/tmp/test-pods-XXXXXX";

static void make(const char *path)
{
	_cleanup_free_ char *command = format_text("mkdir -p '%s/%s'", top, path);

	assert_int_equal(system(command), 0);
}

static uint64_t id_of(const char *path)
{
	_cleanup_free_ char *whole = format_text("%s/%s", top, path);
	struct stat st;

	assert_int_equal(stat(whole, &st), 0);
	return st.st_ino;
}

static int make_tree(void **state)
{
	return mkdtemp(top) ? 0 : -1;
}

static int remove_tree(void **state)
{
	_cleanup_free_ char *command = format_text("rm -rf '%s'", top);

	return system(command);
}

static size_t scan(
	struct pod_cgroup **ret, void (*fn)(void *userdata, const char *path), void *userdata)
{
	_cleanup_free_ char *cgroups = format_text("%s/cgroup", top),
			    *logs = format_text("%s/logs", top);
	size_t n = 99;

	assert_int_equal(pod_scan(cgroups, logs, fn, userdata, ret, &n), 0);
	return n;
}

static const struct pod_cgroup *find(const struct pod_cgroup *pods, size_t n, uint64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (pods[i].id == id)
			return &pods[i];
	fail_msg("no pod has this id");
	return NULL;
}

static void nothing_is_no_error(void **state)
{
	struct pod_cgroup *pods = NULL;

	assert_int_equal(scan(&pods, NULL, NULL), 0);
	free(pods);
}

#define BURSTABLE                                                                                  \
	"cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" SLICE(1) ".slice"
#define PLAIN    "cgroup/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" SLICE(2) ".slice"
#define CGROUPFS "cgroup/kubepods/besteffort/pod" UID(3)

static void finds_pods_of_every_layout(void **state)
{
	struct pod_cgroup *pods = NULL;

	make(BURSTABLE "/cri-containerd-x.scope");
	make(PLAIN);
	make(CGROUPFS "/container");
	make("cgroup/kubepods/pod" UID(4)); /* the kubelet knows nothing of it */
	make("cgroup/system.slice/pod" UID(1));
	make("logs/prod_alice-1_" UID(1));
	make("logs/kube-system_cilium_" UID(2));
	make("logs/debug_shell.with.dots_" UID(3));
	size_t n = scan(&pods, NULL, NULL);
	assert_int_equal(n, 3);
	assert_string_equal(find(pods, n, id_of(BURSTABLE))->pod.space, "prod");
	assert_string_equal(find(pods, n, id_of(BURSTABLE))->pod.name, "alice-1");
	assert_string_equal(find(pods, n, id_of(PLAIN))->pod.space, "kube-system");
	assert_string_equal(find(pods, n, id_of(CGROUPFS))->pod.name, "shell.with.dots");
	assert_true(pods[0].id < pods[1].id && pods[1].id < pods[2].id);
	free(pods);
}

static void cuts_a_long_name_without_a_nul(void **state)
{
	char logs[512], name[201];
	struct pod_cgroup *pods = NULL;

	memset(name, 'n', 200);
	name[200] = 0;
	snprintf(logs, sizeof(logs), "logs/prod_%s_" UID(4), name);
	make(logs);
	size_t n = scan(&pods, NULL, NULL);
	assert_int_equal(n, 4);
	const struct pod_cgroup *pod = find(pods, n, id_of("cgroup/kubepods/pod" UID(4)));
	assert_memory_equal(pod->pod.name, name, BS_POD_NAME);
	free(pods);
}

static void refuses_names_of_others(void **state)
{
	struct pod_cgroup *pods = NULL;

	make("cgroup/kubepods/pod" UID(5));
	make("cgroup/kubepods/pod" UID(6));
	make("logs/_nameless_" UID(5)); /* no namespace */
	make("logs/" UID(6));           /* no name */
	assert_int_equal(scan(&pods, NULL, NULL), 4);
	free(pods);
}

static void count(void *userdata, const char *path)
{
	(*(size_t *)userdata)++;
	assert_null(strstr(path, "container")); /* what is in a pod is nobody's business */
}

static void tells_where_pods_may_come(void **state)
{
	struct pod_cgroup *pods = NULL;
	size_t n = 0;

	scan(&pods, count, &n);
	/*
	 * the logs, the root, kubepods.slice, its burstable, kubelet.slice, its kubepods,
	 * kubepods, its besteffort
	 */
	assert_int_equal(n, 8);
	free(pods);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_no_error),
		cmocka_unit_test(finds_pods_of_every_layout),
		cmocka_unit_test(cuts_a_long_name_without_a_nul),
		cmocka_unit_test(refuses_names_of_others),
		cmocka_unit_test(tells_where_pods_may_come),
	};
	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
