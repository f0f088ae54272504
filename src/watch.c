/* SPDX-License-Identifier: GPL-2.0-or-later */

/* watchbpf --enforce and --observe: begin or join the enforcement, then print until told to stop. */

#include "watch.h"

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "arguments.h"
#include "functions.h"
#include "journal.h"
#include "log.h"
#include "permit.h"
#include "prepare.h"
#include "sysprobe.h"

#define POLL_MS		200
#define LOOK_NS		1000000000ULL /* how often the canary is asked and losses are told */

struct watch_arguments {
	const char *policy; /* path */
	const char *order;  /* path, or NULL */
	uint32_t mode;	    /* enum bs_mode */
	enum journal_output output;
	bool every_exec, detach;
	uint32_t adopted[16];
	size_t n_adopted;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int signal_number)
{
	interrupted = signal_number;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int parse_adopt(
	const struct command *command, const char *text, struct watch_arguments *ret)
{
	uint64_t id;
	int r = argument_number(command, "adopt", text, UINT32_MAX, &id);

	if (r >= 0)
		return r;
	if (ret->n_adopted == sizeof(ret->adopted) / sizeof(ret->adopted[0]))
		return command_usage(command, "too many --adopt");
	ret->adopted[ret->n_adopted++] = (uint32_t)id;
	return -1;
}

static int parse_policy(const struct command *command, const char *path, uint32_t mode,
	struct watch_arguments *ret)
{
	if (ret->policy)
		return command_usage(command, "one of --enforce and --observe, once");
	ret->policy = path;
	ret->mode = mode;
	return -1;
}

static int parse_word(const struct command *command, const char *option, const char *text,
	const char *off, const char *on, bool *ret)
{
	*ret = strcmp(text, on) == 0;
	if (*ret || (off && strcmp(text, off) == 0))
		return -1;
	return command_usage(command, "--%s '%s' is not known", option, text);
}

static int parse_option(const struct command *command, const char *name, const char *value,
	struct watch_arguments *ret)
{
	bool json = false;
	int r = -1;

	if (strcmp(name, "enforce") == 0)
		r = parse_policy(command, value, BS_MODE_ENFORCE, ret);
	else if (strcmp(name, "observe") == 0)
		r = parse_policy(command, value, BS_MODE_OBSERVE, ret);
	else if (strcmp(name, "output") == 0 &&
		 (r = parse_word(command, name, value, "text", "json", &json)) < 0)
		ret->output = json ? JOURNAL_JSON : JOURNAL_TEXT;
	else if (strcmp(name, "exec") == 0)
		r = parse_word(command, name, value, NULL, "all", &ret->every_exec);
	else if (strcmp(name, "adopt") == 0)
		r = parse_adopt(command, value, ret);
	else if (strcmp(name, "order") == 0)
		ret->order = value;
	else if (strcmp(name, "detach") == 0)
		ret->detach = true;
	return r;
}

static int parse_arguments(
	const struct command *command, int argc, char **argv, struct watch_arguments *ret)
{
	const char *value;
	int option, r;

	while ((option = command_option(command, argc, argv, &value)) >= 0) {
		r = parse_option(command, command->options[option].name, value, ret);
		if (r >= 0)
			return r;
	}
	r = arguments_end(option);
	if (r >= 0)
		return r;
	if (!ret->policy)
		return command_usage(command, "--enforce FILE or --observe FILE is missing");
	return arguments_count(command, argc, 0, 0);
}

/* What enforcement cannot begin without; the first that is missing is the message. */
static int check_system(struct diag *reterr)
{
	for (const struct probe *probe = probes; probe->name; probe++) {
		char detail[256] = "";
		if (!probe->needed || probe->ask(detail, sizeof(detail)) == PROBE_YES)
			continue;
		diag_set(reterr, -EOPNOTSUPP, "can't enforce here, '%s' is not so: %s (%s)",
			probe->name, probe->question, detail);
		diag_hint(reterr, "%s", probe->cure);
		return -EOPNOTSUPP;
	}
	return 0;
}

static void name_user(void *userdata, int pid, const char *name)
{
	(void)userdata;
	log_warning("'%s' (pid %d) uses BPF already and has no mark; restart it if it is entitled",
		name, pid);
}

static void warn_of_kexec_image(void)
{
	char detail[64] = "";

	if (probe_kexec_image(detail, sizeof(detail)))
		log_warning("another kernel is loaded already (%s): it would start without the enforcement; 'kexec -u' unloads it",
			detail);
}

#define LOADER_FAILED 127 /* ld.so(8) found a library that it could not map */

/*
 * The last look before anything is denied: executed again, would this program be the control
 * program? A tracer, a seccomp filter or an unsettled file of ours would lock everybody out.
 */
static int prove_self(struct diag *reterr)
{
	char path[4096] = "";
	int status = -1;

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return diag_set(reterr, -errno, "can't find this program's own file");
	pid_t child = fork();
	if (child == 0) {
		execl(path, "watchbpf", "self-test", NULL);
		_exit(EXIT_UNKNOWN);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return diag_set(reterr, -EAGAIN, "can't execute '%s' to prove that it works", path);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_YES)
		return 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) == LOADER_FAILED) {
		diag_set(reterr, -EPERM, "'%s' would not get its libraries: not all are signed", path);
		diag_hint(reterr, "bpfsign sign --libraries --key KEY %s", path);
		return -EPERM;
	}
	diag_set(reterr, -EPERM, "the kernel would not take '%s' for the control program", path);
	diag_hint(reterr, "run it without a tracer or seccomp filter; 'bpfsign settle %s'", path);
	return -EPERM;
}

