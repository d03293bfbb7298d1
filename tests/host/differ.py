# SPDX-License-Identifier: GPL-2.0-only
"""What two readings of one tree disagree on: cellc's dump and the independent oracle."""


def cpus(dump, oracle):
    enabled = [(c["path"], c["mpidr"]) for c in oracle.cpus if c["enabled"]]
    yield "cpus", [(c["path"], c["mpidr"]) for c in dump["cpus"]], enabled
    yield "disabled cpus", dump["disabled-cpus"], len(oracle.cpus) - len(enabled)


def memory(dump, oracle):
    yield "ram", dump["ram"], oracle.memory
    static = sorted(r for e in oracle.reserved for r in e["reg"])
    yield "reserved", sorted(dump["reserved"]), static


def gic(dump, oracle):
    mine, other = dump["gic"], oracle.gic
    yield "gic", mine and mine["path"], other and other["path"]
    if not mine or not other:
        return
    yield "gic version", mine["version"], other["version"]
    for frame in ("gicd", "gicc", "gich", "gicv"):
        yield frame, mine.get(frame, [None])[0], other[frame]
    yield "gicr", mine.get("gicr", []), other["gicr"]
    # GICv2 fixes PPI 9 for it, should the tree leave it out (IHI 0048, virtual machine control)
    fixed = 25 if other["version"] == 2 and other["gich"] else 0
    first = other["maintenance"]
    yield "maintenance", mine["maintenance"], first if first and first < 32 else fixed
    if other["version"] == 3:
        yield "stride", mine["stride"][0][0], other["stride"] or 0x20000


def firmware(dump, oracle):
    other = oracle.psci
    yield "psci", dump["psci"], [other["method"], other["path"]] if other else None


def pci(dump, oracle):
    spaces = ("config", "io", "mem32", "mem64")
    mine = {p for p, n in dump["nodes"].items()
            if n["role"] == "pci-host" and "disabled" not in n["flags"]}
    yield "pci hosts", mine, {p["path"] for p in oracle.pci_hosts}
    for host in oracle.pci_hosts:
        windows = [(spaces.index(w["space"]), w["pci"], w["cpu"], w["size"], w["prefetchable"])
                   for w in host["windows"]]
        yield "windows of " + host["path"], dump["nodes"][host["path"]]["window"], windows


def nodes(dump, oracle):
    """Registers and interrupts of every enabled node, SPIs handed out at run time apart."""
    spans = {d["path"]: d["ranges"] for d in oracle.dynamic_spis}
    roles = {"iommu-part": "iommu"}
    for other in oracle.nodes:
        path = other["path"]
        mine = dump["nodes"][path]
        yield "reg of " + path, mine["reg"], other["reg"]
        lines = sorted({(e["type"].lstrip("e"), e["intid"]) for e in other["interrupts"]})
        own = sorted({(i["type"], i["intid"]) for i in mine["irq"]})
        handed = {("spi", i) for first, count in spans.get(path, [])
                  for i in range(first, first + count)}
        yield "interrupts of " + path, own, sorted(set(lines) | handed)
        yield "traced " + path, mine["missing"] is None, not other["unresolved"]
        kind = roles.get(other["kind"], other["kind"])
        role = mine["role"] if mine["role"] in ("gic", "its", "v2m", "iommu", "pci-host") \
            else "device"
        yield "role of " + path, role, kind
    listed = {n["path"] for n in oracle.nodes if n["reg"]}
    extra = {p for p, n in dump["nodes"].items()
             if n["reg"] and "disabled" not in n["flags"]} - listed
    yield "nodes with registers", extra, set()


def differences(dump, oracle):
    """(what, cellc's, oracle's) wherever the two differ."""
    for part in (cpus, memory, gic, firmware, pci, nodes):
        for what, mine, other in part(dump, oracle):
            if mine != other:
                yield what, mine, other
