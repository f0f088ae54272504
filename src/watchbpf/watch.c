/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * watchbpf --enforce and --observe: begin or join the enforcement, then print until told to stop.
 */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/base.h"
#include "src/watchbpf/watchbpf.h"

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "src/command/arguments.h"
#include "src/names/functions.h"
#include "src/record/lines.h"
#include "src/base/log.h"
#include "src/record/journald.h"
#include "src/trust/order_submit.h"
#include "src/watchbpf/prepare.h"
#include "src/watchbpf/reading.h"
#include "src/watchbpf/self.h"
#include "src/watchbpf/start.h"
#include "src/record/fields.h"

struct watch_arguments {
	const char *policy; /* path */
	const char *order;  /* path, or NULL */
	struct start_options start;
	enum lines_output output;
	bool has_output; /* --output */
	bool detach;
	bool wait; /* for the place of the reader */
};

static int parse_adopt(const struct command *command, const char *text, struct watch_arguments *ret)
{
	uint64_t id;

	if (strcmp(text, "init") == 0) {
		ret->start.adopt_init = true;
		return -1;
	}
	int r = arguments_number(command, "adopt", text, UINT32_MAX, &id);

	if (r >= 0)
		return r;
	if (ret->start.n_adopted == ARRAY_SIZE(ret->start.adopted))
		return command_usage(command, "too many --adopt");
	ret->start.adopted[ret->start.n_adopted++] = (uint32_t)id;
	return -1;
}

static int parse_policy(
	const struct command *command, const char *path, uint32_t mode, struct watch_arguments *ret)
{
	if (ret->policy)
		return command_usage(command, "one of --enforce and --observe, once");
	ret->policy = path;
	ret->start.mode = mode;
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
		 (r = parse_word(command, name, value, "text", "json", &json)) < 0) {
		ret->output = json ? LINES_JSON : LINES_TEXT;
		ret->has_output = true;
	} else if (strcmp(name, "exec") == 0)
		r = parse_word(command, name, value, NULL, "all", &ret->start.every_exec);
	else if (strcmp(name, "adopt") == 0)
		r = parse_adopt(command, value, ret);
	else if (strcmp(name, "order") == 0)
		ret->order = value;
	else if (strcmp(name, "detach") == 0)
		ret->detach = true;
	else if (strcmp(name, "wait") == 0)
		ret->wait = true;
	else if (strcmp(name, "initrd") == 0)
		ret->start.initrd = value;
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

/* Another mode or policy than the one in force: only by an order. */
static int change(struct enforcer *enforcer, const struct watch_arguments *arguments,
	const struct prepared *prepared, const struct bs_state *state, struct diag *reterr)
{
	uint32_t mode = state->mode;
	/* whose policy is the one that is trusted */
	bool initrd = state->initrd != BS_INITRD_NONE;
	int same = enforcer_has_image(enforcer, &prepared->image);

	if (same < 0)
		return diag_set(
			reterr, same, "can't read the policy in force: %s", strerror(-same));
	if (same && mode == arguments->start.mode)
		return 0;
	if (initrd && !arguments->order) {
		log_warning(
			"watching what the initrd began; '%s' is another policy or mode, which an order or a new initrd puts into force",
			arguments->policy);
		return 0;
	}
	if (!same && mode != arguments->start.mode) {
		diag_set(reterr, -EPERM, "another policy and another mode are in force");
		diag_hint(reterr, "an order changes one of them at a time");
		return -EPERM;
	}
	const char *verb = !same                                      ? "policy"
			   : arguments->start.mode == BS_MODE_OBSERVE ? "observe"
								      : "enforce";
	if (!arguments->order) {
		diag_set(reterr, -EPERM, "another %s is in force", same ? "mode" : "policy");
		diag_hint(reterr,
			"an order changes it: bpfsign order %s%s --nonce NONCE --key CONTROL-KEY, then --order %s.order",
			verb, same ? "" : " FILE", verb);
		return -EPERM;
	}
	int r = order_submit_check_keyrings(enforcer, reterr);
	if (r == 0)
		r = order_submit(
			enforcer, arguments->order, verb, same ? NULL : prepared->digest, reterr);
	return r < 0 || same ? r : enforcer_replace(enforcer, &prepared->image, reterr);
}

static int join(const struct watch_arguments *arguments, const struct prepared *prepared,
	struct enforcer **ret, struct diag *reterr)
{
	_cleanup_(enforcer_free) struct enforcer *enforcer = NULL;
	_cleanup_free_ char *missing = NULL;
	struct bs_state state = {0};

	int r = enforcer_join(&enforcer, reterr);
	if (r == 0 && (r = enforcer_state(enforcer, &state)) < 0)
		diag_set(reterr, r, "can't read the state: %s", strerror(-r));
	if (r == 0 && enforcer_missing(state.hooks, &missing) > 0) {
		r = diag_set(reterr, -ENODEV, "hooks of the enforcement are missing: %s", missing);
		diag_hint(reterr, "'watchbpf stop' ends it by an order, or a reboot");
	}
	if (r == 0)
		r = change(enforcer, arguments, prepared, &state, reterr);
	if (r == 0)
		*ret = TAKE_PTR(enforcer);
	return r;
}

