# SPDX-License-Identifier: GPL-2.0-only
"""Judges a guest's device tree against the descriptor of its cell, both read without the compiler.

In: CELL.dtb and CELL.cell. Out: a list of what one has and the other has not, empty if all is well.
"""

import pathlib
import sys

import harness

sys.path.insert(0, str(harness.TOP / "tests/oracle"))

import descriptor  # noqa: E402
import devicetree  # noqa: E402
import flattree  # noqa: E402

RWX, IO, COMM = 0x7, 0x10, 0x20
WIDTHS = 0xf0000
PL011, EMULATED = 3, 1 << 14        # of a console: docs/abi.md


def merged(ranges):
    """Ranges [start, size] with what touches joined, in order."""
    out = []
    for start, size in sorted(ranges):
        if out and start <= out[-1][0] + out[-1][1]:
            out[-1][1] = max(out[-1][1], start + size - out[-1][0])
        else:
            out.append([start, size])
    return out


def inside(inner, outer):
    return outer[0] <= inner[0] and inner[0] + inner[1] <= outer[0] + outer[1]


def touch(a, b):
    return a[0] < b[0] + b[1] and b[0] < a[0] + a[1]


def lines_of(cell):
    """INTIDs in the bitmaps of a cell."""
    return {chip["pin_base"] + 32 * word + bit
            for chip in cell["irqchips"] for word, bits in enumerate(chip["pin_bitmap"])
            for bit in range(32) if bits >> bit & 1}


def differences(dtb, cell_file):
    """What tree and descriptor do not have in common."""
    machine = devicetree.load(dtb)
    cell = descriptor.parse(pathlib.Path(cell_file).read_bytes())
    return (memory(machine, cell) + registers(machine, cell) + interrupts(machine, cell)
            + messages(machine, cell) + cpus(machine, cell))


def memory(machine, cell):
    shmem = shared_regions(cell)
    granted = merged([r["virt_start"], r["size"]]
                     for i, r in enumerate(cell["memory_regions"])
                     if r["flags"] & RWX == RWX and not r["flags"] & (IO | COMM) and i not in shmem)
    told = merged(machine.memory)
    return [] if granted == told else [f"RAM: granted {granted}, in the tree {told}"]


def shared_regions(cell):
    """Indices of the regions that shared-memory devices use."""
    return {d["shmem_regions_start"] + i for d in cell["pci_devices"] if d["type"] == 3
            for i in range(2 + d["shmem_peers"])}


def registers(machine, cell):
    granted = [[r["virt_start"], r["size"]] for r in cell["memory_regions"] if r["flags"] & IO]
    console = cell["console"]
    if console["type"] == PL011 and console["flags"] & EMULATED:
        granted.append([console["address"], console["size"]])
    hosts = {h["path"] for h in machine.pci_hosts if "pci-host-ecam-generic" in h["compatible"]}
    told = [(node["path"], reg) for node in machine.devices for reg in node["reg"]
            if node["kind"] not in ("gic", "v2m") and node["path"] not in hosts]
    out = [f"{path} has {reg}, which the cell has not" for path, reg in told
           if not any(inside(reg, region) for region in merged(granted))]
    out += [f"registers {region} are in no node" for region in granted
            if not any(touch(reg, region) for _, reg in told)]
    return out


def interrupts(machine, cell):
    told, granted = set(machine.spis()) | handed_out(machine), lines_of(cell)
    unresolved = [f"{n['path']}: {n['unresolved']}" for n in machine.nodes if n["unresolved"]]
    if told != granted:
        unresolved.append(f"interrupts: granted {sorted(granted)}, in the tree {sorted(told)}")
    return unresolved


def handed_out(machine):
    """INTIDs that the tree has for messages."""
    return {intid for entry in machine.dynamic_spis for first, count in entry["ranges"]
            for intid in range(first, first + count)}


def messages(machine, cell):
    """Vectors of links: the lines behind the INTx lines, a frame that a stock kernel takes for a GICv2m
    whose message is one to the hypervisor, the PCI host's way to it (docs/abi.md, docs/guests.md)."""
    first = 32 + cell["vpci_irq_base"] + 4
    vectors = sum(d["num_msix_vectors"] for d in cell["pci_devices"] if d["type"] == 3)
    out = []
    if handed_out(machine) != set(range(first, first + vectors)):
        out.append(f"vectors: {vectors} from INTID {first} on, in the tree {sorted(handed_out(machine))}")
    frames = [node for node in machine.tree.walk() if "arm,gic-v2m-frame" in node.compatible]
    if len(frames) != (vectors > 0):
        out.append(f"{len(frames)} frames for {vectors} vectors")
    for frame in frames:
        start, size = devicetree.registers(frame)[0]
        # the kernel reads MSI_IIDR at 0xfcc, where the distributor has no register: neither may be missing
        if start != machine.gic["gicd"][0] or size < 0x1000 or not frame.has("msi-controller"):
            out.append(f"{frame.path} at {start:#x}, size {size:#x}")
        if frame.parent.path != machine.gic["path"]:
            out.append(f"{frame.path} is not below the GIC")
        out += [f"{node.path} sends its messages elsewhere" for node in machine.tree.walk()
                if "pci-host-ecam-generic" in node.compatible
                and machine.tree.phandle(node.cell("msi-parent")) is not frame]
    return out


def caches(tree):
    """What a tree says of the caches of each CPU, level by level, by MPIDR; up to a cache that is a device."""
    out = {}
    for cpu in tree.node("/cpus").children:
        if cpu.string("device_type") != "cpu":
            continue
        levels, node = [], cpu
        while node is not None and len(levels) < 8:
            levels.append({name: value for name, value in node.props.items()
                           if "cache-" in name and name != "next-level-cache" and name != "l2-cache"})
            phandle = node.cell("next-level-cache", node.cell("l2-cache"))
            node = tree.phandle(phandle) if phandle else None
            if node is not None and ("cache" not in node.compatible or node.has("reg")):
                node = None
        out[flattree.number(cpu.cells("reg"))] = levels
    return out


def cpus(machine, cell):
    count = len(cell["cpus"])
    wrong = [c["path"] for c in machine.cpus if c["enable_method"] != "psci" or not c["enabled"]]
    if len(machine.cpus) != count:
        wrong.append(f"{len(machine.cpus)} CPUs in the tree, {count} in the descriptor")
    if machine.psci is None or machine.psci["method"] != "smc":
        wrong.append("no PSCI by smc")
    return wrong
