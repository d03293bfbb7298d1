# SPDX-License-Identifier: GPL-2.0-only
"""Headers for bare-metal cells: compile as C, C++ and assembler, name nothing twice, and say what the
descriptor says."""

import json
import pathlib
import re
import subprocess

import harness

HERE = pathlib.Path(__file__).parent
LANGUAGES = {"c": "-std=c89 -pedantic", "c++": "-std=c++98 -pedantic -Wno-long-long",
             "assembler-with-cpp": ""}


def macros(header):
    return dict(re.findall(r"^#define (\w+) (\S+)$", header.read_text(), re.M))


def test_golden(built):
    harness.golden(HERE / "rt.h", (built / "rt.h").read_text())


def test_only_for_bare_metal_cells(built):
    assert [p.name for p in built.glob("*.h")] == ["rt.h"]


def test_compiles_everywhere(built):
    """Included twice, and each macro used as a number."""
    names = macros(built / "rt.h")
    for language, flags in LANGUAGES.items():
        lines = ['#include "rt.h"', '#include "rt.h"']
        if language == "assembler-with-cpp":
            lines += [f".quad {name}" for name in names]
        else:
            lines += [f"unsigned long {name.lower()}_ = {name};" for name in names]
        subprocess.run(["gcc", "-x", language, *flags.split(), "-Wall", "-Wextra", "-Werror", "-c",
                        "-o", "/dev/null", "-I", built, "-"], input="\n".join(lines) + "\n",
                       text=True, check=True, timeout=60)


def test_no_name_twice(built):
    names = re.findall(r"^#define (\w+)", (built / "rt.h").read_text(), re.M)
    assert len(set(names)) == len(names) > 20
    assert all(n.startswith("RT_") for n in names)


def test_says_what_the_model_says(built):
    model = json.loads((built / "plan.json").read_text())
    cell = next(c for c in model["cells"] if c["name"] == "rt")
    got = {name: int(value, 0) for name, value in macros(built / "rt.h").items()}
    ram = next(r for r in cell["regions"] if r["name"] == "ram")
    assert (got["RT_RAM_BASE"], got["RT_RAM_SIZE"]) == (0, ram["size"]["value"])
    assert (got["RT_UART1_BASE"], got["RT_UART1_SIZE"]) == (0x10011000, 0x1000)
    assert got["RT_UART1_IRQ"] == 32 + 11
    assert got["RT_CONSOLE_BASE"] == got["RT_UART1_BASE"]
    outputs = [r for r in cell["regions"] if r["role"] == "link-output"]
    own = next(p for p in model["links"][1]["peers"] if p["cell"] == "rt")["id"]["value"]
    assert got["RT_LINK_FAST_ID"] == own
    assert got["RT_LINK_FAST_OUTPUT_BASE"] == got[f"RT_LINK_FAST_OUTPUT{own}_BASE"] \
        == next(r for r in outputs if r["peer"] == own)["virt"]["value"]
    slot = model["links"][1]["slot"]["value"]
    assert got["RT_LINK_FAST_IRQ"] == 32 + cell["vpci_irq_base"]["value"] + slot % 4


def test_awkward_names(tmp_path):
    """Names that are no identifiers, and names that differ only in what an identifier can't hold."""
    (tmp_path / "x.plan").write_text("""
        architecture arm64;
        platform { gic 2 gicd 0x8000000 gicc 0x8010000 gich 0x8030000 gicv 0x8040000 maintenance 25; cpus 4; }
        ram at 0x4000_0000 size 1G;
        hypervisor { memory 4M at 0x7000_0000; }
        root "r";
        cell "1-a" { cpu 1; memory a 64K guest 0 at 0x6000_0000 rwx; memory a 64K guest 0x10000 at 0x6001_0000 rw; }
        cell "1.a" { cpu 2; memory 64K guest 0 at 0x6002_0000 rwx; }
    """)
    harness.cellc("build", "--emit", "header", "-o", tmp_path, "x.plan", cwd=tmp_path, expect=None)
    first, second = macros(tmp_path / "1-a.h"), macros(tmp_path / "1.a.h")
    assert {"CELL_1_A_A_BASE", "CELL_1_A_A_2_BASE"} <= first.keys()
    assert second and not first.keys() & second.keys()
