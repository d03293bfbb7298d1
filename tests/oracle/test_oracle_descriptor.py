# SPDX-License-Identifier: GPL-2.0-only
"""The oracle's reader and writer of binary descriptors, against bytes placed by hand at the offsets
of the published layout."""

import json
import random
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import descriptor
from descriptor import DescriptorError, parse, serialise


def put(data, off, code, *values):
    struct.pack_into("<" + code, data, off, *values)


def cell_at(data, base):
    """Fill the fields of a cell whose header begins at `base`, at their published offsets."""
    data[base + 8 : base + 12] = b"rt-1"
    put(data, base + 40, "I", 7)
    put(data, base + 44, "I", 0x40000001)
    put(data, base + 48, "8I", 8, 2, 1, 1, 1, 1, 1, 2)
    put(data, base + 80, "I", 108)
    put(data, base + 84, "Q", 0x1000)
    put(data, base + 92, "Q", 5000)
    put(data, base + 100, "QIHHIIQ", 0xFF010000, 0x1000, 4, 3, 9, 10, 0xABC)
    return base + 132


def arrays():
    """One of each array with the counts of cell_at(): 8 bytes of CPUs, 2 regions, ..."""
    out = struct.pack("<Q", 0b1010)
    out += struct.pack("<4Q", 0x100000, 0, 0x10000, 0x47)
    out += struct.pack("<4Q", 0xFF010000, 1, 4, 0x13)
    out += struct.pack("<IIBBH", 0, 4, 1, 0, 1)
    out += struct.pack("<QII4I", 0xF9010000, 0, 32, 1, 2, 0, 0x80000000)
    out += struct.pack("<HH", 0x3F8, 8)
    out += struct.pack("<BBHH6IHHBBHHQIBBH", 3, 1, 2, 8, 0xFFFFF000, 0, 0, 0, 0, 0xFF, 4, 5, 6, 3,
                       7, 0x1000, 0x8000000, 11, 1, 2, 0x4001)
    out += struct.pack("<4H", 0x8005, 0x50, 0x14, 1)
    return out + struct.pack("<II", 0x14E1, 0x7FFF0000)


def cell14():
    data = bytearray(132)
    data[:6] = b"JHCLL\2"
    put(data, 6, "H", 14)
    cell_at(data, 0)
    return bytes(data) + arrays()


EXPECTED_CELL = {
    "name": "rt-1", "id": 7, "flags": 0x40000001, "vpci_irq_base": 108,
    "cpu_reset_address": 0x1000, "msg_reply_timeout": 5000,
    "console": {"address": 0xFF010000, "size": 0x1000, "type": 4, "flags": 3, "divider": 9,
                "gate_nr": 10, "clock_reg": 0xABC},
    "cpu_set": "0a00000000000000", "cpus": [1, 3],
    "memory_regions": [
        {"phys_start": 0x100000, "virt_start": 0, "size": 0x10000, "flags": 0x47},
        {"phys_start": 0xFF010000, "virt_start": 1, "size": 4, "flags": 0x13}],
    "cache_regions": [{"start": 0, "size": 4, "type": 1, "flags": 1}],
    "irqchips": [{"address": 0xF9010000, "id": 0, "pin_base": 32,
                  "pin_bitmap": [1, 2, 0, 0x80000000]}],
    "pio_regions": [{"base": 0x3F8, "length": 8}],
    "pci_devices": [
        {"type": 3, "iommu": 1, "domain": 2, "bdf": 8, "bar_mask": [0xFFFFF000, 0, 0, 0, 0, 0xFF],
         "caps_start": 4, "num_caps": 5, "num_msi_vectors": 6, "msi_bits": 3,
         "num_msix_vectors": 7, "msix_region_size": 0x1000, "msix_address": 0x8000000,
         "shmem_regions_start": 11, "shmem_dev_id": 1, "shmem_peers": 2,
         "shmem_protocol": 0x4001}],
    "pci_caps": [{"id": 0x8005, "start": 0x50, "len": 0x14, "flags": 1}],
    "stream_ids": [{"id": 0x14E1}, {"id": 0x7FFF0000}],
}


