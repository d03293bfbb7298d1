# SPDX-License-Identifier: GPL-2.0-only
"""make install: an installed tree works wherever it is moved to."""

import os
import shutil
import subprocess

import pytest

import harness


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """PREFIX of an installation that was moved after it was made."""
    dest = tmp_path_factory.mktemp("dest")
    subprocess.run(["make", "-s", "install", f"DESTDIR={dest}", "PREFIX=/opt/x",
                    f"BUILD={harness.BUILD}"], cwd=harness.TOP, check=True, timeout=300,
                   env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")})
    moved = tmp_path_factory.mktemp("moved") / "there"
    shutil.move(dest / "opt/x", moved)
    assert [p for p in dest.rglob("*") if p.is_file()] == []
    return moved


def run(prefix, *args, cwd=None, expect=0):
    return harness.cellc(*args, cwd=cwd, expect=expect, program=prefix / "bin/cellc")


def test_what_is_installed(installed):
    files = {str(p.relative_to(installed)) for p in installed.rglob("*") if p.is_file()}
    wanted = {"bin/cellc", "share/man/man1/cellc.1", "share/man/man5/cellc-plan.5",
              "share/bash-completion/completions/cellc", "share/zsh/site-functions/_cellc",
              "share/bash-completion/completions/cellctl", "share/zsh/site-functions/_cellctl",
              "share/vim/vimfiles/syntax/cellc.vim", "share/vim/vimfiles/ftdetect/cellc.vim",
              "share/cellc/vscode/package.json", "share/cellc/vscode/syntaxes/cellc.tmLanguage.json"}
    wanted |= {f"include/cellvisor/{p.name}" for p in harness.TOP.glob("runtime/abi/*.h")}
    wanted |= {f"share/cellc/boards/{p.name}" for p in harness.TOP.glob("boards/*.board")}
    wanted |= {f"share/cellc/boards/{p.name}" for p in harness.TOP.glob("boards/*.inc")}
    assert wanted <= files


def test_every_installed_board_is_whole(installed, tmp_path):
    """What a board includes is installed with it."""
    for board in sorted((installed / "share/cellc/boards").glob("*.board")):
        (tmp_path / "a.plan").write_text(f'include "{board.name}";\n')
        out = run(installed, "check", "--format=gcc", "a.plan", cwd=tmp_path, expect=None).stdout
        assert "E0101" not in out, out


def test_boards_are_found_after_the_move(installed, tmp_path):
    """Installed boards serve an include; a compiler without its boards says so."""
    (tmp_path / "a.plan").write_text('include "of-this-test.board";\n')
    assert "E0101" in run(installed, "check", "a.plan", cwd=tmp_path, expect=1).stdout
    board = installed / "share/cellc/boards/of-this-test.board"
    board.write_text('board "of this test" { compatible "a,b"; }\n')
    try:
        run(installed, "check", "a.plan", cwd=tmp_path)
    finally:
        board.unlink()


def test_the_program_is_the_one_built(installed):
    assert run(installed, "--version").stdout == harness.cellc("--version").stdout


def test_headers_stand_alone(installed, tmp_path):
    for header in sorted((installed / "include/cellvisor").glob("*.h")):
        source = tmp_path / "a.c"
        source.write_text(f"#include <cellvisor/{header.name}>\n")
        subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                        f"-I{installed}/include", source], check=True, timeout=60)
