/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * `bpfsign ima-policy [POLICY]`: rules for IMA that `require: [ima]` can stand on, with what there
 * is to know before the kernel gets them: it takes a policy once in a boot, and a rule that is too
 * wide leaves nothing to boot with.
 */

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

#include "src/base/file.h"
#include "src/base/log.h"
#include "src/base/text.h"
#include "src/bpfsign/bpfsign.h"
#include "src/command/arguments.h"
#include "src/names/names.h"
#include "src/policy/policy.h"

enum { OPTION_GROUP };
const struct option_spec ima_policy_options[] = {
	[OPTION_GROUP] = {"group", 0, "GID", "appraise the files of this group only"},
	{0},
};

#define RULE           "appraise func=BPRM_CHECK %s digest_type=verity appraise_type=sigv3\n"
#define PINNING_RULE   "appraise func=FILE_CHECK mask=MAY_READ fowner=3209793536 appraise_type=imasig"
#define CONDITIONS     32 /* at most this many file systems */
#define CONDITION_SIZE 64

/* FS_IOC_GETFSUUID of <linux/fs.h>, since v6.9. */
struct file_system_id {
	uint8_t size;
	uint8_t bytes[16];
};
#define GET_FILE_SYSTEM_ID _IOR(0x15, 0, struct file_system_id)

/* The conditions of the rules, one for each file system. */
struct conditions {
	char texts[CONDITIONS][CONDITION_SIZE];
	size_t n;
};

static int uuid_of(int fd, char text[static CONDITION_SIZE])
{
	struct file_system_id id = {0}, none = {sizeof(none.bytes), {0}};
	const uint8_t *b = id.bytes;

	if (ioctl(fd, GET_FILE_SYSTEM_ID, &id) < 0 || id.size != sizeof(id.bytes) ||
		memcmp(&id, &none, sizeof(id)) == 0)
		return -ENODATA;
	snprintf(text, CONDITION_SIZE,
		"fsuuid=%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
		b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
		b[14], b[15]);
	return 0;
}

/* By its UUID, or else by its kind. */
static int condition_of(const char *path, char text[static CONDITION_SIZE])
{
	_cleanup_close_ int fd = open_path(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);
	struct statfs st;

	if (fd < 0)
		return fd;
	if (uuid_of(fd, text) == 0)
		return 0;
	if (fstatfs(fd, &st) < 0)
		return -errno;
	snprintf(text, CONDITION_SIZE, "fsmagic=0x%lx", (unsigned long)st.f_type);
	return 0;
}

static void add_condition(struct conditions *conditions, const char *text)
{
	for (size_t i = 0; i < conditions->n; i++)
		if (strcmp(conditions->texts[i], text) == 0)
			return;
	if (conditions->n < CONDITIONS)
		snprintf(conditions->texts[conditions->n++], CONDITION_SIZE, "%s", text);
}

static int add_path(struct conditions *conditions, const char *path, struct diag *reterr)
{
	char text[CONDITION_SIZE];
	int r = condition_of(path, text);

	if (r < 0) {
		diag_set(reterr, r, "can't tell the file system of '%s': %s", path, strerror(-r));
		diag_hint(reterr, "run it where the program is installed, or use --group");
		return r;
	}
	add_condition(conditions, text);
	return 0;
}

/*
 * An entry without `exec:` may be run from anywhere; the root's file system is the least that it
 * needs.
 */
static int add_program(
	struct conditions *conditions, const struct policy_program *program, struct diag *reterr)
{
	int r = program->n_exec ? 0 : add_path(conditions, "/", reterr);

	for (size_t i = 0; r == 0 && i < program->n_exec; i++)
		r = add_path(conditions, program->exec[i], reterr);
	return r;
}

static bool wants_ima(const struct policy_program *program)
{
	return program->require.number & 1ULL << CONDITION_IMA;
}

