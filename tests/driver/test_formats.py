# SPDX-License-Identifier: GPL-2.0-only
"""Findings for machines: JSON and SARIF are well formed and say what the text says."""

import json
import re
import urllib.parse

import pytest

import harness

PLAN = ('cell "日本" { memry 1M; }\nroot "a" explicit {\n\tcpus "x";\n}\n'
        'architecture x86; platform { tsc-khz 1; }\n')


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "my plan#1.plan"
    path.write_text(PLAN)
    return path


def test_json(cellc, plan):
    out = json.loads(cellc("check", "--format", "json", plan.name, cwd=plan.parent, expect=1).stdout)
    assert set(out) == {"version", "findings", "errors", "warnings", "allowed"}
    assert out["version"] == 1
    assert out["errors"] == len(out["findings"]) == 2 and out["warnings"] == 0
    first = out["findings"][0]
    assert (first["code"], first["name"]) == ("E0201", "unknown-statement")
    assert first["severity"] == "error" and "memry" in first["message"]
    column = PLAN.encode().index(b"memry") + 1
    assert first["location"] == {"kind": "source", "file": plan.name, "line": 1, "column": column,
                                 "end_line": 1, "end_column": column + 5}
    assert first["fix"] == {**{k: v for k, v in first["location"].items() if k != "kind"},
                            "replacement": "memory"}
    assert isinstance(first["notes"], list)


def test_json_without_findings_is_an_empty_list(cellc, tmp_path):
    (tmp_path / "a.plan").write_text("architecture arm64;\n")
    out = json.loads(cellc("check", "--format=json", "a.plan", cwd=tmp_path).stdout)
    assert out == {"version": 1, "findings": [], "errors": 0, "warnings": 0, "allowed": 0}


def test_applying_the_json_fix_mends_the_plan(cellc, plan):
    out = json.loads(cellc("check", "--format=json", plan, expect=1).stdout)
    fix = out["findings"][0]["fix"]
    lines = PLAN.encode().split(b"\n")
    line = lines[fix["line"] - 1]
    lines[fix["line"] - 1] = (line[:fix["column"] - 1] + fix["replacement"].encode() +
                              line[fix["end_column"] - 1:])
    plan.write_bytes(b"\n".join(lines))
    again = cellc("check", "--format=gcc", plan, expect=None).stdout
    assert "E0201" not in again


def check_location(location):
    assert set(location) <= {"physicalLocation", "logicalLocations", "message"}
    physical = location["physicalLocation"]
    uri = physical["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9\-._~/!$&'()*+,;=@%]+", uri)
    region = physical.get("region", {})
    for key, value in region.items():
        assert value >= (0 if key.startswith("byte") else 1)
    return urllib.parse.unquote(uri), region


def test_sarif(cellc, plan):
    log = json.loads(cellc("check", "--format=sarif", plan.name, cwd=plan.parent, expect=1).stdout)
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "cellc"
    assert harness.cellc("--version").stdout == f"cellc {driver['version']}\n"
    rules = [r["id"] for r in driver["rules"]]
    assert len(set(rules)) == len(rules) and "W1107" in rules
    for rule in driver["rules"]:
        wanted = "error" if rule["id"][0] == "E" else "warning"
        assert rule["defaultConfiguration"]["level"] == wanted
        assert rule["shortDescription"]["text"]
    assert len(run["results"]) == 2
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] == "error" and result["message"]["text"]
        name, _ = check_location(result["locations"][0])
        assert name == plan.name
    first = run["results"][0]
    region = first["locations"][0]["physicalLocation"]["region"]
    assert run["columnKind"] == "unicodeCodePoints"
    column = PLAN.index("memry") + 1
    assert region == {"startLine": 1, "startColumn": column, "endLine": 1, "endColumn": column + 5}
    (change,) = first["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [{"deletedRegion": region,
                                       "insertedContent": {"text": "memory"}}]


def test_gcc_lines_are_as_compilers_write_them(cellc, plan):
    out = cellc("check", "--format=gcc", plan.name, cwd=plan.parent, expect=1).stdout
    lines = [l for l in out.splitlines() if ": note: " not in l]
    assert len(lines) == 2
    for line in lines:
        assert re.fullmatch(r"my plan#1\.plan:\d+:\d+: error: .+ \[E\d{4}\]", line)


@pytest.mark.parametrize("format", ["text", "json", "sarif", "gcc"])
def test_any_bytes_print_as_utf8(cellc, tmp_path, format):
    """Whatever stands in a plan, what is printed is UTF-8 without control bytes."""
    (tmp_path / "a.plan").write_bytes(b'cell "\xff\x1b[2J\xe2\x80\xae" { m\xc3\xa9mry; \x07\xfe }\n')
    out = cellc("check", f"--format={format}", "a.plan", cwd=tmp_path, expect=1, text=False).stdout
    text = out.decode("utf-8")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert format == "json" or format == "sarif" or "\u202e" not in text


def test_colours_only_on_a_terminal(cellc, plan):
    import pexpect

    def on_terminal(**env):
        env = harness.environment(**env)
        return pexpect.run(f'{harness.CELLC} check "{plan}"', env=env, timeout=30).decode()

    assert "\033" not in cellc("check", plan, expect=1).stdout
    assert "\033[" in cellc("check", "--color=always", plan, expect=1).stdout
    assert "\033[" in on_terminal(TERM="xterm")
    assert "\033" not in on_terminal(TERM="dumb")
    assert "\033" not in on_terminal(TERM="xterm", NO_COLOR="1")
    assert "\033[" in on_terminal(TERM="xterm", NO_COLOR="")
