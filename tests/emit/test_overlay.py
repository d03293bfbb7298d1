# SPDX-License-Identifier: GPL-2.0-only
"""The host overlay: applies to the host's tree, keeps Linux away from all that was carved out and from
what nobody has below the hypervisor, and its source is the same overlay."""

import pathlib
import re
import subprocess
import sys

import pytest

import harness

sys.path.insert(0, str(harness.TOP / "tests/oracle"))

import descriptor  # noqa: E402
import devicetree  # noqa: E402

HERE = pathlib.Path(__file__).parent
WITHHELD = {"its", "iommu"}
EXAMPLES = harness.sources(harness.TOP / "examples", "*/*.plan")


def run(*args, **kwargs):
    return subprocess.run(list(map(str, args)), timeout=30, capture_output=True, text=True, check=True,
                          **kwargs)


def dtc_says(dtb):
    """dtc's warnings, without the file name in front."""
    lines = run("dtc", "-I", "dtb", "-O", "dts", "-o", "/dev/null", dtb).stderr.splitlines()
    return {line.split(": ", 1)[-1] for line in lines}


def carved_out(folder):
    """[start, size] of the hypervisor's memory and of all RAM of cells that is not root's device."""
    out = []
    for path in folder.glob("*.cell"):
        parsed = descriptor.parse(path.read_bytes())
        if "hypervisor_memory" in parsed:
            hyp = parsed["hypervisor_memory"]
            out.append([hyp["phys_start"], hyp["size"]])
        else:
            out += [[r["phys_start"], r["size"]] for r in parsed["memory_regions"]
                    if r["size"] and not r["flags"] & 0x30]
    return out


def apply(host, folder, root, work):
    """The host's tree with the overlay, as a file."""
    new = work / "new.dtb"
    run("fdtoverlay", "-i", host, "-o", new, folder / f"{root}-host.dtbo")
    return new


def judge(host, folder, root, work):
    new = apply(host, folder, root, work)
    assert dtc_says(new) <= dtc_says(host)
    machine = devicetree.load(new)
    assert len(list(folder.glob("*.cell"))) > 1
    reserved = [reg for entry in machine.reserved if entry["no_map"] for reg in entry["reg"]]
    before = {n["path"] for n in devicetree.load(host).nodes if n["kind"] not in WITHHELD}
    after = {n["path"]: n["kind"] for n in machine.nodes}
    assert not set(after.values()) & WITHHELD and set(after) - {"/reserved-memory"} >= before
    for start, size in carved_out(folder):
        inside_ram = any(s <= start < s + n for s, n in machine.memory)
        assert not inside_ram or any(s <= start and start + size <= s + n for s, n in reserved), \
            f"{start:#x} + {size:#x} is not reserved"


def test_golden(built):
    harness.golden(HERE / "board-host.dts", (built / "board-host.dts").read_text())


def test_applies_and_covers(built, tmp_path):
    host = tmp_path / "host.dtb"
    run("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", host, HERE / "board.dts")
    judge(host, built, "board", tmp_path)


def test_host_without_reserved_memory(tmp_path):
    """The overlay makes the node, and what it has to have."""
    text = (HERE / "board.dts").read_text()
    text = text.replace("memory-region = <&frames>;", "")
    begin, end = text.index("	reserved-memory {"), text.index("	osc: oscillator")
    (tmp_path / "board.dts").write_text(text[:begin] + text[end:])
    (tmp_path / "board.plan").write_text((HERE / "board.plan").read_text())
    harness.cellc("build", "-o", "out", "board.plan", cwd=tmp_path)
    assert "fragment@1" in (tmp_path / "out/board-host.dts").read_text()
    host = tmp_path / "host.dtb"
    run("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", host, tmp_path / "board.dts")
    judge(host, tmp_path / "out", "board", tmp_path)


def test_source_gives_the_same_overlay(built, tmp_path):
    compiled = tmp_path / "compiled.dtbo"
    said = run("dtc", "-I", "dts", "-O", "dtb", "-o", compiled, built / "board-host.dts").stderr
    assert said == ""
    both = [run("dtc", "-s", "-I", "dtb", "-O", "dts", f).stdout
            for f in (compiled, built / "board-host.dtbo")]
    assert both[0] == both[1]


def test_parameters_on_x86(tmp_path):
    (tmp_path / "x.plan").write_text("""
        architecture x86;
        platform { pci at 0xb000_0000 end-bus 255; ioapic 0 at 0xfec0_0000; cpus 2; }
        ram at 0 size 2G;
        hypervisor { memory 4M at 0x3a00_0000; }
        root "pc";
        cell "guest" { cpu 1; memory 16M at 0x3b00_0000 guest 0 rwx loadable; }
    """)
    harness.cellc("build", "--emit", "overlay", "-o", "out", "x.plan", cwd=tmp_path)
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["pc-host.txt"]
    lines = (tmp_path / "out/pc-host.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "memmap=0x400000$0x3a000000", "memmap=0x1000000$0x3b000000"]


@pytest.mark.parametrize("arch,wanted", [
    ("arm", "mem=0x10000000@0x40000000 mem=0xfc00000@0x50400000 mem=0x1ff00000@0x60100000"),
    ("arm64", "mem=0x10000000")])
def test_parameters_without_a_tree(arch, wanted, tmp_path):
    """The parameters leave out exactly what was carved out: all above it on arm64."""
    (tmp_path / "x.plan").write_text(f"""
        architecture {arch};
        platform {{ gic 2 gicd 0x800_0000 gicc 0x801_0000 gich 0x803_0000 gicv 0x804_0000 maintenance 25; cpus 2; }}
        ram at 0x4000_0000 size 1G;
        hypervisor {{ memory 4M at 0x5000_0000; }}
        root "r";
        cell "c" {{ cpu 1; memory 1M at 0x6000_0000 guest 0 rwx; }}
    """)
    harness.cellc("build", "--emit", "overlay", "-o", "out", "x.plan", cwd=tmp_path)
    text = (tmp_path / "out/r-host.dts").read_text()
    assert f" *\t{wanted}\n" in text


def host_tree(plan, work):
    """The tree that a plan names, as .dtb; None if it names none."""
    named = re.search(r'^host "([^"]+)"', plan.read_text(), re.M)
    if not named:
        return None
    beside = plan.parent / named[1]
    path = beside if beside.exists() else harness.TREES / named[1]
    if path.suffix == ".dts":
        run("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", work / "host.dtb", path)
        return work / "host.dtb"
    return path


@pytest.mark.slow
@pytest.mark.parametrize("plan", EXAMPLES)
def test_examples(plan, tmp_path):
    out = tmp_path / "out"
    harness.cellc("build", "-I", harness.TREES, "-o", out, plan.name, cwd=plan.parent)
    host = host_tree(plan, tmp_path)
    overlays = list(out.glob("*-host.dtbo"))
    assert len(overlays) == (host is not None)
    for overlay in overlays:
        judge(host, out, overlay.name[:-len("-host.dtbo")], tmp_path)
