// SPDX-License-Identifier: GPL-2.0-only
/*
 * hardware: is this machine, and the way its Linux was started, ready for the hypervisor? One line
 * a check; one that fails says what to do.
 *
 * Reads /proc and /sys only, so that it works for everybody, module loaded or not.
 */
#include "tool.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define TREE "/proc/device-tree"

struct report {
	int missing;
	char cmdline[4096];
	struct utsname uts;
};

static void check(struct report *r, bool good, const char *what, const char *todo)
{
	printf("%-8s%s\n", good ? "ok" : "MISSING", what);
	if (!good) {
		printf("        %s\n", todo);
		r->missing++;
	}
}

static bool has_parameter(const struct report *r, const char *parameter)
{
	size_t n = strlen(parameter);
	const char *at = r->cmdline;

	while ((at = strstr(at, parameter))) {
		bool starts = at == r->cmdline || at[-1] == ' ';

		if (starts && (!at[n] || at[n] == ' ' || parameter[n - 1] == '='))
			return true;
		at += n;
	}
	return false;
}

static bool exists(const char *pattern)
{
	glob_t found;
	bool any = !glob(pattern, 0, NULL, &found);

	if (any)
		globfree(&found);
	return any;
}

/* MIDR_EL1 part numbers of Arm's cores before v8.1, which have no VHE (their reference manuals). */
static bool has_vhe(void)
{
	static const uint16_t without[] = { 0xd01, 0xd02, 0xd03, 0xd04, 0xd07, 0xd08, 0xd09 };
	uint64_t midr;
	char line[64];

	if (!read_line("/sys/devices/system/cpu/cpu0/regs/identification", "midr_el1", line,
		       sizeof(line)) ||
	    !parse_number(line, &midr))
		return true;
	if (midr >> 24 != 0x41)
		return true;
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
		if ((midr >> 4 & 0xfff) == without[i])
			return false;
	return true;
}

/* A firmware that is called by hvc sits at EL2; one that is called by smc leaves EL2 to Linux. */
static void check_el2(struct report *r)
{
	char method[16] = "";
	bool el2 = read_line(TREE "/psci", "method", method, sizeof(method)) &&
		   !strcmp(method, "smc");

	check(r, el2, "Linux is started at EL2",
	      "the firmware must enter the kernel at EL2 (QEMU: -M virt,virtualization=on)");
	check(r, !exists("/sys/class/misc/kvm"),
	      "KVM leaves EL2 alone", "add to the kernel's command line: kvm-arm.mode=none");
	check(r, !has_vhe() || has_parameter(r, "id_aa64mmfr1.vh=0"),
	      "the kernel itself runs at EL1",
	      "this CPU has VHE; add to the kernel's command line: id_aa64mmfr1.vh=0");
}

/* An interrupt translation service that Linux drives, as its binding (arm,gic-v3) describes it. */
static bool is_its(const char *node)
{
	char line[64];

	return read_line(node, "compatible", line, sizeof(line)) && !strcmp(line, "arm,gic-v3-its") &&
	       (!read_line(node, "status", line, sizeof(line)) || !strncmp(line, "ok", 2));
}

/* It stands below the GIC's node. */
static bool has_its(void)
{
	bool found = false;
	glob_t nodes;

	if (glob(TREE "/{*,*/*,*/*/*,*/*/*/*}", GLOB_BRACE | GLOB_ONLYDIR, NULL, &nodes))
		return false;
	for (size_t i = 0; i < nodes.gl_pathc; i++)
		found |= is_its(nodes.gl_pathv[i]);
	globfree(&nodes);
	return found;
}

static void check_its(struct report *r)
{
	check(r, !has_its() || has_parameter(r, "irqchip.gicv3_nolpi=1"),
	      "the interrupt controller's ITS is left alone",
	      "apply the host overlay that cellc emits, or add to the kernel's command line: "
	      "irqchip.gicv3_nolpi=1 (PCI devices use their lines then)");
}

/* Two that run, or cells may have them already. */
static bool has_cpus(void)
{
	char online[256] = "", enabled[8] = "";

	read_line("/sys/devices/system/cpu", "online", online, sizeof(online));
	read_line(CV_DRIVER_SYSFS, "enabled", enabled, sizeof(enabled));
	return exists("/sys/devices/system/cpu/cpu1/online") &&
	       (strpbrk(online, "-,") || enabled[0] == '1');
}

static void check_machine(struct report *r)
{
	check(r, !strcmp(r->uts.machine, "aarch64"), "the CPU is one the hypervisor runs on (arm64)",
	      "there is no hypervisor image for this architecture yet");
	check(r, exists(TREE "/*"), "the machine has a device tree",
	      "machines described by ACPI alone are not supported");
	check(r, has_cpus(), "CPUs can be taken offline",
	      "at least two CPUs are needed, and CPU hotplug in kernel and firmware");
}

