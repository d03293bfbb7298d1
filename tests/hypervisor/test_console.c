// SPDX-License-Identifier: GPL-2.0-only
/* A cell's own console: what it prints by hypercall or through its UART, what root sends it. */
#include "fake_arch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define UART 0xffff0000ull
#define IRQ  72u /* SPI 40 */
#define IO   (FAKE_BUFFER + 0x1000)

static struct cv_console_io *io;

static int boot(void **state)
{
	(void)state;
	fake_boot();
	fake_pended = 0;
	io = window_map(IO, false);
	return 0;
}

static struct good_cell uart_cell(void)
{
	struct good_cell g;

	fake_good(&g);
	g.d.console = (struct cv_console){.address = UART,
					  .size = 0x1000,
					  .type = CV_CONSOLE_PL011,
					  .flags = CV_CONSOLE_MMIO | CV_CONSOLE_REGDIST_4 |
						   CV_CONSOLE_EMULATED,
					  .gate_nr = IRQ};
	return g;
}

static void make(struct good_cell *g)
{
	g->d.flags |= CV_CELL_PASSIVE_COMM;
	assert_int_equal(fake_create(g, sizeof(*g)), 0);
	assert_int_equal(hypercall(CV_HC_CELL_START, 1, 0), 0);
}

static u64 get(u64 reg)
{
	struct access a = {.addr = UART + reg, .size = 4};

	fake_current = 3;
	assert_true(mmio_access(&a));
	fake_current = 0;
	return a.value;
}

static void set(u64 reg, u64 v)
{
	struct access a = {.addr = UART + reg, .size = 4, .write = true, .value = v};

	fake_current = 3;
	assert_true(mmio_access(&a));
	fake_current = 0;
}

static s64 call(u64 code, u32 position, u32 size, const char *text)
{
	*io = (struct cv_console_io){.position = position, .size = size};
	if (text)
		memcpy(io->data, text, size);
	return hypercall(code, 1, IO);
}

static void send(const char *text, s64 taken)
{
	assert_int_equal(call(CV_HC_CONSOLE_WRITE, 0, (u32)strlen(text), text), taken);
}

static void told(u32 position, const char *text)
{
	assert_int_equal(call(CV_HC_CONSOLE_READ, position, 100, NULL), strlen(text));
	assert_memory_equal(io->data, text, strlen(text));
}

static void prints_through_the_uart(void **state)
{
	struct good_cell g = uart_cell();

	(void)state;
	make(&g);
	assert_int_equal(get(0x18), 0x90); /* nothing to receive, all sent */
	for (const char *s = "hello"; *s; s++)
		set(0, (u8)*s);
	told(0, "hello");
	assert_int_equal(io->head, 5);
	told(3, "lo");
	told(5, "");
	told(77, "hello"); /* from a time before: all there is */
	assert_int_equal(io->position, 0);
	assert_int_equal(get(0xfe0), 0x11);
	assert_int_equal(get(0xffc), 0xb1);
	assert_int_equal(fake_pended, 0);
}

static void old_text_goes(void **state)
{
	struct good_cell g = uart_cell();

	(void)state;
	make(&g);
	for (u32 i = 0; i < 0x8000 + 3; i++)
		set(0, 'a' + i % 26);
	assert_int_equal(call(CV_HC_CONSOLE_READ, 0, 2, NULL), 2);
	assert_int_equal(io->position, 3);
	assert_memory_equal(io->data, "de", 2);
	/* over the end of the ring */
	assert_int_equal(call(CV_HC_CONSOLE_READ, 0x7fff, 4000, NULL), 4);
	for (u32 i = 0; i < 4; i++)
		assert_int_equal(io->data[i], 'a' + (0x7fff + i) % 26);
}

static void takes_input_with_interrupts(void **state)
{
	struct good_cell g = uart_cell();

	(void)state;
	make(&g);
	send("x", 1);
	assert_int_equal(fake_pended, 0); /* masked */
	assert_int_equal(get(0x3c) & 0x50, 0x50);
	set(0x38, 0x50);
	assert_int_equal(fake_pended, IRQ);
	fake_pended = 0;
	send("yz", 2); /* the line is up already */
	assert_int_equal(fake_pended, 0);
	assert_int_equal(get(0), 'x');
	set(0x44, 0x50); /* cleared, and there is more */
	assert_int_equal(fake_pended, IRQ);
	assert_int_equal(get(0), 'y');
	assert_int_equal(get(0), 'z');
	assert_int_equal(get(0x40), 0);
	assert_int_equal(get(0x18) & 0x10, 0x10);
	fake_pended = 0;
	send("!", 1);
	assert_int_equal(fake_pended, IRQ);
	fake_pended = 0;
	set(0x38, 0x20); /* an empty transmitter: at once, and after each character */
	assert_int_equal(fake_pended, IRQ);
	fake_pended = 0;
	assert_int_equal(get(0x38), 0x20);
	assert_int_equal(fake_pended, 0);
	set(0, 'a');
	assert_int_equal(fake_pended, IRQ);
}

