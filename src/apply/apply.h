/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* `bpfsign apply`: the signatures of a manifest, or of an image's layers, onto files. */

#include <stdbool.h>

#include "keyring/anchors.h"
#include "src/files/files.h"
#include "src/files/work.h"
#include "src/manifest/manifest.h"

/* The result of a file, as outcome->kind. */
enum apply_result {
	APPLY_DONE,
	APPLY_ALREADY,
	APPLY_WOULD,
	APPLY_OTHER_BYTES,
	APPLY_UNKNOWN_KEY,
	APPLY_FAILED,
	APPLY_ELSEWHERE, /* of layers only */
};
extern const char *const apply_results[]; /* "applied", …; ends with NULL */

/* What the command line asks for. */
struct apply_options {
	const char *file; /* NULL: the signatures that layers hold themselves */
	bool force, unverified, dry_run, use_json;
	const char **roots; /* --image-root: the unpacked layers of an image; the array is owned */
	size_t n_roots;
	struct select_options select;
	/* Takes errors in a part of a layer; NULL: they are dropped. */
	void (*notice)(const struct diag *notice);
};

int apply_add_root(struct apply_options *options, const char *root); /* -ENOMEM */
void apply_options_done(struct apply_options *options);

struct layer_names; /* layer.h */

/* The layers of --image-root. */
struct layers {
	const struct apply_options *options;
	int *fds;                  /* of the roots */
	struct selection *walked;  /* the files of each, while they are loaded */
	struct layer_names *names; /* files with several names, sorted */
	size_t n_names;
	bool failed; /* a part could not be loaded */
};

/* One run. */
struct applying {
	const struct apply_options *options;
	struct manifest manifest;
	struct selection selection; /* a target for each entry, in the same order */
	struct anchors anchors;
	X509 **certificates; /* the anchors', in the same order */
	struct layers layers;
};

#define APPLYING_INIT(apply_options)                                                               \
	{                                                                                          \
		.options = (apply_options), .selection = SELECTION_INIT(&(apply_options)->select), \
		.layers = {                                                                        \
			.options = (apply_options)                                                 \
		}                                                                                  \
	}
void apply_done(struct applying *applying);

/* Reads the manifest and the anchors. The errors of the manifest, the selection and the anchors. */
int apply_load(struct applying *applying, struct diag *reterr);

/* The same, of a manifest that was loaded from options->file already; takes it. */
int apply_load_from(struct applying *applying, struct manifest *manifest, struct diag *reterr);

/* All entries, one line each; enum exit_status. */
int apply_all(struct applying *applying);

/* Checks bytes and signatures, then seals the file and writes them, unless that is so already. */
void apply_entry(struct applying *applying, size_t index, struct outcome *outcome);
