// SPDX-License-Identifier: GPL-2.0-only
/* Cells on a fake machine: what is refused, that it leaves no trace, and what a cell is told. */
#include "fake_arch.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

struct trace {
	u64 map;
	u32 pool, cells;
	u64 cpus;
	struct irqset irqs;
};

static struct trace look(void)
{
	return (struct trace){fake_root_map(), pool_used(), hv.num_cells, fake_root_cpus(), hv.root.irqs};
}

static void assert_same(const struct trace *before)
{
	struct trace now = look();

	assert_false(fake_ram_shown);
	assert_memory_equal(before, &now, sizeof(now));
}

static int boot(void **state)
{
	(void)state;
	fake_boot();
	return 0;
}

static void frames_are_never_roots(void **state)
{
	(void)state;
	assert_true(fake_root_has(FAKE_RAM));
	assert_true(fake_root_has(FAKE_HV - 1));
	assert_false(fake_root_has(FAKE_HV));
	assert_false(fake_root_has(FAKE_HV + FAKE_HV_SIZE - 1));
	assert_true(fake_root_has(FAKE_HV + FAKE_HV_SIZE));
	assert_false(fake_root_has(FAKE_GICD));
	assert_true(fake_root_has(FAKE_GICD + 0x10000));
	assert_false(fake_root_has(FAKE_GICR + 0x20000));
}

static void a_life(void **state)
{
	struct trace before = look();
	struct good_cell g;

	(void)state;
	fake_good(&g);
	assert_int_equal(fake_create(&g, sizeof(g)), 0);
	assert_false(fake_root_has(FAKE_CELL_RAM));
	assert_false(fake_root_has(FAKE_CELL_RAM + 0xfffff));
	assert_true(fake_root_has(FAKE_CELL_RAM + 0x100000));
	assert_true(fake_root_has(FAKE_CELL_RAM - 1));
	assert_false(fake_root_has(FAKE_DEVICES + 0x1000));
	assert_int_equal(fake_root_cpus(), 7);
	assert_int_equal(hypercall(CV_HC_CELL_STATE, 1, 0), CV_CELL_STATE_SHUT_DOWN);
	assert_int_equal(hypercall(CV_HC_CELL_SET_LOADABLE, 1, 0), 0);
	assert_true(fake_root_has(FAKE_CELL_RAM));
	assert_int_equal(hypercall(CV_HC_CELL_START, 1, 0), 0);
	assert_false(fake_root_has(FAKE_CELL_RAM));
	assert_int_equal(percpu(3)->power, CPU_RUNNING);
	assert_int_equal(hypercall(CV_HC_CELL_STATE, 1, 0), CV_CELL_STATE_RUNNING);
	assert_int_equal(hypercall(CV_HC_DISABLE, 0, 0), -CV_EBUSY);
	hv.root.next->comm->cell_state = CV_CELL_STATE_SHUT_DOWN;
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 1, 0), 0);
	assert_same(&before);
	assert_int_equal(hypercall(CV_HC_CELL_STATE, 1, 0), -CV_ENOENT);
}

static void time_passes(void)
{
	fake_time++;
}

/* A CPU dies in the hypervisor: its cell keeps all that it has until that CPU is off. */
static void a_dead_cpu(void **state)
{
	struct trace before = look();
	struct good_cell g;

	(void)state;
	fake_good(&g);
	assert_int_equal(fake_create(&g, sizeof(g)), 0);
	assert_int_equal(hypercall(CV_HC_CELL_START, 1, 0), 0);
	percpu(3)->power = CPU_DEAD;
	fake_current = 3;
	cell_cpu_dies();
	fake_current = 0;
	fake_relax = time_passes;
	assert_int_equal(hypercall(CV_HC_CELL_STATE, 1, 0), CV_CELL_STATE_FAILED);
	assert_int_equal(hypercall(CV_HC_CPU_INFO, 3, CV_CPU_STATE), 2);
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 1, 0), -CV_EIO);
	assert_int_equal(hv.num_cells, 2);
	assert_false(fake_root_has(FAKE_CELL_RAM));
	fake_gone = true;
	assert_int_equal(hypercall(CV_HC_CELL_START, 1, 0), -CV_EIO);
	assert_int_equal(hypercall(CV_HC_CELL_SET_LOADABLE, 1, 0), -CV_EIO);
	assert_int_equal(hypercall(CV_HC_CELL_STATE, 1, 0), CV_CELL_STATE_FAILED);
	assert_false(fake_root_has(FAKE_CELL_RAM));
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 1, 0), 0);
	before.cpus &= ~BIT(3);
	assert_same(&before);
	assert_int_equal(hypercall(CV_HC_CPU_INFO, 3, CV_CPU_STATE), 2);
	assert_int_equal(fake_create(&g, sizeof(g)), -CV_EBUSY);
}

