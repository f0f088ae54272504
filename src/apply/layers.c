/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Unpacked layers of an image: finds the files that have signatures, by claims of their own or by
 * manifests, and makes one manifest with a target for each entry; apply.c does the rest. Nothing in
 * a layer is trusted or followed out of it; an error in it is reported, and the file left alone.
 */

#include "src/apply/layers.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "plugins/sign/verity.h"
#include "src/apply/layer.h"
#include "src/base/file.h"
#include "src/base/text.h"

#define LAYER_MANIFEST_LIMIT (64U << 20) /* bytes of one that a layer holds */

#define IN_LAYER (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV)
#define BELOW    (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV)

static const struct select_options everything = {.recursive = true};

static void walked_done(struct layers *layers)
{
	for (size_t i = 0; layers->walked && i < layers->options->n_roots; i++)
		selection_done(&layers->walked[i]);
	free(layers->walked);
	layers->walked = NULL;
}

void layers_done(struct layers *layers)
{
	walked_done(layers);
	for (size_t i = 0; layers->fds && i < layers->options->n_roots; i++)
		close_fd(&layers->fds[i]);
	free(layers->fds);
	free(layers->names);
	*layers = (struct layers){.options = layers->options};
}

/* An error in a part of a layer does not keep the rest from being done. */
static void complain(struct layers *layers, const struct diag *diag)
{
	layers->failed = true;
	if (layers->options->notice)
		layers->options->notice(diag);
}

/* --- directories ---------------------------------------------------------------------------- */

