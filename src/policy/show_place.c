/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where a program must run, to YAML. */

#include "src/policy/show.h"

#include "src/names/names.h"

static void put_pods(FILE *out, const struct policy_place *place)
{
	char text[sizeof(place->pods[0].space) + sizeof(place->pods[0].name)];

	for (size_t i = 0; i < place->n_pods; i++) {
		snprintf(text, sizeof(text), "%s/%s", place->pods[i].space, place->pods[i].name);
		fputs(i ? ", " : "    pods: [", out);
		put_text(out, text);
	}
	if (place->n_pods)
		fputs("]\n", out);
}

void show_place(FILE *out, const struct policy_place *place)
{
	size_t n;

	put_pods(out, place);
	if (place->cgroup[0]) {
		fputs("    cgroup: ", out);
		put_text(out, place->cgroup);
		fputc('\n', out);
	}
	put_choice(out, "    ", "user-namespace", &place->any_namespace, namespace_names(&n));
}
