// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device-tree blobs: reading, checking, overlays (libfdt).
 *
 * Holds: a blob that blob_check accepted is safe for every read-only function of libfdt, has one
 * root, and its depth, nodes and paths are within the limits of host.h.
 */
#include "host.h"

#include <libfdt.h>
#include <string.h>

static bool limits_fail(struct cellc *c, const char *name, const struct origin *at,
			const char *what, u32 limit)
{
	struct diag *d = diag_report(c, D_E1102, at, "the device tree %s has %s", name, what);

	diag_help(c, d, "the limit is %u: no tree of a real machine comes near", limit);
	return false;
}

/* Depth, number of nodes, length of paths. */
static bool check_limits(struct cellc *c, const char *name, const void *fdt,
			 const struct origin *at)
{
	u32 lengths[HOST_MAX_DEPTH + 1], nodes = 0, depth = 0;
	struct walk w = walk_start(fdt);
	struct tag t;

	while ((t = walk_next(&w)).kind != FDT_END) {
		if (t.kind == FDT_END_NODE && --depth == 0)
			break;
		if (t.kind != FDT_BEGIN_NODE)
			continue;
		if (depth > HOST_MAX_DEPTH)
			return limits_fail(c, name, at, "nodes nested too deep", HOST_MAX_DEPTH);
		if (++nodes > HOST_MAX_NODES)
			return limits_fail(c, name, at, "too many nodes", HOST_MAX_NODES);
		lengths[depth] = (depth ? lengths[depth - 1] : 0) + MIN(t.len, HOST_MAX_PATH) + 1;
		if (lengths[depth] > HOST_MAX_PATH)
			return limits_fail(c, name, at, "paths too long", HOST_MAX_PATH);
		depth++;
	}
	return true;
}

/* DT 5.2: version 17, compatible with 16; what came before has another layout. */
bool blob_check(struct cellc *c, const char *name, const void *blob, size_t len,
		const struct origin *at)
{
	const char *why = NULL;
	int err;

	if (len < sizeof(struct fdt_header) || fdt_magic(blob) != FDT_MAGIC)
		why = "it does not begin with the header of one";
	else if (fdt_version(blob) < 16)
		why = "its format version is older than 16";
	else if (fdt_totalsize(blob) > len)
		why = "it is cut short";
	else if (len > HOST_MAX_SIZE)
		return limits_fail(c, name, at, "too many bytes", HOST_MAX_SIZE);
	else if (fdt_size_dt_strings(blob) > HOST_MAX_STRINGS)
		return limits_fail(c, name, at, "too many bytes of names", HOST_MAX_STRINGS);
	else if ((err = fdt_check_full(blob, len)) != 0)
		why = fdt_strerror(err);
	else if (!fdt_get_name(blob, 0, &err))
		why = "it does not begin with a node";
	if (why) {
		diag_report(c, D_E1101, at, "%s is no device tree: %s", name, why);
		return false;
	}
	return check_limits(c, name, blob, at);
}

static bool is_source(const char *path)
{
	size_t len = strlen(path);

	return len > 4 && (strcmp(path + len - 4, ".dts") == 0 ||
			   (len > 5 && strcmp(path + len - 5, ".dtso") == 0));
}

const void *blob_read(struct cellc *c, const char *path, const struct origin *at, size_t *len)
{
	const char *err;
	struct source *src;

	src = source_add(c, path, NULL, 0, &err);
	if (!src) {
		diag_report(c, D_E0101, at, "can't read \"%s\": %s", path, err);
		return NULL;
	}
	if (is_source(path))
		return dtc_compile(c, path, at, len);
	*len = src->len;
	return src->text;
}

/* --- overlays --- */

static void report_overlay(struct cellc *c, const char *path, const char *base, int err,
			   const struct origin *at)
{
	struct diag *d = diag_report(c, D_E1104, at, "overlay %s does not apply to %s: %s", path,
				     base, fdt_strerror(err));

	if (err == -FDT_ERR_BADOVERLAY || err == -FDT_ERR_NOTFOUND)
		diag_help(c, d, "a node or label that the overlay names is not in the tree");
}

/* Whether the overlay names labels that the base can't resolve, having no __symbols__. */
static bool lacks_symbols(const void *base, const void *overlay)
{
	return fdt_path_offset(overlay, "/__fixups__") >= 0 &&
	       fdt_first_property_offset(overlay, fdt_path_offset(overlay, "/__fixups__")) >= 0 &&
	       fdt_path_offset(base, "/__symbols__") < 0;
}

/* libfdt changes both blobs, and the base is lost when it fails. */
static void *apply(struct cellc *c, const void *base, const void *overlay, size_t *len, int *err)
{
	size_t over = fdt_totalsize(overlay), room = *len + 2 * over + 4096;
	void *copy = arena_alloc(c->arena, over), *merged = arena_alloc(c->arena, room);

	memcpy(copy, overlay, over);
	*err = fdt_open_into(base, merged, (int)room);
	if (*err == 0)
		*err = fdt_overlay_apply(merged, copy);
	if (*err)
		return NULL;
	fdt_pack(merged);
	*len = fdt_totalsize(merged);
	return merged;
}

static const void *apply_one(struct cellc *c, const char *path, const void *base, size_t *len,
			     const char *name, const struct origin *at)
{
	size_t over_len;
	const void *overlay = blob_read(c, name, at, &over_len), *merged;
	int err;

	if (!overlay || !blob_check(c, name, overlay, over_len, at))
		return NULL;
	if (over_len > HOST_MAX_OVERLAY) {
		limits_fail(c, name, at, "too many bytes for an overlay", HOST_MAX_OVERLAY);
		return NULL;
	}
	if (lacks_symbols(base, overlay)) {
		struct diag *d = diag_report(c, D_E1104, at,
					     "overlay %s names labels, and %s has no __symbols__",
					     name, path);

		diag_help(c, d,
			  "compile the host tree with dtc -@, or name targets by path "
			  "(target-path) in the overlay");
		return NULL;
	}
	merged = apply(c, base, overlay, len, &err);
	if (!merged)
		report_overlay(c, name, path, err, at);
	return merged;
}

const void *blob_overlay(struct cellc *c, const char *path, const void *base, size_t *len,
			 const char *const *overlays, size_t n, const struct origin *at)
{
	if (!blob_check(c, path, base, *len, at))
		return NULL;
	*len = fdt_totalsize(base);
	for (size_t i = 0; base && i < n; i++)
		base = apply_one(c, path, base, len, overlays[i], at);
	return base;
}
