#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Binary descriptors (.cell files) of revisions 14, 13 and 12, read and written independently of
the compiler.

In: bytes, or a dict of the form that parse() gives. Out: the dict (as a command: JSON), or bytes.
Holds: serialise(parse(data)) == data for everything that parse() accepts. Padding and unused bytes
appear in the dict only where they are not zero. Arrays that reach beyond the end are cut to the
records that fit, named in "overruns", and what is left stands in "trailing".
"""

import json
import struct
import sys

REVISIONS = (12, 13, 14)
ARCHITECTURES = ("x86", "arm", "arm64")

# Records: (name, struct code). Codes of the form "4s" are padding or text, in hex.
MEMORY = [("phys_start", "Q"), ("virt_start", "Q"), ("size", "Q"), ("flags", "Q")]
CACHE = [("start", "I"), ("size", "I"), ("type", "B"), ("_pad", "1s"), ("flags", "H")]
IRQCHIP = [("address", "Q"), ("id", "I"), ("pin_base", "I"), ("pin_bitmap", "4I")]
PIO = [("base", "H"), ("length", "H")]
PCI_DEVICE = [
    ("type", "B"), ("iommu", "B"), ("domain", "H"), ("bdf", "H"), ("bar_mask", "6I"),
    ("caps_start", "H"), ("num_caps", "H"), ("num_msi_vectors", "B"), ("msi_bits", "B"),
    ("num_msix_vectors", "H"), ("msix_region_size", "H"), ("msix_address", "Q"),
    ("shmem_regions_start", "I"), ("shmem_dev_id", "B"), ("shmem_peers", "B"),
    ("shmem_protocol", "H"),
]
PCI_CAP = [("id", "H"), ("start", "H"), ("len", "H"), ("flags", "H")]
STREAM = [("id", "I")]
CONSOLE = [("address", "Q"), ("size", "I"), ("type", "H"), ("flags", "H"), ("divider", "I"),
           ("gate_nr", "I"), ("clock_reg", "Q")]
IOMMU = [("type", "I"), ("base", "Q"), ("size", "I")]
IOMMU_TAILS = {
    1: [("amd_bdf", "H"), ("amd_base_cap", "B"), ("amd_msi_cap", "B"), ("amd_features", "I"),
        ("_pad", "4s")],
    4: [("tlb_base", "Q"), ("tlb_size", "I")],
}
IOMMU_TAIL = [("_pad", "12s")]
IOMMU_UNITS = 8

# The arrays behind the cell header, in order: name, record.
ARRAYS = [("memory_regions", MEMORY), ("cache_regions", CACHE), ("irqchips", IRQCHIP),
          ("pio_regions", PIO), ("pci_devices", PCI_DEVICE), ("pci_caps", PCI_CAP),
          ("stream_ids", STREAM)]
COUNTS = ["cpu_set"] + [name for name, _ in ARRAYS]

CELL_TAIL = ([("name", "32s"), ("id", "I"), ("flags", "I")]
             + [("num_" + name, "I") for name in COUNTS]
             + [("vpci_irq_base", "I"), ("cpu_reset_address", "Q"), ("msg_reply_timeout", "Q")])
SYSTEM_TAIL = [("pci_mmconfig_base", "Q"), ("pci_mmconfig_end_bus", "B"), ("pci_is_virtual", "B"),
               ("pci_domain", "H")]

ARM_GIC = [("gicd", "Q"), ("gicc", "Q"), ("gich", "Q"), ("gicv", "Q"), ("gicr", "Q")]
ARM_PART = [("maintenance_irq", "B"), ("gic_version", "B"), ("_pad", "2s")] + ARM_GIC
ARM_PART_12 = [("maintenance_irq", "B"), ("gic_version", "B")] + ARM_GIC
X86_PART = [("pm_timer_address", "H"), ("apic_mode", "B"), ("_pad", "1s"),
            ("vtd_interrupt_limit", "I"), ("tsc_khz", "I"), ("apic_khz", "I"), ("_pad2", "28s")]
X86_PART_12 = [("pm_timer_address", "H"), ("vtd_interrupt_limit", "I"), ("apic_mode", "B"),
               ("_pad", "3s"), ("tsc_khz", "I"), ("apic_khz", "I")]
UNION_12 = 266          # of the larger part, ARM's, with its IOMMU units


class DescriptorError(Exception):
    """The bytes are no descriptor, or end inside its header."""


def size_of(record):
    return struct.calcsize("<" + "".join(code for _, code in record))


def read(record, data, off):
    """The record at `off` as a dict; padding as hex, left out when zero."""
    if off + size_of(record) > len(data):
        raise DescriptorError("ends at %d inside a header that needs %d bytes" %
                              (len(data), off + size_of(record)))
    out = {}
    for name, code in record:
        values = struct.unpack_from("<" + code, data, off)
        off += struct.calcsize("<" + code)
        if code.endswith("s"):
            if not name.startswith("_") or any(values[0]):
                out[name] = values[0].hex()
        else:
            out[name] = values[0] if len(values) == 1 else list(values)
    return out


def write(record, fields):
    """The bytes of the record; fields that are not given are zero."""
    out = b""
    for name, code in record:
        if code.endswith("s"):
            out += struct.pack("<" + code, bytes.fromhex(fields.get(name, "")))
        elif code[:-1]:
            out += struct.pack("<" + code, *fields.get(name, [0] * int(code[:-1])))
        else:
            out += struct.pack("<" + code, fields.get(name, 0))
    return out


def _name_in(fields):
    """Name from its 32 bytes; what stands behind the NUL is kept where not zero."""
    raw = bytes.fromhex(fields.pop("name"))
    text, nul, rest = raw.partition(b"\0")
    fields["name"] = text.decode("latin-1")
    if any(rest):
        fields["name_rest"] = (nul + rest).hex()


def _name_out(fields):
    raw = fields.get("name", "").encode("latin-1") + bytes.fromhex(fields.get("name_rest", ""))
    if len(raw) > 32:
        raise DescriptorError("name longer than 32 bytes: %r" % fields["name"])
    return raw.hex()


# Cells


def _read_cell(data, off):
    """A cell behind its first 8 bytes; the result holds no trailing bytes yet, but `_end`."""
    cell = read(CELL_TAIL, data, off)
    _name_in(cell)
    off += size_of(CELL_TAIL)
    cell["console"] = read(CONSOLE, data, off)
    off += size_of(CONSOLE)
    counts = {name: cell.pop("num_" + name) for name in COUNTS}
    overruns = []
    start = off
    off = min(off + counts["cpu_set"], len(data))
    cell["cpu_set"] = data[start:off].hex()
    cell["cpus"] = [8 * at + bit for at, byte in enumerate(data[start:off]) for bit in range(8)
                    if byte >> bit & 1]
    if off - start < counts["cpu_set"]:
        overruns.append("cpu_set: %d bytes counted at %d, %d there" %
                        (counts["cpu_set"], start, off - start))
    for name, record in ARRAYS:
        step = size_of(record)
        there = 0 if overruns else min(counts[name], (len(data) - off) // step)
        if there < counts[name]:
            overruns.append("%s: %d counted at %d, %d there" % (name, counts[name], off, there))
        cell[name] = [read(record, data, off + step * i) for i in range(there)]
        off += step * there
    if overruns:
        cell["counts"], cell["overruns"] = counts, overruns
    cell["_end"] = off
    return cell


def cpu_bytes(cpus):
    """A CPU set of the smallest size that is a multiple of 8 bytes, as hex."""
    size = (max(cpus, default=0) // 64 + 1) * 8
    return sum(1 << cpu for cpu in set(cpus)).to_bytes(size, "little").hex()


def _write_cell(cell):
    cpus = bytes.fromhex(cell["cpu_set"] if "cpu_set" in cell else cpu_bytes(cell.get("cpus", [])))
    counts = {name: len(cell.get(name, [])) for name, _ in ARRAYS}
    counts["cpu_set"] = len(cpus)
    counts.update(cell.get("counts", {}))
    fields = dict(cell, name=_name_out(cell), **{"num_" + n: c for n, c in counts.items()})
    out = write(CELL_TAIL, fields) + write(CONSOLE, cell.get("console", {})) + cpus
    for name, record in ARRAYS:
        out += b"".join(write(record, entry) for entry in cell.get(name, []))
    return out


# Systems


def _read_units(data, off):
    units = []
    for _ in range(IOMMU_UNITS):
        unit = read(IOMMU, data, off)
        off += size_of(IOMMU)
        unit.update(read(IOMMU_TAILS.get(unit["type"], IOMMU_TAIL), data, off))
        off += size_of(IOMMU_TAIL)
        units.append(unit)
    return units, off


def _write_units(units):
    units = units + [{}] * (IOMMU_UNITS - len(units))
    return b"".join(write(IOMMU + IOMMU_TAILS.get(u.get("type", 0), IOMMU_TAIL), u) for u in units)


def guess_architecture(revision, data, off):
    """x86 or arm of a part at `off`, where no byte says so (before revision 14)."""
    arm = read(ARM_PART_12 if revision == 12 else ARM_PART, data, off)
    is_arm = arm["gic_version"] in (2, 3) and arm["gicd"] and arm["gicd"] % 0x1000 == 0
    return "arm" if is_arm else "x86"


def _read_platform(system, revision, data, off):
    """IOMMU units and architecture part; returns the offset of the root cell."""
    if revision == 12:
        kind = guess_architecture(12, data, off)
        record, end = ARM_PART_12 if kind == "arm" else X86_PART_12, off + UNION_12
        system["platform"] = read(record, data, off)
        system["iommu_units"], off = _read_units(data, off + size_of(record))
        if any(data[off:end]):
            system["platform"]["_rest"] = data[off:end].hex()
        off = end
    else:
        system["iommu_units"], off = _read_units(data, off)
        kind = system.get("architecture") or guess_architecture(revision, data, off)
        record = X86_PART if kind == "x86" else ARM_PART
        system["platform"] = read(record, data, off)
        off += size_of(record)
    system["platform"]["kind"] = "x86" if kind == "x86" else "arm"
    return off


def _write_platform(system):
    x86 = system["platform"]["kind"] == "x86"
    units = _write_units(system.get("iommu_units", []))
    if system["revision"] == 12:
        part = write(X86_PART_12 if x86 else ARM_PART_12, system["platform"]) + units
        part += bytes.fromhex(system["platform"].get("_rest", ""))
        return part.ljust(UNION_12, b"\0")
    return units + write(X86_PART if x86 else ARM_PART, system["platform"])


def _read_system(system, revision, data, off):
    system["flags"] = struct.unpack_from("<I", data, off)[0]
    system["hypervisor_memory"] = read(MEMORY, data, off + 4)
    system["debug_console"] = read(CONSOLE, data, off + 36)
    system.update(read(SYSTEM_TAIL, data, off + 68))
    off = _read_platform(system, revision, data, off + 80)
    if off + 8 > len(data):
        raise DescriptorError("ends at %d, before the root cell at %d" % (len(data), off))
    root = _read_cell(data, off + 8)
    if any(data[off : off + 8]):
        root["_head"] = data[off : off + 8].hex()
    system["root"] = root
    return root.pop("_end")


# Whole files


def _head(data):
    """(is it a system, revision, architecture or None) of the first 8 bytes."""
    if len(data) < 8:
        raise DescriptorError("%d bytes are no descriptor" % len(data))
    (revision,) = struct.unpack_from("<H", data, 6)
    if data[:5] in (b"JHCLL", b"JHSYS") and revision == 14:
        if data[5] >= len(ARCHITECTURES):
            raise DescriptorError("architecture %d" % data[5])
        return data[:5] == b"JHSYS", 14, ARCHITECTURES[data[5]]
    if data[:6] in (b"JHCELL", b"JHSYST") and revision in (12, 13):
        return data[:6] == b"JHSYST", revision, None
    raise DescriptorError("signature %r, revision %d" % (data[:6], revision))


def parse(data):
    """The descriptor as a dict: "kind" system (the root cell under "root") or cell."""
    is_system, revision, architecture = _head(data)
    out = {"kind": "system" if is_system else "cell", "revision": revision}
    if architecture:
        out["architecture"] = architecture
    if is_system:
        if len(data) < 12:
            raise DescriptorError("ends at %d inside the header" % len(data))
        end = _read_system(out, revision, data, 8)
    else:
        out.update(_read_cell(data, 8))
        end = out.pop("_end")
    if end < len(data):
        out["trailing"] = data[end:].hex()
    return out


def serialise(desc):
    """The bytes of a dict of the form of parse(); what is not given is zero."""
    is_system, revision = desc["kind"] == "system", desc["revision"]
    if revision == 14:
        out = (b"JHSYS" if is_system else b"JHCLL") + bytes(
            [ARCHITECTURES.index(desc["architecture"])])
    else:
        out = b"JHSYST" if is_system else b"JHCELL"
    out += struct.pack("<H", revision)
    if is_system:
        out += struct.pack("<I", desc.get("flags", 0))
        out += write(MEMORY, desc.get("hypervisor_memory", {}))
        out += write(CONSOLE, desc.get("debug_console", {})) + write(SYSTEM_TAIL, desc)
        out += _write_platform(desc)
        out += bytes.fromhex(desc["root"].get("_head", "")).ljust(8, b"\0")
        out += _write_cell(desc["root"])
    else:
        out += _write_cell(desc)
    return out + bytes.fromhex(desc.get("trailing", ""))


def load(path):
    """The descriptor in the file."""
    with open(path, "rb") as file:
        return parse(file.read())


def main(argv):
    if len(argv) != 2 or argv[1] in ("-h", "--help"):
        print("usage: descriptor.py X.cell", file=sys.stderr)
        return 2
    try:
        desc = load(argv[1])
    except (OSError, DescriptorError) as err:
        print("descriptor.py: %s: %s" % (argv[1], err), file=sys.stderr)
        return 1
    json.dump(desc, sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
