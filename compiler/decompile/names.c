// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host's tree calls the things at an address or behind an interrupt: comments, which never
 * change what is compiled, and the UARTs of consoles, which decompile.c proves not to.
 */
#include "decompile.h"

#define NAMES_MAX 4

/* Node names come from a file and may hold anything. */
static void print_name(struct printer *p, const char *name)
{
	for (; *name; name++)
		buf_char(p->out, *name >= ' ' && *name <= '~' ? *name : '?');
}

static void print_names(struct printer *p, const char **names, size_t n)
{
	for (size_t i = 0; i < MIN(n, (size_t)NAMES_MAX); i++) {
		buf_str(p->out, i ? ", " : "");
		print_name(p, names[i]);
	}
	if (n > NAMES_MAX)
		buf_printf(p->out, " and %zu more", n - NAMES_MAX);
}

static bool node_at(const struct node *n, u64 addr, u64 size)
{
	if (!n->mapped)
		return false;
	for (size_t i = 0; i < n->regs.n; i++)
		if (contains(addr, size, n->regs.v[i].addr, n->regs.v[i].size) ||
		    contains(n->regs.v[i].addr, n->regs.v[i].size, addr, size))
			return true;
	return false;
}

void decompile_comment(struct printer *p, u64 addr, u64 size)
{
	const char *names[NAMES_MAX];
	size_t n = 0;

	for (size_t i = 0; p->host && size && i < p->host->nodes.n; i++) {
		const struct node *node = p->host->nodes.v[i];

		if (!node_at(node, addr, size))
			continue;
		if (n < NAMES_MAX)
			names[n] = node->name;
		n++;
	}
	if (n)
		buf_str(p->out, " // ");
	print_names(p, names, n);
	buf_char(p->out, '\n');
}

static const char *irq_owner(const struct machine *host, u32 intid)
{
	for (size_t i = 0; host && i < host->nodes.n; i++)
		for (size_t k = 0; k < host->nodes.v[i]->irqs.n; k++)
			if (host->nodes.v[i]->irqs.v[k].type == IRQ_SPI &&
			    host->nodes.v[i]->irqs.v[k].intid == intid)
				return host->nodes.v[i]->name;
	return NULL;
}

static bool has_pin(const struct irqchip *chip, u32 pin)
{
	return pin < 128 && chip->bitmap[pin / 32] >> pin % 32 & 1;
}

/* SPIs (on x86 pins) of the bitmap, runs as "a..b"; few enough of them with their devices. */
void decompile_irq_comment(struct printer *p, const struct irqchip *chip)
{
	bool arm = p->m->arch != CV_ARCH_X86 && chip->pin_base >= 32;
	u32 shift = arm ? 32 : 0, set = 0;
	const char *sep = arm ? " // SPI " : " // pin ";

	for (u32 pin = 0; pin < 128; pin++)
		set += has_pin(chip, pin);
	for (u32 pin = 0; pin < 128; pin++) {
		u32 first = pin;
		const char *name;

		if (!has_pin(chip, pin))
			continue;
		while (set > 8 && has_pin(chip, pin + 1))
			pin++;
		buf_printf(p->out, "%s%u", sep, chip->pin_base + first - shift);
		if (pin > first)
			buf_printf(p->out, "..%u", chip->pin_base + pin - shift);
		name = set <= 8 ? irq_owner(p->host, chip->pin_base + first) : NULL;
		if (name) {
			buf_char(p->out, ' ');
			print_name(p, name);
		}
		sep = ", ";
	}
	buf_char(p->out, '\n');
}

static void name_console(struct console *con, const struct machine *host)
{
	const struct cv_console *rec = &con->rec;

	con->node = NULL;
	if (!rec->type || !rec->address || !(rec->flags & CV_CONSOLE_MMIO))
		return;
	for (size_t i = 0; i < host->nodes.n && !con->node; i++) {
		struct node *n = host->nodes.v[i];

		if (n->mapped && n->regs.n && n->regs.v[0].addr == rec->address)
			con->node = n;
	}
}

void decompile_name_consoles(struct model *m, const struct machine *host)
{
	name_console(&m->platform.console, host);
	for (size_t i = 0; i < m->cells.n; i++)
		name_console(&m->cells.v[i]->console, host);
}
