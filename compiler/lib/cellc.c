// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a compilation.
 */
#include "../cellc.h"

void cellc_init(struct cellc *c)
{
	*c = (struct cellc){.arena = arena_new(), .opt = {.abi = 14, .max_findings = 100}};
}

void cellc_free(struct cellc *c)
{
	arena_free(c->arena);
}