/* --- refusals --- */
static void wrong_signature(struct good_cell *g) { g->d.signature[0] = 'X'; }
static void wrong_arch(struct good_cell *g) { g->d.architecture = CV_ARCH_ARM; }
static void wrong_revision(struct good_cell *g) { g->d.revision = 13; }
static void endless_name(struct good_cell *g) { memset(g->d.name, 'a', sizeof(g->d.name)); }
static void empty_name(struct good_cell *g) { g->d.name[0] = 0; }
static void name_of_root(struct good_cell *g) { memcpy(g->d.name, "root", 5); }
static void name_of_root_padded(struct good_cell *g) { memcpy(g->d.name, "root\0x", 6); }
static void reserved_flag(struct good_cell *g) { g->d.flags = 0x100; }
static void many_regions(struct good_cell *g) { g->d.num_memory_regions = 0x20000000; }
static void many_irqchips(struct good_cell *g) { g->d.num_irqchips = ~0u; }
static void odd_cpu_set(struct good_cell *g) { g->d.cpu_set_size = 7; }
static void huge_cpu_set(struct good_cell *g) { g->d.cpu_set_size = 0xfffffff8; }
static void no_cpu(struct good_cell *g) { g->cpus = 0; }
static void own_cpu(struct good_cell *g) { g->cpus = 9; }
static void absent_cpu(struct good_cell *g) { g->cpus = 1ull << 40; }
static void hv_memory(struct good_cell *g) { g->mem[0].phys_start = FAKE_HV - 0x1000; }
static void gicd(struct good_cell *g) { g->mem[3].phys_start = FAKE_GICD; }
static void gicr(struct good_cell *g) { g->mem[3].phys_start = FAKE_GICR + 0x60000; }
static void iommu(struct good_cell *g) { g->mem[3].phys_start = FAKE_IOMMU + 0x1000; }
static void more_frames(struct good_cell *g) { g->mem[3].phys_start = FAKE_FRAMES + 0x20000; }
static void nobodys_ram(struct good_cell *g) { g->mem[0].phys_start = 0x90000000; }
static void half_nobodys(struct good_cell *g) { g->mem[0].phys_start = 0x7ff80000; }
static void shared_nobodys(struct good_cell *g) { g->mem[3].flags |= CV_MEM_ROOTSHARED; }
static void wrap_phys(struct good_cell *g) { g->mem[3].phys_start = 0xfffffffffffff000; }
static void wrap_virt(struct good_cell *g) { g->mem[0].virt_start = 0xfffffffffff80000; }
static void far_virt(struct good_cell *g) { g->mem[0].virt_start = 1ull << 40; }
static void huge_size(struct good_cell *g) { g->mem[0].size = ~0ull << 12; }
static void odd_phys(struct good_cell *g) { g->mem[0].phys_start += 0x10; }
static void odd_offset(struct good_cell *g) { g->mem[2].phys_start += 1; }
static void region_flag(struct good_cell *g) { g->mem[0].flags |= 1ull << 40; }
static void big_comm(struct good_cell *g) { g->mem[1].size = 0x2000; }
static void sgi(struct good_cell *g) { g->irq[0].pin_base = 0; g->irq[0].pin_bitmap[0] = 1; }
static void far_irq(struct good_cell *g) { g->irq[0].pin_base = 0xffffffe0; }
static void special_irq(struct good_cell *g) { g->irq[0].pin_base = 1020 - 40; }

