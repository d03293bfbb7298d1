// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Talks on all links of the cell. A peer says a number to another one by writing it to word n of
 * its output section, n being the other's id, and ringing; the answer is the next number, said the
 * same way, up to the limit. Between cells that both run this, the one with the lower id begins as
 * soon as the other is there.
 *
 * Asked 65536 + BDF it answers the highest number that it heard on that link. Told 57005 it reads
 * where nothing is, told 48879 it stops: its peers shall notice.
 *
 * Command line: limit=N (1000), one-shot (interrupts are enabled again after each one), quiet=BDF
 * (a link on which nothing is said unasked).
 */
#include "shmem.h"

#define LINKS	8
#define PEERS	16
#define READY	1
#define ASK	0x10000
#define NOWHERE 0x4000000000ull

static struct link {
	struct shmem s;
	u32 states[PEERS], heard[PEERS], highest;
} links[LINKS];
static u32 num_links, limit;
static volatile u32 rung;
static bool one_shot;

static volatile u32 *word(const struct link *l, u32 from, u32 to)
{
	return (volatile u32 *)shmem_output(&l->s, from) + to;
}

static void say(const struct link *l, u32 peer, u32 number)
{
	*word(l, l->s.id, peer) = number;
	shmem_ring(&l->s, peer, number % l->s.vectors);
}

static void see_state(struct link *l, u32 peer)
{
	u32 state = l->s.states[peer];

	if (state == l->states[peer])
		return;
	printk("link %u: peer %u has state %u\n", l->s.bdf, peer, state);
	l->states[peer] = state;
	l->heard[peer] = 0;
	if (l->s.output_size)
		*word(l, l->s.id, peer) = 0;
	else
		return;
	if (state == READY && l->s.id < peer && l->s.bdf != cmdline_int("quiet", PCI_NONE))
		say(l, peer, 1);
}

static u32 highest_of(u32 bdf)
{
	for (u32 i = 0; i < num_links; i++)
		if (links[i].s.bdf == bdf)
			return links[i].highest;
	return 0;
}

static void hear(struct link *l, u32 peer)
{
	u32 number = *word(l, peer, l->s.id);

	if (number == l->heard[peer] || l->states[peer] != READY)
		return;
	l->heard[peer] = number;
	if (number >= ASK && number - ASK < 256) {
		say(l, peer, highest_of(number - ASK));
		return;
	}
	if (number == 0xdead)
		mmio_read32(NOWHERE);
	if (number == 0xbeef)
		inmate_stop();
	l->highest = number > l->highest ? number : l->highest;
	if (number >= limit)
		printk("link %u: peer %u says %u\n", l->s.bdf, peer, number);
	if (number <= limit)
		say(l, peer, number + 1);
}

static void look(struct link *l)
{
	if (one_shot) /* first: what comes from now on is not lost */
		shmem_interrupts(&l->s, true);
	for (u32 peer = 0; peer < l->s.peers && peer < PEERS; peer++) {
		if (peer == l->s.id)
			continue;
		see_state(l, peer);
		if (l->s.output_size)
			hear(l, peer);
	}
}

/* The timer wakes the main loop, so that root's requests are answered. */
static void on_irq(u32 intid)
{
	if (intid == TIMER_INTID)
		timer_at(timer_ticks() + timer_hz() / 100);
	else
		rung++;
}

static void open_links(void)
{
	u32 bdf = shmem_find(0);

	for (; num_links < LINKS && bdf != PCI_NONE; bdf = shmem_find(bdf + 1)) {
		struct shmem *s = &links[num_links].s;

		if (shmem_open(s, bdf))
			continue;
		printk("link %u: id %u of %u, protocol 0x%x, memory at 0x%lx\n", bdf, s->id,
		       s->peers, s->protocol, (u64)s->states);
		num_links++;
		for (u32 i = 0; s->output_size && i < PEERS; i++)
			*word(&links[num_links - 1], s->id, i) = 0;
		shmem_one_shot(s, one_shot);
		gic_enable(s->intid);
		shmem_interrupts(s, true);
		shmem_set_state(s, READY);
	}
}

void inmate_main(void)
{
	u32 seen = 0;

	limit = (u32)cmdline_int("limit", 1000);
	one_shot = cmdline_bool("one-shot");
	gic_init(on_irq);
	gic_enable(TIMER_INTID);
	timer_at(timer_ticks());
	open_links();
	for (u32 i = 0; i < num_links; i++)
		look(&links[i]);
	while (!comm_poll()) {
		__asm__ volatile("msr daifset, #2" ::: "memory");
		if (seen == rung)
			cpu_idle(); /* wakes for a masked interrupt as well */
		__asm__ volatile("msr daifclr, #2; isb" ::: "memory");
		if (seen == rung)
			continue;
		seen = rung;
		for (u32 i = 0; i < num_links; i++)
			look(&links[i]);
	}
	printk("%u interrupts\n", rung);
}
