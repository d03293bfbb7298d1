// SPDX-License-Identifier: GPL-2.0-only
/*
 * The UARTs of a machine: which one root prints on, which one it can do without.
 *
 * In: a machine. Out: nodes that the compiler can drive as a console (resolve/console.c).
 */
#include "import.h"

#include "../resolve/resolve.h"

const struct node *import_console(const struct machine *m)
{
	const struct node *n = m->stdout_node;

	return n && n->enabled && console_known(m, n) ? n : NULL;
}

/* Whether an enabled device has registers in the same pages: then the UART is trapped and slow. */
static bool shares_page(const struct machine *m, const struct node *uart)
{
	u64 start = align_down(uart->regs.v[0].addr, PAGE_SIZE);
	u64 size = align_up(uart->regs.v[0].addr + uart->regs.v[0].size, PAGE_SIZE) - start;
	const struct reg *r;

	for (size_t i = 1; i < m->nodes.n; i++)
		if (m->nodes.v[i] != uart && m->nodes.v[i]->enabled)
			vec_each(r, &m->nodes.v[i]->regs)
				if (overlaps(start, size, r->addr, r->size))
					return true;
	return false;
}

/* Whether an interrupt of the UART is used by another enabled node too. */
static bool shares_irq(const struct machine *m, const struct node *uart)
{
	const struct irq *mine, *theirs;

	for (size_t i = 1; i < m->nodes.n; i++) {
		if (m->nodes.v[i] == uart || !m->nodes.v[i]->enabled)
			continue;
		vec_each(mine, &uart->irqs)
			vec_each(theirs, &m->nodes.v[i]->irqs)
				if (mine->intid == theirs->intid)
					return true;
	}
	return false;
}

/* 0: not to be taken; the more the better. */
static unsigned fitness(const struct machine *m, const struct node *n, const struct node *console,
			bool first_is_roots)
{
	if (n == console || n == m->stdout_node || n->child || !console_known(m, n) ||
	    (n->parent && !n->parent->enabled) || !n->irqs.n || shares_irq(m, n))
		return 0;
	if (n->enabled && first_is_roots)
		return 0;
	return 1 + 2u * n->enabled + 4u * !shares_page(m, n);
}

const struct node *import_free_uart(const struct machine *m, const struct node *console)
{
	bool first_is_roots = !m->stdout_node; /* nobody says which one root prints on */
	const struct node *best = NULL;
	unsigned best_fit = 0;

	for (size_t i = 1; i < m->nodes.n; i++) {
		const struct node *n = m->nodes.v[i];
		unsigned fit = fitness(m, n, console, first_is_roots);

		if (n->enabled && console_known(m, n))
			first_is_roots = false;
		if (fit > best_fit) {
			best_fit = fit;
			best = n;
		}
	}
	return best;
}