static const struct refusal {
	const char *name;
	void (*spoil)(struct good_cell *g);
	int err;
} refusals[] = {
#define R(f, e) {#f, f, -CV_##e}
	R(wrong_signature, EINVAL), R(wrong_arch, EINVAL), R(wrong_revision, EINVAL),
	R(endless_name, EINVAL), R(empty_name, EINVAL), R(name_of_root, EEXIST),
	R(name_of_root_padded, EEXIST), R(reserved_flag, EINVAL), R(many_regions, E2BIG),
	R(many_irqchips, E2BIG), R(odd_cpu_set, EINVAL), R(huge_cpu_set, E2BIG), R(no_cpu, EINVAL),
	R(own_cpu, EBUSY), R(absent_cpu, EINVAL), R(hv_memory, EINVAL), R(gicd, EINVAL),
	R(gicr, EINVAL), R(iommu, EINVAL), R(more_frames, EINVAL), R(nobodys_ram, EINVAL), R(half_nobodys, EINVAL),
	R(shared_nobodys, EINVAL), R(wrap_phys, EINVAL), R(wrap_virt, EINVAL), R(far_virt, EINVAL),
	R(huge_size, EINVAL), R(odd_phys, EINVAL), R(odd_offset, EINVAL), R(region_flag, EINVAL),
	R(big_comm, EINVAL), R(sgi, EINVAL), R(far_irq, EINVAL), R(special_irq, EINVAL),
#undef R
};

static void refused(void **state)
{
	struct trace before = look();
	struct good_cell g;

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(refusals); i++) {
		s64 got;

		fake_good(&g);
		refusals[i].spoil(&g);
		got = fake_create(&g, sizeof(g));
		if (got != refusals[i].err)
			print_error("%s: %ld, not %d\n", refusals[i].name, (long)got, refusals[i].err);
		assert_int_equal(got, refusals[i].err);
		assert_same(&before);
	}
	fake_good(&g);
	assert_int_equal(fake_create(&g, sizeof(g)), 0);
}

static void descriptor_from_nowhere(void **state)
{
	struct trace before = look();

	(void)state;
	assert_int_equal(hypercall(CV_HC_CELL_CREATE, FAKE_HV, 0), -CV_EINVAL);
	assert_int_equal(hypercall(CV_HC_CELL_CREATE, FAKE_DEVICES, 0), -CV_EINVAL);
	assert_int_equal(hypercall(CV_HC_CELL_CREATE, ~0ull, 0), -CV_EINVAL);
	assert_int_equal(hypercall(CV_HC_CELL_CREATE, FAKE_RAM + 0x40000000 - 16, 0), -CV_EINVAL);
	assert_int_equal(hypercall(CV_HC_CELL_START, 0, 0), -CV_EINVAL);
	assert_int_equal(hypercall(CV_HC_CELL_START, 1ull << 32, 0), -CV_ENOENT);
	assert_int_equal(hypercall(99, 0, 0), -CV_ENOSYS);
	assert_same(&before);
}

/* A second cell, with nothing of the first one's. */
static void second(struct good_cell *g)
{
	fake_good(g);
	memcpy(g->d.name, "second", 7);
	g->cpus = 1 << 2;
	g->mem[0].phys_start += 0x200000;
	g->mem[2].phys_start += 0x100;
	g->mem[2].virt_start += 0x100;
	g->mem[3].size = 0;
	g->irq[0].pin_bitmap[1] = 1 << 9;
}

static void what_others_have(void **state)
{
	struct good_cell a, b;
	struct trace before;

	(void)state;
	fake_good(&a);
	assert_int_equal(fake_create(&a, sizeof(a)), 0);
	before = look();
#define TRY(change, err)                                              \
	do {                                                          \
		second(&b);                                           \
		change;                                               \
		assert_int_equal(fake_create(&b, sizeof(b)), -CV_##err); \
		assert_same(&before);                                 \
	} while (0)
	TRY(b.cpus |= 1 << 3, EBUSY);
	TRY(b.mem[0].phys_start = FAKE_CELL_RAM + 0xff000, EBUSY);
	TRY(b.mem[0].phys_start = FAKE_CELL_RAM; b.mem[0].flags |= CV_MEM_ROOTSHARED, EBUSY);
	TRY(b.mem[2].phys_start -= 4; b.mem[2].virt_start -= 4, EBUSY);
	TRY(b.mem[3] = a.mem[3], EBUSY);
	TRY(b.irq[0].pin_bitmap[1] |= 1 << 8, EBUSY);
	TRY(memcpy(b.d.name, "good", 5), EEXIST);
	TRY(b.d.id = 1, EEXIST);
	second(&b);
	assert_int_equal(fake_create(&b, sizeof(b)), 0);
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 1, 0), 0);
	/* the page is not root's again while the second one has a part of it */
	assert_false(fake_root_has(FAKE_DEVICES + 0x1000));
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 2, 0), 0);
	assert_true(fake_root_has(FAKE_DEVICES + 0x1000));
}