static void input_has_an_end(void **state)
{
	struct good_cell g = uart_cell();
	char text[1001];

	(void)state;
	make(&g);
	memset(text, 'q', 1000);
	text[1000] = 0;
	send(text, 1000);
	assert_int_equal(io->room, 24);
	send(text, 24);
	send("r", 0);
	assert_int_equal(get(0x18) & 0x40, 0x40);
	for (u32 i = 0; i < 1024; i++)
		assert_int_equal(get(0), 'q');
	send(text, 1000); /* over the end of the ring */
	for (u32 i = 0; i < 1000; i++)
		assert_int_equal(get(0), 'q');
	send("left over", 9);
	assert_int_equal(hypercall(CV_HC_CELL_START, 1, 0), 0);
	assert_int_equal(get(0x18) & 0x10, 0x10); /* a new start is not told old things */
}

static void prints_by_hypercall(void **state)
{
	struct good_cell g;

	(void)state;
	fake_good(&g);
	g.d.flags = CV_CELL_CONSOLE_PERMITTED;
	make(&g);
	fake_current = 3;
	assert_int_equal(hypercall(CV_HC_CONSOLE_PUTC, 'A', 0), 0);
	fake_current = 0;
	told(0, "A");
	assert_int_equal(io->room, 0);
	assert_int_equal(call(CV_HC_CONSOLE_WRITE, 0, 1, "x"), -CV_EINVAL);
}

static void refusals(void **state)
{
	struct good_cell g = uart_cell();
	struct access odd = {.addr = UART + 2, .size = 2}, wide = {.addr = UART, .size = 8};

	(void)state;
	assert_int_equal(call(CV_HC_CONSOLE_READ, 0, 1, NULL), -CV_ENOENT);
	make(&g);
	assert_int_equal(call(CV_HC_CONSOLE_READ, 0, 4081, NULL), -CV_EINVAL);
	assert_int_equal(call(CV_HC_CONSOLE_READ, 0, 4080, NULL), 0);
	assert_int_equal(hypercall(CV_HC_CONSOLE_READ, 1, IO + 8), -CV_EINVAL);
	assert_int_equal(hypercall(CV_HC_CONSOLE_READ, 1, FAKE_HV), -CV_EINVAL);
	assert_int_equal(hypercall(CV_HC_CONSOLE_READ, 1, FAKE_CELL_RAM), -CV_EINVAL);
	assert_int_equal(hypercall(CV_HC_CONSOLE_WRITE, 1, FAKE_DEVICES), -CV_EINVAL);
	assert_int_equal(hypercall(CV_HC_CONSOLE_READ, 0, IO), -CV_EINVAL);
	assert_int_equal(hypercall(CV_HC_CONSOLE_READ, 1ull << 32 | 1, IO), -CV_ENOENT);
	fake_current = 3;
	assert_false(mmio_access(&odd));
	assert_false(mmio_access(&wide));
	assert_int_equal(hypercall(CV_HC_CONSOLE_READ, 1, IO), -CV_EPERM);
	assert_int_equal(hypercall(CV_HC_CONSOLE_WRITE, 1, IO), -CV_EPERM);
}

static void wrong_records(void **state)
{
	struct good_cell g;
	u32 used = pool_used();

	(void)state;
#define TRY(change)                                                    \
	do {                                                           \
		g = uart_cell();                                       \
		change;                                                \
		assert_int_equal(fake_create(&g, sizeof(g)), -CV_EINVAL); \
		assert_int_equal(pool_used(), used);                   \
	} while (0)
	TRY(g.d.console.type = CV_CONSOLE_8250);
	TRY(g.d.console.size = 0x2000);
	TRY(g.d.console.address += 4);
	TRY(g.d.console.address = 1ull << 48);
	TRY(g.d.console.address = 0xff000); /* its RAM */
	TRY(g.d.console.address = 0x80000000);
	TRY(g.d.console.gate_nr = IRQ + 1);
	TRY(g.d.console.gate_nr = 0);
	g = uart_cell();
	assert_int_equal(fake_create(&g, sizeof(g)), 0);
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 1, 0), 0);
	assert_int_equal(pool_used(), used);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(prints_through_the_uart, boot),
		cmocka_unit_test_setup(old_text_goes, boot),
		cmocka_unit_test_setup(takes_input_with_interrupts, boot),
		cmocka_unit_test_setup(input_has_an_end, boot),
		cmocka_unit_test_setup(prints_by_hypercall, boot),
		cmocka_unit_test_setup(refusals, boot),
		cmocka_unit_test_setup(wrong_records, boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
