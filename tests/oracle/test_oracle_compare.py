# SPDX-License-Identifier: GPL-2.0-only
"""The judgement of root descriptors: one that is right has no violation, and each slip gives one.

The descriptors are made here, by the oracle's own writer, from values worked out by hand.
"""

import copy
import subprocess
import sys
from pathlib import Path

import pytest

import compare
import descriptor
import devicetree

WIDTH, RWIO, RAM = 0xF0000, 0x13, 0xF

# SPIs: uart 5 (37), timer block 6 (38), pcie 7..8 (39, 40), smmu 9 (41), v2m frame 16.. (48..51).
TREE = """
/ { #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
    memory@80000000 { device_type = "memory"; reg = <0x80000000 0x10000000>; };
    reserved-memory { #address-cells = <1>; #size-cells = <1>; ranges;
        fw@7f000000 { reg = <0x7f000000 0x1000>; no-map; }; };
    gic: gic@10000000 { compatible = "arm,gic-400"; #interrupt-cells = <3>; interrupt-controller;
        reg = <0x10000000 0x1000>, <0x10010000 0x2000>, <0x10020000 0x2000>, <0x10030000 0x2000>;
        #address-cells = <1>; #size-cells = <1>; ranges; interrupts = <1 9 4>;
        v2m@10040000 { compatible = "arm,gic-v2m-frame"; reg = <0x10040000 0x1000>;
            arm,msi-base-spi = <48>; arm,msi-num-spis = <4>; }; };
    uart@20000000 { reg = <0x20000000 0x1000>; interrupts = <0 5 4>; };
    timer@20001006 { reg = <0x20001006 0x20>; interrupts = <0 6 4>; };
    smmu@20001800 { compatible = "arm,smmu-v2"; reg = <0x20001800 0x100>; #iommu-cells = <1>;
        interrupts = <0 9 4>; };
    off@20003000 { reg = <0x20003000 0x1000>; interrupts = <0 10 4>; status = "disabled"; };
    pcie@40000000 { compatible = "pci-host-ecam-generic"; device_type = "pci";
        reg = <0x40000000 0x100000>; bus-range = <0 0>; #address-cells = <3>; #size-cells = <2>;
        ranges = <0x02000000 0 0x50000000 0x50000000 0 0x1000000>;
        #interrupt-cells = <1>; interrupt-map-mask = <0 0 0 7>;
        interrupt-map = <0 0 0 1 &gic 0 0 7 4>, <0 0 0 2 &gic 0 0 8 4>; };
};
"""


def region(start, size, flags=RWIO, virt=None):
    return {"phys_start": start, "virt_start": start if virt is None else virt, "size": size,
            "flags": flags}


UART, TIMER, ECAM, WINDOW, V2M = range(5)


def system():
    """The right root descriptor for TREE."""
    regions = [region(0x20000000, 0x1000), region(0x20001004, 0x24, RWIO | WIDTH),
               region(0x40000000, 0x100000), region(0x50000000, 0x1000000),
               region(0x10040000, 0x1000), region(0x80000000, 0xFC00000, RAM),
               region(0x7F000000, 0x1000, RAM)]
    return {
        "kind": "system", "revision": 14, "architecture": "arm64",
        "hypervisor_memory": region(0x8FC00000, 0x400000, 7),
        "pci_mmconfig_base": 0x60000000, "pci_mmconfig_end_bus": 0, "pci_is_virtual": 1,
        "platform": {"kind": "arm", "gic_version": 2, "maintenance_irq": 25, "gicd": 0x10000000,
                     "gicc": 0x10010000, "gich": 0x10020000, "gicv": 0x1003F000 - 0xE000},
        "root": {"cpus": [0, 1], "memory_regions": regions, "vpci_irq_base": 100,
                 "irqchips": [{"address": 0x10000000, "pin_base": 32,
                               "pin_bitmap": [0b111100000, 0, 0, 0]}],
                 "pci_devices": [{"type": 3, "num_msix_vectors": 0}]},
    }


