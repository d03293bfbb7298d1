# SPDX-License-Identifier: GPL-2.0-only
"""Descriptors of all revisions, valid and hostile: decompile, build, the same bytes. Compiled as C
initializers over runtime/abi: the same bytes again."""

import re
import subprocess

import pytest

import generate
import harness
from generate import descriptor

ABI = harness.TOP / "runtime/abi"
QUICK, ALL, STEP = range(0, 80, 20), range(80, 1080, 20), 20


def decompile(folder, files, *options):
    """The plan of these {name: bytes}."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return harness.cellc("decompile", *options, *files, cwd=folder).stdout


def rebuild(folder, plan, *options):
    """{name: bytes} of the descriptors that the plan compiles to."""
    (folder / "again.plan").write_text(plan)
    harness.cellc("build", "-o", "out", *options, "again.plan", cwd=folder)
    return {path.name: path.read_bytes() for path in (folder / "out").glob("*.cell")}


def random_descriptor(folder, seed):
    """One that holds all that it counts: of the others no plan is made, for this reason alone."""
    for again in range(seed, seed + 100000, 10000):
        data = generate.random_descriptor(again)
        (folder / "try.cell").write_bytes(data)
        result = harness.cellc("check", "--format=gcc", "try.cell", cwd=folder, expect=None)
        if "[E1004]" not in result.stdout:
            return data
        refused = harness.cellc("decompile", "try.cell", cwd=folder, expect=harness.FINDINGS)
        assert refused.stdout == "" and "error[E1004]" in refused.stderr
    raise AssertionError("hardly a descriptor is whole")


def round_trips(folder, seeds):
    for seed in seeds:
        data = random_descriptor(folder, seed)
        plan = decompile(folder, {"in.cell": data})
        (built,) = rebuild(folder, plan).values()
        assert built == data, f"seed {seed}:\n{plan}"
        for path in (folder / "out").iterdir():
            path.unlink()


@pytest.mark.parametrize("first", QUICK)
def test_round_trip(tmp_path, first):
    round_trips(tmp_path, range(first, first + STEP))


@pytest.mark.slow
@pytest.mark.parametrize("first", ALL)
def test_round_trip_of_many(tmp_path, first):
    round_trips(tmp_path, range(first, first + STEP))


@pytest.mark.parametrize("seed", range(12))
def test_plan_is_in_canonical_layout(tmp_path, seed):
    plan = decompile(tmp_path, {"in.cell": random_descriptor(tmp_path, seed)})
    (tmp_path / "x.plan").write_text(plan)
    harness.cellc("fmt", "--check", "x.plan", cwd=tmp_path)


def c_bytes(folder, source):
    """What gcc and objcopy make of the initializers."""
    subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-c", "-I", ABI, source, "-o",
                    "x.o"], cwd=folder, check=True, timeout=60)
    subprocess.run(["objcopy", "-O", "binary", "-j", ".config", "x.o", "x.bin"], cwd=folder,
                   check=True, timeout=60)
    return (folder / "x.bin").read_bytes()


@pytest.mark.parametrize("seed", range(24))
def test_c_initializers(tmp_path, seed):
    data = random_descriptor(tmp_path, seed)
    plan = decompile(tmp_path, {"in.cell": data})
    rebuild(tmp_path, plan, "--emit", "cells,csource")
    (source,) = (tmp_path / "out").glob("*.c")
    assert c_bytes(tmp_path, source) == data


def cell(name, cpu, at, **more):
    return dict(kind="cell", revision=14, architecture="arm64", name=name, cpus=[cpu],
                memory_regions=[dict(phys_start=at, virt_start=0, size=0x100000, flags=0x47),
                                dict(phys_start=0, virt_start=0x80000000, size=0x1000, flags=0x23)],
                **more)


ROOT = dict(kind="system", revision=14, architecture="arm64", flags=1, pci_domain=0xFFFF,
            hypervisor_memory=dict(phys_start=0x7F000000, size=0x400000),
            platform=dict(kind="arm", gic_version=2, gicd=0xF9010000, gicc=0xF9020000,
                          gich=0xF9040000, gicv=0xF9060000, maintenance_irq=25),
            root=dict(name="board", cpus=[0, 1, 2, 3], memory_regions=[
                dict(phys_start=0, virt_start=0, size=0x7F000000, flags=0x0F),
                dict(phys_start=0xFF010000, virt_start=0xFF010000, size=0x1000, flags=0x13)]))


def test_a_system_of_several_files(tmp_path):
    files = {"board.cell": descriptor.serialise(ROOT),
             "rt.cell": descriptor.serialise(cell("rt", 3, 0x7E000000)),
             "b_c.cell": descriptor.serialise(cell("b c", 2, 0x7D000000))}
    plan = decompile(tmp_path, files)
    assert "allow" not in plan and "bytes" not in plan
    assert rebuild(tmp_path, plan) == files


def test_root_may_come_last(tmp_path):
    files = {"rt.cell": descriptor.serialise(cell("rt", 3, 0x7E000000)),
             "board.cell": descriptor.serialise(ROOT)}
    assert rebuild(tmp_path, decompile(tmp_path, files)) == files


def test_other_revisions_by_option(tmp_path):
    """A plan of revision 14 compiles to 13 and 12 with the same content."""
    plan = decompile(tmp_path, {"board.cell": descriptor.serialise(ROOT)}).replace("abi 14;\n", "")
    for revision in (13, 12):
        built = rebuild(tmp_path, plan, "--abi", revision)["board.cell"]
        wanted = descriptor.serialise(dict(ROOT, revision=revision))
        assert built == wanted


HOST = """/dts-v1/;
/ { #address-cells = <2>; #size-cells = <2>; compatible = "test,machine";
    cpus { #address-cells = <1>; #size-cells = <0>;
        cpu@0 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <0>; };
        cpu@1 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <1>; };
        cpu@2 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <2>; };
        cpu@3 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <3>; }; };
    memory@0 { device_type = "memory"; reg = <0 0 0 0x80000000>; };
    serial@ff000000 { compatible = "cdns,uart-r1p8"; reg = <0 0xff000000 0 0x1000>; };
    uart1: serial@ff010000 { compatible = "cdns,uart-r1p8"; reg = <0 0xff010000 0 0x1000>; }; };
