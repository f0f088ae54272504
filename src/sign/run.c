/* SPDX-License-Identifier: GPL-2.0-or-later */

/* All files of a `sign` or `digest`, on all processors. */

#include "src/files/batch.h"
#include "keyring/anchors.h"
#include "src/base/log.h"
#include "src/sign/sign.h"
#include "src/sign/manifest.h"

void sign_done(struct sign *sign)
{
	for (size_t i = 0; i < WORK_JOBS_LIMIT; i++)
		key_free_copy(sign->copies[i]);
	key_done(&sign->key);
	selection_done(&sign->selection);
	sign_manifest_done(sign);
	pthread_mutex_destroy(&sign->turn);
}

int sign_load_key(struct sign *sign, struct diag *reterr)
{
	_cleanup_anchors_ struct anchors anchors = {0};
	enum key_origin origin;

	int r = anchors_load(&anchors, reterr);
	if (r >= 0)
		r = key_load_signing(sign->key_uri, sign->certificate_path, &anchors, &sign->key,
			&origin, reterr);
	if (r >= 0)
		sign->is_token = key_is_token(&sign->key);
	if (r >= 0 && origin == KEY_MADE)
		log_warning("the key is not enrolled here and has no certificate beside it");
	return r;
}

static const char *path_of(void *context, size_t item)
{
	return sign_path(context, item);
}

static void run_item(void *context, size_t item, struct outcome *outcome)
{
	sign_target(context, item, outcome);
}

static void take_line(void *context, size_t item, const struct outcome *outcome)
{
	sign_manifest_take(context, item);
}

int sign_all(struct sign *sign, const char *verb)
{
	const struct batch batch = {.verb = verb,
		.kinds = sign_results,
		.use_json = sign->use_json,
		.jobs = (unsigned)sign->selection.jobs,
		.n = sign_count(sign),
		.path = path_of,
		.run = run_item,
		.done = sign->manifest_path ? take_line : NULL,
		.context = sign};

	return batch_run(&batch);
}

int sign_into_manifest(struct sign *sign, const char *verb)
{
	struct diag diag;

	if (sign_manifest_begin(sign, &diag) < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	int status = sign_all(sign, verb);
	return sign_manifest_end(sign, &diag) < 0 ? log_diag(EXIT_UNKNOWN, &diag) : status;
}