static int collect(
	const struct policy *policy, const char *group, struct conditions *ret, struct diag *reterr)
{
	char text[CONDITION_SIZE];
	int r = 0;

	if (group) {
		snprintf(text, sizeof(text), "fgroup=%s", group);
		add_condition(ret, text);
		return 0;
	}
	for (size_t i = 0; r == 0 && i < policy->n_programs; i++)
		if (wants_ima(&policy->programs[i]))
			r = add_program(ret, &policy->programs[i], reterr);
	return r == 0 && !policy->path ? add_path(ret, "/", reterr) : r;
}

static void print_programs(const struct policy *policy)
{
	for (size_t i = 0; i < policy->n_programs; i++) {
		const struct policy_program *program = &policy->programs[i];
		if (!wants_ima(program))
			continue;
		printf("#   %s", program->name);
		for (size_t j = 0; j < program->n_exec; j++) {
			_cleanup_free_ char *path =
				escape_text(program->exec[j], strlen(program->exec[j]));
			printf("%s%s", j ? ", " : ": ", path ?: "?");
		}
		puts(program->n_exec ? "" : ": any path, as 'exec:' is not given");
	}
}

static void print_rules(const struct policy *policy, const struct conditions *conditions)
{
	puts("# Rules for IMA, for 'require: [ima]' of bpfsign's policy.");
	if (policy->path)
		print_programs(policy);
	puts("#\n"
	     "# IMA refuses by these rules to execute ANY program there that has no signature over its\n"
	     "# fs-verity digest, scripts and their interpreters too: sign all of them first, with\n"
	     "# 'bpfsign sign --with ima'. With ima_appraise=log on the kernel's command line IMA refuses\n"
	     "# nothing, and only what bpfsign's policy asks of IMA is refused, by us.\n"
	     "#\n"
	     "# 1. once in a boot, all rules at once: cat THIS-FILE >/sys/kernel/security/ima/policy\n"
	     "#    (systemd does that very early with /etc/ima/ima-policy)\n"
	     "# 2. at once IMA's keyring, before anybody else makes IMA look for it: 'bpfsign enroll\n"
	     "#    --ima'; until then IMA has no keys, and refuses all that these rules are about\n"
	     "# 3. watchbpf --enforce POLICY; 'bpfsign status' says whether the keyring is pinned\n"
	     "#\n"
	     "# The first rule is for 2: it concerns nobody's files but those that bpfsign makes for it.\n" PINNING_RULE);
	for (size_t i = 0; i < conditions->n; i++)
		printf(RULE, conditions->texts[i]);
}

/* Is there anything that the rules would be for? */
static int check_policy(const char *path, const struct policy *policy)
{
	struct diag diag;

	for (size_t i = 0; i < policy->n_programs; i++)
		if (wants_ima(&policy->programs[i]))
			return EXIT_YES;
	diag_set(&diag, 0, "no entry of '%s' has 'require: [ima]'", path);
	diag_hint(&diag, "add it to the entries that need it");
	return log_diag(EXIT_NO, &diag);
}

static int run(const char *path, const char *group)
{
	_cleanup_policy_ struct policy policy = {0};
	struct conditions conditions = {0};
	struct diag diag;

	int r = path ? policy_load(path, &policy, &diag) : 0;
	if (r < 0)
		return log_diag(r == -EINVAL || r == -EFBIG ? EXIT_NO : EXIT_UNKNOWN, &diag);
	int status = path ? check_policy(path, &policy) : EXIT_YES;
	if (status != EXIT_YES)
		return status;
	if (collect(&policy, group, &conditions, &diag) < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	print_rules(&policy, &conditions);
	return EXIT_YES;
}

int cmd_ima_policy(const struct command *command, int argc, char **argv)
{
	const char *argument, *group = NULL;
	uint64_t gid;
	int option, status = -1;

	while (status < 0 && (option = command_option(command, argc, argv, &argument)) >= 0) {
		group = argument;
		status = arguments_number(command, "group", argument, UINT32_MAX, &gid);
	}
	if (status < 0)
		status = arguments_end(option);
	if (status < 0)
		status = arguments_count(command, argc, 0, 1);
	return status >= 0 ? status : run(optind < argc ? argv[optind] : NULL, group);
}