"""


def console(address, **more):
    """A Cadence UART as the tree has it."""
    return dict(address=address, size=0x1000, type=4, flags=3, **more)


def named(folder, files):
    (folder / "host.dts").write_text(HOST)
    return decompile(folder, files, "--host", "host.dts")


def test_names_of_the_host_tree(tmp_path):
    """The plan stands on the tree: its CPUs and UARTs by name, the rest in comments."""
    root = dict(ROOT, debug_console=console(0xFF000000, divider=13))
    files = {"board.cell": descriptor.serialise(root),
             "rt.cell": descriptor.serialise(cell("rt", 3, 0x7E000000,
                                                  console=console(0xFF010000)))}
    plan = named(tmp_path, files)
    assert plan.startswith('host "host.dts";\n')
    assert "cpu &{cpu@0}, &{cpu@1}, &{cpu@2}, &{cpu@3};" in plan
    assert "cpu &{cpu@3};" in plan
    assert "console &{serial@ff000000} divider 13; // at 0xff00_0000\n" in plan
    assert "console &uart1;" in plan
    assert "mmio at 0xff01_0000 size 4K rw; // serial@ff010000\n" in plan
    assert "bytes" not in plan
    assert rebuild(tmp_path, plan) == files


def test_numbers_where_the_tree_says_otherwise(tmp_path):
    """One console is of another type than the tree has, one is as it says."""
    files = {"board.cell": descriptor.serialise(
                 dict(ROOT, debug_console=dict(console(0xFF000000), type=3))),
             "rt.cell": descriptor.serialise(cell("rt", 3, 0x7E000000,
                                                  console=console(0xFF010000)))}
    plan = named(tmp_path, files)
    assert "console pl011 at 0xff00_0000 size 4K" in plan
    assert "console &uart1;" in plan
    assert rebuild(tmp_path, plan) == files


def test_more_than_the_tree_has(tmp_path):
    files = {"rt.cell": descriptor.serialise(cell("rt", 7, 0x7E000000))}
    plan = named(tmp_path, files)
    assert plan.startswith("// names are comments: with host \"host.dts\" no plan compiles to")
    assert "cpu 7;" in plan
    assert rebuild(tmp_path, plan) == files


def test_the_tree_of_another_machine(tmp_path):
    """Names are comments, nothing else, where the plan could not stand on that tree."""
    (tmp_path / "host.dts").write_text(HOST.replace("cortex-a53", "cortex-a15"))
    files = {"board.cell": descriptor.serialise(ROOT)}
    plan = decompile(tmp_path, files, "--host", "host.dts")
    assert plan.startswith("// names are comments")
    assert "mmio at 0xff01_0000 size 4K rw; // serial@ff010000\n" in plan
    assert rebuild(tmp_path, plan) == files


def test_a_board_comes_with_its_tree(tmp_path):
    """The board of this tree gives the hypervisor memory, which these descriptors do not."""
    (tmp_path / "host.dts").write_text(HOST.replace("test,machine", "hisilicon,hi6220-hikey"))
    files = {"board.cell": descriptor.serialise(
        dict(ROOT, hypervisor_memory=dict(phys_start=0, size=0)))}
    plan = decompile(tmp_path, files, "--host", "host.dts")
    assert plan.startswith("// names are comments")
    assert rebuild(tmp_path, plan) == files


def test_faulty_descriptors_are_said_to_be(tmp_path):
    """What the checks find is allowed in the plan, else it would not build."""
    faulty = cell("rt", 3, 0x7F000000)      # the hypervisor's memory
    files = {"board.cell": descriptor.serialise(ROOT), "rt.cell": descriptor.serialise(faulty)}
    plan = decompile(tmp_path, files)
    assert "allow all" in plan
    assert rebuild(tmp_path, plan) == files
    harness.cellc("check", *files, cwd=tmp_path, expect=harness.FINDINGS)
    (tmp_path / "bare.plan").write_text("".join(
        line for line in plan.splitlines(True) if "allow all" not in line))
    harness.cellc("build", "bare.plan", cwd=tmp_path, expect=harness.FINDINGS)


def write(folder, **files):
    for name, data in files.items():
        (folder / (name + ".cell")).write_bytes(data)
    return [name + ".cell" for name in files]


def test_descriptors_of_two_machines(tmp_path):
    arm = descriptor.serialise(cell("rt", 3, 0x7E000000))
    x86 = descriptor.serialise(dict(cell("other", 2, 0x10000000), architecture="x86"))
    old = descriptor.serialise(dict(cell("old", 1, 0x20000000), revision=13))
    for second in (x86, old):
        names = write(tmp_path, a=arm, b=second)
        for command in ("check", "decompile"):
            got = harness.cellc(command, *names, cwd=tmp_path, expect=harness.FINDINGS)
            harness.assert_fires(got.stdout + got.stderr, "E1007")


def test_two_systems(tmp_path):
    names = write(tmp_path, a=descriptor.serialise(ROOT), b=descriptor.serialise(ROOT))
    got = harness.cellc("decompile", *names, cwd=tmp_path, expect=harness.FINDINGS)
    harness.assert_fires(got.stderr, "E1007")
    assert got.stdout == ""


def test_same_name_twice(tmp_path):
    names = write(tmp_path, a=descriptor.serialise(cell("rt", 3, 0x7E000000)),
                  b=descriptor.serialise(cell("rt", 2, 0x7D000000)))
    got = harness.cellc("decompile", *names, cwd=tmp_path, expect=harness.FINDINGS)
    harness.assert_fires(got.stderr, "E1018")
    assert got.stdout == ""


@pytest.mark.parametrize("text,code", [("cpu-set 8; cpu 1, 64;", "E1008"),
                                       ("cpu 1; bytes 172 hex \"01\";", "E1009"),
                                       ("cpu 1; bytes 0xffffffff hex \"01\";", "E1009")])
def test_what_does_not_fit(tmp_path, text, code):
    (tmp_path / "a.plan").write_text("architecture arm64; allow all \"test\";\n"
                                     "cell \"a\" explicit { passive; %s\n"
                                     "memory at 1M size 1M guest 0 rwx; }" % text)
    got = harness.cellc("build", "-o", "out", "a.plan", cwd=tmp_path, expect=harness.FINDINGS)
    if code == "E1008":
        harness.assert_fires(got.stderr, "E1008")
    else:
        harness.assert_fires(got.stderr, "E1009")
    assert not (tmp_path / "out/a.cell").exists()


def test_bytes_to_the_last_one(tmp_path):
    built = rebuild(tmp_path, "architecture arm64; cell \"a\" explicit { passive; cpu 1;\n"
                              "memory at 1M size 1M guest 0 rwx; bytes 171 hex \"80\"; }")
    assert len(built["a.cell"]) == 172 and built["a.cell"][-1] == 0x80


def test_unreadable_input(tmp_path):
    (tmp_path / "text.cell").write_text("no descriptor")
    got = harness.cellc("decompile", "text.cell", cwd=tmp_path, expect=harness.FINDINGS)
    harness.assert_fires(got.stderr, "E1001")
    got = harness.cellc("decompile", "absent.cell", cwd=tmp_path, expect=harness.FINDINGS)
    assert "absent.cell" in got.stderr and got.stdout == ""


@pytest.mark.slow
def test_names_of_every_example_with_a_tree(tmp_path):
    """What was compiled from a tree stands on it again, with the bytes it had."""
    seen = 0
    for plan in sorted(harness.TOP.glob("examples/*/*.plan")):
        harness.cellc("build", "-I", harness.TREES, "-o", "in", plan, cwd=tmp_path)
        tree = re.search(r'^host "(.*)";', plan.read_text(), re.M)
        files = {path.name: path.read_bytes() for path in (tmp_path / "in").glob("*.cell")}
        if tree:
            again = decompile(tmp_path, files, "--host", harness.TREES / tree[1])
            assert again.startswith('host "'), plan
            assert re.search(r"cpu &\{cpu@", again) and "console &" in again, plan
            assert rebuild(tmp_path, again) == files
            seen += 1
        for path in [*(tmp_path / "in").iterdir(), *(tmp_path / "out").glob("*")]:
            path.unlink()
    assert seen >= 8


@pytest.mark.parametrize("kind", ["cell", "system"])
def test_a_truncated_file_gives_no_plan(tmp_path, kind):
    """Wherever it ends: an error, exit code 1, nothing on standard output."""
    data = descriptor.serialise(ROOT if kind == "system" else cell("rt", 3, 0x7E000000))
    for end in range(0, len(data), 7):
        (tmp_path / "in.cell").write_bytes(data[:end])
        result = harness.cellc("decompile", "in.cell", cwd=tmp_path, expect=harness.FINDINGS)
        assert result.stdout == "" and "error[E100" in result.stderr, end
