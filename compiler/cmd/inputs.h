/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files of a command that takes plans and descriptors alike.
 */
#ifndef CELLC_CMD_INPUTS_H
#define CELLC_CMD_INPUTS_H

#include "options.h"
#include "passes.h"

/*
 * Calls use once for every model that the files hold: each plan is a model of its own, all
 * descriptors together are one. The run has either its plan's name or its model set; use takes it
 * through the passes.
 */
void inputs_each(struct cellc *c, const struct cmdline *cl, void (*use)(struct run *r, void *arg),
		 void *arg);

#endif
