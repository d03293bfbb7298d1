# SPDX-License-Identifier: GPL-2.0-only
"""cellc diff: the same says nothing; every field that changes is named with both values, as the
oracle wrote them."""

import copy
import json

import pytest

import harness
from generate import descriptor
from test_decompile import ROOT, cell

CELL = cell(
    "rt", 3, 0x7E000000, id=1, flags=0x1, vpci_irq_base=10, cpu_reset_address=0x100,
    msg_reply_timeout=7,
    console=dict(address=0xFF000000, size=0x1000, type=4, flags=3, divider=2, gate_nr=3,
                 clock_reg=0x1234),
    cache_regions=[dict(start=0, size=2, type=3, flags=0)],
    irqchips=[dict(address=0xF9010000, id=0, pin_base=32, pin_bitmap=[0x400000, 0, 0, 0])],
    pio_regions=[dict(base=0x3F8, length=8)],
    pci_devices=[dict(type=3, iommu=1, domain=2, bdf=8, bar_mask=[0xFFFFF000, 0, 0, 0, 0, 1],
                      num_caps=1, num_msi_vectors=2, msi_bits=1, num_msix_vectors=2,
                      msix_region_size=0x1000, msix_address=0x8000000, shmem_dev_id=1,
                      shmem_peers=2, shmem_protocol=1)],
    pci_caps=[dict(id=5, start=0x50, len=14, flags=1)], stream_ids=[dict(id=0x14E1)])
SYSTEM = dict(ROOT, pci_mmconfig_base=0xFC000000, pci_mmconfig_end_bus=3, pci_is_virtual=1,
              debug_console=CELL["console"],
              iommu_units=[dict(type=5, base=0xFD800000, size=0x20000),
                           dict(type=1, base=0xFEB80000, size=0x80000, amd_bdf=16, amd_base_cap=64,
                                amd_msi_cap=100, amd_features=5),
                           dict(type=4, base=0x30F80000, size=0x1000, tlb_base=0x36000000,
                                tlb_size=0x100000)])
X86 = dict(SYSTEM, architecture="x86",
           platform=dict(kind="x86", pm_timer_address=0x608, apic_mode=1, vtd_interrupt_limit=256,
                         tsc_khz=2600000, apic_khz=1000))

# names that the oracle and the ABI headers have for the same field
NAMES = {"msi_bits": "msi_flags", "amd_bdf": "amd.bdf", "amd_base_cap": "amd.base_cap",
         "amd_msi_cap": "amd.msi_cap", "amd_features": "amd.features", "tlb_base": "pvu.tlb_base",
         "tlb_size": "pvu.tlb_size", "gicd": "gicd_base", "gicc": "gicc_base", "gich": "gich_base",
         "gicv": "gicv_base", "gicr": "gicr_base"}
# fields that identify their record, or stand for layout: their change is told in other words
KEYS = {"base", "start", "domain", "bdf", "id", "type", "pin_base", "num_caps", "caps_start"}


def fields(desc, path=()):
    """(path, value) of every number in a description."""
    pairs = desc.items() if isinstance(desc, dict) else enumerate(desc)
    for key, value in pairs:
        if isinstance(value, (dict, list)):
            if key not in ("cpus", "irqchips", "stream_ids", "root"):
                yield from fields(value, path + (key,))
        elif isinstance(value, int) and key != "revision":
            yield path + (key,), value


def changed(desc, path, value):
    out = copy.deepcopy(desc)
    at = out
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return out


def diff(folder, a, b):
    for name, desc in (("a.cell", a), ("b.cell", b)):
        (folder / name).write_bytes(descriptor.serialise(desc))
    run = harness.cellc("diff", "--format", "json", "a.cell", "b.cell", cwd=folder,
                        expect=None)
    changes = json.loads(run.stdout)["changes"]
    assert run.returncode == (1 if changes else 0)
    return changes


def number(text):
    return int(text.replace("_", ""), 0)


@pytest.mark.parametrize("desc", [CELL, SYSTEM, X86], ids=["cell", "arm", "x86"])
def test_every_field(tmp_path, desc):
    tried = 0
    for path, value in fields(desc):
        keys = [key for key in path if isinstance(key, str)]
        name = keys[-1]
        if name in KEYS and not (path[0] == "iommu_units" and name == "base"):
            continue
        changes = diff(tmp_path, desc, changed(desc, path, value ^ 1))
        field = NAMES.get(name, name) + ("[%d]" % path[-1] if name == "bar_mask" else "")
        assert [(c["change"], c["field"], number(c["before"]), number(c["after"]))
                for c in changes] == [("changed", field, value, value ^ 1)], path
        tried += 1
    assert tried > 20


