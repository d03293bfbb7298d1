# SPDX-License-Identifier: GPL-2.0-only
"""Random plans: whatever is asked for, what is placed overlaps nothing, is aligned, lies where it
was wanted, and is the same in the next run. Judged from the dump alone."""

import random
import re

import pytest

import harness

M, K = 1 << 20, 1 << 10
RAM = [(0x4000_0000, 512 * M), (0x1_0000_0000, 1024 * M)]
HEAD = """architecture arm64;
platform { cpus 32; gic 3 gicd 0x800_0000 gicr 0x80a_0000 maintenance 25 lines 256; }
ram at 0x4000_0000 size 512M;
ram at 0x1_0000_0000 size 1G;
reserve at 0x5000_0000 size 1M;
hypervisor { memory 4M; }
root "host";
"""
RESERVED = (0x5000_0000, 1 * M)
POOLS = {"a": (0x4800_0000, 64 * M), "b": (0x1_1000_0000, 64 * M)}


class Plan:
    """A random plan, and what of it the test remembers to compare with."""

    def __init__(self, seed):
        r = random.Random(seed)
        self.regions, self.links, self.cpus = {}, {}, {}  # what was asked for
        self.pools = {n: POOLS[n] for n in POOLS if r.random() < 0.6}
        text = [HEAD]
        for name, (addr, size) in self.pools.items():
            text.append(f"pool {name} at {addr:#x} size {size};")
        cells = [f"c{i}" for i in range(r.randint(1, 6))]
        for cell in cells:
            text.append(self.cell(r, cell))
        for i in range(r.randint(0, 4)):
            peers = r.sample(["root", *cells], min(len(cells) + 1, r.randint(2, 3)))
            common, output = 4 * K * r.randint(0, 40), 4 * K * r.randint(1, 300)
            self.links[f"l{i}"] = 4 * K + common + len(peers) * output
            ends = " ".join("root;" if p == "root" else f'cell "{p}";' for p in peers)
            text.append(f'link shared "l{i}" {{ {ends} common {common}; output {output}; }}')
        self.text = "\n".join(text) + "\n"

    def cell(self, r, cell):
        self.cpus[cell] = r.randint(1, 5)
        lines = [f'cell "{cell}" {{', f"cpus {self.cpus[cell]};"]
        for i in range(r.randint(1, 12)):
            size = r.choice([4 * K, 12 * K, 64 * K, 100 * K, 1 * M, 2 * M, 5 * M, 16 * M])
            align = r.choice([0, 0, 0, 4 * K, 8 * K, 1 * M, 4 * M])
            pool = r.choice([None, *self.pools])
            guest = 0x10_0000_0000 + i * 0x1000_0000 if r.random() < 0.3 else None
            self.regions[f"{cell}.m{i}"] = (size, align, pool, guest)
            lines.append(f"memory m{i} {size} rwx" + (f" align {align}" if align else "") +
                         (f" in {pool}" if pool else "") +
                         (f" guest {guest:#x}" if guest is not None else "") + ";")
        return "\n".join([*lines, "}"])


def number(text):
    return int(text.replace("_", ""), 16)


def natural(size):
    return 2 * M if size >= 2 * M else 64 * K if size >= 64 * K else 4 * K


def disjoint(spans):
    spans = sorted(spans)
    for (a, b, one), (c, _, other) in zip(spans, spans[1:]):
        assert b <= c, f"{one} at {a:#x} .. {b:#x} overlaps {other} at {c:#x}"


