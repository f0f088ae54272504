/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The machine's own lockdown, which holds before the start and after an order, too. */

#include <string.h>
#include <unistd.h>

#include "src/base/file.h"
#include "src/status/probe.h"

#define EFI         "/sys/firmware/efi"
#define SECURE_BOOT EFI "/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

/* A variable is four bytes of attributes, then its value. */
static enum probe_result ask_secure_boot(char *detail, size_t size)
{
	_cleanup_bytes_ struct bytes variable = {0};

	if (access(EFI, F_OK) < 0) {
		snprintf(detail, size, "not started by EFI");
		return PROBE_NO;
	}
	if (read_file(SECURE_BOOT, 64, &variable) < 0 || variable.size != 5) {
		snprintf(detail, size, "can't read the EFI variable SecureBoot");
		return PROBE_UNKNOWN;
	}
	snprintf(detail, size, "SecureBoot is %u", variable.data[4]);
	return variable.data[4] == 1 ? PROBE_YES : PROBE_NO;
}

/* Does the file begin with yes? Its name is the detail. */
static enum probe_result ask_file(const char *path, char yes, char *detail, size_t size)
{
	_cleanup_bytes_ struct bytes value = {0};

	if (read_file(path, 64, &value) < 0 || !value.size) {
		snprintf(detail, size, "can't read %s", path);
		return PROBE_UNKNOWN;
	}
	snprintf(detail, size, "%s is %c", strrchr(path, '/') + 1, value.data[0]);
	return value.data[0] == (uint8_t)yes ? PROBE_YES : PROBE_NO;
}

static enum probe_result ask_module_signatures(char *detail, size_t size)
{
	return ask_file("/sys/module/module/parameters/sig_enforce", 'Y', detail, size);
}

/* "none [integrity] confidentiality": the level in force is in brackets. */
static enum probe_result ask_lockdown(char *detail, size_t size)
{
	_cleanup_bytes_ struct bytes levels = {0};

	if (read_file("/sys/kernel/security/lockdown", 128, &levels) < 0) {
		snprintf(detail, size, "can't read /sys/kernel/security/lockdown");
		return PROBE_UNKNOWN;
	}
	snprintf(detail, size, "%s", (const char *)levels.data);
	return strstr(detail, "[none]") ? PROBE_NO : PROBE_YES;
}

static enum probe_result ask_kexec(char *detail, size_t size)
{
	return ask_file("/proc/sys/kernel/kexec_load_disabled", '1', detail, size);
}

/* A kernel that is loaded already is started by reboot(2) or by a crash, with no further check. */
static enum probe_result ask_kexec_image(char *detail, size_t size)
{
	enum probe_result result = ask_file("/sys/kernel/kexec_loaded", '0', detail, size);

	return result == PROBE_YES ? ask_file("/sys/kernel/kexec_crash_loaded", '0', detail, size)
				   : result;
}

bool probe_kernel_kexec_image(char *detail, size_t size)
{
	return ask_kexec_image(detail, size) == PROBE_NO;
}

const struct probe probe_kernel_list[] = {
	{"secure-boot", "the firmware starts signed kernels only",
		"turn Secure Boot on in the firmware", false, ask_secure_boot},
	{"module-sigs", "modules must be signed",
		"add module.sig_enforce=1 to the kernel command line and reboot", false,
		ask_module_signatures},
	{"lockdown", "the kernel's own lockdown is on",
		"add lockdown=integrity to the kernel command line and reboot", false,
		ask_lockdown},
	{"kexec", "no other kernel can be loaded", "sysctl kernel.kexec_load_disabled=1", false,
		ask_kexec},
	{"kexec-image", "no other kernel is loaded already",
		"unload it: kexec -u, or kexec -p -u for a crash kernel", false, ask_kexec_image},
	{NULL, NULL, NULL, false, NULL},
};
