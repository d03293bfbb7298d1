#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What a device tree says of the machine, read independently of the compiler.

In: a .dtb. Out: Machine, or as a command JSON: RAM, reserved memory, CPUs, PSCI, GIC, IOMMUs, PCI
hosts, and every enabled node with its memory-mapped registers (CPU addresses) and its interrupts
(GIC INTIDs). Devicetree Specification v0.4 and the kernel's bindings.
Holds: ranges are [address, size] with size > 0, in the order of the tree.
"""

import json
import sys

import flattree
from interrupts import GIC_V3, Resolver, dynamic, is_gic

LIMIT = 1 << 64

# Nodes below the root (with all below them) that describe no device.
NOT_DEVICES = {"aliases", "chosen", "cpus", "memory", "reserved-memory", "__symbols__",
               "__overrides__", "__local_fixups__", "__fixups__", "options"}


def is_pci(node):
    """Is the node a PCI host or bridge, or another bus with PCI addresses?"""
    return node.string("device_type") in ("pci", "pciex")


def bus_ranges(bus):
    """(child address, parent address, size) of a bus's `ranges`; None: not memory mapped."""
    if not bus.has("ranges"):
        return None
    if not bus.cells("ranges"):
        return [(0, 0, LIMIT)]
    return flattree.tuples(bus.cells("ranges"), bus.address_cells, bus.parent.address_cells,
                           bus.size_cells)


def translate(bus, address):
    """CPU address of `address` on the bus below node `bus` (section 2.3.8), None if unmapped."""
    while bus.parent is not None:
        for child, parent, size in bus_ranges(bus) or []:
            if child <= address < child + size:
                address += parent - child
                break
        else:
            return None
        bus = bus.parent
    return address


def registers(node, prop="reg"):
    """The node's memory-mapped ranges as CPU addresses; empty for children of other buses."""
    bus, out = node.parent, []
    if bus is None or is_pci(bus):
        return out
    for address, size in flattree.tuples(node.cells(prop), bus.address_cells, bus.size_cells):
        base = translate(bus, address)
        if size and base is not None and base + size <= LIMIT:
            out.append([base, size])
    return out


def on_pci(node):
    return any(is_pci(ancestor) for ancestor in node.ancestors())


def is_memory(node):
    return node.parent is not None and node.string("device_type") == "memory"


def is_device(node):
    """Is the node outside the parts of a tree that describe no device?"""
    top = node
    while top.parent is not None and top.parent.parent is not None:
        top = top.parent
    return not (node.parent is None or top.base in NOT_DEVICES or is_memory(top))


def is_iommu(node):
    return node.has("#iommu-cells")


def is_pure_iommu(node):
    """An IOMMU and nothing else, going by its name (a memory controller may be one as well)."""
    return is_iommu(node) and named_iommu(node)


def named_iommu(node):
    """By its compatible, or by the generic node name (section 2.2.2), as "renesas,ipmmu-..."."""
    if node.has("#iommu-cells") and node.base in ("iommu", "mmu"):
        return True
    return any("smmu" in name or "iommu" in name or name.startswith("arm,mmu-")
               for name in node.compatible)