class Dump:
    """The dump as dictionaries."""

    def __init__(self, text):
        self.regions, self.cpus, self.root, self.guest, self.pools = {}, {}, [], {}, {}
        self.links, self.vpci, cell = {}, {}, None
        for line in text.splitlines():
            head = re.match(r'(root|cell|link|pool|platform)(?: "([^"]*)")?', line)
            if head:
                cell = head[1] if head[1] in ("root", "platform") else head[2]
                self.kind = head[1]
            if line.startswith("pool") and " open " not in line:
                m = re.match(r'pool "(\w*)" (0x[0-9a-f_]+) size (\d+)M', line)
                self.pools[m[1]] = (number(m[2]), int(m[3]) * M)
            self.line(cell, line)

    def line(self, cell, line):
        m = re.match(r"  (\w+) (\S+) (0x[0-9a-f_]+) \.\. (0x[0-9a-f_]+)(?: guest (0x[0-9a-f_]+))? (.*)",
                     line)
        if m and m[1] in ("ram", "state", "common", "output", "comm", "device"):
            start, end = number(m[3]), number(m[4])
            virt = number(m[5]) if m[5] else start
            if m[1] == "ram" and cell != "platform":
                self.regions[f"{cell}.{m[2]}", start] = (start, end, virt)
            if cell == "platform":
                self.hypervisor = (start, end)
            if end > start and cell != "platform":
                self.guest.setdefault(cell, []).append((virt, virt + end - start, m[2]))
        m = re.match(r"  cpu (\d+) ", line)
        if m:
            self.cpus.setdefault(cell, []).append(int(m[1]))
        m = re.match(r"  at (0x[0-9a-f_]+) ", line)
        if m and self.kind == "link":
            self.links[cell] = number(m[1])
        m = re.match(r"  vpci-irq (0x[0-9a-f]+)", line)
        if m:
            self.vpci[cell] = number(m[1])


def judge(plan, dump):
    spans = [(*dump.hypervisor, "hypervisor"), (RESERVED[0], sum(RESERVED), "reserved")]
    placed = {name: where for (name, _), where in dump.regions.items()
              if not name.startswith("root.")}
    for name, (size, align, pool, guest) in plan.regions.items():
        if name not in placed:
            continue  # there was a finding
        start, end, virt = placed[name]
        assert end - start == size
        assert start % (align or natural(size)) == 0, name
        assert virt == (start if guest is None else guest), name
        low, length = dump.pools[pool] if pool else (0, 0)
        assert not pool or low <= start and end <= low + length, name
        spans.append((start, end, name))
    for name, size in plan.links.items():
        if name in dump.links:
            spans.append((dump.links[name], dump.links[name] + size, name))
    disjoint(spans)
    for start, end, name in spans:
        assert any(a <= start and end <= a + n for a, n in RAM), name
    for start, end, name in spans[2:]:
        assert any(a <= start and end <= a + n for a, n in dump.pools.values()), name
    for cell, guest in dump.guest.items():
        disjoint(guest)
    given = [c for cell, cpus in dump.cpus.items() if cell != "root" for c in cpus]
    assert len(given) == len(set(given)) and 0 not in given
    lines = [base + i for base in dump.vpci.values() for i in range(4)]
    assert len(lines) == len(set(lines)) and all(0 <= n < 256 for n in lines)


@pytest.mark.parametrize("seed", range(60))
def test_random_plans(seed, tmp_path):
    plan = Plan(seed)
    (tmp_path / "p.plan").write_text(plan.text)
    run = harness.cellc("check", "--dump-after=place", "p.plan", cwd=tmp_path, expect=None)
    dump = Dump(run.stdout)
    judge(plan, dump)
    again = harness.cellc("check", "--dump-after=place", "p.plan", cwd=tmp_path, expect=None)
    assert again.stdout == run.stdout
    if run.returncode:
        findings = harness.cellc("check", "--format=gcc", "p.plan", cwd=tmp_path, expect=None).stdout
        assert re.search(r"\[E120\d\]", findings), findings


def test_most_random_plans_are_placed():
    """Else the test above would judge little."""
    plans = [Plan(seed) for seed in range(60)]
    good = sum(harness.cellc("check", "--dump-after=place", "-", input=p.text,
                             expect=None).returncode == 0 for p in plans)
    assert 30 <= good < 60, good
