// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a host's device tree: the host pass neither crashes nor hangs; it gives a machine or
 * an error; and what it says a reference to a node is, is one.
 *
 * In: bytes from libFuzzer.
 */
#include "machine.h"

#include <stdlib.h>
#include <string.h>

/* Trees with two nodes of one path have no reference to the second one. */
static void check_references(struct cellc *c, const struct machine *m)
{
	for (size_t i = 0; i < m->nodes.n && i < 64; i++) {
		const struct node *n = m->nodes.v[i];
		const char *text = node_ref_text(c, m, n) + 1;
		size_t len = strlen(text);

		if (machine_node_by_path(m, n->path) != n)
			continue;
		if (text[0] == '{')
			text = arena_strndup(c->arena, text + 1, len - 2);
		if (machine_ref(c, m, text, false, NULL) != n)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct machine *m;
	struct cellc c;
	struct buf out;
	void *blob;

	cellc_init(&c);
	buf_init(&out, c.arena);
	blob = arena_alloc(c.arena, len + 1); /* aligned as libfdt asks */
	if (len)
		memcpy(blob, data, len);
	m = host_from_blob(&c, "fuzz.dtb", blob, len, NULL);
	if (!m && !c.errors)
		abort();
	if (m) {
		machine_dump(&c, m, &out);
		check_references(&c, m);
	}
	diag_print(&c, &out, DIAG_TEXT, false);
	cellc_free(&c);
	return 0;
}
