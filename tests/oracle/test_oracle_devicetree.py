# SPDX-License-Identifier: GPL-2.0-only
"""The oracle's reader of device trees, on small trees with expected values worked out by hand."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import devicetree
import flattree

GICV2 = """
    gic: interrupt-controller@f9010000 {
        compatible = "arm,gic-400"; #interrupt-cells = <3>; interrupt-controller;
        reg = <0xf9010000 0x1000>, <0xf9020000 0x2000>, <0xf9040000 0x2000>, <0xf9060000 0x2000>;
        interrupts = <1 9 0xf04>;
    };
"""


def board(body, gic=GICV2, extra=""):
    return "%s / { #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>; %s %s };" % (
        extra, gic, body)


def regs(machine):
    return {n["path"]: n["reg"] for n in machine.devices if n["kind"] == "device"}


def lines(machine, path):
    return [(e["type"], e["intid"]) for n in machine.nodes if n["path"] == path
            for e in n["interrupts"]]


def reasons(machine, path):
    return [r for n in machine.nodes if n["path"] == path for r in n["unresolved"]]


# Registers


def test_nested_ranges_translate_and_empty_is_identity(machine):
    m = machine(board("""
        soc { #address-cells = <1>; #size-cells = <1>; ranges = <0x0 0x80000000 0x1000000>;
            bus@10000 { #address-cells = <1>; #size-cells = <1>;
                ranges = <0x0 0x10000 0x1000>, <0x8000 0x20000 0x1000>;
                a@10 { reg = <0x10 0x4>; };
                b@8100 { reg = <0x8100 0x20>, <0x9000 0x10>; };
            };
            same { #address-cells = <1>; #size-cells = <1>; ranges; c@40 { reg = <0x40 0x40>; }; };
        };"""))
    # a: 0x10 -> 0x10010 in soc -> 0x80010010. b: 0x8100 - 0x8000 + 0x20000 = 0x20100; its second
    # range begins at the end of the bus's last window, hence is not mapped.
    assert regs(m) == {"/soc/bus@10000/a@10": [[0x80010010, 4]],
                       "/soc/bus@10000/b@8100": [[0x80020100, 0x20]],
                       "/soc/same/c@40": [[0x80000040, 0x40]]}


def test_cells_of_one_to_three(machine):
    m = machine("""/ { #address-cells = <2>; #size-cells = <2>;
        wide@1,0 { reg = <0x1 0x0 0x2 0x0>; };
        mc { #address-cells = <3>; #size-cells = <1>; ranges = <1 0 0x1000 0x8 0x0 0x10000>;
             dev@1 { reg = <1 0 0x1800 0x100>; };
             other@2 { reg = <2 0 0x1800 0x100>; }; }; };""")
    # dev: 0x1800 - 0x1000 into the window at 0x8_0000_0000; other: another first cell, no window.
    assert regs(m) == {"/wide@1,0": [[0x100000000, 0x200000000]],
                       "/mc/dev@1": [[0x800000800, 0x100]]}


def test_buses_without_ranges_are_not_mapped(machine):
    m = machine(board("""
        i2c@1000 { #address-cells = <1>; #size-cells = <0>; reg = <0x1000 0x100>;
            chip@50 { reg = <0x50>; }; };
        flash@2000 { reg = <0x2000 0x100>; #address-cells = <1>; #size-cells = <1>;
            part@0 { reg = <0x0 0x80>; }; };"""))
    assert regs(m) == {"/i2c@1000": [[0x1000, 0x100]], "/flash@2000": [[0x2000, 0x100]]}


def test_status_is_inherited(machine):
    m = machine(board("""
        off { status = "disabled"; #address-cells = <1>; #size-cells = <1>; ranges;
              a@1000 { reg = <0x1000 4>; status = "okay"; interrupts = <0 1 4>; }; };
        b@2000 { reg = <0x2000 4>; status = "reserved"; };
        c@3000 { reg = <0x3000 4>; status = "ok"; };"""))
    assert regs(m) == {"/c@3000": [[0x3000, 4]]}
    assert m.spis() == {}


def test_no_device_in_chosen_memory_cpus_reserved_and_pci_children(machine):
    m = machine(board("""
        memory@80000000 { device_type = "memory"; reg = <0x80000000 0x1000000>; };
        chosen { #address-cells = <1>; #size-cells = <1>; ranges;
            fb@81000000 { reg = <0x81000000 0x1000>; }; };
        cpus { #address-cells = <1>; #size-cells = <0>; cpu@0 { device_type = "cpu"; reg = <0>; };
            };
        reserved-memory { #address-cells = <1>; #size-cells = <1>; ranges;
            r@80000000 { reg = <0x80000000 0x1000>; no-map; }; };
        pcie@4000 { device_type = "pci"; #address-cells = <3>; #size-cells = <2>;
            reg = <0x4000 0x1000>;
            bus-range = <0 1>;
            ranges = <0x01000000 0 0x0 0x50000000 0 0x10000>,
                     <0x43000000 1 0x0 0x60000000 0 0x1000000>;
            pci@0,0 { device_type = "pci"; reg = <0 0 0 0 0>; #address-cells = <3>;
            #size-cells = <2>; ranges; }; };"""))
    assert regs(m) == {}
    assert m.memory == [[0x80000000, 0x1000000]]
    assert m.reserved == [{"path": "/reserved-memory/r@80000000", "reg": [[0x80000000, 0x1000]],
                           "no_map": True, "compatible": []}]
    (host,) = m.pci_hosts
    assert host["reg"] == [[0x4000, 0x1000]] and host["bus_range"] == [0, 1]
    # 0x01...: I/O; 0x43...: 64-bit memory, prefetchable.
    assert host["windows"] == [
        {"space": "io", "prefetchable": False, "pci": 0, "cpu": 0x50000000, "size": 0x10000},
        {"space": "mem64", "prefetchable": True, "pci": 0x100000000, "cpu": 0x60000000,
         "size": 0x1000000}]


def test_memory_several_nodes_usable_memory_and_memreserve(machine):
    m = machine(board("""
        memory@0 { device_type = "memory"; reg = <0x0 0x1000>, <0x0 0x0>, <0x8000 0x1000>; };
        memory@10000 { device_type = "memory"; reg = <0x10000 0x1000>;
            linux,usable-memory = <0x10800 0x800>; };
        """, extra="/memreserve/ 0x400 0x100;"))
    assert m.memory == [[0, 0x1000], [0x8000, 0x1000], [0x10800, 0x800]]
    assert m.reserved == [{"path": "/memreserve/", "reg": [[0x400, 0x100]], "no_map": False}]


# Interrupts


def test_interrupt_types_and_parents(machine):
    m = machine(board("""
        spi@1000 { reg = <0x1000 4>; interrupts = <0 5 4>, <0 6 1>; };
        timer { interrupts = <1 13 0xf08>; };
        ext { interrupts-extended = <&gic 0 7 4>, <0>, <&gic 1 2 4>; interrupts = <0 99 4>; };
        noregs { child { interrupts = <0 8 4>; }; };
        espi { interrupts = <2 3 4>, <3 1 4>; };"""))
    assert lines(m, "/spi@1000") == [("spi", 37), ("spi", 38)]
    assert lines(m, "/timer") == [("ppi", 29)]
    # interrupts-extended wins over interrupts; the <0> is an entry left empty
    assert lines(m, "/ext") == [("spi", 39), ("ppi", 18)]
    assert lines(m, "/noregs/child") == [("spi", 40)]
    assert lines(m, "/espi") == [("espi", 4099), ("eppi", 1057)]
    assert m.spis() == {37: ["/spi@1000"], 38: ["/spi@1000"], 39: ["/ext"], 40: ["/noregs/child"],
                        4099: ["/espi"]}


def test_cascade_gives_the_lines_of_the_controller(machine):
    m = machine(board("""
        gpio: gpio@2000 { reg = <0x2000 4>; interrupt-controller; #interrupt-cells = <2>;
            interrupts = <0 20 4>, <0 21 4>; };
        pin { compatible = "x"; interrupts = <0 30 4>;
            bank: bank { interrupt-controller; #interrupt-cells = <2>; }; };
        key { interrupt-parent = <&gpio>; interrupts = <3 1>; };
        knob { interrupts-extended = <&bank 1 1>, <&gpio 4 1>; };"""))
    assert lines(m, "/key") == [("spi", 52), ("spi", 53)]
    assert lines(m, "/knob") == [("spi", 62), ("spi", 52), ("spi", 53)]


def test_disabled_and_lineless_controllers_give_a_reason(machine):
    m = machine(board("""
        gpio: gpio@2000 { reg = <0x2000 4>; interrupt-controller; #interrupt-cells = <2>;
            status = "disabled";
            interrupts = <0 20 4>; };
        exti: exti@3000 { reg = <0x3000 4>; interrupt-controller; #interrupt-cells = <2>; };
        a { interrupt-parent = <&gpio>; interrupts = <3 1>; };
        b { interrupt-parent = <&exti>; interrupts = <3 1>; };"""))
    assert lines(m, "/a") == [] and reasons(m, "/a") == ["controller /gpio@2000 is disabled"]
    assert lines(m, "/b") == [] and reasons(m, "/b") == ["/exti@3000 states no line to the GIC"]


def test_controllers_that_hand_gic_specifiers_through(machine):
    m = machine(board("""
        wake: wake@2000 { reg = <0x2000 4>; interrupt-controller; #interrupt-cells = <3>; };
        gpc: gpc@3000 { compatible = "fsl,imx6q-gpc"; reg = <0x3000 4>; interrupt-controller;
            #interrupt-cells = <3>; interrupts = <0 89 4>; };
        a { interrupt-parent = <&wake>; interrupts = <0 40 4>; };
        b { interrupt-parent = <&gpc>; interrupts = <0 41 4>; };
        pru: pru@4000 { reg = <0x4000 4>; interrupt-controller; #interrupt-cells = <3>;
            interrupts = <0 50 4>; };
        c { interrupt-parent = <&pru>; interrupts = <16 2 2>; };"""))
    assert lines(m, "/a") == [("spi", 72)]
    assert lines(m, "/b") == [("spi", 73)]
    # three cells of its own meaning, and a line of its own: an ordinary cascade
    assert lines(m, "/c") == [("spi", 82)]


def test_pdc_pins_and_run_time_routers(machine):
    m = machine(board("""
        pdc: pdc@2000 { compatible = "qcom,x-pdc", "qcom,pdc"; reg = <0x2000 4>;
            interrupt-controller;
            #interrupt-cells = <2>; qcom,pdc-ranges = <0 480 94>, <94 609 31>; };
        a { interrupts-extended = <&pdc 2 4>, <&pdc 95 4>; };
        xbar: xbar@3000 { compatible = "ti,irq-crossbar"; reg = <0x3000 4>; interrupt-controller;
            #interrupt-cells = <3>; ti,max-irqs = <6>; ti,irqs-reserved = <0 1 2>;
            ti,irqs-skip = <4>; };
        b { interrupt-parent = <&xbar>; interrupts = <0 300 4>; };"""))
    # pin 2 -> SPI 482 -> INTID 514; pin 95 -> SPI 610 -> INTID 642
    assert lines(m, "/a") == [("spi", 514), ("spi", 642)]
    assert lines(m, "/b") == [] and reasons(m, "/b") == ["/xbar@3000 routes at run time"]
    # of SPIs 0..5 there remain 3 and 5: INTIDs 35 and 37
    assert m.dynamic_spis == [{"path": "/xbar@3000", "ranges": [[35, 1], [37, 1]]}]


def test_nexus_map_with_masks(machine):
    m = machine(board("""
        bus { compatible = "simple-bus"; #address-cells = <2>; #size-cells = <1>;
            ranges = <0 0 0x8000000 0x1000000>, <1 0 0x9000000 0x1000000>;
            uart@1,100 { reg = <1 0x100 0x100>; interrupt-parent = <&nex>; interrupts = <1>; };
        };
        nex: nexus { #interrupt-cells = <1>; #address-cells = <0>; interrupt-map = <1 &two 0x5 9>;
            };
        two: second { #interrupt-cells = <1>; #address-cells = <1>; interrupt-map-mask = <0xf 0xff>;
            interrupt-map = <0x4 9 &gic 0 18 4>, <0x5 9 &gic 0 19 4>; };
        lone { interrupt-parent = <&nex>; interrupts = <2>; };"""))
    assert regs(m)["/bus/uart@1,100"] == [[0x9000100, 0x100]]
    # nexus: 1 -> unit 5, specifier 9 at `second` -> SPI 19
    assert lines(m, "/bus/uart@1,100") == [("spi", 51)]
    assert reasons(m, "/lone") == ["no entry in interrupt-map of /nexus"]


def test_nexus_is_the_parent_of_its_children(machine):
    m = machine(board("""
        bus { #address-cells = <1>; #size-cells = <1>; ranges; #interrupt-cells = <1>;
            interrupt-map-mask = <0 63>; interrupt-map = <0 0 &gic 0 16 4>, <0 1 &gic 0 17 4>;
            uart@100 { reg = <0x100 0x100>; interrupts = <1>; }; };"""))
    assert lines(m, "/bus/uart@100") == [("spi", 49)]


def test_pci_host_uses_all_lines_of_its_map(machine):
    m = machine(board("""
        pcie@4000 { device_type = "pci"; #address-cells = <3>; #size-cells = <2>;
            reg = <0x4000 0x1000>;
            ranges = <0x02000000 0 0x50000000 0x50000000 0 0x10000>;
            interrupts = <0 60 4>; #interrupt-cells = <1>; interrupt-map-mask = <0 0 0 7>;
            interrupt-map = <0 0 0 1 &gic 0 61 4>, <0 0 0 2 &gic 0 62 4>, <0 0 0 3 &intx 0>;
            intx: intc { interrupt-controller; #interrupt-cells = <1>; #address-cells = <0>; };
            };"""))
    # the third goes to a controller inside the host, which has the host's own line 60
    assert lines(m, "/pcie@4000") == [("spi", 92), ("spi", 93), ("spi", 94)]


def test_map_of_external_interrupts_has_no_parent_unit(machine):
    m = machine("""/ { #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
        gic: gic@6000000 { compatible = "arm,gic-v3"; #interrupt-cells = <3>; #address-cells = <2>;
            #size-cells = <2>; interrupt-controller;
            reg = <0x6000000 0x10000>, <0x6100000 0x40000>; };
        ext: ext@14 { compatible = "fsl,ls1088a-extirq"; reg = <0x14 4>; #interrupt-cells = <2>;
            #address-cells = <0>; interrupt-controller; interrupt-map-mask = <0xf 0>;
            interrupt-map = <0 0 &gic 0 0 4>, <1 0 &gic 0 1 4>; };
        rtc { interrupts-extended = <&ext 1 8>; }; };""")
    assert lines(m, "/rtc") == [("spi", 33)]


def test_routing_loops_end(machine):
    m = machine(board("""
        a: a { interrupt-controller; #interrupt-cells = <1>; interrupts-extended = <&b 0>; };
        b: b { interrupt-controller; #interrupt-cells = <1>; interrupts-extended = <&a 0>; };
        c: c { interrupt-controller; #interrupt-cells = <1>; interrupts-extended = <&c 0>; };
        n: n { #interrupt-cells = <1>; #address-cells = <0>; interrupt-map = <0 &n 0>; };
        d { interrupts-extended = <&a 0>, <&c 0>, <&n 0>; };"""))
    assert lines(m, "/d") == []
    assert reasons(m, "/d") and all("loops" in r for r in reasons(m, "/d"))


# Interrupt controllers, IOMMUs, CPUs


def test_gicv2_frames_and_v2m(machine):
    frame = """#address-cells = <1>; #size-cells = <1>; ranges = <0 0xe1100000 0x100000>;
        v2m@80000 { compatible = "arm,gic-v2m-frame"; reg = <0x80000 0x1000>;
            arm,msi-base-spi = <64>; arm,msi-num-spis = <256>; };"""
    m = machine(board("", gic=GICV2.replace("0xf04>;", "0xf04>;" + frame)))
    assert m.gic["version"] == 2 and m.gic["maintenance"] == 25
    assert [m.gic[n] for n in ("gicd", "gicc", "gich", "gicv")] == [
        [0xf9010000, 0x1000], [0xf9020000, 0x2000], [0xf9040000, 0x2000], [0xf9060000, 0x2000]]
    assert m.gic["v2m"] == [{"path": "/interrupt-controller@f9010000/v2m@80000",
                             "reg": [[0xe1180000, 0x1000]]}]
    assert m.dynamic_spis[0]["ranges"] == [[64, 256]]
    assert [k for k, _ in m.gic_frames()] == ["GIC GICD", "GIC GICC", "GIC GICH", "GIC GICV"]


def test_gicv3_regions_its_and_frames_behind_them(machine):
    m = machine("""/ { #address-cells = <2>; #size-cells = <2>; interrupt-parent = <&gic>;
        gic: gic@8000000 { compatible = "arm,gic-v3"; #interrupt-cells = <4>; interrupt-controller;
            #address-cells = <2>; #size-cells = <2>; ranges; #redistributor-regions = <2>;
            redistributor-stride = <0 0x40000>;
            reg = <0 0x8000000 0 0x10000>, <0 0x8100000 0 0x80000>, <0 0x9100000 0 0x80000>,
                  <0 0xa000000 0 0x2000>;
            interrupts = <1 9 4 0>;
            its@8080000 { compatible = "arm,gic-v3-its"; reg = <0 0x8080000 0 0x20000>; }; };
        dev { interrupts = <0 1 4 0>; }; };""")
    assert m.gic["version"] == 3 and m.gic["stride"] == 0x40000 and m.gic["maintenance"] == 25
    assert m.gic["gicr"] == [[0x8100000, 0x80000], [0x9100000, 0x80000]]
    assert m.gic["gicc"] == [0xa000000, 0x2000] and m.gic["gich"] is None
    assert m.gic["its"][0]["reg"] == [[0x8080000, 0x20000]]
    assert lines(m, "/dev") == [("spi", 33)]
    assert [n["kind"] for n in m.devices] == ["gic", "its"]


def test_secondary_gic_is_a_device_and_a_cascade(machine):
    m = machine(board(gic="", body="""
        agic: agic@702f9000 { compatible = "arm,gic-400"; interrupt-controller;
            #interrupt-cells = <3>;
            reg = <0x702f9000 0x1000>, <0x702fa000 0x2000>; interrupts = <0 102 4>; };
        audio { interrupt-parent = <&agic>; interrupts = <0 3 4>; };""" + GICV2))
    assert m.gic["path"] == "/interrupt-controller@f9010000"
    assert regs(m) == {"/agic@702f9000": [[0x702f9000, 0x1000], [0x702fa000, 0x2000]]}
    assert lines(m, "/audio") == [("spi", 134)]


def test_iommus_pure_and_combined(machine):
    m = machine(board("""
        smmu@1000 { compatible = "arm,mmu-500", "arm,smmu-v2"; reg = <0x1000 0x1000>;
            #iommu-cells = <1>; };
        mc@2000 { compatible = "nvidia,tegra210-mc"; reg = <0x2000 0x1000>; #iommu-cells = <1>; };
        pmcg@3000 { compatible = "arm,smmu-v3-pmcg"; reg = <0x3000 0x1000>; };
        iommu@4000 { compatible = "arm,mmu-401"; reg = <0x4000 0x1000>; #iommu-cells = <1>; };
        mmu@5000 { compatible = "renesas,ipmmu-r8a7795"; reg = <0x5000 0x1000>;
            #iommu-cells = <1>; };"""))
    assert [(i["path"], i["pure"]) for i in m.iommus] == [
        ("/smmu@1000", True), ("/mc@2000", False), ("/iommu@4000", True), ("/mmu@5000", True)]
    kinds = {n["path"]: n["kind"] for n in m.devices}
    assert (kinds["/smmu@1000"], kinds["/mc@2000"], kinds["/pmcg@3000"]) == (
        "iommu", "device", "iommu-part")


def test_cpus_and_psci(machine):
    m = machine(board("""
        cpus { #address-cells = <2>; #size-cells = <0>;
            cpu@0 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <0 0>;
            enable-method = "psci"; };
            cpu@100 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <1 0x100>;
            status = "disabled"; };
            cpu-map { cluster0 { }; }; };
        psci { compatible = "arm,psci-0.2"; method = "smc"; cpu_on = <0x84000003>; };"""))
    assert [(c["mpidr"], c["enabled"], c["enable_method"]) for c in m.cpus] == [
        (0, True, "psci"), (0x100000100, False, None)]
    assert m.psci == {"path": "/psci", "compatible": ["arm,psci-0.2"], "method": "smc",
                      "functions": {"cpu_on": 0x84000003}}


# The flat format


def test_bad_bytes_are_refused(dtb):
    data = dtb(board("")).read_bytes()
    for bad in (b"", b"\0" * 40, data[:20], data[: len(data) // 2]):
        with pytest.raises(flattree.FdtError):
            flattree.parse(bad)
    # every single damaged byte gives a tree or FdtError, nothing else
    for at in range(len(data)):
        try:
            devicetree.Machine(flattree.parse(data[:at] + b"\xff" + data[at + 1 :]))
        except flattree.FdtError:
            pass


def test_command_prints_json(dtb, tmp_path):
    script = Path(devicetree.__file__)
    path = dtb(board("dev@1000 { reg = <0x1000 4>; interrupts = <0 1 4>; };"))
    run = subprocess.run([sys.executable, script, path], capture_output=True, text=True, timeout=30)
    out = json.loads(run.stdout)
    assert out["nodes"][-1] == {
        "path": "/dev@1000", "compatible": [], "kind": "device", "reg": [[0x1000, 4]],
        "interrupts": [{"intid": 33, "type": "spi", "via": []}], "unresolved": []}
    run = subprocess.run([sys.executable, script, tmp_path / "none"], timeout=30,
                         capture_output=True)
    assert run.returncode == 1


# The corpus


def trees():
    top = Path(__file__).resolve().parents[2] / "build" / "trees"
    return sorted(top.glob("**/*.dtb"))


@pytest.mark.slow
def test_corpus_reads_without_exception():
    """All trees of the kernel packages (absent before ./setup trees: then the count shows it)."""
    paths = trees()
    machines = {"/".join(p.parts[-2:]): devicetree.load(p) for p in paths}
    if not paths:
        pytest.fail("no trees in build/trees: run ./setup trees")
    zcu = machines["xilinx/zynqmp-zcu102-rev1.0.dtb"]
    assert zcu.memory == [[0, 0x80000000], [0x800000000, 0x80000000]]
    assert zcu.gic["gicd"] == [0xf9010000, 0x10000]
    assert "/axi/serial@ff000000" in zcu.spis()[53]
