# SPDX-License-Identifier: GPL-2.0-only
"""The samples of docs/building.md, run as they stand: built once, built again only when needed."""

import os
import re
import subprocess
import time

import pytest

import harness

DOC = (harness.TOP / "docs/building.md").read_text()
PART = ('cell "rt" explicit {{ cpu 1; passive; timeout {};'
        ' memory ram 0x4000_0000 .. 0x4010_0000 guest 0 rwx; }}\n')
BUILDS = {
    "make": ("Makefile", "make", [], ["make"], "out/cells/rt.cell"),
    "cmake-ninja": ("CMakeLists.txt", "cmake", ["cmake", "-G", "Ninja", "-S", ".", "-B", "b"],
                    ["ninja", "-C", "b"], "b/cells/rt.cell"),
    "cmake-make": ("CMakeLists.txt", "cmake", ["cmake", "-G", "Unix Makefiles", "-S", ".", "-B", "b"],
                   ["make", "-C", "b"], "b/cells/rt.cell"),
    "meson": ("meson.build", "meson", ["meson", "setup", "b"], ["ninja", "-C", "b"], "b/rt.cell"),
}


def sample(language):
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", DOC, re.M | re.S)
    return text


class Project:
    def __init__(self, folder, build):
        name, language, self.set_up, self.build, output = BUILDS[build]
        self.folder, self.output = folder, folder / output
        (folder / "bin").mkdir()
        (folder / "bin/cellc").symlink_to(harness.CELLC)
        (folder / name).write_text(sample(language))
        (folder / "board.plan").write_text('architecture arm64;\ninclude "part.plan";\n')
        self.write_part(1)
        if self.set_up:
            self.run(self.set_up)

    def write_part(self, timeout):
        (self.folder / "part.plan").write_text(PART.format(timeout))

    def run(self, command, code=0):
        env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "CELLC"}
        env["PATH"] = f"{self.folder}/bin:{env['PATH']}"
        result = subprocess.run(command, cwd=self.folder, env=harness.environment(**env),
                                capture_output=True, text=True, timeout=120)
        if code == 0:
            assert result.returncode == 0, result.stdout + result.stderr
        else:
            assert result.returncode != 0
        return result.stdout + result.stderr

    def make(self, code=0):
        time.sleep(0.02)  # a file system's clock may be coarse
        return self.run(self.build, code)

    def timeout_in_output(self):
        return int.from_bytes(self.output.read_bytes()[92:100], "little")


@pytest.mark.parametrize("build", BUILDS)
def test_sample(build, tmp_path):
    project = Project(tmp_path, build)
    project.make()
    assert project.timeout_in_output() == 1
    built = project.output.stat().st_mtime_ns

    project.make()
    assert project.output.stat().st_mtime_ns == built, "built again without need"

    project.write_part(2)
    project.make()
    assert project.timeout_in_output() == 2, "not built again after the included file changed"

    (tmp_path / "part.plan").write_text("nonsense;\n")
    assert "E0201" in project.make(code=1)
    assert project.timeout_in_output() == 2, "an error took the earlier output away"

    (tmp_path / "part.plan").unlink()
    (tmp_path / "board.plan").write_text("architecture arm64;\n" + PART.format(3))
    project.make()
    assert project.timeout_in_output() == 3, "a file that is included no more stops the build"