class Machine:
    """The facts of one tree, each an attribute of plain lists and dicts."""

    def __init__(self, tree):
        self.tree = tree
        self.gic_node = self._find_gic()
        self.resolver = Resolver(tree, self.gic_node)
        self.memory = self._memory()
        self.reserved = self._reserved()
        self.gic = self._gic()
        self.cpus = self._cpus()
        self.psci = self._psci()
        self.pci_hosts = [self._pci_host(n) for n in tree.walk()
                          if is_pci(n) and n.enabled and not on_pci(n) and is_device(n)]
        self.nodes = [self._node(n) for n in tree.walk() if n.enabled and self._wanted(n)]
        self.devices = [n for n in self.nodes if n["reg"]]
        self.iommus = [self._iommu(n) for n in tree.walk() if is_iommu(n) and n.enabled]
        self.dynamic_spis = dynamic(tree)

    # Memory

    def _memory(self):
        """Host RAM: the memory nodes below the root; `linux,usable-memory` wins over `reg`."""
        out = []
        for node in self.tree.root.children:
            if (is_memory(node) or node.base == "memory") and node.own_status:
                prop = "linux,usable-memory" if node.has("linux,usable-memory") else "reg"
                out += registers(node, prop)
        return out

    def _reserved(self):
        out = [{"path": "/memreserve/", "reg": [[a, s]], "no_map": False}
               for a, s in self.tree.reserved if s]
        top = self.tree.node("/reserved-memory")
        for node in top.children if top else []:
            if not node.enabled:
                continue
            entry = {"path": node.path, "reg": self._reserved_reg(node),
                     "no_map": node.has("no-map"), "compatible": node.compatible}
            if not node.has("reg"):
                entry["size"] = flattree.number(node.cells("size"))
            out.append(entry)
        return out

    @staticmethod
    def _reserved_reg(node):
        """`ranges` is required of /reserved-memory (section 3.5), and missing in some trees."""
        widths = node.parent.address_cells, node.parent.size_cells
        return [[a, s] for a, s in flattree.tuples(node.cells("reg"), *widths) if s]

    # Interrupt controller

    def _find_gic(self):
        """The GIC that the CPUs take interrupts from: one not wired to an SPI of another."""
        gics = [n for n in self.tree.walk() if is_gic(n) and n.enabled]
        for node in gics:
            resolver = Resolver(self.tree, node)
            own = [spec for parent, spec, _ in resolver.specifiers(node) if parent is not None]
            if not any(spec and spec[0] == 0 for spec in own):
                return node
        return gics[0] if gics else None

    def _gic(self):
        node = self.gic_node
        if node is None:
            return None
        reg = registers(node)
        lines, _ = self.resolver.of(node)
        gic = {"path": node.path, "compatible": node.compatible, "reg": reg,
               "maintenance": lines[0]["intid"] if lines else None, "gicr": []}
        if GIC_V3 & set(node.compatible):
            count = node.cell("#redistributor-regions", 1)
            gic.update(version=3, gicr=reg[1 : 1 + count])
            gic["stride"] = flattree.number(node.cells("redistributor-stride")) or None
            rest = reg[1 + count :]
        else:
            gic.update(version=2)
            rest = reg[1:]
        gic["gicd"] = reg[0] if reg else None
        for name, frame in zip(("gicc", "gich", "gicv"), rest + [None] * 3):
            gic[name] = frame
        gic["its"] = self._frames("arm,gic-v3-its")
        gic["v2m"] = self._frames("arm,gic-v2m-frame")
        return gic

    def _frames(self, compatible):
        return [{"path": n.path, "reg": registers(n)} for n in self.tree.walk()
                if compatible in n.compatible and n.enabled]

    def gic_frames(self):
        """(name, [address, size]) of each frame that nobody may be given: GIC and ITS."""
        if self.gic is None:
            return []
        out = [("GIC " + n.upper(), self.gic[n]) for n in ("gicd", "gicc", "gich", "gicv")]
        out += [("GIC GICR", r) for r in self.gic["gicr"]]
        out += [("ITS " + f["path"], r) for f in self.gic["its"] for r in f["reg"]]
        return [(name, frame) for name, frame in out if frame]

    # CPUs

    def _cpus(self):
        cpus = self.tree.node("/cpus")
        out = []
        for node in cpus.children if cpus else []:
            if node.string("device_type") != "cpu" and node.base != "cpu":
                continue
            out.append({"path": node.path, "compatible": node.compatible,
                        "mpidr": flattree.number(node.cells("reg")[: cpus.address_cells]),
                        "enabled": node.own_status,
                        "status": node.string("status", "okay"),
                        "enable_method": node.string("enable-method",
                                                     cpus.string("enable-method"))})
        return out

    def _psci(self):
        for node in self.tree.walk():
            if any(c.startswith("arm,psci") for c in node.compatible) and node.enabled:
                return {"path": node.path, "compatible": node.compatible,
                        "method": node.string("method"),
                        "functions": {f: node.cell(f) for f in
                                      ("cpu_suspend", "cpu_off", "cpu_on", "migrate")
                                      if node.has(f)}}
        return None

    # Devices

    @staticmethod
    def _wanted(node):
        interrupts = node.has("interrupts") or node.has("interrupts-extended")
        if node.parent is None:
            return False
        return interrupts or is_device(node) and (node.has("reg") or is_pci(node))

    def _kind(self, node):
        if node is self.gic_node:
            return "gic"
        if "arm,gic-v3-its" in node.compatible:
            return "its"
        if "arm,gic-v2m-frame" in node.compatible:
            return "v2m"
        if is_pure_iommu(node):
            return "iommu"
        if named_iommu(node):
            return "iommu-part"         # a context bank or performance monitor of an IOMMU
        if is_pci(node) and not on_pci(node):
            return "pci-host"
        return "device"

    def _node(self, node):
        lines, reasons = self.resolver.of(node)
        reg = registers(node) if is_device(node) and not on_pci(node) else []
        return {"path": node.path, "compatible": node.compatible, "kind": self._kind(node),
                "reg": reg, "interrupts": lines, "unresolved": reasons}

    @staticmethod
    def _iommu(node):
        return {"path": node.path, "compatible": node.compatible, "reg": registers(node),
                "cells": node.cell("#iommu-cells", 0), "pure": is_pure_iommu(node)}

    # PCI

    def _pci_host(self, node):
        windows = []
        entries = flattree.tuples(node.cells("ranges"), 1, 2, node.parent.address_cells,
                                  node.size_cells)
        for flags, pci, address, size in entries:
            cpu = translate(node.parent, address)
            if size and cpu is not None:
                windows.append({"space": ("config", "io", "mem32", "mem64")[flags >> 24 & 3],
                                "prefetchable": bool(flags >> 30 & 1),
                                "pci": pci, "cpu": cpu, "size": size})
        reg = registers(node)
        ecam = any("ecam" in name for name in node.compatible)
        return {"path": node.path, "compatible": node.compatible, "reg": reg, "windows": windows,
                "bus_range": node.cells("bus-range")[:2] or None,
                "domain": node.cell("linux,pci-domain"), "ecam": reg[0] if ecam and reg else None}

    # Views

    def spis(self):
        """INTID -> paths of the enabled nodes that use it, for shared interrupts."""
        users = {}
        for node in self.nodes:
            for entry in node["interrupts"]:
                if entry["type"] in ("spi", "espi"):
                    users.setdefault(entry["intid"], []).append(node["path"])
        return users

    def json(self):
        names = ("memory", "reserved", "cpus", "psci", "gic", "iommus", "pci_hosts",
                 "dynamic_spis", "nodes")
        return {name: getattr(self, name) for name in names}


def load(path):
    """The machine that the .dtb describes."""
    return Machine(flattree.load(path))


def main(argv):
    if len(argv) != 2 or argv[1] in ("-h", "--help"):
        print("usage: devicetree.py X.dtb", file=sys.stderr)
        return 2
    try:
        machine = load(argv[1])
    except (OSError, flattree.FdtError) as err:
        print("devicetree.py: %s: %s" % (argv[1], err), file=sys.stderr)
        return 1
    json.dump(machine.json(), sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
