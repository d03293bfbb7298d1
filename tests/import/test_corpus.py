# SPDX-License-Identifier: GPL-2.0-only
"""cellc import over every device tree of Debian's kernel packages.

Each tree is imported or refused by exactly one finding. What was imported is compiled, and an
independent reader of tree and bytes looks for what root lacks and for what it must not have. Trees
that leave the RAM to firmware are refused, and then imported once more with some RAM stated, so
that their devices are judged too.

The table of docs/boards.md is what this test counts; CELLC_BLESS=1 rewrites it.
"""

import collections
import multiprocessing
import pathlib
import re
import subprocess
import sys
import tempfile

import pytest

import harness

sys.path.insert(0, str(harness.TOP / "tests/boards"))

import checked  # noqa: E402

pytestmark = pytest.mark.slow

FAST = harness.BUILD / "cellc"
DOC = harness.TOP / "docs/boards.md"
PROCESSES = 2
WITHHELD = ("its", "iommu", "iommu-part")
SAMPLE = 25		# every so many trees are taken through the build with sanitizers too

REASONS = {
    "E1150": "no GICv2 or GICv3",
    "E1151": "CPU without virtualization extensions",
    "E1152": "GIC without virtual CPU interface",
    "E1153": "one CPU",
    "E1154": "RAM filled in by firmware",
}


def run(program, *args, cwd):
    return subprocess.run([program, *map(str, args)], cwd=cwd, capture_output=True, text=True,
                          timeout=120, env=harness.environment())


