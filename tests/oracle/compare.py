#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Does a root system descriptor give Linux what its device tree promises, and nothing that it must
not have? Judged from the tree and the bytes alone, without the compiler.

In: the host's .dtb, a system .cell, the .cell files of other cells (what they own, root need not
have). Out: a list of violations as text; as a command, exit 1 if there are any.

Demanded: the registers of every enabled memory-mapped device, PCI windows, and each SPI that an
enabled node uses. Forbidden: GIC, ITS and pure IOMMU frames, hypervisor memory, the virtual ECAM,
SGIs and PPIs, anything that is neither RAM nor a frame of an enabled device.
Neither: registers and interrupts of pure IOMMUs' parts; lines handed out at run time (demanded with
dynamic=True); a real ECAM that is the system's pci_mmconfig.
"""

import argparse
import sys

import descriptor
import devicetree
import flattree

PAGE = 0x1000
READ_WRITE, COMM = 0x3, 0x20
WIDTHS = 0xF << 16
DEMANDED = ("device", "pci-host", "v2m")
WITHHELD = ("gic", "its", "iommu")


# Sets of addresses: sorted lists of disjoint half-open (start, end)


def union(spans):
    out = []
    for start, end in sorted(s for s in spans if s[0] < s[1]):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def subtract(spans, others):
    """What of `spans` is in none of `others`."""
    out = union(spans)
    for low, high in union(others):
        out = [part for start, end in out
               for part in ((start, min(end, low)), (max(start, high), end)) if part[0] < part[1]]
    return out


def rounded(spans, unit):
    return [(start // unit * unit, -(-end // unit) * unit) for start, end in spans]


def span(reg):
    return (reg[0], reg[0] + reg[1])


def text(start, end):
    return "%#x..%#x" % (start, end)


def overlap(one, other):
    return one[0] < other[1] and other[0] < one[1]


# The descriptor's side


def region_span(region, field="phys_start"):
    return (region[field], region[field] + region["size"])


def is_subpage(region):
    return bool((region["virt_start"] | region["size"]) % PAGE)


def pins(cell):
    """All INTIDs that the cell's irqchips name."""
    return {chip["pin_base"] + 32 * word + bit for chip in cell["irqchips"]
            for word, bits in enumerate(chip["pin_bitmap"]) for bit in range(32) if bits >> bit & 1}


def ecam(system):
    """The PCI configuration space of the system, () when it has none."""
    base = system["pci_mmconfig_base"]
    return (base, base + (system["pci_mmconfig_end_bus"] + 1) * 0x100000) if base else ()


# The tree's side


def withheld(machine, system):
    """(name, span) of all that no cell may be given."""
    out = [(name, span(frame)) for name, frame in machine.gic_frames()]
    out += [("IOMMU " + unit["path"], span(reg)) for unit in machine.iommus if unit["pure"]
            for reg in unit["reg"]]
    memory = region_span(system["hypervisor_memory"])
    return out + ([("hypervisor memory", memory)] if memory[0] < memory[1] else [])


def windows(machine):
    """(name, span) of the windows of PCI hosts."""
    return [("window of " + host["path"], (w["cpu"], w["cpu"] + w["size"]))
            for host in machine.pci_hosts for w in host["windows"]]


def portals(machine):
    """Spans of buses that reach devices which no node describes (fsl-mc)."""
    out = []
    for node in machine.tree.walk():
        if "fsl,qoriq-mc" in node.compatible and node.enabled:
            for _child, parent, size in devicetree.bus_ranges(node) or []:
                base = devicetree.translate(node.parent, parent)
                out += [(base, base + size)] if base is not None else []
    return out


def demanded(machine):
    """(name, span) of what root must have unless another owns it."""
    return [(node["path"], span(reg)) for node in machine.devices if node["kind"] in DEMANDED
            for reg in node["reg"]] + windows(machine)


def ram(machine, extra):
    """Spans of RAM: of the tree, stated besides, and reserved memory, which may lie outside."""
    return ([span(reg) for reg in machine.memory] + list(extra)
            + [span(reg) for entry in machine.reserved for reg in entry["reg"]])