/* The kfuncs of the policy, by whose indices lines name them; NULL: it has none. */
static const struct bs_kfuncs *find_kfuncs(const struct image *image)
{
	for (size_t i = 0; i < image->n_entries; i++)
		if (image_is_kfuncs(&image->entries[i]))
			return &image->entries[i].value.kfuncs;
	return NULL;
}

/* Names for the helpers and kfuncs of lines. Without the kernel's BTF there are numbers. */
static void name_functions(struct prepared *prepared, const struct bs_kfuncs *kfuncs)
{
	if (prepared->functions ||
		functions_load(/* path= */ NULL, &prepared->functions, NULL) == 0)
		record_set_names(prepared->functions, kfuncs);
}

static void announce(const struct prepared *prepared, uint32_t mode)
{
	if (prepared->policy.path)
		log_info("%s '%s': %zu programs",
			mode == BS_MODE_OBSERVE ? "observing" : "enforcing", prepared->policy.path,
			prepared->policy.n_programs);
#ifdef HAVE_SYSTEMD
	sd_notify(0, "READY=1");
#endif
}

static int watch(const struct watch_arguments *arguments, struct prepared *prepared)
{
	const struct bs_kfuncs *kfuncs = find_kfuncs(&prepared->image);
	_cleanup_(enforcer_free) struct enforcer *enforcer = NULL;
	_cleanup_(lines_free) struct lines *lines = lines_new(stdout, arguments->output);
	_cleanup_(reading_free) struct reading *reading = NULL;
	struct diag diag = {0};

	if (!lines)
		return EXIT_UNKNOWN;
	if (join(arguments, prepared, &enforcer, &diag) < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	if (!arguments->detach) /* ready is said when it is: a signal may follow at once */
		reading_catch_signals();
	int r = reading_take(enforcer, arguments->wait && !arguments->detach, &diag);
	if (r == -EINTR)
		return EXIT_YES;
	if (r == -EBUSY && !arguments->detach)
		return log_diag(EXIT_BUSY, &diag);
	if (r < 0 && r != -EBUSY)
		return log_diag(EXIT_UNKNOWN, &diag);
	if (r == 0 && reading_begin(&reading, enforcer, lines, kfuncs) < 0)
		return EXIT_UNKNOWN;
	if (!arguments->detach)
		name_functions(prepared, kfuncs);
	if (!arguments->has_output && journald_is_wanted(STDOUT_FILENO))
		lines_send_by(lines, journald_send);
	announce(prepared, arguments->start.mode);
	return arguments->detach ? EXIT_YES : reading_run(reading);
}

/* An initrd has no fs-verity, so this program ends: the signed one of the real root watches. */
static int begin(struct watch_arguments *arguments, char **argv)
{
	_cleanup_prepared_ struct prepared prepared = {0};
	struct diag diag = {0};

	int r = start_may_begin(&arguments->start, arguments->policy, &prepared, &diag);
	if (r == 0)
		r = start_enforcement(&arguments->start, &prepared, &diag);
	if (r < 0)
		return log_diag(EXIT_UNKNOWN, &diag);
	if (!arguments->start.initrd)
		return start_again(argv) < 0 ? EXIT_UNKNOWN : EXIT_YES;
	announce(&prepared, arguments->start.mode);
	return EXIT_YES;
}

static bool began_in_initrd(void)
{
	_cleanup_(enforcer_free) struct enforcer *enforcer = NULL;
	struct bs_state state = {0};

	return enforcer_join(&enforcer, NULL) == 0 && enforcer_state(enforcer, &state) == 0 &&
	       state.initrd != BS_INITRD_NONE;
}

/* What the initrd began is watched whatever became of the policy in the real root. */
static int watch_running(const struct watch_arguments *arguments)
{
	_cleanup_prepared_ struct prepared prepared = {0};
	struct diag diag = {0};

	if (arguments->start.initrd)
		return log_error_errno(-EALREADY, "enforcement is on already"), EXIT_UNKNOWN;
	int r = prepare(arguments->policy, &prepared, &diag);
	if (r == 0)
		r = self_check(/* root= */ NULL, &prepared.policy, &diag);
	if (r < 0 && (arguments->order || !began_in_initrd()))
		return log_diag(EXIT_UNKNOWN, &diag);
	if (r < 0) {
		log_warning("%s", diag.message);
		prepared_done(&prepared); /* it is not the policy in force */
	}
	return watch(arguments, &prepared);
}

int cmd_watch(const struct command *command, int argc, char **argv)
{
	struct watch_arguments arguments = {0};

	int r = parse_arguments(command, argc, argv, &arguments);
	if (r >= 0)
		return r;
	mkdir(STATE_DIRECTORY, 0700);
	if (enforcer_is_alive())
		return watch_running(&arguments);
	_cleanup_close_ int lock = start_lock();
	if (lock == -EBUSY)
		return log_error_errno(lock, "another watchbpf is beginning"), EXIT_UNKNOWN;
	if (!enforcer_is_alive())
		return begin(&arguments, argv);
	/* executed before the other one began, we have no mark */
	return start_again(argv) < 0 ? EXIT_UNKNOWN : EXIT_YES;
}
