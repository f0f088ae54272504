/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The first appraisal. The kernel looks for "_ima" in the keyrings of the process whose file is
 * appraised, so this process appraises files of its own with keyrings of its own; which ring the
 * kernel found shows in the files it then accepts.
 */

#include "src/trust/ima.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "keyring/cert.h"
#include "keyring/kernel_rings.h"
#include "keyring/key.h"
#include "src/base/file.h"
#include "src/base/text.h"

#define CONTENT "bpfsign\n" /* no program and no script: to execute it is ENOEXEC at best */

const char *const ima_least_rule =
	"appraise func=FILE_CHECK mask=MAY_READ fowner=3209793536 appraise_type=imasig";

/* security.ima of type 3, version 2; then the signature. */
struct ima_header {
	uint8_t type, version, hash; /* include/uapi/linux/hash_info.h: 4 is SHA-256 */
	uint8_t key_id[4];
	uint8_t size[2]; /* big endian, of the signature */
} __attribute__((packed));

/* A key that never leaves this process, and its certificate for the kernel. */
static int make_key(struct key *ret, struct diag *reterr)
{
	int r = key_generate("ecdsa-p256", &ret->private_key, reterr);
	return r < 0 ? r
		     : cert_make(ret->private_key, "bpfsign-probe", 1, &ret->certificate, reterr);
}

static int make_signature(const struct key *key, struct bytes *ret, struct diag *reterr)
{
	struct ima_header header = {3, 2, 4, {0}, {0}};
	_cleanup_bytes_ struct bytes signature = {0};
	uint8_t digest[SHA256_SIZE];

	int r = openssl_sha256(CONTENT, strlen(CONTENT), digest);
	if (r >= 0)
		r = key_sign_digest(key->private_key, digest, &signature, reterr);
	if (r >= 0)
		r = cert_key_id(key->certificate, header.key_id);
	uint8_t *data = r < 0 ? NULL : malloc(sizeof(header) + signature.size);
	if (!data)
		return r < 0 ? r : diag_set(reterr, -ENOMEM, "out of memory");
	header.size[0] = (uint8_t)(signature.size >> 8);
	header.size[1] = (uint8_t)signature.size;
	memcpy(data, &header, sizeof(header));
	memcpy(data + sizeof(header), signature.data, signature.size);
	*ret = (struct bytes){data, sizeof(header) + signature.size};
	return 0;
}

/*
 * A file of our own in the anchors' directory, since only there the root file system is sure to
 * be.
 */
static int make_file(
	const char *path, uid_t owner, const struct bytes *signature, struct diag *reterr)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0700);
	int r = fd < 0 ? fd : write_all(fd, CONTENT, strlen(CONTENT));

	if (r >= 0 && fsetxattr(fd, "security.ima", signature->data, signature->size, 0) < 0)
		r = -errno;
	if (r >= 0 && fchown(fd, owner, 0) < 0)
		r = -errno;
	return r < 0 ? diag_set(reterr, r, "can't write '%s': %s", path, strerror(-r)) : 0;
}

/* Uses of a file that an appraisal can refuse: 0, or -errno. */
static int read_it(const char *path)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY, 0);
	return fd < 0 ? fd : 0;
}

static int map_it(const char *path)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY, 0);
	if (fd < 0)
		return fd;

	void *map = mmap(NULL, strlen(CONTENT), PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	munmap(map, strlen(CONTENT));
	return 0;
}

static int execute_it(const char *path)
{
	char *argv[] = {(char *)path, NULL}, *environment[] = {NULL};
	int status;
	pid_t child = fork();

	if (child == 0) {
		execve(path, argv, environment);
		_exit(errno == ENOEXEC ? 0 : errno);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

static int (*const uses[])(const char *path) = {read_it, map_it, execute_it};

/* By one use of both files. */
static enum ima_pin judge(const char *ours, const char *strangers, size_t use)
{
	if (uses[use](strangers) != -EACCES)
		return IMA_NO_RULE;
	return uses[use](ours) == 0 ? IMA_PINNED : IMA_OTHER_RING;
}

/* By all of them, until one tells. */
static int probe_as(uid_t owner, const struct bytes *ours, const struct bytes *strangers,
	enum ima_pin *ret, struct diag *reterr)
{
	_cleanup_free_ char *a = format_text("%s/.probe.%d.a", anchors_directory(), (int)getpid());
	_cleanup_free_ char *b = format_text("%s/.probe.%d.b", anchors_directory(), (int)getpid());
	if (!a || !b)
		return diag_set(reterr, -ENOMEM, "out of memory");

	int r = make_file(a, owner, ours, reterr);
	if (r >= 0)
		r = make_file(b, owner, strangers, reterr);
	*ret = IMA_NO_RULE;
	for (size_t i = 0; r >= 0 && *ret == IMA_NO_RULE && i < ARRAY_SIZE(uses); i++)
		*ret = judge(a, b, i);
	unlink(a);
	unlink(b);
	return r;
}

static int probe(const struct key *key, enum ima_pin *ret, struct diag *reterr)
{
	static const uid_t owners[] = {KEYRING_HOLDER_UID, 0};
	_cleanup_key_ struct key stranger = {0};
	_cleanup_bytes_ struct bytes ours = {0}, strangers = {0};

	int r = make_key(&stranger, reterr);
	if (r >= 0)
		r = make_signature(key, &ours, reterr);
	if (r >= 0)
		r = make_signature(&stranger, &strangers, reterr);
	if (r >= 0)
		r = make_directories(anchors_directory(), 0755);
	*ret = IMA_NO_RULE;
	for (size_t i = 0; r >= 0 && *ret == IMA_NO_RULE && i < ARRAY_SIZE(owners); i++)
		r = probe_as(owners[i], &ours, &strangers, ret, reterr);
	return r;
}

static int add_all(X509 *const *certificates, size_t n, struct diag *reterr)
{
	key_serial_t serial;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++)
		r = kernel_rings_add(KERNEL_RING_IMA, certificates[i], &serial, reterr);
	return r;
}

/* A new ring, since a closed one cannot be filled; the kernel holds none of ours yet. */
static int fill_and_probe(
	X509 *const *certificates, size_t n, enum ima_pin *ret, struct diag *reterr)
{
	_cleanup_key_ struct key key = {0};

	int r = make_key(&key, reterr);
	if (r >= 0)
		r = kernel_rings_renew_ima(reterr);
	if (r >= 0)
		r = add_all(certificates, n, reterr);
	if (r >= 0)
		r = add_all(&key.certificate, 1, reterr);
	if (r >= 0)
		r = kernel_rings_close_ima(reterr);
	if (r >= 0)
		r = probe(&key, ret, reterr);
	int removed =
		key.certificate ? kernel_rings_remove(KERNEL_RING_IMA, key.certificate, NULL) : 0;
	if (r >= 0 && removed < 0)
		return diag_set(reterr, removed, "can't take the probe's key out of IMA's keyring");
	return r;
}

int ima_pin(X509 *const *certificates, size_t n, enum ima_pin *ret, struct diag *reterr)
{
	int r = kernel_rings_ima_is_pinned();

	if (r < 0)
		return diag_set(reterr, r, "can't look for IMA's keyring: %s", strerror(-r));
	if (r > 0) {
		*ret = IMA_PINNED;
		return add_all(certificates, n, reterr);
	}
	r = fill_and_probe(certificates, n, ret, reterr);
	return r < 0 || *ret != IMA_PINNED ? r : kernel_rings_ima_set_pinned(reterr);
}