def hole(machine):
    """A range of 512 MiB below 4 GiB that no register touches: RAM, for want of a fact."""
    taken = checked.compare.union(
        [checked.compare.span(reg) for node in machine.devices for reg in node["reg"]]
        + [s for _, s in checked.compare.windows(machine)] + checked.compare.portals(machine)
        + [checked.compare.span(reg) for entry in machine.reserved for reg in entry["reg"]])
    size = 512 << 20
    for start in range(1 << 30, (4 << 30) - size, size // 2):
        if all(end <= start or start + size <= low for low, end in taken):
            return start, size
    return None


def overlay_violations(tree, out):
    """What the host overlay leaves to Linux of ITSs and IOMMUs, and what else it takes."""
    done = run("fdtoverlay", "-i", tree, "-o", out / "new.dtb", *out.glob("*-host.dtbo"), cwd=out)
    if done.returncode:
        return ["overlay does not apply: " + done.stderr[:600]]
    host, new = (checked.devicetree.load(str(f)) for f in (tree, out / "new.dtb"))
    left = {n["path"] for n in new.devices}
    return ([f"{n['path']} stays enabled" for n in new.devices if n["kind"] in WITHHELD[:2]] +
            [f"{n['path']} is disabled" for n in host.devices
             if n["kind"] not in WITHHELD and n["path"] not in left])


def compile_and_judge(tree, folder, program, extra_ram):
    """Violations of the starter plan that was written to folder."""
    plan = next(pathlib.Path(folder).glob("*.plan")).name
    built = run(program, "build", "--format", "gcc", "-o", "out", plan, cwd=folder)
    if built.returncode:
        return ["does not compile: " + built.stderr[:600]]
    out = pathlib.Path(folder) / "out"
    return checked.violations(tree, out, extra_ram, dynamic=True) + overlay_violations(tree, out)


def one(job):
    """(tree, verdict, violations, judged with stated RAM) of one tree."""
    tree, program = job
    machine = checked.devicetree.load(str(tree))
    with tempfile.TemporaryDirectory() as folder:
        said = run(program, "import", "-o", folder, "--format", "gcc", tree, cwd=folder)
        if not said.returncode:
            return tree, "imported", compile_and_judge(tree, folder, program, ()), False
        errors = re.findall(r"error: .* \[(E\d{4})\]$", said.stderr, re.M)
        if said.returncode != 1 or len(errors) != 1 or list(pathlib.Path(folder).iterdir()):
            return tree, "failed", [f"exit code {said.returncode}: {said.stderr[:600]}"], False
        if errors[0] != "E1154":
            return tree, errors[0], [], False
        room = hole(machine)
        if not room:
            return tree, errors[0], [], False
        said = run(program, "import", "-o", folder, "--ram", "%#x,%d" % room, tree, cwd=folder)
        if said.returncode:
            return tree, errors[0], ["with --ram: " + said.stderr[:600]], True
        ram = [(room[0], room[0] + room[1])]
        return tree, errors[0], compile_and_judge(tree, folder, program, ram), True


@pytest.fixture(scope="module")
def trees():
    found = sorted(harness.TREES.glob("*/**/*.dtb"))
    assert len(found) >= 1400, "run `make trees`"
    return found


@pytest.fixture(scope="module")
def results(trees):
    with multiprocessing.Pool(PROCESSES) as pool:
        return pool.map(one, [(tree, FAST) for tree in trees], chunksize=8)


def table(results):
    count = collections.Counter((tree.relative_to(harness.TREES).parts[0], verdict)
                                for tree, verdict, _, _ in results)
    rows = [("imported", "imported")] + [(code, f"refused: {why} ({code})")
                                         for code, why in REASONS.items()]
    lines = ["| verdict | arm64 | arm | both |", "|---|---:|---:|---:|"]
    for verdict, label in rows:
        a, b = count["arm64", verdict], count["arm", verdict]
        lines.append(f"| {label} | {a} | {b} | {a + b} |")
    a, b = (sum(n for (arch, _), n in count.items() if arch == which) for which in ("arm64", "arm"))
    lines.append(f"| all trees | {a} | {b} | {a + b} |")
    return "\n".join(lines) + "\n"


def test_every_tree_is_imported_or_refused_for_one_reason(results):
    print("\n" + table(results))
    odd = [f"{tree.relative_to(harness.TREES)}: {verdict}" for tree, verdict, _, _ in results
           if verdict != "imported" and verdict not in REASONS]
    assert odd == []


def test_root_has_what_the_tree_says_and_no_more(results):
    """Registers and SPIs of every enabled device; none of the GIC, IOMMUs, hypervisor memory."""
    wrong = [f"{tree.relative_to(harness.TREES)}: {v}" for tree, _, violations, _ in results
             for v in violations]
    assert not wrong, f"{len(wrong)} violations\n" + "\n".join(wrong[:60])


def test_as_many_as_ever(results):
    imported = sum(verdict == "imported" for _, verdict, _, _ in results)
    judged = sum(stated for _, _, _, stated in results)
    assert imported >= 340 and imported + judged >= 740


def test_refused_trees_lack_what_is_said(results):
    """By the oracle: the reason is a fact of the tree."""
    for tree, verdict, _, _ in results:
        if verdict not in ("E1150", "E1153", "E1154"):
            continue
        machine = checked.devicetree.load(str(tree))
        if verdict == "E1150":
            assert machine.gic is None, tree
        elif verdict == "E1153":
            assert sum(cpu["enabled"] for cpu in machine.cpus) < 2, tree
        else:
            assert machine.memory == [], tree


def test_the_table_of_the_docs_is_current(results):
    text = DOC.read_text()
    start, end = "<!-- corpus: written by tests/import/test_corpus.py -->\n", "<!-- end -->"
    before, rest = text.split(start)
    now, after = rest.split(end, 1)
    if harness.BLESS:
        DOC.write_text(before + start + table(results) + end + after)
        return
    assert now == table(results)


def test_a_sample_with_sanitizers(trees):
    with multiprocessing.Pool(PROCESSES) as pool:
        for tree, verdict, violations, _ in pool.map(one, [(t, harness.CELLC)
                                                          for t in trees[::SAMPLE]]):
            assert verdict != "failed" and violations == [], tree
