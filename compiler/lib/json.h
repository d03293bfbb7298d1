/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A writer of JSON (RFC 8259), appending to a buffer.
 *
 * In: values in document order, containers opened and closed. Out: text that is always valid JSON
 * and valid UTF-8, whatever bytes the strings hold; the same calls give the same bytes. Integers
 * are written in full, up to 2^64 - 1: a reader needs 64-bit integers.
 *
 *	struct json j;
 *	json_init(&j, out, 2);
 *	json_object(&j, NULL);
 *		json_u64(&j, "size", 4096);
 *		json_array(&j, "cells");
 *			json_string(&j, NULL, "rt");
 *		json_end(&j);
 *	json_end(&j);
 */
#ifndef CELLC_LIB_JSON_H
#define CELLC_LIB_JSON_H

#include "util.h"

#define JSON_DEPTH 32

struct json {
	struct buf *out;
	int indent, depth;
	char close[JSON_DEPTH]; /* '}' or ']' of the containers that are open */
	bool filled[JSON_DEPTH + 1];
};

/* indent: blanks a level, 0 for everything on one line. A newline ends the document if indented. */
void json_init(struct json *j, struct buf *out, int indent);

/*
 * A value. key is its name when it is written into an object, NULL in an array and at the top;
 * getting this wrong, or nesting deeper than JSON_DEPTH, is a bug and aborts.
 */
void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
/* Closes what was opened last. */
void json_end(struct json *j);
/* s == NULL writes null. */
void json_string(struct json *j, const char *key, const char *s);
void json_bytes(struct json *j, const char *key, const char *s, size_t len);
void json_u64(struct json *j, const char *key, u64 v);
void json_bool(struct json *j, const char *key, bool v);
void json_null(struct json *j, const char *key);
void json_printf(struct json *j, const char *key, const char *fmt, ...) PRINTF_LIKE(3, 4);

/*
 * The quoted form of a string alone. '<' is escaped too, so that the text can stand inside an HTML
 * script element. A byte that is not part of well-formed UTF-8 becomes U+FFFD.
 */
void json_quote(struct buf *out, const char *s, size_t len);

#endif
