# SPDX-License-Identifier: GPL-2.0-only
"""cellc import on small trees: what it writes, that it compiles, what it says when it can't."""

import subprocess

import pytest

import harness

BOARD = """/dts-v1/;
/ {
    compatible = "acme,rocket-rev2", "acme,rocket"; model = "Acme Rocket \\"2\\"";
    #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
    chosen { stdout-path = "/serial@9000000"; };
    aliases { serial1 = "/serial@9010000"; };
    cpus { #address-cells = <1>; #size-cells = <0>;
        cpu@0 { device_type = "cpu"; compatible = "@CORE@"; reg = <0>; };
        cpu@1 { device_type = "cpu"; compatible = "@CORE@"; reg = <1>; @SECOND@ }; };
    memory@40000000 { device_type = "memory"; reg = <0x40000000 @RAM@>; };
    gic: interrupt-controller@8000000 { compatible = "@GIC@"; interrupt-controller;
        #interrupt-cells = <3>; reg = <0x8000000 0x1000 0x8010000 0x2000 @GICH@>;
        interrupts = <1 9 4>; };
    serial@9000000 { compatible = "arm,pl011"; reg = <0x9000000 0x1000>; interrupts = <0 5 4>; };
    serial@9010000 { compatible = "arm,pl011"; reg = <0x9010000 0x1000>; interrupts = <0 6 4>;
        @UART@ };
};
"""
GOOD = {"CORE": "arm,cortex-a53", "SECOND": "", "RAM": "0x10000000", "GIC": "arm,gic-400",
        "GICH": "0x8030000 0x2000 0x8040000 0x2000", "UART": ""}


@pytest.fixture
def dtb(tmp_path):
    """dtb(KEY=VALUE...): the board above with other words in it, compiled."""
    def compile_tree(**words):
        text = BOARD
        for key, value in {**GOOD, **words}.items():
            text = text.replace(f"@{key}@", value)
        (tmp_path / "host.dts").write_text(text)
        subprocess.run(["dtc", "-q", "-O", "dtb", "-o", "host.dtb", "host.dts"], cwd=tmp_path,
                       check=True, timeout=30)
        return tmp_path / "host.dtb"
    return compile_tree


def test_writes_a_board_and_a_plan_that_compiles(cellc, dtb, tmp_path):
    dtb()
    said = cellc("import", "-o", "plans", "host.dtb", cwd=tmp_path)
    assert said.stdout == "plans/rocket-rev2.board\nplans/rocket-rev2.plan\n"
    assert said.stderr == ""
    for name in ("rocket-rev2.board", "rocket-rev2.plan"):
        harness.golden(harness.TOP / "tests/import" / name, (tmp_path / "plans" / name).read_text())
    built = cellc("build", "-o", "out", "plans/rocket-rev2.plan", cwd=tmp_path)
    assert built.stdout == ""
    assert (tmp_path / "out/rocket-rev2.cell").exists() and (tmp_path / "out/bare.cell").exists()


def test_is_deterministic_and_prints(cellc, dtb, tmp_path):
    dtb()
    one = cellc("import", "-o", "-", "host.dtb", cwd=tmp_path).stdout
    assert one == cellc("import", "-o", "-", "host.dtb", cwd=tmp_path).stdout
    (tmp_path / "one.plan").write_text(one)
    cellc("fmt", "--check", "one.plan", cwd=tmp_path)
    cellc("build", "-o", "out", "one.plan", cwd=tmp_path)
    assert (tmp_path / "out/bare.cell").exists()


def test_names_the_tree_from_where_the_plan_is(cellc, dtb, tmp_path):
    dtb()
    (tmp_path / "a/b").mkdir(parents=True)
    cellc("import", "-q", "-o", "a/b/c", tmp_path / "host.dtb", cwd=tmp_path)
    assert 'host "../../../host.dtb";' in (tmp_path / "a/b/c/rocket-rev2.plan").read_text()
    cellc("import", "-q", "-o", "..", "../../host.dtb", cwd=tmp_path / "a/b")
    assert 'host "../host.dtb";' in (tmp_path / "a/rocket-rev2.plan").read_text()
    cellc("import", "-q", "host.dtb", cwd=tmp_path)
    assert 'host "host.dtb";' in (tmp_path / "rocket-rev2.plan").read_text()


