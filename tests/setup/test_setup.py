# SPDX-License-Identifier: GPL-2.0-only
"""./setup and scripts/trees in a copy of their own, small packages in the cache: no network."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
PACKAGES = {"arm64": "linux-image-9-arm64_9_arm64.deb", "arm": "linux-image-9-armmp_9_armhf.deb"}


def make_deb(tmp_path, out, files):
    """A package that holds the files (path -> text) below its usr/lib/linux-image-9/."""
    root = tmp_path / ("root-" + out.name)
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN" / "control").write_text(
        "Package: x\nVersion: 9\nArchitecture: all\nMaintainer: x\nDescription: x\n")
    for name, text in files.items():
        path = root / "usr" / "lib" / "linux-image-9" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    subprocess.run(["dpkg-deb", "-b", root, out], check=True, capture_output=True, timeout=60)


@pytest.fixture
def checkout(tmp_path):
    """A checkout with nothing in it but setup and its scripts, and a cache with both packages."""
    top = tmp_path / "top of it"           # a space, for the quoting
    (top / "cache").mkdir(parents=True)
    shutil.copy(TOP / "setup", top)
    shutil.copytree(TOP / "scripts", top / "scripts")
    make_deb(tmp_path, top / "cache" / PACKAGES["arm64"],
             {"xilinx/a.dtb": "A", "b.dtb": "B", "xilinx/c.dtbo": "C"})
    make_deb(tmp_path, top / "cache" / PACKAGES["arm"], {"d.dtb": "D"})
    for arch, name in PACKAGES.items():
        (top / "cache" / (arch + ".package")).write_text(name + "\n")
    return top


def run(top, *words):
    return subprocess.run([top / "setup", *words], capture_output=True, text=True, timeout=120)


def listing(top):
    trees = top / "build" / "trees"
    return sorted(str(p.relative_to(trees)) for p in trees.glob("**/*") if p.is_file())


WHOLE = [".stamp", "arm/.stamp", "arm/d.dtb", "arm64/.stamp", "arm64/b.dtb", "arm64/xilinx/a.dtb"]


@pytest.mark.parametrize("words,code",
                         [(["-h"], 0), ([], 2), (["nonsense"], 2), (["demo", "x"], 2)])
def test_words(checkout, words, code):
    out = run(checkout, *words)
    assert out.returncode == code
    assert "usage: ./setup" in (out.stdout if code == 0 else out.stderr)
    if words == ["nonsense"]:
        assert "unknown word 'nonsense'" in out.stderr


def test_trees_keep_their_folders_and_a_second_run_does_nothing(checkout):
    out = run(checkout, "trees")
    assert out.returncode == 0, out.stderr
    assert "trees: 2 in build/trees/arm64" in out.stdout
    assert listing(checkout) == WHOLE
    stamps = [(checkout / "build" / "trees" / p).stat().st_mtime_ns for p in WHOLE]
    out = run(checkout, "trees")
    assert out.returncode == 0 and "extract" not in out.stdout
    assert stamps == [(checkout / "build" / "trees" / p).stat().st_mtime_ns for p in WHOLE]


def test_a_new_package_replaces_the_folder_as_a_whole(checkout, tmp_path):
    assert run(checkout, "trees").returncode == 0
    make_deb(tmp_path, checkout / "cache" / "newer.deb", {"e.dtb": "E"})
    (checkout / "cache" / "arm64.package").write_text("newer.deb\n")
    assert run(checkout, "trees").returncode == 0
    assert [p for p in listing(checkout) if p.startswith("arm64/")] == [
        "arm64/.stamp", "arm64/e.dtb"]


def test_what_a_killed_run_left_is_cleared(checkout):
    (checkout / "build" / "trees" / ".arm64.AbCdEf").mkdir(parents=True)
    assert run(checkout, "trees").returncode == 0
    assert not (checkout / "build" / "trees" / ".arm64.AbCdEf").exists()


@pytest.mark.parametrize("cut", [0, 100, -20])
def test_a_damaged_package_leaves_no_folder_and_is_dropped(checkout, cut):
    deb = checkout / "cache" / PACKAGES["arm"]
    deb.write_bytes(deb.read_bytes()[:cut])
    out = run(checkout, "trees")
    assert out.returncode == 1
    assert "is damaged or not a kernel package" in out.stderr
    assert [p for p in listing(checkout) if not p.startswith("arm64/")] == []
    assert not deb.exists() and not (checkout / "cache" / "arm.package").exists()


def test_a_package_without_trees_is_an_error(checkout, tmp_path):
    make_deb(tmp_path, checkout / "cache" / "none.deb", {"readme": "R"})
    (checkout / "cache" / "arm.package").write_text("none.deb\n")
    out = run(checkout, "trees")
    assert out.returncode == 1 and "not a kernel package" in out.stderr
    assert not (checkout / "build" / "trees" / "arm").exists()


def test_every_package_says_what_it_is_for():
    """A line is a name and a comment, or stands under a heading that says it."""
    lines = (TOP / "scripts" / "packages.txt").read_text().splitlines()
    names = [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]
    assert len(names) == len(set(names)) > 15
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", name) for name in names)
    for block in "\n".join(lines).split("\n\n"):
        assert block.startswith("# ")


@pytest.mark.parametrize("words,code", [(["-h"], 0), (["6.0"], 2), (["6.12", "x"], 2)])
def test_words_of_kernels(checkout, words, code):
    out = subprocess.run([checkout / "scripts" / "kernels", *words], capture_output=True, text=True,
                         timeout=60)
    assert out.returncode == code
    assert ("usage: scripts/kernels" in out.stdout) == (code == 0)
    assert bool(out.stderr) == (code != 0)