@pytest.fixture
def judge(machine):
    """judge(CHANGE, **options): violations of the right descriptor after CHANGE(desc)."""
    host = machine(TREE)

    def run(change=lambda desc: None, **options):
        desc = copy.deepcopy(system())
        change(desc)
        return compare.compare(host, descriptor.parse(descriptor.serialise(desc)), **options)

    return run


def regions(desc):
    return desc["root"]["memory_regions"]


def test_right_descriptor_has_no_violation(judge):
    assert judge() == []


@pytest.mark.parametrize("index,expected", [
    (UART, ["/uart@20000000: registers 0x20000000..0x20001000 are not in root"]),
    (TIMER, ["/timer@20001006: registers 0x20001006..0x20001026 are not in root"]),
    (ECAM, ["/pcie@40000000: registers 0x40000000..0x40100000 are not in root"]),
    (WINDOW, ["window of /pcie@40000000: registers 0x50000000..0x51000000 are not in root"]),
    (V2M, ["/gic@10000000/v2m@10040000: registers 0x10040000..0x10041000 are not in root"]),
])
def test_each_frame_is_demanded(judge, index, expected):
    assert judge(lambda desc: regions(desc).pop(index)) == expected


def test_half_a_frame_is_not_enough(judge):
    out = judge(lambda desc: regions(desc)[WINDOW].update(size=0x800000))
    assert out == ["window of /pcie@40000000: registers 0x50800000..0x51000000 are not in root"]


def test_moved_or_read_only_is_not_enough(judge):
    gone = ["/uart@20000000: registers 0x20000000..0x20001000 are not in root"]
    assert judge(lambda desc: regions(desc)[UART].update(virt_start=0x30000000)) == gone
    assert judge(lambda desc: regions(desc)[UART].update(flags=0x11)) == gone


def test_real_mmconfig_need_not_be_a_region(judge):
    def change(desc):
        regions(desc).pop(ECAM)
        desc.update(pci_mmconfig_base=0x40000000, pci_is_virtual=0)
    assert judge(change) == []


def test_what_another_cell_owns_is_not_demanded(judge):
    cell = descriptor.parse(descriptor.serialise({
        "kind": "cell", "revision": 14, "architecture": "arm64", "cpus": [1],
        "memory_regions": [region(0x20000000, 0x1000)],
        "irqchips": [{"address": 0x10000000, "pin_base": 32, "pin_bitmap": [1 << 5, 0, 0, 0]}]}))

    def change(desc):
        regions(desc).pop(UART)
        desc["root"]["irqchips"][0]["pin_bitmap"][0] &= ~(1 << 5)
    assert judge(change, cells=[cell]) == []
    assert len(judge(change)) == 2


@pytest.mark.parametrize("start,size,name", [
    (0x10000000, 0x1000, "GIC GICD 0x10000000..0x10001000"),
    (0x10011000, 0x1000, "GIC GICC 0x10010000..0x10012000"),
    (0x10020000, 0x1000, "GIC GICH 0x10020000..0x10022000"),
    (0x10031000, 0x1000, "GIC GICV 0x10030000..0x10032000"),
    (0x20001000, 0x1000, "IOMMU /smmu@20001800 0x20001800..0x20001900"),
    (0x8FC00000, 0x1000, "hypervisor memory 0x8fc00000..0x90000000"),
    (0x60000000, 0x1000, "virtual ECAM 0x60000000..0x60100000"),
])
def test_each_withheld_frame_is_forbidden(judge, start, size, name):
    out = judge(lambda desc: regions(desc).append(region(start, size)))
    want = "root region 7 phys_start %#x..%#x overlaps %s" % (start, start + size, name)
    assert want in out
    # also when only the guest address hits it
    out = judge(lambda desc: regions(desc).append(region(0x80000000, size, RAM, start)))
    assert [want.replace("phys", "virt")] == out