def demanded_spis(machine, dynamic):
    """INTID -> users."""
    kinds = {node["path"]: node["kind"] for node in machine.nodes}
    out = {}
    for intid, users in machine.spis().items():
        users = [u for u in users if kinds[u] in DEMANDED]
        if users and 32 <= intid < 1020:
            out[intid] = users
    for provider in machine.dynamic_spis if dynamic else []:
        for first, count in provider["ranges"]:
            for intid in range(first, first + count):
                out.setdefault(intid, [provider["path"]])
    return out


# Judgements, each a list of violations


def check_missing(machine, system, cells):
    root = system["root"]["memory_regions"]
    given = [region_span(r) for r in root if r["flags"] & READ_WRITE == READ_WRITE
             and r["phys_start"] == r["virt_start"] and not r["flags"] & COMM]
    exempt = [frame for _, frame in withheld(machine, system)]
    exempt += [region_span(r) for cell in cells for r in cell["memory_regions"]]
    if not system["pci_is_virtual"] and ecam(system):
        exempt.append(ecam(system))
    out = []
    for name, frame in demanded(machine):
        for start, end in subtract([frame], exempt + given):
            out.append("%s: registers %s are not in root" % (name, text(start, end)))
    return out


def check_forbidden(machine, system):
    frames = withheld(machine, system)
    if system["pci_is_virtual"] and ecam(system):
        frames.append(("virtual ECAM", ecam(system)))
    out = []
    for index, region in enumerate(system["root"]["memory_regions"]):
        fields = ["phys_start"] if not region["flags"] & COMM else []
        if region["virt_start"] != region["phys_start"]:
            fields.append("virt_start")
        for field in fields if region["size"] else ():
            mine = region_span(region, field)
            out += ["root region %d %s %s overlaps %s %s" % (index, field, text(*mine), name,
                                                            text(*frame))
                    for name, frame in frames if overlap(mine, frame)]
    return out


def check_bounds(machine, system, extra_ram):
    """Regions lie in RAM or frames: whole pages rounded outward, sub-page regions to words."""
    frames = [span(reg) for node in machine.devices if node["kind"] not in WITHHELD
              for reg in node["reg"]]
    frames += [s for _, s in windows(machine)] + portals(machine)
    memory = ram(machine, extra_ram)
    kept = [span(reg) for entry in machine.reserved for reg in entry["reg"]]
    pages, words = union(memory + rounded(frames + kept, PAGE)), union(memory + rounded(frames, 4))
    out = []
    for index, region in enumerate(system["root"]["memory_regions"]):
        if region["flags"] & COMM or not region["size"]:
            continue
        mine = region_span(region)
        if mine[1] > 1 << 64:
            out.append("root region %d %s wraps" % (index, text(*mine)))
        for start, end in subtract([mine], words if is_subpage(region) else pages):
            out.append("root region %d %s: %s is neither RAM nor of an enabled device" %
                       (index, text(*mine), text(start, end)))
        if is_subpage(region) and not region["flags"] & WIDTHS:
            out.append("root region %d %s is sub-page and permits no access width" %
                       (index, text(*mine)))
    return out


def check_interrupts(machine, system, cells, dynamic):
    root = system["root"]
    have, owned = pins(root), set().union(*(pins(cell) for cell in cells))
    need = demanded_spis(machine, dynamic)
    out = ["SPI %d (INTID %d) of %s is not in root" % (intid - 32, intid, ", ".join(users))
           for intid, users in sorted(need.items()) if intid not in have | owned]
    out += ["INTID %d is no SPI and in root" % intid for intid in sorted(have) if intid < 32]
    gicd = machine.gic["gicd"][0] if machine.gic and machine.gic["gicd"] else None
    out += ["irqchip %d has address %#x, the distributor is at %s" % (
        index, chip["address"], "none" if gicd is None else "%#x" % gicd)
        for index, chip in enumerate(root["irqchips"]) if chip["address"] != gicd]
    if any(device["type"] == 3 for device in root["pci_devices"]):
        first = root["vpci_irq_base"] + 32
        vectors = [d["num_msix_vectors"] for d in root["pci_devices"] if d["type"] == 3]
        all_messages, vectors = all(vectors), sum(vectors)
        out += ["INTID %d of the virtual PCI host is used by %s" % (intid, ", ".join(need[intid]))
                for intid in range(first + 4 * all_messages, first + 4 + vectors) if intid in need]
        out += ["INTID %d of a vector is not in root" % intid
                for intid in range(first + 4, first + 4 + vectors) if intid not in have]
    return out


