/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Any bytes go through the whole pipeline: parse, check, show, parse again, image. What
 * parses must come back the same from its canonical text; what is refused must say where.
 */

#include "src/base/text.h"
#include "src/image/image.h"
#include "tests/unit/policy_equal.h"
#include "tests/unit/tiny_btf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert(): NDEBUG must not turn the fuzzer into one that finds nothing. */
static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "fuzz_policy: %s\n", what);
	abort();
}

static void count(void *userdata, bool error, const struct diag *diag)
{
	unsigned *n_errors = userdata;

	*n_errors += error;
	require(diag->message[0] && diag->hint[0], "a complaint without words");
}

static int fake_ring(void *userdata, const char *signer, struct diag *reterr)
{
	require(name_is_valid(signer), "a signer whose name no claim can hold");
	return 1;
}

static void check_round_trip(const struct policy *policy)
{
	_cleanup_policy_ struct policy again = {0};
	struct diag diag;

	_cleanup_free_ char *text = policy_show(policy);
	require(text, "cannot be shown");
	require(policy_parse("shown", text, strlen(text), &again, &diag) == 0,
		"what was shown does not parse");
	require(policy_is_equal(policy, &again), "the round trip changed the policy");
}

static void check_image(const struct policy *policy)
{
	static struct functions *kernel; /* for the whole run */
	_cleanup_(image_done) struct image image = {0};
	struct diag diag = {0};

	kernel = kernel ?: tiny_kernel();
	require(kernel, "no tiny kernel");
	int r = image_build(policy, kernel, fake_ring, NULL, &image, &diag);
	if (r < 0) { /* a function that the tiny kernel has not */
		require(r == -EINVAL && diag.line && diag.hint[0], "no image, without words");
		return;
	}
	require(image.n_entries == policy->n_programs + count_digests(policy) + 3,
		"an entry too few or too many");
	_cleanup_free_ char *text = image_show(&image, kernel);
	require(text, "the image cannot be shown");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_policy_ struct policy policy = {0};
	struct diag diag = {0};
	unsigned n_errors = 0;

	int r = policy_parse("fuzz", data, size, &policy, &diag);
	if (r < 0) {
		require(r == -EINVAL && diag.message[0] && diag.hint[0], "refused without words");
		require(diag.line > 0 && diag.column > 0, "refused without a position");
		return 0;
	}
	require(policy_check(&policy, count, &n_errors) == n_errors, "errors are miscounted");
	check_round_trip(&policy);
	check_image(&policy);
	return 0;
}
