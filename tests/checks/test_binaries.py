# SPDX-License-Identifier: GPL-2.0-only
"""Binary descriptors are held to the rules of plans: descriptors of a clean plan are taken apart
with the independent reader, one field is changed, and the check that watches over it has to fire,
at the record and its offset."""

import collections
import copy
import pathlib
import re
import sys

import pytest

import harness

sys.path.insert(0, str(harness.TOP / "tests/oracle"))
import descriptor  # noqa: E402

HERE = pathlib.Path(__file__).parent
SUB_PAGE, LOADABLE, SHARED = 0x10013, 0x40, 0x80


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """The descriptors of base.plan: {"host": ..., "rt": ..., "io": ...}."""
    out = tmp_path_factory.mktemp("clean")
    harness.cellc("build", "-o", out, "base.plan", cwd=HERE)
    return {name: descriptor.load(out / f"{name}.cell") for name in ("host", "rt", "io")}


def check(descriptors, folder, *names):
    """Findings about the descriptors, given in one run."""
    for name in names:
        (folder / f"{name}.cell").write_bytes(descriptor.serialise(descriptors[name]))
    return harness.cellc("check", "--format=gcc", *(f"{n}.cell" for n in names), cwd=folder,
                         expect=None).stdout


def revise(descriptors, revision):
    """The same in an older revision."""
    for one in descriptors.values():
        one["revision"] = revision
        if revision < 14:
            one.pop("architecture")
        for device in (one.get("root") or one)["pci_devices"]:
            device["bar_mask"][1] = 0xfffffe00 if revision == 12 else 0xfffff000


@pytest.mark.parametrize("revision", [12, 13, 14])
def test_clean(clean, tmp_path, revision):
    descriptors = copy.deepcopy(clean)
    revise(descriptors, revision)
    assert check(descriptors, tmp_path, "host", "rt", "io") == ""


def region(cell, index, **fields):
    cell["memory_regions"][index].update(fields)


def insert_region(cell, phys, size, flags, virt=None):
    """In front of the regions of links, whose numbers stay right."""
    for device in cell["pci_devices"]:
        device["shmem_regions_start"] += 1
    cell["memory_regions"].insert(0, {"phys_start": phys, "virt_start": phys if virt is None
                                      else virt, "size": size, "flags": flags})


def device(cell, **fields):
    cell["pci_devices"][0].update(fields)


