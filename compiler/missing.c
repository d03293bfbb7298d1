// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passes that have not landed yet: weak, so that the real ones take over as they come.
 */
#include "ast.h"
#include "image.h"

#define WEAK __attribute__((weak))

WEAK struct model *resolve(struct cellc *c, struct ast *ast, struct machine *m)
{
	(void)c, (void)ast, (void)m;
	return NULL;
}
WEAK struct machine *host_of_plan(struct cellc *c, struct ast *ast)
{
	(void)c, (void)ast;
	return NULL;
}
WEAK void place(struct cellc *c, struct model *m)
{
	(void)c, (void)m;
}
WEAK void model_dump(struct cellc *c, const struct model *m, struct buf *out)
{
	(void)c, (void)m, (void)out;
}
