# SPDX-License-Identifier: GPL-2.0-only
"""Descriptors that cellc has not made: C initializers of the abi's header, through gcc and objcopy.
They mean what the plan beside them means, and a machine runs from them as from cellc's."""

import re
import subprocess

import pytest

import image
from machine import Machine

MADE = image.HERE / "made"
SOURCES = {
    "qemu-arm64-gicv3": ("qemu-arm64.h", 3),
    "qemu-arm64-gicv2": ("qemu-arm64.h", 2),
    "zcu102": ("zcu102.h", 2),
}


def compile_initializers(name):
    """{"system": path, "cell": path} of the descriptors."""
    header, gic = SOURCES[name]
    folder = image.BUILD / "system" / f"made-by-hand-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    image.run(image.CROSS + "gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-c", "-o",
              folder / "made.o", f'-DMACHINE="{header}"', f"-DGIC={gic}", MADE / "made.c")
    made = {}
    for part in "system", "cell":
        made[part] = folder / f"{part}.cell"
        image.run(image.CROSS + "objcopy", "-O", "binary", "-j", f".{part}", folder / "made.o",
                  made[part])
    return made


def differences(one, other):
    """What `cellc diff` finds between two descriptors, and its exit code."""
    done = subprocess.run([image.BUILD / "cellc", "diff", one, other], capture_output=True, text=True,
                          timeout=60)
    return done.stdout, done.returncode


@pytest.mark.slow
@pytest.mark.system
@pytest.mark.parametrize("name", SOURCES)
def test_a_machine_from_c_initializers(name, tmp_path):
    made = compile_initializers(name)
    files = {f"made/{path.name}": (path, 0o644) for path in made.values()}
    with Machine(name, plan=image.HERE / f"made-{name}.plan", files=files) as machine:
        out = image.BUILD / "system" / f"{name}-made-{name}" / "out"
        assert differences(made["system"], out / "made.cell") == ("", 0)
        assert differences(made["cell"], out / "plain.cell") == ("", 0)
        # another size of root's second region would show
        other = bytearray(made["system"].read_bytes())
        other[356 + 132 + 8 + 32 + 17] ^= 0x10
        (tmp_path / "other.cell").write_bytes(other)
        assert differences(tmp_path / "other.cell", out / "made.cell")[1] == 1
        for folder, system, cell in ("/made", "system", "cell"), ("/cells", "made", "plain"):
            output = machine.good(f"cellctl enable {folder}/{system}.cell")
            assert "running" in output
            machine.good(f"cellctl cell create {folder}/{cell}.cell && "
                         "cellctl cell load plain hello.bin")
            assert "hello from the cell" in machine.good("cellctl cell start plain; sleep 2")
            machine.shows("cellctl cell list", r"^1 +plain +running +2")
            machine.good("cellctl cell destroy plain && cellctl disable")
            assert re.search(r"^0-3$", machine.good("cat /sys/devices/system/cpu/online"), re.M)
