# SPDX-License-Identifier: GPL-2.0-only
"""What can be told of the hypervisor without a machine. Needs the cross compiler."""

import re
import shutil
import struct
import subprocess

import pytest

import image


@pytest.mark.slow
@pytest.mark.system
def test_two_builds_in_different_folders_give_the_same_image(tmp_path):
    images = []
    for name in ("one", "elsewhere"):
        top = tmp_path / name
        top.mkdir()
        for part in ("hypervisor", "runtime", "compiler", "grammar", "tests"):
            shutil.copytree(image.TOP / part, top / part)
        shutil.copy(image.TOP / "Makefile", top)
        subprocess.run(["make", "-s", "-j2", "hypervisor", "BUILD=out"], cwd=top, check=True,
                       timeout=300)
        images.append((top / "out/hypervisor/cellvisor-arm64.bin").read_bytes())
    assert images[0] == images[1] and len(images[0]) > 4096


@pytest.mark.slow
@pytest.mark.system
def test_compiled_code_leaves_registers_of_the_guest_alone():
    """An exit does not save what C must not touch (arch/arm64/entry.S): x10 to x15 and x18. Calls of the
    firmware are made with all of them in the frame (psci.c)."""
    objects = sorted(o for o in (image.BUILD / "hypervisor" / "arm64").rglob("*.c.o")
                     if o.name != "psci.c.o")
    listing = image.run(image.CROSS + "objdump", "-d", "--no-show-raw-insn", *objects)
    lines = re.findall(r"^ +[0-9a-f]+:\t(.*)$", listing, re.M)
    assert len(lines) > 5000
    assert not [line for line in lines if re.search(r"\b[xw](1[0-5]|18)\b", line)]


@pytest.mark.slow
@pytest.mark.system
def test_what_a_target_gets(tmp_path):
    subprocess.run(["make", "-s", "install-target", f"DESTDIR={tmp_path}"], cwd=image.TOP, check=True,
                   timeout=300)
    release = (image.KERNELS / "arm64/release").read_text().strip()
    assert {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()} == {
        "usr/sbin/cellctl", "usr/sbin/cellvisor-link", "lib/firmware/cellvisor-arm64.bin",
        *(f"lib/modules/{release}/extra/{name}.ko"
          for name in ("cellvisor", "cellvisor-net", "uio-cellvisor"))}


@pytest.mark.slow
@pytest.mark.system
def test_cellc_knows_how_much_memory_the_hypervisor_wants(tmp_path):
    """What W0331 finds too little is what the driver refuses (place_image() in enable.c), and somewhat more."""
    plan = image.plan_of("qemu-arm64-gicv3", "room", "")
    text = plan.read_text()

    def compile(size):
        plan.write_text(text.replace("hypervisor {", f"hypervisor {{ memory {size};"))
        return subprocess.run([image.BUILD / "cellc", "build", "-I", image.TOP / "boards", "-o", tmp_path, plan],
                              capture_output=True, text=True, timeout=60)

    assert compile("4M").returncode == 0
    header = (image.BUILD / "hypervisor/cellvisor-arm64.bin").read_bytes()
    percpu, core = struct.unpack_from("<IQ", header, 12)    # runtime/abi/image_header.h
    descriptor = -(-(tmp_path / "root.cell").stat().st_size // 4096) * 4096
    least = core + 4 * percpu + descriptor + 64 * 4096
    assert "W0331" in compile(least - 4096).stderr
    assert "W0331" not in compile(least + 16 * 4096).stderr