def test_redistributors_of_all_cpus_and_the_its_are_forbidden(machine):
    host = machine("""/ { #address-cells = <1>; #size-cells = <1>;
        memory@80000000 { device_type = "memory"; reg = <0x80000000 0x10000000>; };
        gic@8000000 { compatible = "arm,gic-v3"; #interrupt-cells = <3>; interrupt-controller;
            #address-cells = <1>; #size-cells = <1>; ranges;
            reg = <0x8000000 0x10000>, <0x80a0000 0x40000>;
            its@8080000 { compatible = "arm,gic-v3-its"; reg = <0x8080000 0x20000>; }; }; };""")
    desc = dict(system(), pci_mmconfig_base=0, root={"memory_regions": []}, platform={
        "kind": "arm", "gic_version": 3, "gicd": 0x8000000, "gicr": 0x80A0000})
    assert compare.compare(host, descriptor.parse(descriptor.serialise(desc))) == []
    # the second CPU's frames (0x20000 after the first's), and the ITS
    desc["root"]["memory_regions"] = [region(0x80C0000, 0x1000), region(0x8090000, 0x1000)]
    out = compare.compare(host, descriptor.parse(descriptor.serialise(desc)))
    assert out[:2] == [
        "root region 0 phys_start 0x80c0000..0x80c1000 overlaps GIC GICR 0x80a0000..0x80e0000",
        "root region 1 phys_start 0x8090000..0x8091000 overlaps ITS /gic@8000000/its@8080000 "
        "0x8080000..0x80a0000"]


@pytest.mark.parametrize("start,size,flags,outside", [
    (0x20002000, 0x1000, RWIO, "0x20002000..0x20003000"),           # nothing there
    (0x20003000, 0x1000, RWIO, "0x20003000..0x20004000"),           # disabled
    (0x20000000, 0x1000000, RWIO, None),                            # far too much
    (0x20001004, 0x28, RWIO | WIDTH, "0x20001028..0x2000102c"),     # sub-page, a word too long
    (0x20001000, 0x28, RWIO | WIDTH, "0x20001000..0x20001004"),     # ... a word too early
    (0x7F000000, 0x2000, RAM, "0x7f001000..0x7f002000"),            # behind reserved memory
])
def test_regions_outside_ram_and_frames(judge, start, size, flags, outside):
    out = judge(lambda desc: regions(desc).append(region(start, size, flags)))
    bounds = [line for line in out if "neither RAM" in line]
    if outside:
        assert bounds == ["root region 7 %#x..%#x: %s is neither RAM nor of an enabled device" %
                          (start, start + size, outside)]
    else:
        assert bounds


def test_ram_that_the_tree_does_not_state(judge):
    def change(desc):
        regions(desc).append(region(0xA0000000, 0x1000, RAM))
    assert len(judge(change)) == 1
    assert judge(change, extra_ram=[(0xA0000000, 0xB0000000)]) == []


def test_comm_and_empty_regions_are_no_memory(judge):
    def change(desc):
        regions(desc).append(region(0, 0x1000, 0x23, 0x90000000))
        regions(desc).append(region(0, 0, 0))
    assert judge(change) == []


def test_subpage_without_width(judge):
    out = judge(lambda desc: regions(desc)[TIMER].update(flags=RWIO))
    assert out == ["root region 1 0x20001004..0x20001028 is sub-page and permits no access width"]


def test_each_spi_is_demanded(judge):
    def without(pin):
        def change(desc):
            desc["root"]["irqchips"][0]["pin_bitmap"][0] &= ~(1 << pin)
        return change
    assert judge(without(5)) == ["SPI 5 (INTID 37) of /uart@20000000 is not in root"]
    assert judge(without(6)) == ["SPI 6 (INTID 38) of /timer@20001006 is not in root"]
    assert judge(without(8)) == ["SPI 8 (INTID 40) of /pcie@40000000 is not in root"]


def test_run_time_lines_on_request(judge):
    assert len(judge(dynamic=True)) == 4
    assert judge(lambda desc: desc["root"]["irqchips"][0]["pin_bitmap"].__setitem__(0, 0xF01E0),
                 dynamic=True) == []


def test_sgi_ppi_and_foreign_distributor(judge):
    def change(desc):
        desc["root"]["irqchips"].append({"address": 0x10000000, "pin_base": 0,
                                         "pin_bitmap": [1 << 27 | 1, 1, 0, 0]})
        desc["root"]["irqchips"].append({"address": 0x1234000, "pin_base": 160,
                                         "pin_bitmap": [1, 0, 0, 0]})
    assert judge(change) == [
        "INTID 0 is no SPI and in root", "INTID 27 is no SPI and in root",
        "irqchip 2 has address 0x1234000, the distributor is at 0x10000000"]


