/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What rpm wants of a plugin. rpm has a header for it since 4.20; before, plugins came with rpm
 * only. The same contract, of rpm 4.18 and 4.19 (lib/rpmplugin.h there): every hook returns 0 for
 * "go on", and the order of the members is what counts.
 */

#if __has_include(<rpm/rpmplugin.h>)
#include <rpm/rpmplugin.h>
#else

#include <rpm/rpmfi.h>
#include <rpm/rpmtypes.h>

typedef rpmRC rpmPluginRC;
typedef rpmFlags rpmFsmOp; /* an rpmFileAction and flags */
#define XFO_ACTION(op) ((op)&0xffff)

struct rpmPluginHooks_s {
	rpmPluginRC (*init)(rpmPlugin plugin, rpmts ts);
	void (*cleanup)(rpmPlugin plugin);
	rpmPluginRC (*tsm_pre)(rpmPlugin plugin, rpmts ts);
	rpmPluginRC (*tsm_post)(rpmPlugin plugin, rpmts ts, int result);
	rpmPluginRC (*psm_pre)(rpmPlugin plugin, rpmte te);
	rpmPluginRC (*psm_post)(rpmPlugin plugin, rpmte te, int result);
	rpmPluginRC (*scriptlet_pre)(rpmPlugin plugin, const char *name, int type);
	rpmPluginRC (*scriptlet_fork_post)(rpmPlugin plugin, const char *path, int type);
	rpmPluginRC (*scriptlet_post)(rpmPlugin plugin, const char *name, int type, int result);
	rpmPluginRC (*fsm_file_pre)(
		rpmPlugin plugin, rpmfi fi, const char *path, mode_t mode, rpmFsmOp op);
	rpmPluginRC (*fsm_file_post)(
		rpmPlugin plugin, rpmfi fi, const char *path, mode_t mode, rpmFsmOp op, int result);
	rpmPluginRC (*fsm_file_prepare)(rpmPlugin plugin, rpmfi fi, int fd, const char *path,
		const char *dest, mode_t mode, rpmFsmOp op);
};

#endif