def system(revision, architecture=2):
    """A system with the root cell of cell_at(); x86 as architecture 0."""
    root = 354 if revision == 12 else 356
    data = bytearray(root + 132)
    data[:8] = struct.pack("<5sBH", b"JHSYS", architecture, 14) if revision == 14 else (
        struct.pack("<6sH", b"JHSYST", revision))
    put(data, 8, "I", 1)
    put(data, 12, "4Q", 0x7C000000, 0xFC000000, 0x400000, 7)
    put(data, 44, "QIHHIIQ", 0xFF000000, 0x1000, 4, 1, 0, 0, 0)
    put(data, 76, "QBBH", 0xFC000000, 3, 1, 0xFFFF)
    if revision == 12:
        if architecture:
            put(data, 88, "BB5Q", 25, 2, 0xF9010000, 0xF9020000, 0xF9040000, 0xF9060000, 0)
        else:
            put(data, 88, "HIB3xII", 0x608, 1024, 2, 2600000, 1000)
        units = 88 + (42 if architecture else 18)
    else:
        units = 88
        if architecture:
            put(data, 312, "BB2x5Q", 25, 2, 0xF9010000, 0xF9020000, 0xF9040000, 0xF9060000, 0)
        else:
            put(data, 312, "HBxIII", 0x608, 2, 1024, 2600000, 1000)
    put(data, units, "IQI", 5, 0xFD800000, 0x20000)
    put(data, units + 28, "IQIHBBI", 1, 0xFEB80000, 0x80000, 0x10, 0x40, 0x64, 0x80048F6E)
    put(data, units + 56, "IQIQI", 4, 0x30F80000, 0x1000, 0x36000000, 0x100000)
    cell_at(data, root)
    return bytes(data) + arrays()


def test_cell_of_revision_14():
    desc = parse(cell14())
    assert desc == dict(EXPECTED_CELL, kind="cell", revision=14, architecture="arm64")
    assert serialise(desc) == cell14()


@pytest.mark.parametrize("revision", [12, 13])
def test_older_cells_have_six_letters(revision):
    data = struct.pack("<6sH", b"JHCELL", revision) + cell14()[8:]
    desc = parse(data)
    assert desc == dict(EXPECTED_CELL, kind="cell", revision=revision)
    assert serialise(desc) == data


@pytest.mark.parametrize("revision", [12, 13, 14])
def test_system_on_arm(revision):
    data = system(revision)
    desc = parse(data)
    assert desc["platform"] == {
        "kind": "arm", "maintenance_irq": 25, "gic_version": 2, "gicd": 0xF9010000,
        "gicc": 0xF9020000, "gich": 0xF9040000, "gicv": 0xF9060000, "gicr": 0}
    assert desc["hypervisor_memory"] == {"phys_start": 0x7C000000, "virt_start": 0xFC000000,
                                         "size": 0x400000, "flags": 7}
    assert desc["debug_console"]["address"] == 0xFF000000 and desc["flags"] == 1
    assert (desc["pci_mmconfig_base"], desc["pci_mmconfig_end_bus"], desc["pci_is_virtual"],
            desc["pci_domain"]) == (0xFC000000, 3, 1, 0xFFFF)
    units = desc["iommu_units"]
    assert len(units) == 8
    assert units[0] == {"type": 5, "base": 0xFD800000, "size": 0x20000}
    assert units[1] == {"type": 1, "base": 0xFEB80000, "size": 0x80000, "amd_bdf": 0x10,
                        "amd_base_cap": 0x40, "amd_msi_cap": 0x64, "amd_features": 0x80048F6E}
    assert units[2] == {"type": 4, "base": 0x30F80000, "size": 0x1000, "tlb_base": 0x36000000,
                        "tlb_size": 0x100000}
    assert units[3] == {"type": 0, "base": 0, "size": 0}
    assert desc["root"] == EXPECTED_CELL
    assert serialise(desc) == data