/* The starter was executed unmarked, so it becomes what the policy says of its own file. */
static int execute_again(char **argv)
{
	char path[4096] = "";

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return log_error_errno(-errno, "can't find this program's own file");
	setenv(PREPARE_TOLD, "1", 1);
	execv(path, argv);
	return log_error_errno(-errno, "can't execute '%s' again", path);
}

static int start(const struct watch_arguments *arguments, const struct prepared *prepared,
	struct diag *reterr)
{
	struct enforcer_options options = {
		.mode = arguments->mode,
		.control_ring = prepared->control_ring,
		.rings = prepared->rings,
		.n_rings = prepared->n_rings,
		.every_exec = arguments->every_exec,
		.adopted = arguments->adopted,
		.n_adopted = arguments->n_adopted,
		.sequences = SEQUENCES_FILE,
		.prove = prove_self,
	};

	int r = enforcer_start(&prepared->image, &options, reterr);
	if (r == 0) {
		probe_bpf_users(name_user, NULL);
		warn_of_kexec_image();
	}
	return r;
}

/* Another mode or policy than the one in force: only by an order. */
static int change(struct enforcer *enforcer, const struct watch_arguments *arguments,
	const struct prepared *prepared, uint32_t mode, struct diag *reterr)
{
	int same = enforcer_has_image(enforcer, &prepared->image);

	if (same < 0)
		return diag_set(reterr, same, "can't read the policy in force: %s", strerror(-same));
	if (same && mode == arguments->mode)
		return 0;
	if (!same && mode != arguments->mode) {
		diag_set(reterr, -EPERM, "another policy and another mode are in force");
		diag_hint(reterr, "an order changes one of them at a time");
		return -EPERM;
	}
	const char *verb = !same ? "policy"
		: arguments->mode == BS_MODE_OBSERVE ? "observe" : "enforce";
	if (!arguments->order) {
		diag_set(reterr, -EPERM, "another %s is in force", same ? "mode" : "policy");
		diag_hint(reterr, "an order changes it: bpfsign order %s%s --nonce NONCE --key CONTROL-KEY, then --order %s.order",
			verb, same ? "" : " FILE", verb);
		return -EPERM;
	}
	int r = permit_check_keyrings(enforcer, reterr);
	if (r == 0)
		r = permit_submit(enforcer, arguments->order, verb, same ? NULL : prepared->digest,
			reterr);
	return r < 0 || same ? r : enforcer_replace(enforcer, &prepared->image, reterr);
}

static int join(const struct watch_arguments *arguments, const struct prepared *prepared,
	struct enforcer **ret, struct diag *reterr)
{
	_cleanup_(enforcer_free) struct enforcer *enforcer = NULL;
	struct bs_state state = {0};

	int r = enforcer_join(&enforcer, reterr);
	if (r == 0 && (r = enforcer_state(enforcer, &state)) < 0)
		diag_set(reterr, r, "can't read the state: %s", strerror(-r));
	if (r == 0)
		r = change(enforcer, arguments, prepared, state.mode, reterr);
	if (r == 0)
		*ret = TAKE_PTR(enforcer);
	return r;
}