/* Pool nearly empty: refused or fine, and the memory is back. */
static void no_memory(void **state)
{
	struct good_cell g;
	u64 taken[300];
	u32 n = 0, fine = 0, failed = 0;
	struct trace before;
	s64 err;

	(void)state;
	fake_good(&g);
	while (n < ARRAY_SIZE(taken) && (taken[n] = pages_alloc(1)))
		n++;
	for (; n; pages_free(taken[--n], 1)) {
		before = look();
		err = fake_create(&g, sizeof(g));
		if (!err) {
			assert_int_equal(hypercall(CV_HC_CELL_DESTROY, hv.root.next->id, 0), 0);
			fine++;
		} else {
			assert_int_equal(err, -CV_ENOMEM);
			failed++;
		}
		assert_same(&before);
	}
	assert_true(fine > 10 && failed > 3);
}

static u32 seed;
static u32 roll(u32 n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void mutations(void **state)
{
	static const u64 odd[] = {0, 1, 0x7f, 0xff, 0x1000, 0xffffffff, ~0ull, 1ull << 63, 0xfff,
				  FAKE_HV, FAKE_GICD, FAKE_CELL_RAM, FAKE_RAM, FAKE_DEVICES};
	struct trace before = look();
	u32 made = 0;

	(void)state;
	seed = 1;
	for (u32 round = 0; round < 10000; round++) {
		struct good_cell g;
		u8 *bytes = (u8 *)&g;

		fake_good(&g);
		for (u32 n = 1 + roll(4); n; n--) {
			u32 at = roll(sizeof(g)), size = 1u << roll(4);
			u64 v = roll(2) ? odd[roll(ARRAY_SIZE(odd))] : (u64)roll(256) << roll(40);

			memcpy(bytes + at, &v, MIN(size, sizeof(g) - at));
		}
		if (!fake_create(&g, sizeof(g))) {
			made++;
			hypercall(CV_HC_CELL_START, hv.root.next->id, 0);
			hv.root.next->comm->cell_state = CV_CELL_STATE_FAILED;
			assert_int_equal(hypercall(CV_HC_CELL_DESTROY, hv.root.next->id, 0), 0);
			hv.next_id = 1;
		}
		assert_same(&before);
	}
	assert_in_range(made, 100, 9000);
}

/* --- messages --- */
static u32 answer, asked;
static void answer_it(void)
{
	struct cv_comm_region *c = hv.root.next->comm;

	if (!c->message_to_cell)
		return;
	asked = c->message_to_cell;
	c->message_to_cell = 0;
	c->reply_from_cell = asked == CV_MESSAGE_SHUTDOWN ? answer : CV_REPLY_RECEIVED;
}

static void running(u32 flags, u64 timeout)
{
	struct good_cell g;

	fake_good(&g);
	g.d.flags = flags;
	g.d.msg_reply_timeout = timeout;
	asked = 0;
	assert_int_equal(fake_create(&g, sizeof(g)), 0);
	assert_int_equal(hypercall(CV_HC_CELL_START, hv.root.next->id, 0), 0);
}

static void requests(void **state)
{
	(void)state;
	running(0, 0);
	fake_relax = answer_it;
	answer = CV_REPLY_DENIED;
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 1, 0), -CV_EPERM);
	assert_int_equal(hypercall(CV_HC_CELL_SET_LOADABLE, 1, 0), -CV_EPERM);
	assert_int_equal(hypercall(CV_HC_CELL_START, 1, 0), -CV_EPERM);
	assert_int_equal(percpu(3)->power, CPU_RUNNING);
	answer = CV_REPLY_UNKNOWN;
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 1, 0), -CV_EPERM);
	answer = CV_REPLY_APPROVED;
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 1, 0), 0);
	assert_int_equal(asked, CV_MESSAGE_SHUTDOWN);
}