static int open_layer(const char *root, int *ret_fd, struct diag *reterr)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, root, O_RDONLY | O_DIRECTORY, 0);
	struct statfs fs;

	if (fd < 0)
		return diag_set(reterr, fd, "can't open '%s': %s", root, strerror(-fd));
	if (fstatfs(fd, &fs) < 0)
		return diag_set(reterr, -errno, "can't examine '%s': %s", root, strerror(errno));
	if (fs.f_type == OVERLAYFS_SUPER_MAGIC) {
		diag_set(reterr, -EINVAL,
			"'%s' is on overlayfs: a container's merged root, not a layer", root);
		diag_hint(reterr,
			"name the directories that lowerdir= of this mount lists in /proc/self/mountinfo");
		return -EINVAL;
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static int walk_layer(struct layers *layers, size_t layer, struct diag *reterr)
{
	struct selection *walked = &layers->walked[layer];
	char *operands[] = {(char *)layers->options->roots[layer], NULL};

	return select_fill(walked, operands, reterr);
}

/* All of them, before anything is done in one. */
static int open_layers(struct layers *layers, struct diag *reterr)
{
	size_t n = layers->options->n_roots;
	int r = 0;

	layers->fds = calloc(n, sizeof(*layers->fds));
	for (size_t i = 0; layers->fds && i < n; i++)
		layers->fds[i] = -EBADF;
	layers->walked = calloc(n, sizeof(*layers->walked));
	for (size_t i = 0; layers->walked && i < n; i++)
		layers->walked[i] = (struct selection)SELECTION_INIT(&everything);
	if (!layers->fds || !layers->walked)
		return diag_set(reterr, -ENOMEM, "out of memory");
	for (size_t i = 0; r == 0 && i < n; i++)
		r = open_layer(layers->options->roots[i], &layers->fds[i], reterr);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = walk_layer(layers, i, reterr);
	return r;
}

/* One directory twice is one layer, and so are its names. */
static bool is_again(const struct layers *layers, size_t layer)
{
	struct stat st, other;

	for (size_t i = 0; i < layer; i++)
		if (fstat(layers->fds[layer], &st) == 0 && fstat(layers->fds[i], &other) == 0 &&
			st.st_dev == other.st_dev && st.st_ino == other.st_ino)
			return true;
	return false;
}

static int collect_names(struct layers *layers, size_t layer)
{
	const struct selection *walked = &layers->walked[layer];
	struct stat st;
	int r = 0;

	for (size_t i = 0; r == 0 && i < walked->n; i++)
		if (fstatat(layers->fds[layer], walked->targets[i].name, &st,
			    AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(st.st_mode) && st.st_nlink > 1)
			r = layer_add_name(layers, &st);
	return r;
}

/* --- entries -------------------------------------------------------------------------------- */

/* Takes the memory of entry and target, also when it fails. */
static int add_entry(
	struct applying *applying, struct manifest_entry *entry, const struct target *target)
{
	struct manifest *manifest = &applying->manifest;
	int r = target->path ? selection_add(&applying->selection, target) : -ENOMEM;

	if (r == 0 && (manifest->n & (manifest->n - 1)) == 0) {
		size_t room = manifest->n ? 2 * manifest->n : 1;
		struct manifest_entry *grown =
			reallocarray(manifest->entries, room, sizeof(*grown));
		r = grown ? 0 : -ENOMEM;
		manifest->entries = grown ?: manifest->entries;
		applying->selection.n -= grown ? 0 : 1;
	}
	if (r == 0) {
		manifest->entries[manifest->n++] = *entry;
		*entry = (struct manifest_entry){0};
		return 0;
	}
	free(target->path);
	free(target->refusal);
	return r;
}

/* A file that cannot be used: reported on its line, and in the status. */
static int add_refused(struct applying *applying, struct target *target, const struct diag *why)
{
	struct manifest_entry entry = {0};

	target->refusal = malloc(sizeof(*target->refusal));
	if (!target->refusal)
		return free(target->path), -ENOMEM;
	diag_set(target->refusal, -EBADMSG, "'%s': %.900s", target->path, why->message);
	return add_entry(applying, &entry, target);
}

/* --- claims of their own -------------------------------------------------------------------- */

static bool has_claim(int fd)
{
	char link[LAYER_LINK_SIZE];

	layer_link(fd, link);
	return getxattr(link, BS_CLAIM_XATTR, NULL, 0) >= 0;
}

/* Is it a file that carries a claim, and by no name that came before? */
static bool is_wanted(const struct layers *layers, const struct target *target)
{
	_cleanup_close_ int fd = -EBADF;
	struct stat st;

	int r = layer_find(target, &fd, NULL);
	if (r < 0) /* opening it later gives the reason; a file not in the layer has no claim */
		return r != -ENOENT && r != -EINVAL;
	if (!has_claim(fd) || fstat(fd, &st) < 0)
		return false;
	struct layer_names *names = layer_find_names(layers, &st);
	if (names && names->taken)
		return false;
	if (names)
		names->taken = true;
	return true;
}

static int read_claim(
	const struct target *target, struct manifest_entry *entry, struct diag *reterr)
{
	struct bytes *value = &entry->signatures.by_route[signer_find("claim")];
	_cleanup_close_ int fd = -EBADF;
	const uint8_t *signature;
	size_t size;

	int r = layer_open(target, &fd, reterr);
	if (r == 0)
		r = signer_claim.read(target->path, fd, value, reterr);
	if (r == 0)
		r = claim_parse(value->data, value->size, &entry->claim, &signature, &size, reterr);
	if (r == 0 && entry->claim.digest_size != BS_DIGEST_SIZE)
		r = diag_set(reterr, -EBADMSG, "the claim is not of a file");
	if (r == 0)
		memcpy(entry->digests.verity, entry->claim.digest, BS_DIGEST_SIZE);
	return r;
}

/* A target of the walk. */
static int add_claimed(struct applying *applying, size_t layer, struct target *walked)
{
	struct manifest_entry entry = {0};
	struct target target = *walked;
	struct diag why;

	target.resolve = BELOW;
	target.directory = applying->layers.fds[layer];
	if (!is_wanted(&applying->layers, &target))
		return 0;
	int r = target.error < 0 ? 0 : read_claim(&target, &entry, &why);
	if (r == -ENODATA || r == -ENOENT)
		return signatures_done(&entry.signatures), 0; /* gone meanwhile */
	walked->path = NULL;                                  /* is the target's */
	if (r == -EBADMSG) {
		signatures_done(&entry.signatures);
		return add_refused(applying, &target, &why);
	}
	r = add_entry(applying, &entry, &target);
	signatures_done(&entry.signatures);
	return r;
}

static int add_claims(struct applying *applying, size_t layer)
{
	const struct selection *walked = &applying->layers.walked[layer];
	int r = 0;

	for (size_t i = 0; r == 0 && i < walked->n; i++)
		r = add_claimed(applying, layer, &walked->targets[i]);
	return r;
}

/* --- manifests ------------------------------------------------------------------------------ */

static int add_manifest_entry(struct applying *applying, size_t layer, struct manifest_entry *entry)
{
	const char *root = applying->options->roots[layer];
	const char *name = entry->path + strspn(entry->path, "/");
	bool slash = root[strlen(root) - 1] == '/';
	struct target target = {.path = format_text("%s%s%s", root, slash ? "" : "/", name),
		.directory = applying->layers.fds[layer],
		.resolve = IN_LAYER};

	target.name = target.path ? target.path + strlen(root) + !slash : NULL;
	return add_entry(applying, entry, &target);
}

static int add_manifest(struct applying *applying, size_t layer, const char *file,
	const struct bytes *text, struct diag *reterr)
{
	_cleanup_manifest_ struct manifest manifest = {0};

	int r = manifest_parse(file, text->data, text->size, &manifest, reterr);
	for (size_t i = 0; r == 0 && i < manifest.n; i++)
		if ((r = add_manifest_entry(applying, layer, &manifest.entries[i])) < 0)
			diag_set(reterr, r, "out of memory");
	return r;
}

static int is_manifest(const struct dirent *entry)
{
	const char *suffix = strrchr(entry->d_name, '.');
	return entry->d_name[0] != '.' && suffix && strcmp(suffix, ".manifest") == 0;
}

/* A manifest of a layer: as untrusted as the rest of it. */
static int add_found(struct applying *applying, size_t layer, int directory, const char *name)
{
	_cleanup_free_ char *path =
		format_text("%s" MANIFEST_DIRECTORY "/%s", applying->options->roots[layer], name);
	const struct target target = {
		.path = path, .name = name, .directory = directory, .resolve = BELOW};
	_cleanup_bytes_ struct bytes text = {0};
	_cleanup_close_ int fd = -EBADF;
	struct diag diag;

	int r = path ? layer_open(&target, &fd, &diag) : -ENOMEM;
	if (r == 0 && (r = read_fd(fd, LAYER_MANIFEST_LIMIT, &text)) < 0)
		diag_set(&diag, r, "can't read '%s': %s", path, strerror(-r));
	if (r == 0)
		r = add_manifest(applying, layer, path, &text, &diag);
	if (r < 0 && r != -ENOMEM && r != -ENOENT)
		complain(&applying->layers, &diag);
	return r == -ENOMEM ? r : 0;
}

static int add_manifests(struct applying *applying, size_t layer)
{
	_cleanup_close_ int fd = open_below(
		applying->layers.fds[layer], MANIFEST_DIRECTORY, O_RDONLY | O_DIRECTORY, IN_LAYER);
	struct dirent **names = NULL;
	int r = 0, n = fd < 0 ? 0 : scandirat(fd, ".", &names, is_manifest, alphasort);

	for (int i = 0; i < n; i++) {
		r = r < 0 ? r : add_found(applying, layer, fd, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return r;
}

/* --- all of it ------------------------------------------------------------------------------ */

/* One message, instead of one for each file. */
static int check_sealable(
	const struct applying *applying, size_t layer, size_t first, struct diag *reterr)
{
	for (size_t i = first; i < applying->manifest.n; i++) {
		const struct target *target = &applying->selection.targets[i];
		_cleanup_close_ int fd = -EBADF;
		if (target->refusal || applying->manifest.entries[i].claim.role == BS_ROLE_POLICY ||
			layer_open(target, &fd, NULL) < 0)
			continue;
		return verity_supported(applying->options->roots[layer], fd, reterr);
	}
	return 0;
}

static int add_layer(
	struct applying *applying, size_t layer, const struct bytes *text, struct diag *reterr)
{
	size_t first = applying->manifest.n;
	int r;

	if (applying->options->file) {
		r = add_manifest(applying, layer, applying->options->file, text, reterr);
	} else {
		r = add_claims(applying, layer) ?: add_manifests(applying, layer);
		if (r < 0)
			diag_set(reterr, r, "out of memory");
	}
	return r < 0 ? r : check_sealable(applying, layer, first, reterr);
}

int layers_load(struct applying *applying, struct diag *reterr)
{
	_cleanup_bytes_ struct bytes text = {0};
	struct layers *layers = &applying->layers;
	const char *file = applying->options->file;
	/* once for all layers: it may be standard input */
	int r = file ? manifest_read(file, &text, reterr) : 0;

	if (r == 0)
		r = open_layers(layers, reterr);
	for (size_t i = 0; r == 0 && i < layers->options->n_roots; i++)
		if (!is_again(layers, i) && (r = collect_names(layers, i)) < 0)
			diag_set(reterr, r, "out of memory");
	layer_count_names(layers);
	for (size_t i = 0; r == 0 && i < layers->options->n_roots; i++)
		if (!is_again(layers, i))
			r = add_layer(applying, i, &text, reterr);
	walked_done(layers);
	return r;
}
