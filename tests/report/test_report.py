# SPDX-License-Identifier: GPL-2.0-only
"""The report and cellc map: what they say is what the descriptors hold, and the page is a page."""

import html.parser
import json
import pathlib
import shutil
import sys
import xml.etree.ElementTree

import pytest

import harness

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "oracle"))
import descriptor  # noqa: E402


@pytest.fixture
def built(cellc, tmp_path):
    """The small plan, compiled with its report."""
    for name in ("board.dts", "small.plan"):
        shutil.copy(HERE / name, tmp_path)
    cellc("build", "-q", "-o", "out", "--emit", "default,report", "small.plan", cwd=tmp_path)
    return tmp_path / "out"


@pytest.fixture
def report(built):
    return json.loads((built / "report.json").read_text())


def owner_at(report, address):
    hits = [s["owner"] for s in report["memory"] if s["start"] <= address <= s["last"]]
    assert len(hits) <= 1, f"{address:#x} has several owners: {hits}"
    return hits[0] if hits else None


def test_segments_are_in_order_and_disjoint(report):
    memory = report["memory"]
    assert all(s["start"] <= s["last"] for s in memory)
    assert all(a["last"] < b["start"] for a, b in zip(memory, memory[1:]))


def test_owners_by_hand(report):
    # from board.dts and small.plan: RAM 4000_0000 .. 5000_0000, hypervisor 4M at 4800_0000,
    # pool at 4c00_0000 of which the cell has 1M; GIC at 800_0000
    assert owner_at(report, 0x4000_0000) == 'root "host"'
    assert owner_at(report, 0x47ff_ffff) == 'root "host"'
    assert owner_at(report, 0x4800_0000) == "hypervisor"
    assert owner_at(report, 0x483f_ffff) == "hypervisor"
    assert owner_at(report, 0x4840_0000) == 'root "host"'
    assert owner_at(report, 0x4fff_ffff) == 'root "host"'
    assert owner_at(report, 0x5000_0000) is None
    assert owner_at(report, 0x0800_0000) == "withheld"
    assert owner_at(report, 0x0900_0000) == 'root "host"'
    assert owner_at(report, 0x0900_1000) == 'cell "rt"'
    in_pool = {s["owner"] for s in report["memory"] if 0x4c00_0000 <= s["start"] < 0x4d00_0000}
    assert in_pool == {'cell "rt"', 'link "box"', "pool, unused"}


def test_interrupts_by_hand(report):
    owners = {line["intid"]: line["owner"] for line in report["interrupts"]}
    assert owners[33] == 'root "host"' and owners[34] == 'cell "rt"'
    # four lines of the virtual PCI host for each cell with a link
    assert sorted(owners.values()).count('cell "rt"') == 5
    assert sorted(owners.values()).count('root "host"') == 5


def test_cpus(report):
    assert [(c["index"], c["owner"]) for c in report["cpus"]] == [(0, 'root "host"'),
                                                                  (1, 'cell "rt"')]


def test_what_a_cell_owns_is_in_its_descriptor(built, report):
    cell = descriptor.parse((built / "rt.cell").read_bytes())
    ranges = [(r["phys_start"], r["phys_start"] + r["size"])
              for r in cell["memory_regions"] if r["size"]]
    owned = [s for s in report["memory"] if s["owner"] in ('cell "rt"', 'link "box"')]
    assert owned
    for s in owned:
        assert any(lo <= s["start"] and s["last"] < hi for lo, hi in ranges), s


def test_every_number_has_an_origin(report):
    for kind in ("cpus", "memory", "interrupts", "links"):
        assert report[kind]
        for row in report[kind]:
            assert row["from"] and row["from"] != "default", (kind, row)
    assert any(row["from"].startswith("placed: ") for row in report["memory"])
    assert any("/serial@9000000" in row["from"] for row in report["interrupts"]
               if row["intid"] == 33)
    assert any("small.plan:" in row["from"] for row in report["memory"])


def test_text(built):
    text = (built / "report.txt").read_text()
    for part in ("CPUs", "Physical memory", "Interrupts", "Links", "What the compiler chose",
                 'Test <board> & "co"', "0x4800_0000 .. 0x4840_0000", "SPI 1 ", 'cell "rt"'):
        assert part in text


class Page(html.parser.HTMLParser):
    VOID = {"meta", "rect", "line"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.seen, self.links, self.text = [], {}, [], ""

    def handle_starttag(self, tag, attrs):
        self.seen[tag] = self.seen.get(tag, 0) + 1
        self.links += [v for k, v in attrs if k in ("src", "href", "xlink:href")]
        if tag not in self.VOID or tag == "rect":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        self.text += data


def test_page_is_well_formed_and_self_contained(built):
    page = Page()
    page.feed((built / "report.html").read_text())
    page.close()
    assert page.open == []
    assert page.links == []
    assert page.seen["svg"] == 1 and page.seen["table"] >= 4
    assert 'Test <board> & "co", arm64, 1 cell beside root, 2 CPUs, 1 link' in page.text
    for script in ("script", "iframe", "link", "img"):
        assert script not in page.seen


def test_svg_is_xml_with_every_owner(cellc, built):
    svg = cellc("map", "--svg", "small.plan", cwd=built.parent).stdout
    root = xml.etree.ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    titles = "\n".join(t.text or "" for t in root.iter("{http://www.w3.org/2000/svg}title"))
    for owner in ('root "host"', 'cell "rt"', 'box', "hypervisor", "withheld", "virtual PCI host"):
        assert owner in titles
    width, height = map(float, root.get("viewBox").split()[2:])
    for rect in root.iter("{http://www.w3.org/2000/svg}rect"):
        if rect.get("x"):
            assert float(rect.get("x")) + float(rect.get("width")) <= width
            assert float(rect.get("y")) + float(rect.get("height")) <= height


def test_map_of_binaries_agrees_with_the_plan(cellc, built, report):
    files = [built / "host.cell", built / "rt.cell"]
    binary = json.loads(cellc("map", "--json", *files, expect=None).stdout)
    for address in (0x4000_0000, 0x4800_0000, 0x0900_0000, 0x0900_1000, 0x4fff_ffff):
        assert owner_at(binary, address) == owner_at(report, address)
    assert [c["owner"] for c in binary["cpus"]] == ['root "host"', 'cell "rt"']
    assert all("host.cell" in s["from"] or "rt.cell" in s["from"] for s in binary["memory"])


def test_one_form_at_a_time(cellc, built):
    result = cellc("map", "--svg", "--html", "small.plan", cwd=built.parent,
                   expect=harness.MISUSE)
    assert "at a time" in result.stderr


def test_map_shows_a_plan_with_errors(cellc, built):
    plan = built.parent / "small.plan"
    plan.write_text(plan.read_text() + 'cell "thief" { cpu 1; memory at 0x4000_0000 size 4K rw; }\n')
    result = cellc("map", "small.plan", cwd=built.parent, expect=harness.FINDINGS)
    assert 'cell "thief"' in result.stdout and "error[" in result.stderr


def test_same_input_same_bytes(cellc, built):
    again = built.parent / "again"
    cellc("build", "-q", "-o", again, "--emit", "report", "small.plan", cwd=built.parent)
    for name in ("report.txt", "report.json", "report.html"):
        assert (again / name).read_bytes() == (built / name).read_bytes()
