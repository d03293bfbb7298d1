// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The example's bare-metal cell: a timer interrupt 100 times a second, and whoever asks over the
 * link is told how late it was.
 *
 * A text stands in a peer's output section as cellvisor-link(8) has it: at 2048 how many there were,
 * the length of the last one, its bytes.
 */
#include "shmem.h"

#define HZ	 100
#define PEERS	 16
#define TEXT_AT	 2048
#define TEXT_MAX 2000
#define READY	 1

struct text {
	u32 count, len;
	char bytes[TEXT_MAX];
};

static struct shmem link;
static u32 heard[PEERS];
static volatile u64 ticks, late_sum, late_most;
static volatile bool rung;
static u64 period, next;

static volatile struct text *text_of(u32 peer)
{
	return (volatile struct text *)(shmem_output(&link, peer) + TEXT_AT);
}

static void on_timer(void)
{
	u64 late = timer_ticks() - next;

	ticks++;
	late_sum += late;
	late_most = late > late_most ? late : late_most;
	do
		next += period;
	while ((s64)(next - timer_ticks()) <= 0);
	timer_at(next);
}

static void on_irq(u32 intid)
{
	if (intid == TIMER_INTID)
		on_timer();
	else
		rung = true;
}

static void answer(u32 peer)
{
	volatile struct text *own = text_of(link.id);

	own->len = (u32)print_to((char *)own->bytes, TEXT_MAX,
				 "%lu timer interrupts, late by %lu ns on average, %lu ns at most", ticks,
				 timer_ns(late_sum / (ticks ? ticks : 1)), timer_ns(late_most));
	__atomic_thread_fence(__ATOMIC_RELEASE);
	own->count++;
	shmem_ring(&link, peer, 0);
}

static void listen(void)
{
	for (u32 peer = 0; peer < link.peers && peer < PEERS; peer++) {
		volatile struct text *t = text_of(peer);
		u32 count = t->count, len;

		if (peer == link.id || count == heard[peer])
			continue;
		heard[peer] = count;
		len = t->len;
		printk("rt: peer %u asks: ", peer);
		for (u32 i = 0; i < len && i < TEXT_MAX; i++)
			printk("%c", t->bytes[i]);
		printk("\n");
		answer(peer);
	}
}

static void open_link(void)
{
	if (shmem_open(&link, shmem_find(0))) {
		printk("rt: no link\n");
		inmate_stop();
	}
	for (u32 peer = 0; peer < link.peers && peer < PEERS; peer++)
		heard[peer] = text_of(peer)->count;
	gic_enable(link.intid);
	shmem_interrupts(&link, true);
	shmem_set_state(&link, READY);
}

static void report(void)
{
	static u64 at = HZ;

	if (ticks < at)
		return;
	at += 5 * HZ;
	printk("rt: %lu timer interrupts, late by %lu ns on average, %lu ns at most\n", ticks,
	       timer_ns(late_sum / ticks), timer_ns(late_most));
}

void inmate_main(void)
{
	gic_init(on_irq);
	period = timer_hz() / HZ;
	next = timer_ticks() + period;
	timer_at(next);
	gic_enable(TIMER_INTID);
	open_link();
	printk("rt: running, peer %u of %u\n", link.id, link.peers);
	while (!comm_poll()) {
		cpu_idle();
		if (rung) {
			rung = false;
			listen();
		}
		report();
	}
	printk("rt: done\n");
}