def test_replaces_files_only_when_told(cellc, dtb, tmp_path):
    dtb()
    cellc("import", "host.dtb", cwd=tmp_path)
    (tmp_path / "rocket-rev2.board").write_text("mine")
    (tmp_path / "rocket-rev2.plan").unlink()
    said = cellc("import", "host.dtb", cwd=tmp_path, expect=1).stderr
    harness.assert_fires(said, "E1310")
    assert "rocket-rev2.plan" not in said
    assert (tmp_path / "rocket-rev2.board").read_text() == "mine"
    assert not (tmp_path / "rocket-rev2.plan").exists()
    cellc("import", "--force", "host.dtb", cwd=tmp_path)
    assert "board " in (tmp_path / "rocket-rev2.board").read_text()


def refused(cellc, dtb, tmp_path, **words):
    """What import says of a board that lacks something: one finding, and no file."""
    dtb(**words)
    before = sorted(tmp_path.iterdir())
    said = cellc("import", "--format", "gcc", "host.dtb", cwd=tmp_path, expect=1).stderr
    assert len(harness.findings(said)) == 1, said
    assert sorted(tmp_path.iterdir()) == before
    return said


def test_no_gic(cellc, dtb, tmp_path):
    said = refused(cellc, dtb, tmp_path, GIC="acme,vic")
    harness.assert_fires(said, "E1150")
    assert 'note: it has a "acme,vic"' in said


def test_cpu_without_virtualization(cellc, dtb, tmp_path):
    harness.assert_fires(refused(cellc, dtb, tmp_path, CORE="arm,cortex-a9"), "E1151")


def test_gic_without_virtual_interface(cellc, dtb, tmp_path):
    harness.assert_fires(refused(cellc, dtb, tmp_path, GICH=""), "E1152")


def test_one_cpu(cellc, dtb, tmp_path):
    said = refused(cellc, dtb, tmp_path, SECOND='status = "disabled";')
    harness.assert_fires(said, "E1153")


def test_what_is_most_fundamental_is_said(cellc, dtb, tmp_path):
    said = refused(cellc, dtb, tmp_path, GIC="acme,vic", RAM="0", CORE="arm,cortex-a9")
    harness.assert_fires(said, "E1150")


def test_ram_from_firmware(cellc, dtb, tmp_path):
    harness.assert_fires(refused(cellc, dtb, tmp_path, RAM="0"), "E1154")
    cellc("import", "--ram", "0x40000000,128M,0x80000000,1G", "host.dtb", cwd=tmp_path)
    board = (tmp_path / "rocket-rev2.board").read_text()
    assert "\nram at 0x4000_0000 size 128M;\nram at 0x8000_0000 size 1G;\n" in board
    cellc("build", "-o", "out", "rocket-rev2.plan", cwd=tmp_path)


@pytest.mark.parametrize("ram", ["", "1G", "0x1000,", "0x1000,1G,", "0x1001,1G", "0x1000,0",
                                 "0xfffffffffffff000,8K", "0x1000,99999999999T", "-1,4K", "x,y"])
def test_ram_that_is_none(cellc, dtb, tmp_path, ram):
    dtb()
    said = cellc("import", "--ram", ram, "host.dtb", cwd=tmp_path, expect=2)
    assert said.stderr.startswith("cellc import: --ram takes ADDRESS,SIZE")
    assert not (tmp_path / "rocket-rev2.plan").exists()


def test_first_cell_gets_a_uart_that_root_can_do_without(cellc, dtb, tmp_path):
    def cell():
        text = cellc("import", "-o", "-", "host.dtb", cwd=tmp_path).stdout
        return text[text.index('cell "bare"'):]

    dtb()
    assert "device &serial1;" in cell()
    dtb(UART='status = "disabled";')
    assert "device &serial1;" in cell() and "disabled" in cell()
    dtb(UART="bluetooth { };")
    assert "console virtual;" in cell() and "device" not in cell()


def test_hostile_names_stay_in_their_strings(cellc, dtb, tmp_path):
    path = dtb()
    data = path.read_bytes()
    data = data.replace(b'Acme Rocket "2"', b'A\n"; bad { /*\xff*')
    data = data.replace(b"acme,rocket-rev2", b"acme,../..\n\"{r2\\")
    path.write_bytes(data)
    text = cellc("import", "-o", "-", "host.dtb", cwd=tmp_path).stdout
    (tmp_path / "x.plan").write_text(text)
    cellc("build", "-o", "out", "x.plan", cwd=tmp_path)
    cellc("import", "host.dtb", cwd=tmp_path)
    assert [p.name for p in tmp_path.glob("*.board")] == ["_._..___r2_.board"]


def test_no_tree(cellc, tmp_path):
    (tmp_path / "x.dtb").write_bytes(b"\xd0\x0d\xfe\xed" + bytes(60))
    said = cellc("import", "x.dtb", cwd=tmp_path, expect=1).stderr
    assert "E1101" in said and not list(tmp_path.glob("*.plan"))
