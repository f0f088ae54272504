/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the tests of keys, claims and anchors share: a directory, a shell, a key. */

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "keyring/cert.h"
#include "keyring/key.h"
#include "src/base/file.h"
#include "src/base/text.h"

/* For cmocka_unit_test_setup_teardown(): the test runs in a directory of its own. */
static inline int enter_directory(void **state)
{
	char *path = strdup("/tmp/bpfsign-test.XXXXXX");

	*state = path;
	return path && mkdtemp(path) && chdir(path) == 0 ? 0 : -1;
}

static inline int leave_directory(void **state)
{
	_cleanup_free_ char *path = *state;
	_cleanup_free_ char *command = format_text("rm -rf -- '%s'", path);

	return chdir("/") == 0 && command ? system(command) : -1;
}

#define in_directory(test) cmocka_unit_test_setup_teardown(test, enter_directory, leave_directory)

/* Did this command line succeed? What it prints is not of interest. */
static inline bool shell(const char *command)
{
	_cleanup_free_ char *quiet = format_text("{ %s\n} >/dev/null 2>&1 </dev/null", command);

	assert_non_null(quiet);
	return system(quiet) == 0;
}

/* A key of its own with a certificate, of the kind that is quickest to make. */
static inline struct key make_key(const char *name)
{
	struct key key = {0};

	assert_int_equal(key_generate("ecdsa-p256", &key.private_key, NULL), 0);
	assert_int_equal(cert_make(key.private_key, name, 30, &key.certificate, NULL), 0);
	return key;
}

static inline void put_key(const char *path, const struct key *key)
{
	_cleanup_(bytes_erase) struct bytes pem = {0};

	assert_int_equal(key_to_pem(key, &pem, NULL), 0);
	assert_int_equal(write_file_atomic(path, pem.data, pem.size, 0600), 0);
}

static inline void put_certificate(const char *path, X509 *certificate)
{
	_cleanup_bytes_ struct bytes pem = {0};

	assert_int_equal(cert_to_pem(certificate, &pem), 0);
	assert_int_equal(write_file_atomic(path, pem.data, pem.size, 0644), 0);
}
