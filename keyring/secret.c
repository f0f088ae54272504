/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Asks for passphrases and PINs. Keeps none: each is read into the caller's buffer, and only
 * there.
 */

#include "keyring/secret.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "src/base/file.h"
#include "src/base/text.h"

#define CREDENTIAL "bpfsign.passphrase"

static int secret_fd = -EBADF; /* the caller's, never closed here */

void secret_use_fd(int fd)
{
	/* None of the programs that we start may read it. */
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	secret_fd = fd;
}

/* The credential that systemd has put there for this service; -ENOENT outside of one. */
static int open_credential(void)
{
	const char *directory = secure_getenv("CREDENTIALS_DIRECTORY");
	_cleanup_free_ char *path =
		directory && *directory ? format_text("%s/" CREDENTIAL, directory) : NULL;

	return path ? open_path(AT_FDCWD, path, O_RDONLY, 0) : -ENOENT;
}

/* OpenSSL's UI reads from /dev/tty, or from a stdin that is a terminal. */
static bool have_terminal(void)
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, "/dev/tty", O_RDWR, 0);
	return fd >= 0 || isatty(STDIN_FILENO);
}

bool secret_can_ask(void)
{
	_cleanup_close_ int credential = open_credential();
	return secret_fd >= 0 || credential >= 0 || have_terminal();
}

/* One line without its end, byte by byte: the next secret may follow. */
static int read_line(int fd, char *buffer, size_t size)
{
	size_t n = 0;

	for (;;) {
		char byte;
		ssize_t got = read(fd, &byte, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || (got == 0 && n == 0))
			break;
		if (got == 0 || byte == '\n') {
			buffer[n] = 0;
			return (int)n;
		}
		if (n + 1 == size)
			break;
		buffer[n++] = byte;
	}
	explicit_bzero(buffer, size);
	return -ENOKEY;
}

int secret_ask(const char *what, char *buffer, size_t size)
{
	if (secret_fd >= 0)
		return read_line(secret_fd, buffer, size);

	_cleanup_close_ int credential = open_credential();
	if (credential >= 0)
		return read_line(credential, buffer, size);

	_cleanup_free_ char *prompt = format_text("%s: ", what);
	if (!have_terminal() || !prompt ||
		EVP_read_pw_string(buffer, (int)size, prompt, /* verify= */ 0) != 0)
		return -ENOKEY;
	return (int)strlen(buffer);
}

int secret_explain(const char *label, const char *secret, const char *locked, bool answered,
	struct diag *reterr)
{
	if (answered)
		return diag_set(reterr, -ENOKEY, "'%s': wrong %s", label, secret);
	if (secret_can_ask())
		return diag_set(reterr, -ENOKEY, "'%s': no %s was given", label, secret);
	diag_set(reterr, -ENOKEY, "'%s': %s without a terminal", label, locked);
	diag_hint(reterr, "run it on a terminal, or give the %s with --passphrase-fd", secret);
	return -ENOKEY;
}
