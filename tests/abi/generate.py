# SPDX-License-Identifier: GPL-2.0-only
"""Random descriptors of all revisions, valid and hostile, from a seed: for the tests that take
descriptors apart and put them together, and for the fuzzer's corpus.

As a program: writes the corpus of tests/fuzz/corpus/binary (generate.py FOLDER).
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "oracle"))

import descriptor  # noqa: E402

BITS = {"B": 8, "H": 16, "I": 32, "Q": 64}
PAGES = (0, 0x1000, 0x10000, 0x7C000000, 0x80000000, 0xFF010000, 0x870000000)
NAMES = ("rt", "linux-2", "a b", "", 'q"\\', "\x01\x7f", "\xe4\xff", "x" * 31, "{};//", "\t\n")


def number(rnd, bits):
    """A number of so many bits: often small, at a limit, an address, or anything."""
    top = (1 << bits) - 1
    pick = rnd.random()
    if pick < 0.35:
        return rnd.randrange(4)
    if pick < 0.6:
        return rnd.choice(PAGES) & top
    return rnd.choice((top, top - 1, 1 << rnd.randrange(bits), rnd.getrandbits(bits)))


def record(rnd, fields, padding=0.0):
    out = {}
    for name, code in fields:
        if code.endswith("s"):
            if rnd.random() < padding:
                out[name] = rnd.randbytes(int(code[:-1])).hex()
        elif len(code) > 1:
            out[name] = [number(rnd, BITS[code[-1]]) for _ in range(int(code[:-1]))]
        else:
            out[name] = number(rnd, BITS[code])
    return out


def memory(rnd):
    """A region as it could stand in a real descriptor, or anything."""
    if rnd.random() < 0.3:
        return record(rnd, descriptor.MEMORY)
    if rnd.random() < 0.1:
        return dict.fromkeys(("phys_start", "virt_start", "size", "flags"), 0)
    at = rnd.randrange(1 << 20) << 12
    return {"phys_start": at, "virt_start": rnd.choice((at, 0, 0x80000000)),
            "size": rnd.choice((4, 0x1000, 0x100000, 0x8000000)),
            "flags": rnd.choice((0x47, 0x13, 0x3, 0x23, 0x81, 0xF0013, 0x8013, 0x103, 0x1F))}


def cell(rnd, hostile):
    padding = 0.3 if hostile else 0.0
    size = rnd.choice((8, 8, 8, 16, 0, 3, 13, 264)) if hostile else rnd.choice((8, 8, 16))
    out = record(rnd, [f for f in descriptor.CELL_TAIL if not f[0].startswith(("num_", "name"))])
    out["name"] = rnd.choice(NAMES)
    if hostile and rnd.random() < 0.3:
        room = 32 - len(out["name"])
        out["name_rest"] = rnd.choice((b"\0" + rnd.randbytes(room - 1),
                                       rnd.randbytes(room).replace(b"\0", b"x"))).hex()
    if rnd.random() < 0.5:
        out["console"] = record(rnd, descriptor.CONSOLE)
    out["cpu_set"] = rnd.randbytes(size).hex() if rnd.random() < 0.5 else (
        (1 << rnd.randrange(4)).to_bytes(max(size, 1), "little")[:size].hex())
    for name, fields in descriptor.ARRAYS:
        make = memory if fields is descriptor.MEMORY else lambda r: record(r, fields, padding)
        out[name] = [make(rnd) for _ in range(rnd.choice((0, 0, 1, 2, 5)))]
    if hostile and rnd.random() < 0.3:
        out["_head"] = rnd.randbytes(8).hex()
    return out


def unit(rnd, hostile):
    out = record(rnd, descriptor.IOMMU)
    out["type"] = rnd.choice((0, 1, 2, 3, 4, 5, 5, rnd.getrandbits(32) if hostile else 3))
    tail = descriptor.IOMMU_TAILS.get(out["type"], descriptor.IOMMU_TAIL)
    out.update(record(rnd, tail, 0.3 if hostile else 0.0))
    return out


def system(rnd, revision, hostile):
    out = {"kind": "system", "revision": revision, "flags": number(rnd, 32),
           "architecture": rnd.choice(descriptor.ARCHITECTURES),
           "hypervisor_memory": memory(rnd), "root": cell(rnd, hostile)}
    if rnd.random() < 0.7:
        out["debug_console"] = record(rnd, descriptor.CONSOLE)
    out.update(record(rnd, descriptor.SYSTEM_TAIL))
    out["iommu_units"] = [unit(rnd, hostile) if rnd.random() < 0.4 else {} for _ in range(8)]
    x86 = out["architecture"] == "x86"
    part = {(True, False): descriptor.X86_PART, (True, True): descriptor.X86_PART_12,
            (False, False): descriptor.ARM_PART, (False, True): descriptor.ARM_PART_12}
    out["platform"] = record(rnd, part[x86, revision == 12], 0.3 if hostile else 0.0)
    out["platform"]["kind"] = "x86" if x86 else "arm"
    if not x86 and not (hostile and rnd.random() < 0.5):
        out["platform"].update(gic_version=rnd.choice((2, 3)), gicd=0xF9010000)
    return out


def spoil(rnd, data, header):
    """Cut, lengthen, or overwrite something behind the signature, the header kept whole."""
    data = bytearray(data)
    kind = rnd.randrange(4)
    if kind == 0 and len(data) > header:
        del data[rnd.randrange(header, len(data)) :]
    elif kind == 1:
        data += rnd.randbytes(rnd.choice((1, 4, 32, 56, 100)))
    elif kind == 2:     # a count
        at = header - 132 + 48 + 4 * rnd.randrange(8)
        data[at : at + 4] = number(rnd, 32).to_bytes(4, "little")
    else:
        for _ in range(rnd.randrange(1, 10)):
            data[rnd.randrange(8, len(data))] = rnd.randrange(256)
    return bytes(data)


def random_descriptor(seed):
    """The bytes of one descriptor; a third of the seeds give hostile ones."""
    rnd = random.Random(seed)
    revision, hostile = 12 + rnd.randrange(3), seed % 3 == 0
    if rnd.random() < 0.5:
        desc = system(rnd, revision, hostile)
        header = 486 if revision == 12 else 488
    else:
        desc = dict(cell(rnd, hostile), kind="cell", revision=revision,
                    architecture=rnd.choice(descriptor.ARCHITECTURES))
        header = 132
    data = descriptor.serialise(desc)
    return spoil(rnd, data, header) if hostile and rnd.random() < 0.7 else data


def main(folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(36):
        (folder / ("%02d.cell" % seed)).write_bytes(random_descriptor(seed)[:1500])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