@pytest.mark.parametrize("desc", [CELL, SYSTEM, X86], ids=["cell", "arm", "x86"])
def test_the_same(tmp_path, desc):
    assert diff(tmp_path, desc, desc) == []


def test_order_is_no_meaning(tmp_path):
    other = copy.deepcopy(CELL)
    other["memory_regions"].reverse()
    assert diff(tmp_path, CELL, other) == []


def said(folder, a, b):
    diff(folder, a, b)
    return harness.cellc("diff", "a.cell", "b.cell", cwd=folder, expect=1).stdout.splitlines()


def test_sets(tmp_path):
    assert said(tmp_path, CELL, dict(CELL, cpus=[2])) == ['- cell "rt": CPU 3', '+ cell "rt": CPU 2']
    chip = dict(CELL["irqchips"][0], pin_bitmap=[0x800000, 0, 0, 1 << 31])
    assert said(tmp_path, CELL, dict(CELL, irqchips=[chip])) == [
        '- cell "rt": SPI 22', '+ cell "rt": SPI 23', '+ cell "rt": SPI 127']
    assert said(tmp_path, CELL, dict(CELL, stream_ids=[])) == ['- cell "rt": stream id 0x14e1']


def test_regions(tmp_path):
    moved = changed(CELL, ("memory_regions", 0, "virt_start"), 0x100000)
    assert said(tmp_path, CELL, moved) == [
        '~ cell "rt": memory region at guest 0x0: virt_start 0 -> 0x10_0000']
    gone = dict(CELL, memory_regions=CELL["memory_regions"][:1])
    assert said(tmp_path, CELL, gone) == ['- cell "rt": memory region at guest 0x8000_0000']


def test_names_and_revisions(tmp_path):
    assert said(tmp_path, CELL, dict(CELL, name="new")) == ['- cell rt', '+ cell new']
    assert said(tmp_path, SYSTEM, changed(SYSTEM, ("root", "name"), "other")) == [
        '~ cell "board": root: name board -> other']
    assert said(tmp_path, SYSTEM, dict(SYSTEM, revision=13)) == ["~ system: revision 14 -> 13"]


def test_plan_and_build_folder(tmp_path):
    """A plan, its descriptors one by one, and the folder are the same."""
    (tmp_path / "x.plan").write_text(
        'architecture arm64;\ncell "a" explicit { passive; cpu 1; memory at 1M size 1M guest 0 rwx; }\n'
        'cell "b" explicit { passive; cpu 2; memory at 3M size 1M guest 0 rwx; }\n')
    harness.cellc("build", "-o", "out", "x.plan", cwd=tmp_path)
    assert harness.cellc("diff", "x.plan", "out", cwd=tmp_path).stdout == ""
    got = harness.cellc("diff", "out", "out/a.cell", cwd=tmp_path, expect=1)
    assert got.stdout == "- cell b\n"


def test_shared_interrupt_line(tmp_path):
    """Two devices on one line claim it twice; the bitmap has it once."""
    (tmp_path / "x.plan").write_text(
        'architecture arm64;\nplatform { gic 2 gicd 0xf901_0000; }\n'
        'cell "a" { passive; communication none; cpu 1; memory at 1M size 1M guest 0 rwx;\n'
        '    irq spi 35; irq spi 35; }\n')
    harness.cellc("build", "-o", "out", "x.plan", cwd=tmp_path)
    assert harness.cellc("diff", "x.plan", "out", cwd=tmp_path).stdout == ""


def test_misuse(tmp_path):
    (tmp_path / "bad.plan").write_text("cell \"a\" { nonsense; }\n")
    (tmp_path / "a.cell").write_bytes(descriptor.serialise(CELL))
    (tmp_path / "empty").mkdir()
    for other in ("bad.plan", "absent.cell", "empty"):
        for pair in (("a.cell", other), (other, "a.cell")):
            got = harness.cellc("diff", *pair, cwd=tmp_path, expect=harness.MISUSE)
            assert other in got.stderr and got.stdout == ""
    harness.cellc("diff", "a.cell", cwd=tmp_path, expect=harness.MISUSE)
