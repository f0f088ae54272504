/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * bomb N: makes N children at once, and then each of them asks for one decision of bpf():
 *   allowed N refused N other N
 */

#include "tests/vm/lib/bpf.h"

static int decide(void)
{
	if (new_array("", 0) >= 0)
		return ALLOWED;
	return errno == EPERM ? REFUSED : OTHER_ERRNO;
}

int main(int argc, char **argv)
{
	int n = argc == 2 ? atoi(argv[1]) : 0, gate[2], status, counts[4] = {0};
	char go;

	errno = EINVAL;
	need(n > 0, "usage: bomb N");
	set_up("pipe", pipe(gate));
	for (int i = 0; i < n; i++) {
		pid_t child = set_up("fork", fork());
		if (child > 0)
			continue;
		close(gate[1]);
		/* until the gate is closed */
		_exit(read(gate[0], &go, 1) == 0 ? decide() : COULD_NOT_TRY);
	}
	close(gate[1]);
	while (wait(&status) > 0)
		counts[WIFEXITED(status) ? WEXITSTATUS(status) & 3 : COULD_NOT_TRY]++;
	printf("allowed %d refused %d other %d\n", counts[ALLOWED], counts[REFUSED],
		counts[OTHER_ERRNO] + counts[COULD_NOT_TRY]);
	return 0;
}