static void silence(void **state)
{
	u32 turns = 0;

	(void)state;
	running(0, 0); /* for ever: root's CPU comes back to call again */
	for (u32 i = 0; i < 50; i++)
		assert_true(hypercall(CV_HC_CELL_DESTROY, 1, 0) == HV_AGAIN);
	assert_int_equal(hypercall(CV_HC_CELL_STATE, 1, 0), 0);
	hv.root.next->comm->reply_from_cell = CV_REPLY_APPROVED;
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 1, 0), 0);
	running(0, 5500);
	while (hypercall(CV_HC_CELL_DESTROY, 2, 0) == HV_AGAIN)
		turns++;
	assert_int_equal(turns, 5);
	assert_int_equal(hv.num_cells, 1);
	running(CV_CELL_PASSIVE_COMM, 0);
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 3, 0), 0);
	running(0, 0); /* one that dies while root waits */
	assert_true(hypercall(CV_HC_CELL_DESTROY, 4, 0) == HV_AGAIN);
	fake_current = 3;
	cell_fail("test", 0, 0);
	fake_current = 0;
	assert_int_equal(hypercall(CV_HC_CELL_STATE, 4, 0), CV_CELL_STATE_FAILED);
	assert_int_equal(hypercall(CV_HC_CPU_INFO, 3, CV_CPU_STATE), 2);
	percpu(3)->power = CPU_OFF;
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 4, 0), 0);
	assert_int_equal(hypercall(CV_HC_CPU_INFO, 3, CV_CPU_STATE), 1);
}

/* Root asks without waiting, gives up, and asks anew. */
static void patience(void **state)
{
	const u64 poll = CV_HC_CELL_DESTROY | CV_HC_NO_WAIT;
	struct cv_comm_region *c;

	(void)state;
	running(0, 0);
	c = hv.root.next->comm;
	for (u32 i = 0; i < 3; i++)
		assert_int_equal(hypercall(poll, 1, 0), -CV_EAGAIN);
	assert_int_equal(c->message_to_cell, CV_MESSAGE_SHUTDOWN);
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY | CV_HC_WITHDRAW, 1, 0), 0);
	assert_int_equal(c->message_to_cell, CV_MESSAGE_NONE);
	c->reply_from_cell = CV_REPLY_APPROVED; /* too late: the next question clears it */
	assert_int_equal(hypercall(poll, 1, 0), -CV_EAGAIN);
	assert_int_equal(c->message_to_cell, CV_MESSAGE_SHUTDOWN);
	c->reply_from_cell = CV_REPLY_DENIED;
	assert_int_equal(hypercall(poll, 1, 0), -CV_EPERM);
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY | CV_HC_WITHDRAW, 1, 0), 0);
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY | CV_HC_WITHDRAW, 9, 0), -CV_ENOENT);
	/* no other call knows the flags */
	assert_int_equal(hypercall(CV_HC_DISABLE | CV_HC_NO_WAIT, 0, 0), -CV_ENOSYS);
	assert_int_equal(hypercall(CV_HC_CELL_STATE | CV_HC_WITHDRAW, 1, 0), -CV_ENOSYS);
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY | 0x40000, 1, 0), -CV_ENOSYS);
	fake_current = 3;
	assert_int_equal(hypercall(poll, 1, 0), -CV_EPERM);
}

/* What a cell that was stopped writes into its region afterwards is not believed. */
static void failed_for_good(void **state)
{
	struct cell *cell;

	(void)state;
	running(0, 0);
	cell = hv.root.next;
	fake_current = 3;
	cell_fail("test", 0, 0);
	fake_current = 0;
	cell->comm->cell_state = CV_CELL_STATE_RUNNING;
	assert_int_equal(hypercall(CV_HC_CELL_STATE, 1, 0), CV_CELL_STATE_FAILED);
	assert_true(cell->parked); /* no CPU_ON any more */
	percpu(3)->power = CPU_OFF;
	assert_int_equal(hypercall(CV_HC_CELL_SET_LOADABLE, 1, 0), 0);
	assert_int_equal(hypercall(CV_HC_CELL_STATE, 1, 0), CV_CELL_STATE_SHUT_DOWN);
	assert_true(cell->parked);
	assert_int_equal(hypercall(CV_HC_CELL_START, 1, 0), 0);
	assert_false(cell->parked);
	assert_int_equal(hypercall(CV_HC_CELL_STATE, 1, 0), CV_CELL_STATE_RUNNING);
	assert_int_equal(hypercall(CV_HC_CPU_INFO, 3, CV_CPU_STATE), 0);
}

static void locked(void **state)
{
	struct good_cell b;

	(void)state;
	running(0, 0);
	second(&b);
	hv.root.next->comm->cell_state = CV_CELL_STATE_LOCKED;
	assert_int_equal(fake_create(&b, sizeof(b)), -CV_EPERM);
	hv.root.next->comm->cell_state = CV_CELL_STATE_RUNNING;
	fake_relax = answer_it;
	assert_int_equal(fake_create(&b, sizeof(b)), 0);
	assert_int_equal(asked, CV_MESSAGE_RECONFIGURED);
	hv.root.next->comm->cell_state = CV_CELL_STATE_LOCKED;
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 2, 0), -CV_EPERM);
	assert_int_equal(hypercall(CV_HC_DISABLE, 0, 0), -CV_EPERM);
	hv.root.next->comm->cell_state = 77; /* made up */
	assert_int_equal(hypercall(CV_HC_CELL_STATE, 1, 0), CV_CELL_STATE_FAILED);
}