/* --- memory --- */

static bool has_reserved_memory(const struct report *r)
{
	return has_parameter(r, "mem=") || strstr(r->cmdline, "memmap=") ||
	       exists(TREE "/reserved-memory/*/no-map");
}

/* Whether /proc/iomem counts any of the range as Linux's; only root sees addresses there. */
static bool is_system_ram(uint64_t start, uint64_t size)
{
	unsigned long long from, to;
	char line[256];
	bool found = false;
	FILE *f = fopen("/proc/iomem", "re");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%llx-%llx", &from, &to) == 2 && strstr(line, ": System RAM") &&
		    from < start + size && start <= to)
			found = true;
	if (f)
		fclose(f);
	return found;
}

static void check_memory(struct report *r, const struct cv_memory *memory)
{
	char *what = format("hypervisor memory at 0x%llx is kept from Linux",
			    (unsigned long long)memory->phys_start);

	check(r, !is_system_ram(memory->phys_start, memory->size), what,
	      "apply the host overlay that cellc emits, or start with mem=");
	free(what);
}

/* --- IOMMUs --- */

static bool has_address(const struct cv_cell_desc *d, uint64_t address)
{
	const struct cv_memory *r = cv_desc_memory(d);

	for (uint32_t i = 0; i < d->num_memory_regions; i++)
		if (address - r[i].phys_start < r[i].size)
			return true;
	return false;
}

/* One that Linux drives and root does not get. The name of its device begins with its address. */
static bool uses_iommu(const struct cv_cell_desc *root)
{
	bool found = false;
	glob_t iommus;

	if (glob("/sys/class/iommu/*/device", 0, NULL, &iommus))
		return false;
	for (size_t i = 0; i < iommus.gl_pathc; i++) {
		char *path = realpath(iommus.gl_pathv[i], NULL), *end;
		uint64_t address = path ? strtoull(strrchr(path, '/') + 1, &end, 16) : 0;

		found |= path && *end == '.' && !has_address(root, address);
		free(path);
	}
	globfree(&iommus);
	return found;
}

/* --- the system descriptor --- */

static bool check_system(struct report *r, const char *path)
{
	const struct cv_system *s;
	struct file f;
	uint64_t end;

	if (!read_file(path, &f))
		return false;
	s = f.data;
	if (f.size < sizeof(*s) || memcmp(s->signature, CV_SYS_SIGNATURE, 5))
		return fail("%s: not a system descriptor", path) == DONE;
	end = sizeof(*s) + s->root_cell.cpu_set_size +
	      (uint64_t)s->root_cell.num_memory_regions * sizeof(struct cv_memory);
	if (f.size < end)
		return fail("%s: cut off", path) == DONE;
	check_memory(r, &s->hypervisor_memory);
	check(r, !uses_iommu(&s->root_cell), "IOMMUs that root does not get are left alone",
	      "apply the host overlay that cellc emits: it disables them");
	free(f.data);
	return true;
}

/* --- files --- */

static bool has_module(const struct report *r)
{
	static const char *const depth[] = { "", "*/", "*/*/", "*/*/*/" };
	bool found = exists("/sys/module/cellvisor");

	for (size_t i = 0; i < sizeof(depth) / sizeof(depth[0]) && !found; i++) {
		char *pattern = format("/lib/modules/%s/%scellvisor.ko*", r->uts.release, depth[i]);

		found = exists(pattern);
		free(pattern);
	}
	return found;
}

static void check_files(struct report *r)
{
	char *updates = format("/lib/firmware/%s/cellvisor-arm64.bin", r->uts.release);

	check(r, has_module(r), "the module cellvisor is there",
	      "build it for this kernel and put it below /lib/modules");
	check(r, !access(CV_DRIVER_DEVICE, F_OK), "the module cellvisor is loaded",
	      "modprobe cellvisor");
	check(r, exists("/lib/firmware/cellvisor-arm64.bin") || exists(updates),
	      "the hypervisor image is there", "put cellvisor-arm64.bin into /lib/firmware");
	free(updates);
}

int cmd_hardware(int argc, char **argv)
{
	struct report r = { 0 };

	if (argc > 1)
		return misuse("hardware takes one system descriptor at most");
	uname(&r.uts);
	read_line("/proc", "cmdline", r.cmdline, sizeof(r.cmdline));
	check_machine(&r);
	if (!strcmp(r.uts.machine, "aarch64")) {
		check_el2(&r);
		check_its(&r);
	}
	if (!argc)
		check(&r, has_reserved_memory(&r), "memory is kept from Linux",
		      "start with mem=, or with reserved-memory (no-map) in the device tree: cellc "
		      "emits an overlay");
	else if (!check_system(&r, argv[0]))
		return FAILED;
	check_files(&r);
	if (r.missing)
		printf("%d missing\n", r.missing);
	return r.missing ? FAILED : DONE;
}
