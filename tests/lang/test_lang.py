# SPDX-License-Identifier: GPL-2.0-only
"""The front end through cellc: trees as golden dumps, layouts, includes, boards, bad bytes."""

import os
import random
import re
import shutil
import time
from pathlib import Path

import pytest

import harness

HERE = Path(__file__).parent
DUMPS = harness.sources(HERE / "dump", "*.plan")
LAYOUTS = harness.sources(HERE / "fmt", "*.plan")

TREE = """\
/dts-v1/;
/ {
    compatible = "test,board-b", "test,board";
    #address-cells = <1>;
    #size-cells = <1>;
};
"""


def load(cellc, plan, **more):
    """What `--dump-after=load` prints."""
    return cellc("build", "--dump-after=load", "--max-findings=0", plan, **more)


@pytest.mark.parametrize("plan", DUMPS)
def test_dump(cellc, plan):
    run = load(cellc, plan.name, cwd=plan.parent, expect=None)
    harness.golden(plan.with_suffix(".dump"), run.stdout)
    harness.golden(plan.with_suffix(".err"), run.stderr)


@pytest.mark.parametrize("plan", LAYOUTS)
def test_fmt(cellc, plan, tmp_path):
    laid_out = cellc("fmt", plan.name, cwd=plan.parent).stdout
    harness.golden(plan.with_suffix(".out"), laid_out)
    once = tmp_path / plan.name
    once.write_text(laid_out)
    assert cellc("fmt", once.name, cwd=tmp_path).stdout == laid_out
    assert cellc("fmt", "--check", once.name, cwd=tmp_path).stdout == ""
    shutil.copy(plan, tmp_path / "before.plan")
    assert load(cellc, once.name, cwd=tmp_path).stdout == \
        load(cellc, "before.plan", cwd=tmp_path).stdout
    assert words(laid_out) == words(plan.read_text())


def words(text):
    """The text without blanks: what a layout may not change (comments included)."""
    return re.sub(r"\s+", "", text)


# --- cellc fmt ---

def test_fmt_writes_in_place(cellc, tmp_path):
    plan = tmp_path / "a.plan"
    plan.write_text("abi   14;")
    plan.chmod(0o640)
    (tmp_path / "link.plan").symlink_to("a.plan")
    assert cellc("fmt", "--check", "a.plan", cwd=tmp_path, expect=1).stdout == "a.plan\n"
    assert cellc("fmt", "-w", "link.plan", cwd=tmp_path).stdout == ""
    assert plan.read_text() == "abi 14;\n"
    assert plan.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "link.plan").is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["a.plan", "link.plan"]
    assert cellc("fmt", "--check", "a.plan", cwd=tmp_path).stdout == ""


def test_fmt_leaves_errors_alone(cellc, tmp_path):
    for text in ("abi 14", "ab 14;", "cell {", "abi 1\nroot;"):
        (tmp_path / "a.plan").write_text(text)
        assert "error[" in cellc("fmt", "-w", "a.plan", cwd=tmp_path, expect=1).stderr
        assert (tmp_path / "a.plan").read_text() == text


def test_fmt_reads_standard_input(cellc):
    assert cellc("fmt", "-", input="abi\t14 ;").stdout == "abi 14;\n"
    assert cellc("fmt", "--check", "-", input="abi\t14 ;", expect=1).stdout == "-\n"


def test_fmt_says_what_it_can_not_do(cellc, tmp_path):
    assert "E0101" in cellc("fmt", "nowhere.plan", cwd=tmp_path, expect=1).stderr
    assert "E0101" in cellc("fmt", ".", cwd=tmp_path, expect=1).stderr
    cellc("fmt", expect=2)


# --- includes ---

def write(folder, **files):
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".plan")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_includes_are_searched_beside_the_file_then_in_folders(cellc, tmp_path):
    write(tmp_path, a='include "sub/b.plan"; include "d.plan";', sub__b='include "c.plan"; abi 14;',
          sub__c='root "beside";', other__c='root "other";', other__d='ram 0 .. 1G;')
    out = load(cellc, "a.plan", cwd=tmp_path, expect=1)
    assert 'no file "d.plan"' in out.stderr and "a.plan:1:31" in out.stderr
    out = cellc("build", "--dump-after=load", "-I", "other", "a.plan", cwd=tmp_path)
    assert out.stdout == ('(include "sub/b.plan")\n(include "c.plan")\n(root "beside")\n(abi 0xe)\n'
                          '(include "d.plan")\n(ram 0x0..0x4000_0000)\n')


def test_a_file_is_taken_once(cellc, tmp_path):
    write(tmp_path, a='include "b.plan"; include "./b.plan"; include "l.plan";', b='abi 14;')
    (tmp_path / "l.plan").symlink_to("b.plan")
    assert load(cellc, "a.plan", cwd=tmp_path).stdout.count("abi") == 1


def test_cycles_are_found(cellc, tmp_path):
    write(tmp_path, a='include "b.plan";', b='include "c.plan";', c='include "a.plan"; abi 14;')
    out = load(cellc, "a.plan", cwd=tmp_path, expect=1)
    assert 'c.plan:1:9: error[E0112]: "a.plan" includes itself' in out.stderr
    assert "(abi" in out.stdout