static void only_root(void **state)
{
	(void)state;
	running(0, 0);
	fake_current = 3;
	for (u64 code = CV_HC_DISABLE; code <= CV_HC_CELL_DESTROY; code++)
		assert_int_equal(hypercall(code, 1, 0), -CV_EPERM);
	assert_int_equal(hypercall(CV_HC_CELL_STATE, 1, 0), -CV_EPERM);
	assert_int_equal(hypercall(CV_HC_CPU_INFO, 0, 0), -CV_EPERM);
	assert_int_equal(hypercall(CV_HC_CPU_INFO, 3, 0), 0);
	assert_int_equal(hypercall(CV_HC_CPU_INFO, 99, 0), -CV_EINVAL);
	assert_int_equal(hypercall(CV_HC_CONSOLE_PUTC, 'x', 0), -CV_EPERM);
	assert_int_equal(hypercall(CV_HC_INFO, CV_INFO_CELLS, 0), 2);
}

static s64 would_be(const struct good_cell *g)
{
	fake_place(g, sizeof(*g));
	return hypercall(CV_HC_CELL_CREATE | CV_HC_DRY_RUN, FAKE_BUFFER + 64, 0);
}

/* The same answers as from create, but for CPUs that run; nothing is made. */
static void asked_before(void **state)
{
	struct trace before = look();
	struct good_cell g;

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(refusals); i++) {
		fake_good(&g);
		refusals[i].spoil(&g);
		assert_int_equal(would_be(&g), refusals[i].spoil == own_cpu ? 0 : refusals[i].err);
		assert_same(&before);
	}
	fake_good(&g);
	percpu(3)->power = CPU_RUNNING;
	assert_int_equal(would_be(&g), 0);
	assert_same(&before);
	assert_int_equal(fake_create(&g, sizeof(g)), -CV_EBUSY);
	g.cpus = 0xf; /* root keeps one */
	assert_int_equal(would_be(&g), -CV_EBUSY);
	assert_same(&before);
}

/* All are counted, few are told, and how many were not. */
static void refused_accesses(void **state)
{
	(void)state;
	for (u32 i = 0; i < 1000; i++)
		root_refused("read", 0x1000 + i, 0x77);
	assert_int_equal(fake_lines, 8);
	assert_string_equal(fake_line, "root, CPU 0: read at 0x1007, pc 0x77");
	assert_int_equal(hypercall(CV_HC_CPU_INFO, 0, CV_CPU_COUNTER(CV_COUNT_REFUSED)), 1000);
	assert_int_equal(hypercall(CV_HC_CPU_INFO, 0, CV_CPU_COUNTER(CV_COUNT_REFUSED + 1)), -CV_EINVAL);
	fake_current = 1; /* another CPU's lines are its own */
	root_refused("write", 0x2000, 0x78);
	assert_int_equal(fake_lines, 9);
	fake_current = 0;
	fake_time = 2;
	root_refused("write", 0x3000, 0x79);
	assert_int_equal(fake_lines, 11); /* 992 that were not told */
	assert_string_equal(fake_line, "root, CPU 0: write at 0x3000, pc 0x79");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(frames_are_never_roots, boot),
		cmocka_unit_test_setup(a_life, boot),
		cmocka_unit_test_setup(a_dead_cpu, boot),
		cmocka_unit_test_setup(refused, boot),
		cmocka_unit_test_setup(descriptor_from_nowhere, boot),
		cmocka_unit_test_setup(what_others_have, boot),
		cmocka_unit_test_setup(no_memory, boot),
		cmocka_unit_test_setup(mutations, boot),
		cmocka_unit_test_setup(requests, boot),
		cmocka_unit_test_setup(silence, boot),
		cmocka_unit_test_setup(patience, boot),
		cmocka_unit_test_setup(failed_for_good, boot),
		cmocka_unit_test_setup(locked, boot),
		cmocka_unit_test_setup(only_root, boot),
		cmocka_unit_test_setup(asked_before, boot),
		cmocka_unit_test_setup(refused_accesses, boot),
	};

	return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}