# code, record named in the place, what is done to (host, rt, io)
DAMAGE = [
    ("E0301", "memory region 0", lambda host, rt, io: region(io, 0, phys_start=0x70080000)),
    ("E0302", "memory region 1", lambda host, rt, io: region(rt, 1, virt_start=0x1000)),
    ("W0303", "memory region 0", lambda host, rt, io:
     insert_region(rt, 0x70001000, 0x1000, 3, virt=0x20000000)),
    ("E0304", "memory region 0", lambda host, rt, io: region(rt, 0, phys_start=0x7c100000)),
    ("E0305", "memory region 1", lambda host, rt, io: region(rt, 1, phys_start=0x8000000)),
    ("E0306", "memory region 0", lambda host, rt, io:
     insert_region(host["root"], 0x80c0000, 0x100000, 0x13)),
    ("E0307", "memory region 1", lambda host, rt, io:
     region(rt, 1, virt_start=host["pci_mmconfig_base"])),
    ("E0308", "memory region 1", lambda host, rt, io:
     host["iommu_units"][0].update(type=3, base=0x9000000, size=0x20000)),
    ("E0310", "memory region 1", lambda host, rt, io:
     region(rt, 1, phys_start=0xfffffffffffff000, size=0x2000)),
    ("E0313", "memory region 1", lambda host, rt, io: region(rt, 1, phys_start=0x9000800)),
    ("W0314", "memory region 1", lambda host, rt, io: region(rt, 1, size=0x1001)),
    ("E0315", "memory region 1", lambda host, rt, io: region(io, 1, flags=0x13)),
    ("W0316", "memory region 1", lambda host, rt, io:
     region(rt, 1, phys_start=0x9010800, virt_start=0x9010800, size=0x100, flags=0x40013)),
    ("E0317", "memory region 1", lambda host, rt, io:
     insert_region(host["root"], 0x9010000, 0x200, 0x40013)),
    ("E0318", "memory region 0", lambda host, rt, io:
     region(host["root"], 0, size=0x10000000)),
    ("E0319", "cpu_reset_address", lambda host, rt, io: rt.update(cpu_reset_address=0x9000000)),
    ("E0323", "memory region 2", lambda host, rt, io: region(rt, 2, size=0x2000)),
    ("E0328", "memory region 0", lambda host, rt, io: region(rt, 0, size=0x100001)),
    ("E0401", "interrupt chip 0", lambda host, rt, io:
     io["irqchips"][0].update(pin_bitmap=[0x60, 0, 0, 0])),
    ("E0402", "interrupt chip 0", lambda host, rt, io: rt["irqchips"][0].update(pin_base=0)),
    ("E0407", "PCI device 0", lambda host, rt, io:
     (rt.update(vpci_irq_base=0), device(rt, num_msix_vectors=0))),
    ("E0411", "interrupt chip 0", lambda host, rt, io: rt["irqchips"][0].update(address=0x8010000)),
    ("E0501", "CPU set", lambda host, rt, io: io.update(cpu_set="0800000000000000")),
    ("E0502", "CPU set", lambda host, rt, io: io.update(cpu_set="1000000000000000")),
    ("E0503", "CPU set", lambda host, rt, io: io.update(cpu_set="0700000000000000")),
    ("E0601", "PCI device 0", lambda host, rt, io: device(rt, shmem_dev_id=2)),
    ("E0602", "PCI device 0", lambda host, rt, io: device(rt, shmem_dev_id=0)),
    ("E0603", "memory region 6", lambda host, rt, io: region(rt, 6, phys_start=0x7f000000)),
    ("E0604", "memory region 6", lambda host, rt, io: region(rt, 6, size=0x2000)),
    ("E0605", "memory region 6", lambda host, rt, io: region(rt, 6, flags=1 | SHARED)),
    ("E0606", "memory region 5", lambda host, rt, io: region(rt, 5, flags=3 | SHARED)),
    ("E0607", "PCI device 0", lambda host, rt, io: device(rt, shmem_regions_start=4)),
    ("E0608", "PCI device 0", lambda host, rt, io: device(rt, shmem_protocol=0x4009)),
    ("W0610", "PCI device 0", lambda host, rt, io: device(rt, num_msix_vectors=1)),
    ("E0613", "memory region 6", lambda host, rt, io: region(rt, 6, virt_start=0x60000000)),
    ("E0614", "memory region 3", lambda host, rt, io: region(rt, 3, flags=1)),
    ("E0814", "PCI device 0", lambda host, rt, io:
     device(rt, bar_mask=[0xfffff000, 0xfffff800, 0, 0, 0, 0])),
    ("E0815", "pci_mmconfig_base", lambda host, rt, io: host.update(pci_mmconfig_base=1 << 32)),
    ("E1011", "io.cell: cell", lambda host, rt, io: io.update(name="rt")),
    ("W1017", "memory region 0", lambda host, rt, io: insert_region(rt, 0, 0, 0)),
]


@pytest.mark.parametrize("code, record, damage", [pytest.param(*d, id=d[0]) for d in DAMAGE])
def test_damage(clean, tmp_path, code, record, damage):
    descriptors = copy.deepcopy(clean)
    damage(descriptors["host"], descriptors["rt"], descriptors["io"])
    output = check(descriptors, tmp_path, "host", "rt", "io")
    lines = [line for line in output.splitlines() if line.endswith(f"[{code}]")]
    assert lines, output
    assert any(record in line for line in lines), "\n".join(lines)


