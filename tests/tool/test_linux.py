# SPDX-License-Identifier: GPL-2.0-only
"""cell linux up to where it asks the driver: kernels in all forms, trees, room, and what is wrong.

That Linux boots is seen in tests/system."""

import gzip
import os
import pathlib
import re
import shutil
import struct
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / os.environ.get("BUILD", "build")
PLAN = """
architecture arm64;
platform { gic 3 gicd 0x800_0000 gicr 0x80a_0000 maintenance 25 lines 64; cpus 4; }
ram at 1G size 1G;
hypervisor { console none; }
root "board";
cell "linux" {
    cpus 2;
    memory ram 64M rwx loadable;
    console virtual;
    boot linux { cmdline "from the plan"; }
}
"""
READY = "is the module cellvisor loaded"        # all that comes before the driver was fine


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("linux")
    (path / "p.plan").write_text(PLAN)
    subprocess.run([BUILD / "cellc", "build", "-q", "-o", path, path / "p.plan"], check=True,
                   timeout=60)
    return path


def kernel(size=1 << 20, memory=2 << 20, offset=0):
    head = struct.pack("<IIQQQQQQII", 0x91005a4d, 0x14000000, offset, memory, 10, 0, 0, 0,
                       0x644d5241, 0x40)
    return head + os.urandom(1000) + bytes(size - len(head) - 1000)


def zboot(packed, kind, cut=0):
    head = struct.pack("<4s4sII8x8s", b"MZ\0\0", b"zimg", 64, len(packed), kind)
    return head.ljust(64, b"\0") + packed[:len(packed) - cut]


def linux(folder, data, *more, config="linux.cell"):
    path = folder / "kernel"
    path.write_bytes(data)
    return subprocess.run([BUILD / "cellctl", "cell", "linux", folder / config, path, *more],
                          capture_output=True, text=True, timeout=60)


def says(result, pattern):
    assert result.returncode == 1 and result.stdout == ""
    assert re.search(pattern, result.stderr), result.stderr


def packed_by(program, data):
    if not shutil.which(program):
        pytest.skip(f"no {program} here")
    return subprocess.run([program, "-c"], input=data, stdout=subprocess.PIPE, check=True,
                          timeout=60).stdout


@pytest.mark.parametrize("program", ["gzip", "xz", "zstd", "bzip2", "lzma"])
def test_packed_kernels(folder, program):
    says(linux(folder, packed_by(program, kernel())), READY)
    says(linux(folder, zboot(packed_by(program, kernel()), program.encode())), READY)


def test_plain_kernels_and_options(folder):
    initrd = folder / "initrd"
    initrd.write_bytes(bytes(10 << 20))
    says(linux(folder, kernel()), READY)
    says(linux(folder, kernel(), "-i", initrd, "-c", "quiet", "-d", folder / "linux.dtb"), READY)


@pytest.mark.parametrize("data, pattern", [
    (b"", "not an arm64 kernel"),
    (b"\x7fELF" + bytes(200), "not an arm64 kernel"),
    (b"MZ\0\0zimg" + bytes(20), "not an arm64 kernel"),
    (gzip.compress(b"no kernel"), "not an arm64 kernel"),
    (gzip.compress(kernel())[:20], "can't unpack|not an arm64 kernel"),
    (zboot(gzip.compress(kernel()), b"gzip", cut=9), "cut off"),
    (zboot(b"\x28\xb5\x2f\xfdrubbish", b"zstd22"), "can't unpack|no program of this name"),
    (kernel(memory=0), "older than Linux"),
    (kernel(offset=4 << 20), "older than Linux"),
], ids=range(9))
def test_what_is_no_kernel(folder, data, pattern):
    says(linux(folder, data), pattern)


def test_room(folder):
    says(linux(folder, kernel(memory=62 << 20)), READY)
    says(linux(folder, kernel(memory=63 << 20)), "need 65 MiB, and there are 64 MiB")
    initrd = folder / "large"
    with initrd.open("wb") as f:
        f.truncate(61 << 20)
    says(linux(folder, kernel(), "-i", initrd), "need 65 MiB")


def test_other_files(folder):
    says(linux(folder, kernel(), "-i", folder / "none"), "none: No such file")
    says(linux(folder, kernel(), "-d", folder / "kernel"), "not a device tree")
    says(linux(folder, kernel(), config="board.cell"), "not a descriptor of an arm64 cell")
    cell = (folder / "linux.cell").read_bytes()
    (folder / "short.cell").write_bytes(cell[:150])
    says(linux(folder, kernel(), config="short.cell"), "cut off")
    moved = bytearray(cell)
    moved[84:92] = struct.pack("<Q", 0x1000)
    (folder / "moved.cell").write_bytes(moved)
    says(linux(folder, kernel(), config="moved.cell"), "no loadable memory at the reset address")
    (folder / "alone.cell").write_bytes(cell)
    says(linux(folder, kernel(), config="alone.cell"), "alone.dtb: No such file")


@pytest.fixture(scope="module")
def chosen(tmp_path_factory):
    path = tmp_path_factory.mktemp("chosen") / "chosen"
    subprocess.run(["gcc", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-g",
                    "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-o", path,
                    TOP / "tests/tool/chosen.c", TOP / "runtime/tool/fdt.c",
                    TOP / "runtime/tool/lib.c", "-lfdt"], check=True, timeout=120)
    return path


@pytest.mark.parametrize("source", [
    "/dts-v1/; / { };",
    "/dts-v1/; / { chosen { }; };",
    '/dts-v1/; /memreserve/ 0x1000 0x2000; / { model = "m"; chosen { bootargs = "old"; x = <1>; '
    'inner { bootargs = "inner"; }; }; other { bootargs = "other"; chosen { bootargs = "deep"; }; }; };',
])
def test_the_edit_is_the_only_one(chosen, tmp_path, source):
    def dts(path):
        return subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", path], check=True, text=True,
                              capture_output=True, timeout=30).stdout

    subprocess.run(["dtc", "-q", "-O", "dtb", "-o", tmp_path / "in.dtb", "-"], input=source,
                   text=True, check=True, timeout=30)
    subprocess.run([chosen, tmp_path / "in.dtb", tmp_path / "out.dtb"], check=True, timeout=30)
    wanted = source.replace('bootargs = "old"; ', "")
    new = 'bootargs = "quiet init=/bin/sh"; linux,initrd-start = <0 0x58000000>; '
    wanted = wanted.replace("chosen { ", "chosen { " + new, 1) if "chosen" in source else \
        wanted.replace("};", "chosen { " + new + "}; };")
    subprocess.run(["dtc", "-q", "-O", "dtb", "-o", tmp_path / "wanted.dtb", "-"], input=wanted,
                   text=True, check=True, timeout=30)
    assert dts(tmp_path / "out.dtb") == dts(tmp_path / "wanted.dtb")


def test_damaged_trees(chosen, folder):
    done = subprocess.run([chosen, "-m", "3000", folder / "linux.dtb"], text=True, timeout=120,
                          capture_output=True)
    assert done.returncode == 0, done.stderr
    made = int(done.stdout.split()[0])
    assert 100 < made < 2500, done.stdout
