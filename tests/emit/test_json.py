# SPDX-License-Identifier: GPL-2.0-only
"""plan.json is what docs/json.md says: each field documented, of the type given there, and each
documented field there."""

import json
import re

import harness

DOC = (harness.TOP / "docs/json.md").read_text()
FIELDS = {name: kind for name, kind in re.findall(r"^\| `([\w.\[\]]+)` \| (\w+\??) \|", DOC, re.M)
          if kind != "fields"}
RECORDS = {name.split(".")[0] for name in FIELDS} & {"region", "console", "capability"}
ORIGINS = {"plan": {"file", "line", "column"}, "tree": {"file", "path", "property"},
           "placement": {"why"}, "rule": {"why", "parent"},
           "binary": {"file", "record", "field", "offset"}}


def check_origin(value, path):
    if value is None:
        return
    extra = set(value) - {"kind"} - ORIGINS[value["kind"]]
    assert extra <= {"why", "parent"}, f"{path}: {extra}"
    if value.get("parent"):
        check_origin(value["parent"], path + ".parent")


def check_scalar(value, kind, path):
    if kind.endswith("?") and value is None:
        return
    kind = kind.rstrip("?")
    if kind == "fact":
        assert set(value) == {"value", "origin"}, path
        check_scalar(value["value"], "number", path)
        check_origin(value["origin"], path)
    elif kind == "origin":
        check_origin(value, path)
    elif kind == "number":
        assert type(value) is int and 0 <= value < 1 << 64, f"{path}: {value!r}"
    else:
        assert type(value) is {"string": str, "bool": bool, "object": dict}[kind], f"{path}: {value!r}"


def walk(value, path, seen):
    """Checks a value against the table; adds the fields that it met to seen."""
    kind = FIELDS.get(path)
    if kind:
        seen.add(path)
        if kind.rstrip("?") in RECORDS:
            path, kind = kind.rstrip("?"), "object"
        check_scalar(value, kind, path)
        if kind.rstrip("?") != "object":
            return
    if isinstance(value, dict):
        for key, inner in value.items():
            walk(inner, f"{path}.{key}" if path else key, seen)
    elif isinstance(value, list):
        for inner in value:
            walk(inner, path + "[]", seen)
    else:
        assert kind, f"{path} is not in docs/json.md"


def fields_of(folder):
    seen = set()
    walk(json.loads((folder / "plan.json").read_text()), "", seen)
    return seen


X86 = """
architecture x86;
platform {
    pci at 0xb000_0000 end-bus 255;
    iommu amd at 0xfed8_0000 size 0x80000 bdf 00:00.2 base-cap 0x40 msi-cap 0x64;
    iommu pvu at 0x9000_0000 size 0x1000 tlb 0x9600_0000 0x100000;
    ioapic 0 at 0xfec0_0000;
    cpus 4;
}
ram at 0 size 2G;
hypervisor { memory 4M at 0x3a00_0000; }
root "pc" {
    cpu 0, 1, 2, 3;
    ports 0x40 .. 0x44;
    cache 0 .. 4;
    capability 5 at 0x50 len 14 writable;
    pci device 00:02.0 msi 1 { capability 5 at 0x50 len 14 writable; }
}
cell "guest" {
    cpu 3;
    memory 16M at 0x3b00_0000 guest 0 rwx loadable;
    boot inmate { image "x.bin"; }
}
allow W0911 on root "a reason";
"""


def test_every_field_is_documented_and_made(built, tmp_path):
    (tmp_path / "x.plan").write_text(X86)
    harness.cellc("build", "--emit", "json", "-o", tmp_path, "x.plan", cwd=tmp_path, expect=None)
    seen = fields_of(built) | fields_of(tmp_path)
    assert not set(FIELDS) - seen


def test_schema(built):
    plan = json.loads((built / "plan.json").read_text())
    assert plan["schema"] == int(re.search(r"now \*\*(\d+)\*\*", DOC)[1])


def test_every_number_of_a_cell_has_an_origin(built):
    """Nothing that the plan, the tree or placement decided is without its reason."""
    plan = json.loads((built / "plan.json").read_text())
    for cell in plan["cells"]:
        for region in cell["regions"]:
            for field in ("phys", "virt", "size"):
                assert region[field]["origin"] or not region[field]["value"], (cell["name"], region)
        for record in cell["cpus"] + cell["irqs"] + cell["devices"]:
            assert record["origin"], (cell["name"], record)
