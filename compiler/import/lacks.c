// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a tree must have before anything can be partitioned: a GIC with virtual interfaces, CPUs
 * with the Virtualization Extensions, two of them, and RAM of a known size.
 *
 * In: a machine. Out: nothing, or one finding: the first that is missing makes the rest pointless.
 */
#include "import.h"

#include <string.h>

static const struct node *any_controller(const struct machine *m)
{
	for (size_t i = 1; i < m->nodes.n; i++) {
		const struct node *n = m->nodes.v[i];

		for (u32 k = 0; k < n->n_props && n->enabled && n->mapped && n->compatible; k++)
			if (strcmp(n->props[k].name, "interrupt-controller") == 0)
				return n;
	}
	return NULL;
}

static bool has_gic(struct cellc *c, const struct machine *m)
{
	const struct node *n;
	struct diag *d;

	if (m->gic.version && m->gic.gicd)
		return true;
	n = any_controller(m);
	d = diag_report(c, D_E1150, m->nodes.v[0]->from,
			"the tree has no GICv2 or GICv3: its interrupts can't be given to cells");
	if (n)
		diag_note(c, d, n->from, "it has a \"%s\"", n->compatible);
	return false;
}

/*
 * Cores without the Virtualization Extensions, by bindings/arm/cpus.yaml and their manuals' feature
 * registers (ID_PFR1.Virtualization is 0, or there is no such field).
 */
static bool cpu_virtualizes(const struct machine *m, const struct cpu *cpu)
{
	static const char *const cores[] = {
		"arm,arm*",	    "arm,cortex-a5",  "arm,cortex-a8", "arm,cortex-a9",
		"arm,cortex-m*",    "arm,cortex-r*",  "faraday,*",     "intel,sa1*",
		"marvell,feroceon", "marvell,mohawk", "marvell,pj4*",  "marvell,sheeva*",
		"marvell,xsc3",	    "marvell,xscale", "qcom,krait",    "qcom,scorpion",
	};

	if (node_is_compatible(m, cpu->node, "arm,armv8"))
		return true;
	for (u32 i = 0; i < ARRAY_SIZE(cores); i++)
		if (node_is_compatible(m, cpu->node, cores[i]))
			return false;
	return true;
}

static bool has_virtual_cpus(struct cellc *c, const struct machine *m)
{
	const struct cpu *cpu;

	vec_each(cpu, &m->cpus) {
		if (cpu_virtualizes(m, cpu))
			continue;
		diag_report(c, D_E1151, cpu->node->from,
			    "the CPU, a \"%s\", has no virtualization extensions", cpu->compatible);
		return false;
	}
	return true;
}

static bool has_virtual_gic(struct cellc *c, const struct machine *m)
{
	const struct gic *gic = &m->gic;
	struct diag *d;

	if (gic->version == 2 ? gic->gicc && gic->gich && gic->gicv : gic->gicr.n > 0)
		return true;
	d = diag_report(c, D_E1152, gic->from,
			gic->version == 2 ? "the GIC has no virtual CPU interface: %s is said"
					  : "the GIC has no redistributors: %s is said",
			gic->version != 2	   ? "no GICR frame"
			: !gic->gicc		   ? "no GICC frame"
			: !gic->gich && !gic->gicv ? "neither GICH nor GICV frame"
						   : "one of the frames GICH and GICV only");
	if (gic->version == 2)
		diag_help(
			c, d,
			"if the hardware has one, add its GICH and GICV frames to reg in the tree");
	return false;
}

static bool has_two_cpus(struct cellc *c, const struct machine *m)
{
	const struct node *cpus = machine_node_by_path(m, "/cpus");
	struct diag *d;

	if (m->cpus.n >= 2)
		return true;
	d = diag_report(c, D_E1153, cpus ? cpus->from : m->nodes.v[0]->from,
			m->cpus.n ? "the machine has one CPU: none is left for a cell"
				  : "the tree names no CPU");
	if (m->disabled_cpus)
		diag_help(c, d, "%u more are disabled in the tree", m->disabled_cpus);
	return false;
}

static bool has_ram(struct cellc *c, const struct machine *m)
{
	struct diag *d;

	if (!m->ram_from_firmware)
		return true;
	d = diag_report(c, D_E1154, m->nodes.v[0]->from,
			"the tree does not state the RAM: firmware fills it in at boot");
	diag_help(c, d,
		  "state it: --ram ADDRESS,SIZE (\"System RAM\" in /proc/iomem of the running "
		  "board)");
	return false;
}

bool import_possible(struct cellc *c, const struct machine *m, bool ram_given)
{
	return has_gic(c, m) && has_virtual_cpus(c, m) && has_virtual_gic(c, m) &&
	       has_two_cpus(c, m) && (ram_given || has_ram(c, m));
}
