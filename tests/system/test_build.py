# SPDX-License-Identifier: GPL-2.0-only
"""The hypervisor's image is the same wherever it is built. Needs the cross compiler, no machine."""

import shutil
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
