// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether the device trees of Linux cells are whole: builds each as the emitter will, and reports
 * what had to be left out or guessed. What a device does well without goes to the report only.
 */
#include "../emit/guest/guest.h"
#include "check.h"

void check_guest_tree(struct check *k)
{
	struct cell **cell;

	vec_each(cell, &k->m->cells) {
		struct guest *g = guest_build(k->c, k->m, *cell);

		if (g)
			guest_report(g);
	}
}
