// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings as text.
 */
#include "diag.h"

static const char *severity_text(const struct diag *d)
{
	return d->severity == SEV_ERROR ? "error" : "warning";
}

u32 diag_print(struct cellc *c, struct buf *out, enum diag_format format, bool color)
{
	u32 errors = 0;

	(void)format;
	(void)color;
	for (size_t i = 0; i < c->diags.n; i++) {
		const struct diag *d = c->diags.v[i];

		if (d->off || d->allowed)
			continue;
		errors += d->severity == SEV_ERROR;
		buf_printf(out, "%s: %s[%s]: %s\n", origin_text(c, d->at), severity_text(d),
			   diag_code_text(d->code), d->text);
		for (size_t n = 0; n < d->notes.n; n++)
			buf_printf(out, "%s: note: %s\n", origin_text(c, d->notes.v[n].at),
				   d->notes.v[n].text);
	}
	return errors;
}
