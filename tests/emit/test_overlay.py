# SPDX-License-Identifier: GPL-2.0-only
"""The host overlay: applies to the host's tree, keeps Linux away from all that was carved out, and
its source is the same overlay."""

import pathlib
import subprocess
import sys

import pytest

import harness

sys.path.insert(0, str(harness.TOP / "tests/oracle"))

import descriptor  # noqa: E402
import devicetree  # noqa: E402

HERE = pathlib.Path(__file__).parent
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


@pytest.mark.slow
@pytest.mark.parametrize("plan", EXAMPLES)
def test_examples(plan, tmp_path):
    import json
    out = tmp_path / "out"
    harness.cellc("build", "--emit", "default,json", "-o", out, plan.name, cwd=plan.parent)
    for overlay in out.glob("*-host.dtbo"):
        tree = json.loads((out / "plan.json").read_text())["machine"]["tree"]
        judge(plan.parent / tree, out, overlay.name[:-len("-host.dtbo")], tmp_path)
