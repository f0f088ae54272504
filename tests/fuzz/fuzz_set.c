/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Any bytes as a set of /etc/bpfsign/sign.d. What parses has a manifest, or a key and paths. */

#include "src/base/text.h"
#include "tests/fuzz/seed.h"
#include "src/sets/sets.h"

static const char with_key[] =
	"version: 1\nkey: k\ncertificate: c\npaths: [/usr]\ninclude: ['*.so']\n"
	"exclude: [doc]\nprograms: true\nname: alice\nrole: executable\n"
	"with: [ima, builtin]\nroot-may-sign: true\n";
static const char with_manifest[] = "version: 1\nmanifest: m\n";

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit, unsigned seed)
{
	const struct bytes seeds[] = {{(uint8_t *)with_key, strlen(with_key)},
		{(uint8_t *)with_manifest, strlen(with_manifest)}};
	return mutate_from(seeds, 2, data, size, limit, seed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(set_done) struct set set = {0};
	struct diag diag = {0};

	int r = set_parse("fuzz", data, size, &set, &diag);
	if (r < 0) {
		require(r == -EINVAL && diag.message[0], "refused without words");
		return 0;
	}
	require(!set.manifest != !set.key, "neither, or both");
	require(set.manifest || set.paths.n > 0, "a key for nothing");
	for (size_t i = 0; i < set.paths.n; i++)
		require(set.paths.items[i][0] == '/', "a relative path");
	require(!set.name || name_is_valid(set.name), "no name");
	return 0;
}
