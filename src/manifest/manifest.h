/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Signatures apart from their files: made without touching them, applied on another machine. Text,
 * a line for each file:
 *
 *     bpfsign manifest v1
 *     file PATH ROLE NAME SEQUENCE sha256:DIGEST [content:HASH] [KIND:SIGNATURE]…
 *     end COUNT [SIGNATURE]
 *
 * One space between fields. PATH has every byte but printable ASCII, and spaces and backslashes, as
 * \xNN. DIGEST is that of fs-verity, HASH the plain SHA-256, both in hexadecimal, signatures are in
 * base64, KIND is a route of signers[]. Without signatures it is the input of an offline signer.
 * The signature in the last line is over all lines before it, by the key that made the others.
 */

#include <stdio.h>

#include "keyring/key.h"
#include "plugins/sign/signatures.h"
#include "src/base/base.h"
#include "src/base/way.h"
#include "src/files/files.h"

#define MANIFEST_DIRECTORY "/usr/share/bpfsign/manifests" /* of packages and images */
#define MANIFEST_LIMIT     (512U << 20)                   /* bytes */

struct manifest_entry {
	char *path;         /* owned */
	struct claim claim; /* of the line; its claim, if there is one, says the same */
	struct digests digests;
	bool has_content;
	struct signatures signatures;
	unsigned line;
	const char *text; /* the line with its newline, in the manifest's text */
	size_t text_size;
};

struct manifest {
	struct manifest_entry *entries; /* in the order of the lines */
	size_t n;
	const struct manifest_entry **by_path; /* the same, sorted */
	struct bytes trailer;                  /* the signature in the last line; may be empty */
	uint8_t trailed[SHA256_SIZE]; /* SHA-256 of the text under it: all before the last line */
	struct bytes text;            /* filled in by manifest_load() only */
	size_t trailer_offset;        /* of the last line */
};

void manifest_done(struct manifest *manifest); /* safe on { 0 } */
#define _cleanup_manifest_ _cleanup_(manifest_done)

/*
 * data must live as long as the entries' text is used. Strict; -EBADMSG with file, line and column
 * for anything that manifest_*_line() would not write.
 */
int manifest_parse(
	const char *file, const void *data, size_t size, struct manifest *ret, struct diag *reterr);

/* The bytes of a manifest; "-" is standard input. The errors of open(2) and read(2). */
int manifest_read(const char *file, struct bytes *ret, struct diag *reterr);

/* Both; the entries' text lives in ret->text. */
int manifest_load(const char *file, struct manifest *ret, struct diag *reterr);

/*
 * The same of a file below a root, by way_open() with WAY_ROOT and these flags: its directories may
 * be somebody else's. Only its owner may write it, who is root, the effective user or the root's
 * owner: else -EPERM. The caller owns *ret_way, also after an error.
 */
int manifest_load_way(int root_fd, const char *file, unsigned flags, struct way *ret_way,
	struct manifest *ret, struct diag *reterr);

/* Fills in by_path, for manifest_parse(); -EBADMSG when a path comes twice. */
int manifest_sort(struct manifest *manifest, const char *file, struct diag *reterr);

/* The entry of a path, or NULL. */
const struct manifest_entry *manifest_find(const struct manifest *manifest, const char *path);

/* A target for each entry, in the same order; selection is empty but for its options. */
int manifest_select(
	const struct manifest *manifest, struct selection *selection, struct diag *reterr);

/* Did this certificate's key make the signature in the last line? */
bool manifest_is_signed_by(const struct manifest *manifest, X509 *certificate);

/* The parts of a manifest. */
void manifest_first_line(FILE *out);
void manifest_file_line(FILE *out, const struct manifest_entry *entry);

/* The last line, with a signature over text or, where key is NULL, without. */
int manifest_trailer_line(FILE *out, const void *text, size_t size, size_t count,
	const struct key *key, struct diag *reterr);