def check_platform(machine, system):
    """The GIC of the descriptor is that of the tree (an address may lie inside a frame: alias)."""
    gic, part, out = machine.gic, system["platform"], []
    if gic is None or part["kind"] != "arm":
        return ["the tree has no GIC, or the descriptor is for x86"]
    if part["gic_version"] != gic["version"]:
        out.append("GIC version %d, the tree has %d" % (part["gic_version"], gic["version"]))
    frames = {name: [gic[name]] if gic[name] else [] for name in ("gicd", "gicc", "gich", "gicv")}
    frames["gicr"] = gic["gicr"]
    used = ("gicd", "gicr") if gic["version"] == 3 else ("gicd", "gicc", "gich", "gicv")
    if gic["gicc"] and gic["gicc"][0] & 0xffff == 0xf000 and gic["gicv"]:
        # frames repeat on 64K pages: the tree shows the last copy of GICC, so it is of GICV too
        frames["gicv"].append([gic["gicv"][0] | 0xf000, 0x2000])
    for name in used:
        if not any(start <= part[name] < start + size for start, size in frames[name]):
            out.append("%s %#x is not in the tree's frame" % (name.upper(), part[name]))
    if gic["maintenance"] is not None and part["maintenance_irq"] != gic["maintenance"]:
        out.append("maintenance interrupt %d, the tree has %d" %
                   (part["maintenance_irq"], gic["maintenance"]))
    return out


def check_format(system):
    out = list(system["root"].get("overruns", []))
    if "trailing" in system:
        out.append("%d bytes behind the last array" % (len(system["trailing"]) // 2))
    return out


def compare(machine, system, cells=(), extra_ram=(), dynamic=False):
    """All violations. `cells`: descriptors of other cells; `extra_ram`: spans of RAM that the tree
    does not state (filled in by firmware); `dynamic`: demand lines handed out at run time too."""
    return (check_format(system) + check_platform(machine, system)
            + check_missing(machine, system, cells) + check_forbidden(machine, system)
            + check_bounds(machine, system, extra_ram)
            + check_interrupts(machine, system, cells, dynamic))


def parse_span(word):
    base, size = (int(part, 0) for part in word.split(":"))
    return (base, base + size)


def main(argv):
    parser = argparse.ArgumentParser(description="Compare a root descriptor with its device tree.")
    parser.add_argument("--ram", action="append", default=[], type=parse_span, metavar="BASE:SIZE",
                        help="RAM that the tree does not state")
    parser.add_argument("--dynamic", action="store_true",
                        help="demand the lines that are handed out at run time (MSI frames, ...)")
    parser.add_argument("dtb")
    parser.add_argument("system")
    parser.add_argument("cells", nargs="*")
    args = parser.parse_args(argv[1:])
    try:
        machine = devicetree.load(args.dtb)
        system, *cells = [descriptor.load(path) for path in [args.system] + args.cells]
        if system["kind"] != "system" or any(cell["kind"] != "cell" for cell in cells):
            raise descriptor.DescriptorError("a system comes first, then cells")
    except (OSError, flattree.FdtError, descriptor.DescriptorError) as err:
        print("compare.py: %s" % err, file=sys.stderr)
        return 2
    violations = compare(machine, system, cells, args.ram, args.dynamic)
    print("\n".join(violations + ["%d violations" % len(violations)]))
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