def test_virtual_pci_lines_collide(judge):
    out = judge(lambda desc: desc["root"].update(vpci_irq_base=2))
    assert out == ["INTID 37 of the virtual PCI host is used by /uart@20000000"]


def test_virtual_pci_vectors_want_lines(judge):
    out = judge(lambda desc: desc["root"]["pci_devices"][0].update(num_msix_vectors=1))
    assert out == ["INTID 136 of a vector is not in root"]


@pytest.mark.parametrize("field,value,expected", [
    ("gic_version", 3, "GIC version 3, the tree has 2"),
    ("gicd", 0x11000000, "GICD 0x11000000 is not in the tree's frame"),
    ("gicv", 0x10040000, "GICV 0x10040000 is not in the tree's frame"),
    ("maintenance_irq", 24, "maintenance interrupt 24, the tree has 25"),
])
def test_platform(judge, field, value, expected):
    assert judge(lambda desc: desc["platform"].update({field: value})) == [expected]


def test_format_slips(judge):
    out = judge(lambda desc: desc.update(trailing="00000000"))
    assert out == ["4 bytes behind the last array"]
    out = judge(lambda desc: desc["root"].update(counts={"stream_ids": 3}))
    assert out and "stream_ids: 3 counted" in out[0]


def test_command(dtb, tmp_path):
    path, cell = dtb(TREE), tmp_path / "root.cell"
    command = [sys.executable, Path(compare.__file__), path, cell]
    cell.write_bytes(descriptor.serialise(system()))
    run = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert (run.returncode, run.stdout) == (0, "0 violations\n")
    bad = system()
    regions(bad).pop(UART)
    cell.write_bytes(descriptor.serialise(bad))
    run = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert run.returncode == 1 and run.stdout.count("\n") == 2
    cell.write_bytes(b"?")
    assert subprocess.run(command, capture_output=True, timeout=30).returncode == 2


def ideal(machine):
    """A system descriptor that a perfect compiler might emit: each demanded frame as it stands."""
    gic = machine.gic
    base = {"hypervisor_memory": region(0, 0), "pci_mmconfig_base": 0, "pci_is_virtual": 0}
    hidden = [frame for _, frame in compare.withheld(machine, base)]
    frames = compare.subtract([frame for _, frame in compare.demanded(machine)], hidden)
    chips = []
    for first in range(32, 1020, 128):
        bits = sum(1 << pin - first for pin in compare.demanded_spis(machine, False)
                   if first <= pin < first + 128)
        chips.append({"address": gic["gicd"][0], "pin_base": first,
                      "pin_bitmap": [bits >> 32 * i & 0xFFFFFFFF for i in range(4)]})
    part = {"kind": "arm", "gic_version": gic["version"], "gicr": (gic["gicr"] or [[0]])[0][0],
            "maintenance_irq": gic["maintenance"] or 0}
    part.update({name: gic[name][0] for name in ("gicd", "gicc", "gich", "gicv") if gic[name]})
    return dict(base, kind="system", revision=14, architecture="arm64", platform=part, root={
        "memory_regions": [region(a, b - a, RWIO | WIDTH) for a, b in frames], "irqchips": chips})


@pytest.mark.slow
def test_demands_of_all_trees_can_be_met():
    """For every tree with a GIC that has virtual frames the demands do not contradict each other:
    the descriptor that gives exactly the demanded has no violation."""
    top = Path(__file__).resolve().parents[2] / "build" / "trees"
    judged = 0
    for path in sorted(top.glob("**/*.dtb")):
        machine = devicetree.load(path)
        if machine.gic and (machine.gic["version"] == 3 or machine.gic["gicv"]):
            desc = descriptor.parse(descriptor.serialise(ideal(machine)))
            assert compare.compare(machine, desc) == [], path.name
            judged += 1
    assert judged > 600
