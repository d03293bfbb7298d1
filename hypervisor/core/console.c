// SPDX-License-Identifier: GPL-2.0-only
/*
 * A cell's own console: what it printed, for root to read, and what root sent it. A cell prints by
 * hypercall, or through a UART that is made up here if its descriptor's console record says so
 * (docs/abi.md, extensions): the registers of a PL011 (DDI 0183G, 3.3) that an Arm Generic UART
 * has (DEN 0029, appendix B), the others as memory. Nothing is ever sent by a wire, so that it is
 * always ready to transmit.
 *
 * console.lock guards all of it and is innermost but for the GIC's. The text is a ring: what nobody
 * read in time is gone. What does not fit the input is refused.
 */
#include "arch.h"

#define UARTDR	 0x00
#define UARTFR	 0x18
#define UARTIBRD 0x24
#define UARTIFLS 0x34
#define UARTIMSC 0x38
#define UARTRIS	 0x3c
#define UARTMIS	 0x40
#define UARTICR	 0x44
#define UARTPID	 0xfe0

#define FR_RXFE BIT(4)
#define FR_RXFF BIT(6)
#define FR_TXFE BIT(7)
#define INT_RX	BIT(4)
#define INT_TX	BIT(5)
#define INT_RT	BIT(6)
#define INT_ALL 0x7ffu

#define INPUT_SIZE 1024u
#define PLAIN_SIZE 2048u   /* text of a cell that prints by hypercall, in the console's own page */
#define UART_SIZE  0x8000u /* text of a Linux that boots */

struct console {
	struct spinlock lock;
	u32 head;		 /* characters printed so far, modulo 2^32 */
	u32 input_in, input_out; /* characters sent and taken so far */
	u32 mask;		 /* UARTIMSC */
	u32 told;		 /* interrupts for which the line was made pending */
	u32 settings[5];	 /* UARTIBRD to UARTIFLS: kept, without a meaning */
	u32 size;		 /* of text, a power of two */
	char *text;
	char input[INPUT_SIZE];
	char plain[PLAIN_SIZE];
};
_Static_assert(sizeof(struct console) <= PAGE_SIZE, "one page");

static bool has_uart(const struct cell *cell)
{
	return cell->desc->console.flags & CV_CONSOLE_EMULATED;
}

static u32 pages_of(const struct cell *cell)
{
	return 1 + (has_uart(cell) ? UART_SIZE / PAGE_SIZE : 0);
}

static void put(struct console *c, char ch)
{
	c->text[c->head++ % c->size] = ch;
}

void cell_console_putc(struct cell *cell, char ch)
{
	struct console *c = cell->console;

	if (!c)
		return;
	spin_lock(&c->lock);
	put(c, ch);
	spin_unlock(&c->lock);
}

/* --- the UART --- */

static u32 waiting(const struct console *c)
{
	return c->input_in - c->input_out;
}

/* The levels: a transmitter that is always empty, a receiver that has something. */
static u32 raw_interrupts(const struct console *c)
{
	return INT_TX | (waiting(c) ? INT_RX | INT_RT : 0);
}

/* The line is edge triggered: it pulses for each interrupt that is new since it did so. */
static void update_line(const struct cell *cell, struct console *c)
{
	u32 now = raw_interrupts(c) & c->mask;
	bool pulse = now & ~c->told;

	c->told = now;
	if (pulse)
		arch_irq_pend(cell->desc->console.gate_nr);
}

static u32 take_input(struct console *c)
{
	return waiting(c) ? (u8)c->input[c->input_out++ % INPUT_SIZE] : 0;
}

static u32 flags(const struct console *c)
{
	return FR_TXFE | (waiting(c) ? 0 : FR_RXFE) | (waiting(c) == INPUT_SIZE ? FR_RXFF : 0);
}