def codes(names, folder):
    """How often each finding comes for the files."""
    output = harness.cellc("check", "--format=gcc", *names, cwd=folder, expect=None).stdout
    return collections.Counter(f.code for f in harness.findings(output))


@pytest.mark.parametrize("plan, cuts", [
    (HERE / "base.plan", 60), (harness.TOP / "examples/qemu-q35-amd/qemu-q35-amd.plan", 25),
    (harness.TOP / "examples/qemu-arm64-linux/qemu-arm64-linux.plan", 25)],
    ids=lambda p: p.stem if isinstance(p, pathlib.Path) else "")
def test_what_is_cut_off_is_not_missed(plan, cuts, tmp_path):
    """Wherever a file ends, that is said, and nothing about what would stand behind."""
    harness.cellc("build", "-q", "-o", tmp_path, plan.name, cwd=plan.parent)
    names = sorted(path.name for path in tmp_path.glob("*.cell"))
    whole = codes(names, tmp_path)
    assert len(names) > 2 and "E1004" not in whole
    for name in names:
        data = (tmp_path / name).read_bytes()
        header = 488 if data.startswith(b"JHSYS") else 132
        for i in range(cuts):
            (tmp_path / name).write_bytes(data[:header + (len(data) - header) * i // cuts])
            assert codes(names, tmp_path) - whole == {"E1004": 1}, (name, i)
        (tmp_path / name).write_bytes(data)


def test_what_is_there_of_a_cut_file_is_checked(clean, tmp_path):
    """RAM of two cells, the file of one of which ends in its PCI devices; CPUs as well."""
    descriptors = copy.deepcopy(clean)
    region(descriptors["rt"], 0, phys_start=0x70100000)
    descriptors["rt"]["cpu_set"] = descriptors["io"]["cpu_set"]
    check(descriptors, tmp_path, "host", "rt", "io")
    rt = tmp_path / "rt.cell"
    rt.write_bytes(rt.read_bytes()[:-10])
    found = codes(["host.cell", "rt.cell", "io.cell"], tmp_path)
    assert found["E1004"] and found["E0301"] and found["E0501"], found


def test_descriptor_too_large(clean, tmp_path):
    """65536 bytes are accepted, one region more is not."""
    descriptors = copy.deepcopy(clean)
    io = descriptors["io"]
    room = (0x10000 - len(descriptor.serialise(io))) // 32
    for i in range(room):
        at = 0x70200000 + 0x2000 * i
        io["memory_regions"].append({"phys_start": at, "virt_start": at, "size": 0x1000,
                                     "flags": 3})
    assert "E1012" not in check(descriptors, tmp_path, "host", "rt", "io")
    insert_region(io, 0x70100000 - 0x2000, 0x1000, 3)
    harness.assert_fires(check(descriptors, tmp_path, "host", "rt", "io"), "E1012")


def test_ports_past_the_end(clean, tmp_path):
    """A plan can't say this."""
    descriptors = copy.deepcopy(clean)
    descriptors["rt"].update(architecture="x86", pci_devices=[], irqchips=[],
                             pio_regions=[{"base": 0xfff8, "length": 16}])
    output = check(descriptors, tmp_path, "rt")
    harness.assert_fires(output, "E0903")
    assert re.search(r"rt\.cell: port range 0\b", output), output


def test_each_cell_alone(clean, tmp_path):
    """What needs the system is not asked of a lone cell."""
    for name in ("rt", "io"):
        assert check(clean, tmp_path, name) == ""


def test_unwritable_output(tmp_path):
    """A file stands where the output folder should be."""
    (tmp_path / "taken").write_text("a file")
    run = harness.cellc("build", "-o", tmp_path / "taken", "base.plan", cwd=HERE,
                        expect=harness.FINDINGS)
    harness.assert_fires(run.stdout + run.stderr, "E1301")