@pytest.mark.parametrize("revision", [12, 13, 14])
def test_system_on_x86(revision):
    data = system(revision, 0)
    desc = parse(data)
    assert desc["platform"] == {"kind": "x86", "pm_timer_address": 0x608, "apic_mode": 2,
                                "vtd_interrupt_limit": 1024, "tsc_khz": 2600000, "apic_khz": 1000}
    assert [u["type"] for u in desc["iommu_units"][:4]] == [5, 1, 4, 0]
    assert serialise(desc) == data


def test_header_sizes():
    empty = {"kind": "cell", "revision": 14, "architecture": "arm", "cpu_set": ""}
    assert len(serialise(empty)) == 132
    for revision, size in ((14, 488), (13, 488), (12, 486)):
        desc = {"kind": "system", "revision": revision, "architecture": "arm",
                "platform": {"kind": "arm"}, "root": {"cpu_set": ""}}
        assert len(serialise(desc)) == size
    sizes = [descriptor.size_of(record) for _, record in descriptor.ARRAYS]
    assert sizes == [32, 12, 32, 4, 56, 8, 4]


def test_cpus_make_a_set():
    desc = {"kind": "cell", "revision": 14, "architecture": "arm", "cpus": [0, 65]}
    data = serialise(desc)
    assert data[48:52] == struct.pack("<I", 16)
    assert data[132:] == struct.pack("<QQ", 1, 2)


def test_trailing_bytes_are_kept():
    data = cell14() + b"\1\2\3"
    assert parse(data)["trailing"] == "010203"
    assert serialise(parse(data)) == data


def test_overrun_is_named_and_cut():
    data = bytearray(cell14())
    put(data, 52, "I", 1000)
    desc = parse(bytes(data))
    # behind the header (132) and the CPU set (8) there are 64 + 12 + 32 + 4 + 56 + 8 + 8 = 184
    # bytes, room for 5 regions of 32; the other arrays have no place any more
    assert desc["overruns"][0] == "memory_regions: 1000 counted at 140, 5 there"
    assert len(desc["memory_regions"]) == 5 and desc["irqchips"] == []
    assert len(desc["trailing"]) == 2 * 24
    assert serialise(desc) == bytes(data)


def test_every_truncation_is_an_error_or_round_trips():
    for data in (cell14(), system(14), system(13, 0), system(12), system(12, 0)):
        header = len(data) - len(arrays())
        for size in range(len(data)):
            if size < header:
                with pytest.raises(DescriptorError):
                    parse(data[:size])
            else:
                desc = parse(data[:size])
                assert (desc.get("root") or desc)["overruns"]
                assert serialise(desc) == data[:size]


def test_damaged_bytes_round_trip():
    rng = random.Random(14)
    for data in (cell14(), system(14), system(13, 0), system(12), system(12, 0)):
        for _ in range(400):
            bad = bytearray(data)
            for _ in range(rng.randrange(1, 6)):
                bad[rng.randrange(8, len(bad))] = rng.randrange(256)
            assert serialise(json.loads(json.dumps(parse(bytes(bad))))) == bytes(bad)


@pytest.mark.parametrize("head", [b"JHCLL\2\x0d\0", b"JHCELL\x0e\0", b"JHCLL\3\x0e\0", b"", b"ELF"])
def test_foreign_heads_are_refused(head):
    with pytest.raises(DescriptorError):
        parse(head + cell14()[8:] if len(head) == 8 else head)


def test_command_prints_json(tmp_path):
    path = tmp_path / "x.cell"
    path.write_bytes(cell14())
    script = Path(descriptor.__file__)
    run = subprocess.run([sys.executable, script, path], capture_output=True, text=True, timeout=30)
    assert json.loads(run.stdout)["name"] == "rt-1"
    path.write_bytes(b"JH")
    run = subprocess.run([sys.executable, script, path], capture_output=True, text=True, timeout=30)
    assert run.returncode == 1 and "no descriptor" in run.stderr