/* UARTPeriphID0 to 3 and UARTPCellID0 to 3 (DDI 0183G 3.3.19): a PL011, revision r1p5. */
static u32 identity(u64 reg)
{
	static const u8 ids[] = {0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

	return ids[(reg - UARTPID) / 4];
}

static u32 read_register(struct console *c, u64 reg)
{
	if (reg >= UARTPID)
		return identity(reg);
	switch (reg) {
	case UARTDR:
		return take_input(c);
	case UARTFR:
		return flags(c);
	case UARTIMSC:
		return c->mask;
	case UARTRIS:
		return raw_interrupts(c);
	case UARTMIS:
		return raw_interrupts(c) & c->mask;
	}
	return reg >= UARTIBRD && reg <= UARTIFLS ? c->settings[(reg - UARTIBRD) / 4] : 0;
}

/* What is cleared comes again if its cause is still there, and an empty transmitter is news after
 * each character: who waits for an edge must not wait for ever. */
static void write_register(struct console *c, u64 reg, u32 value)
{
	if (reg == UARTDR) {
		put(c, (char)value);
		c->told &= ~INT_TX;
	} else if (reg == UARTIMSC) {
		c->mask = value & INT_ALL;
	} else if (reg == UARTICR) {
		c->told &= ~value;
	} else if (reg >= UARTIBRD && reg <= UARTIFLS) {
		c->settings[(reg - UARTIBRD) / 4] = value & 0xffff;
	}
}

static bool uart_access(void *device, u64 offset, struct access *a)
{
	const struct cell *cell = device;
	struct console *c = cell->console;

	if (offset & 3 || a->size > 4)
		return false;
	spin_lock(&c->lock);
	if (a->write)
		write_register(c, offset, (u32)a->value);
	else
		a->value = read_register(c, offset) & (BIT(a->size * 8) - 1);
	update_line(cell, c);
	spin_unlock(&c->lock);
	return true;
}

/* --- its life --- */

int cell_console_init(struct cell *cell)
{
	struct console *c;
	u64 phys;

	if (!has_uart(cell) && !(cell->desc->flags & CV_CELL_CONSOLE_PERMITTED))
		return 0;
	phys = pages_alloc(pages_of(cell));
	if (!phys)
		return -CV_ENOMEM;
	c = cell->console = phys_to_hv(phys);
	c->text = has_uart(cell) ? (char *)c + PAGE_SIZE : c->plain;
	c->size = has_uart(cell) ? UART_SIZE : PLAIN_SIZE;
	if (has_uart(cell))
		mmio_add(cell, cell->desc->console.address, PAGE_SIZE, uart_access, cell);
	return 0;
}

void cell_console_exit(struct cell *cell)
{
	if (cell->console)
		pages_free(hv_to_phys(cell->console), pages_of(cell));
}

void cell_console_reset(struct cell *cell)
{
	struct console *c = cell->console;

	if (!c)
		return;
	spin_lock(&c->lock);
	c->mask = c->told = 0;
	c->input_out = c->input_in;
	memset(c->settings, 0, sizeof(c->settings));
	spin_unlock(&c->lock);
}

/* --- root's end --- */

/* One stretch of a ring: from position `at` on, n characters. */
static int copy_ring(char *ring, u32 size, u32 at, u32 n, u64 phys, bool to_guest)
{
	u32 first = MIN(n, size - at % size);
	int err = copy_guest_phys(ring + at % size, phys, first, to_guest);

	return err ?: copy_guest_phys(ring, phys + first, n - first, to_guest);
}

/* From io->position on, or from the oldest character that is left. */
static s64 console_read(struct console *c, struct cv_console_io *io, u64 data)
{
	u32 oldest = c->head - MIN(c->head, c->size), n;
	int err;

	if (c->head - io->position > c->head - oldest)
		io->position = oldest;
	n = MIN(io->size, c->head - io->position);
	err = copy_ring(c->text, c->size, io->position, n, data, true);
	return err ?: (s64)n;
}

/* As much as there is room for. */
static s64 console_write(struct cell *cell, const struct cv_console_io *io, u64 data)
{
	struct console *c = cell->console;
	u32 n = MIN(io->size, INPUT_SIZE - waiting(c));
	int err = copy_ring(c->input, INPUT_SIZE, c->input_in, n, data, false);

	if (err)
		return err;
	c->input_in += n;
	update_line(cell, c);
	return n;
}

static s64 console_transfer(u64 code, struct cell *cell, u64 at)
{
	struct console *c = cell->console;
	struct cv_console_io io;
	s64 result = copy_guest_phys(&io, at, sizeof(io), false);

	if (result)
		return result;
	if (io.size > CV_CONSOLE_IO_MAX || (code == CV_HC_CONSOLE_WRITE && !has_uart(cell)))
		return -CV_EINVAL;
	spin_lock(&c->lock);
	result = code == CV_HC_CONSOLE_READ ? console_read(c, &io, at + sizeof(io))
					    : console_write(cell, &io, at + sizeof(io));
	io.head = c->head;
	io.room = has_uart(cell) ? INPUT_SIZE - waiting(c) : 0;
	spin_unlock(&c->lock);
	return result < 0 ? result : (copy_guest_phys(&io, at, sizeof(io), true) ?: result);
}

s64 console_call(u64 code, u64 id, u64 io)
{
	struct cell *cell;
	s64 result = -CV_ENOENT;

	if (this_cpu()->cell != &hv.root)
		return -CV_EPERM;
	if (io & ~PAGE_MASK)
		return -CV_EINVAL;
	spin_lock(&hv.lock);
	cell = cell_by_id(id);
	if (cell)
		result = cell->console ? console_transfer(code, cell, io) : -CV_EINVAL;
	spin_unlock(&hv.lock);
	return result;
}
