// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The worst neighbour on a virtual Ethernet, for tests: brings the link up as it should, then breaks
 * every rule. It goes on for ever; whatever it does, the other peer may lose the link and nothing else.
 *
 * Command line: mode=
 *   bytes    random bytes over the whole output section, again and again
 *   counts   plausible counts over random descriptors
 *   states   random states, one after the other
 *   doorbell doorbells without end: to all vectors, to peers that are not there, to itself
 *   silent   a carrier, and no frame is ever taken
 *   all      each of the first four for a moment, in turns
 * link=BDF (0): the first link at or behind it.
 */
#include "net.h"

#define TURN_STEPS 200

static struct net net;
static u32 seed = 1;
static u64 steps;

static u32 any(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8 ^ seed << 12;
}

static volatile u32 *own(void)
{
	return (volatile u32 *)shmem_output(&net.link, net.link.id);
}

static void ring(void)
{
	shmem_ring(&net.link, net.other, any() % 2);
}

static void bytes(void)
{
	u64 words = net.link.output_size / 4;

	for (u64 i = any() % 64; i < words; i++)
		own()[i] = any();
	ring();
}

/* Counts that the other peer accepts, so that it looks at what they announce. */
static void counts(void)
{
	u8 *section = shmem_output(&net.link, net.link.id);
	struct cv_net_avail *avail = (struct cv_net_avail *)(section + net.layout.avail);
	struct cv_net_used *used = (struct cv_net_used *)(section + net.layout.used);

	for (u32 i = 0; i < net.layout.num; i++)
		((struct cv_net_desc *)section)[i] = (struct cv_net_desc){
			.addr = any() % (net.link.output_size + 1000), .len = any() % 2000,
			.flags = any() % 16 ? 0 : (u16)any(),
		};
	for (u32 i = 0; i < 64; i++) {
		u16 step = (u16)(any() % net.layout.num);

		cv_store(avail->ring[any() % net.layout.num], (u16)any());
		cv_store(avail->idx, (u16)(avail->idx + step));
		cv_store(used->idx, (u16)(any() % 4 ? used->idx + any() % 4 : any()));
		ring();
	}
}

static void states(void)
{
	for (u32 i = 0; i < 64; i++)
		shmem_set_state(&net.link, any() % 8 ? any() % 5 : any());
}

static void doorbell(void)
{
	for (u32 i = 0; i < 256; i++)
		shmem_ring(&net.link, any() % 4 ? any() % 4 : any() & 0xffff,
			   any() % 4 ? any() % 4 : any() & 0xffff);
}

static void all(void)
{
	static void (*const turns[])(void) = {bytes, counts, states, doorbell};

	turns[steps / TURN_STEPS % 4]();
}

static void silent(void)
{
	cpu_idle();
}

static void (*mode(void))(void)
{
	static const struct {
		const char *name;
		void (*step)(void);
	} modes[] = {{"bytes", bytes},	     {"counts", counts}, {"states", states},
		     {"doorbell", doorbell}, {"silent", silent}};

	for (u32 i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (cmdline_is("mode", modes[i].name))
			return modes[i].step;
	return all;
}

static void on_irq(u32 intid)
{
	if (intid == TIMER_INTID)
		timer_at(timer_ticks() + timer_hz() / 100);
}

void inmate_main(void)
{
	void (*step)(void) = mode();
	bool was = false;

	gic_init(on_irq);
	if (net_open(&net, shmem_find((u32)cmdline_int("link", 0)))) {
		printk("no virtual Ethernet\n");
		return;
	}
	gic_enable(TIMER_INTID);
	timer_at(timer_ticks());
	printk("attack as peer %u\n", net.link.id);
	while (!comm_poll()) {
		bool up = net_follow(&net);

		if (up && !was)
			printk("link up\n");
		was = up;
		if (up || step == states || step == doorbell) {
			step();
			steps++;
		} else {
			cpu_relax();
		}
	}
	printk("%lu steps\n", steps);
}