def test_includes_are_bounded(cellc, tmp_path):
    for i in range(80):
        write(tmp_path, **{f"a{i}": f'include "a{i + 1}.plan";'})
    out = load(cellc, "a0.plan", cwd=tmp_path, expect=1)
    assert '"a65.plan" is included too deep' in out.stderr


def test_include_takes_files_only(cellc, tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    write(tmp_path, a='include "folder"; include "fifo"; include "a\\x00b"; include "";')
    out = load(cellc, "a.plan", cwd=tmp_path, expect=1, timeout=10)
    assert out.stderr.count("error[E0101]") == 4


# --- boards ---

def boards(cellc, tmp_path, plan='host "t.dts";', **files):
    """The tree after the board pass, with board files B.board of these texts in boards/."""
    (tmp_path / "t.dts").write_text(TREE)
    (tmp_path / "a.plan").write_text(plan)
    (tmp_path / "boards").mkdir(exist_ok=True)
    for name, text in files.items():
        (tmp_path / "boards" / (name + ".board")).write_text(text)
    return cellc("build", "--dump-after=board", "-I", "boards", "a.plan", cwd=tmp_path, expect=None)


def board(compatible, more=""):
    return f'board "x" {{ compatible {compatible}; }} {more}'


def test_the_board_is_found_by_the_tree(cellc, tmp_path):
    out = boards(cellc, tmp_path, x=board('"other", "test,board"', "ram 0 .. 1G;"), y=board('"no"'))
    assert out.stdout.endswith('(board "x" board\n  (compatible "other" "test,board" board))\n'
                               '(ram 0x0..0x4000_0000 board)\n')


def test_the_nearest_board_counts(cellc, tmp_path):
    out = boards(cellc, tmp_path, a=board('"test,board"', "reserve 0 .. 1;"),
                 b=board('"test,board-b"', "reserve 0 .. 2;"))
    assert "(reserve 0x0..0x2 board)" in out.stdout and "0x0..0x1 " not in out.stdout


def test_a_tie_is_a_finding(cellc, tmp_path):
    out = boards(cellc, tmp_path, a=board('"test,board"'), b=board('"test,board"'))
    harness.assert_fires(out.stdout + out.stderr, "E0115")
    assert "boards/a.board" in out.stderr and "boards/b.board" in out.stderr
    assert 'include "a.board";' in out.stderr


def test_a_named_board_is_the_only_one(cellc, tmp_path):
    out = boards(cellc, tmp_path, 'host "t.dts"; include "b.board";', a=board('"test,board"'),
                 b=board('"no"', "abi 13;"))
    assert out.stdout.count("(board ") == 1
    assert "(abi 0xd board)" in out.stdout


def test_a_broken_board_is_reported_if_it_is_the_one(cellc, tmp_path):
    out = boards(cellc, tmp_path, a=board('"test,board"', "bla;"), b=board('"no"', "bla;"))
    assert "boards/a.board:1:40: error[E0201]" in out.stderr
    assert "b.board" not in out.stderr


# --- any bytes ---

PIECES = [b"cell", b'"a"', b"{", b"}", b";", b"(", b")", b"1", b"memory", b"&a", b"&{/x}", b"..",
          b"@", b'"x', b"/*", b"*/", b"//\n", b"\n", b",", b"+", b"~", b"<<", b"0x", b"00:01.0",
          b"root", b"link", b"net", b"guest", b"\0", b"\xff", b"&{", b"\\", b"\xef\xbb\xbf"]


def test_random_texts_are_errors_or_plans(cellc, tmp_path):
    source = random.Random(1)
    for i in range(100):
        text = b" ".join(source.choice(PIECES) for _ in range(source.randint(1, 60)))
        (tmp_path / "a.plan").write_bytes(text)
        run = load(cellc, "a.plan", cwd=tmp_path, expect=None, timeout=20)
        assert run.returncode in (0, 1) and (run.returncode == 0) == (run.stderr == ""), text


@pytest.mark.parametrize("piece, code", [
    (b"@\n", "E0109"), (b"(", "E0108"), (b"x {", "E0108"), (b"cpus 1\n", None), (b"1 ", "E0102"),
    (b'"', "E0102"), (b"/*", "E0107"), (b"\0", "E0104"), (b"&{", "E0113"), (b"a\n", None), (b"\\", "E0104"),
    (b"// \0", "E0104"),
], ids=lambda p: repr(p))
def test_long_texts_take_no_time(cellc, tmp_path, piece, code):
    (tmp_path / "a.plan").write_bytes(piece * (200000 // len(piece)))
    start = time.monotonic()
    run = load(cellc, "a.plan", cwd=tmp_path, expect=1, timeout=60)
    assert time.monotonic() - start < 30
    assert len(run.stderr) < 1000000
    if code:
        harness.assert_fires(run.stderr, code)


def test_too_many_errors_end_the_file(cellc, tmp_path):
    (tmp_path / "a.plan").write_bytes(b"@;\n" * 1000)
    run = load(cellc, "a.plan", cwd=tmp_path, expect=1)
    harness.assert_fires(run.stderr, "E0109")