/* One look a second: losses, the highest sequences, and whether the hooks still answer. */
static int look(struct enforcer *enforcer, struct journal *journal)
{
	struct bs_state state = {0};

	int r = enforcer_state(enforcer, &state);
	if (r < 0)
		return log_error_errno(r, "can't read the state of the enforcement");
	if (state.mode == BS_MODE_OFF) {
		log_info("enforcement was ended by an order");
		return 1;
	}
	if (!enforcer_is_alive()) {
		log_error("THE ENFORCEMENT IS OFF: its hooks do not answer any more");
		return -ENODEV;
	}
	enforcer_save_sequences(enforcer, SEQUENCES_FILE);
	return journal_lost(journal, state.lost_records, state.lost_alarms);
}

static void add_record(void *userdata, const struct bs_record *record)
{
	journal_add(userdata, record);
}

/* Prints until a signal, an order to stop, or the death of the hooks. */
static int watch_loop(struct enforcer *enforcer, struct journal *journal)
{
	uint64_t looked = 0;
	int r = enforcer_watch(enforcer, add_record, journal);

	while (r >= 0 && !interrupted) {
		r = enforcer_poll(enforcer, POLL_MS);
		if (r == -EINTR)
			r = 0;
		uint64_t now = now_ns();
		if (r >= 0)
			r = journal_flush(journal, now);
		if (r < 0 || now - looked < LOOK_NS)
			continue;
		looked = now;
		r = look(enforcer, journal);
		if (r > 0)
			return EXIT_YES;
	}
	if (r < 0)
		return EXIT_UNKNOWN;
	log_info("no longer watching; enforcement goes on ('watchbpf stop' ends it)");
	return EXIT_YES;
}

/* Names for the helpers and kfuncs of lines. Without the kernel's BTF there are numbers. */
static void name_functions(const struct prepared *prepared, struct functions **ret)
{
	const struct image *image = &prepared->image;
	const struct bs_kfuncs *kfuncs = NULL;

	for (size_t i = 0; i < image->n_entries; i++)
		if (image_is_kfuncs(&image->entries[i]))
			kfuncs = &image->entries[i].value.kfuncs;
	if (functions_load(/* path= */ NULL, ret, NULL) == 0)
		journal_set_names(*ret, kfuncs);
}

static void announce(const struct prepared *prepared, uint32_t mode)
{
	log_info("%s '%s': %zu programs", mode == BS_MODE_OBSERVE ? "observing" : "enforcing",
		prepared->policy.path, prepared->policy.n_programs);
#ifdef HAVE_SYSTEMD
	sd_notify(0, "READY=1");
#endif
}

static int watch(const struct watch_arguments *arguments, const struct prepared *prepared)
{
	_cleanup_functions_ struct functions *functions = NULL; /* until the last line is out */
	_cleanup_(enforcer_free) struct enforcer *enforcer = NULL;
	_cleanup_(journal_free) struct journal *journal = journal_new(stdout, arguments->output);
	struct sigaction action = {.sa_handler = on_signal};
	struct diag diag = {0};

	if (!journal)
		return EXIT_UNKNOWN;
	if (join(arguments, prepared, &enforcer, &diag) < 0) {
		diag_print(&diag);
		return EXIT_UNKNOWN;
	}
	if (!arguments->detach) { /* ready is said when it is: a signal may follow at once */
		name_functions(prepared, &functions);
		sigaction(SIGINT, &action, NULL);
		sigaction(SIGTERM, &action, NULL);
	}
	announce(prepared, arguments->mode);
	if (arguments->detach)
		return EXIT_YES;
	return watch_loop(enforcer, journal);
}

int cmd_watch(const struct command *command, int argc, char **argv)
{
	_cleanup_prepared_ struct prepared prepared = {0};
	struct watch_arguments arguments = {0};
	struct diag diag = {0};

	int r = parse_arguments(command, argc, argv, &arguments);
	if (r >= 0)
		return r;
	mkdir(STATE_DIRECTORY, 0700);
	if ((r = check_system(&diag)) == 0)
		r = prepare(arguments.policy, &prepared, &diag);
	if (r == 0 && !enforcer_is_alive() && (r = start(&arguments, &prepared, &diag)) == 0)
		return execute_again(argv) < 0 ? EXIT_UNKNOWN : EXIT_YES;
	if (r < 0) {
		diag_print(&diag);
		return EXIT_UNKNOWN;
	}
	return watch(&arguments, &prepared);
}
