/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Applying one entry of a manifest to the file that it is of, and saying what became of it. */

#include <stdbool.h>

#include "keyring/anchors.h"
#include "src/manifest/manifest.h"
#include "src/files/files.h"
#include "src/files/work.h"

/* What can become of a file, as outcome->kind. */
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

struct layer_names; /* apply_layer.h */

/* The unpacked layers of an image, --image-root. */
struct layers {
	struct words roots;        /* as they were given; none: this is not about layers */
	int *fds;                  /* the same, open */
	struct selection *walked;  /* what is in each, while they are loaded */
	struct layer_names *names; /* files with several names, sorted */
	size_t n_names;
	int status; /* the highest that came of loading them */
};

/* What the command line asks for. */
struct apply {
	const char *file; /* NULL: what layers hold themselves */
	bool force, unverified, dry_run, use_json;
	struct manifest manifest;
	struct selection selection; /* a target for each entry, in the same order */
	struct anchors anchors;
	X509 **certificates; /* the anchors', in the same order */
	struct layers layers;
};

/*
 * Reads the manifest and what is enrolled; the manifest's, the selection's and the anchors'
 * errors.
 */
int apply_load(struct apply *apply, struct diag *reterr);

/* All entries, told by their lines; enum exit_status. */
int apply_all(struct apply *apply);

void apply_done(struct apply *apply);

/*
 * The first half of apply_load() where there are layers: an entry and a target for each file in
 * them that carries a claim or, by manifests, should. What is wrong in a layer is printed, and in
 * layers.status; -errno where nothing can be done at all. An entry that was a file's own has line
 * 0.
 */
int layers_load(struct apply *apply, struct diag *reterr);
void layers_done(struct layers *layers);

/*
 * As target_open(), of a target in a layer: opened only when it is a regular file. -ENOENT when it
 * is not in this layer, which whiteouts are not either.
 */
int layer_open(const struct target *target, int *ret_fd, struct diag *reterr);

/*
 * Are all names of an open file in these layers? -EMLINK when not: it would be sealed elsewhere
 * too.
 */
int layers_check_names(const struct layers *layers, const char *path, int fd, struct diag *reterr);

/* Checks bytes and signatures, then seals the file and writes them, unless that is so already. */
void apply_entry(struct apply *apply, size_t item, struct outcome *outcome);
