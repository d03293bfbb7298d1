// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a pass made, as text, for those who work on the compiler (--dump-after). Not an interface.
 */
#include "passes.h"

void dump_ast(struct run *r, struct buf *out)
{
	if (r->ast)
		ast_dump(r->c, r->ast, out);
}

void dump_machine(struct run *r, struct buf *out)
{
	if (r->machine)
		machine_dump(r->c, r->machine, out);
}

void dump_model(struct run *r, struct buf *out)
{
	if (r->model)
		model_dump(r->c, r->model, out);
}

static void dump_image(struct run *r, const struct image *image, struct buf *out)
{
	buf_printf(out, "%s: %zu bytes\n", image->file, image->bytes.len);
	for (size_t i = 0; i < image->notes.n; i++) {
		const struct image_note *n = &image->notes.v[i];

		buf_printf(out, "%6x", n->offset);
		for (u32 b = 0; b < n->size && n->offset + b < image->bytes.len; b++)
			buf_printf(out, " %02x", (u8)image->bytes.data[n->offset + b]);
		buf_printf(out, "  %s  # %s\n", n->record, origin_text(r->c, n->from));
	}
}

void dump_images(struct run *r, struct buf *out)
{
	for (size_t i = 0; r->model && i < r->model->images.n; i++)
		dump_image(r, r->model->images.v[i], out);
}

void dump_outputs(struct run *r, struct buf *out)
{
	for (size_t i = 0; i < r->outs.v.n; i++)
		buf_printf(out, "%s: %zu bytes\n", r->outs.v.v[i]->name, r->outs.v.v[i]->data.len);
}
