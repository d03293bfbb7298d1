// SPDX-License-Identifier: GPL-2.0-only
/*
 * Origins: where a fact comes from, and how that is said.
 */
#include "../cellc.h"

static struct origin *origin_new(struct cellc *c, enum origin_kind kind)
{
	struct origin *o = NEW(c->arena, struct origin);

	o->kind = kind;
	return o;
}

const struct origin *origin_plan(struct cellc *c, struct span span)
{
	struct origin *o = origin_new(c, FROM_PLAN);

	o->span = span;
	return o;
}

const struct origin *origin_tree(struct cellc *c, const char *file, const char *path,
				 const char *prop)
{
	struct origin *o = origin_new(c, FROM_TREE);

	o->file = file;
	o->path = path;
	o->prop = prop;
	return o;
}

const struct origin *origin_placed(struct cellc *c, const char *fmt, ...)
{
	struct origin *o = origin_new(c, FROM_PLACEMENT);
	va_list ap;

	va_start(ap, fmt);
	o->why = arena_vprintf(c->arena, fmt, ap);
	va_end(ap);
	return o;
}

const struct origin *origin_rule(struct cellc *c, const struct origin *parent, const char *fmt, ...)
{
	struct origin *o = origin_new(c, FROM_RULE);
	va_list ap;

	va_start(ap, fmt);
	o->why = arena_vprintf(c->arena, fmt, ap);
	va_end(ap);
	o->parent = parent;
	return o;
}

const struct origin *origin_binary(struct cellc *c, const char *file, const char *record,
				   const char *field, u64 offset)
{
	struct origin *o = origin_new(c, FROM_BINARY);

	o->file = file;
	o->path = record;
	o->prop = field;
	o->offset = offset;
	return o;
}

static const char *plan_text(struct cellc *c, struct span span)
{
	struct position pos;

	if (!source_position(c, span.start, &pos))
		return "the plan";
	return arena_printf(c->arena, "%s:%u:%u", pos.source->name, pos.line, pos.column);
}

const char *origin_text(struct cellc *c, const struct origin *o)
{
	const char *sep = o && o->prop ? ": " : "", *prop = o && o->prop ? o->prop : "";

	if (!o)
		return "default";
	switch (o->kind) {
	case FROM_PLAN:
		return plan_text(c, o->span);
	case FROM_TREE:
		return arena_printf(c->arena, "%s: %s%s%s", o->file, o->path, sep, prop);
	case FROM_PLACEMENT:
		return arena_printf(c->arena, "placed: %s", o->why);
	case FROM_RULE:
		if (!o->parent)
			return o->why;
		return arena_printf(c->arena, "%s (%s)", o->why, origin_text(c, o->parent));
	case FROM_BINARY:
		return arena_printf(c->arena, "%s: %s%s%s at offset 0x%llx", o->file, o->path, sep, prop,
				    (unsigned long long)o->offset);
	}
	return "unknown";
}
