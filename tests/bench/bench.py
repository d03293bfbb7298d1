#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""make bench: what cellc costs, in ratios to the machine's own tools and over growing plans.

Seconds of a shared machine say little, so that everything is a ratio within one run: the programs
compared run in turns, each figure is the median of RUNS, user plus system time of the process and
all its children. Instructions are counted by callgrind where valgrind is there. docs/performance.md
holds a run of this and how to read it.
"""

import argparse
import math
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / os.environ.get("BUILD", "build")
CELLC = str(BUILD / "cellc")
TREES = BUILD / "trees"
TREE = TREES / "arm64/xilinx/zynqmp-zcu102-rev1.0.dtb"
PLAN = TOP / "examples/zcu102/zcu102.plan"
GOAL_DTC, GOAL_GCC = 3, 20


def run(command):
    """(user plus system seconds, peak KiB) of one run, children included."""
    result = subprocess.run([BUILD / "bench/measure", *map(str, command)], stdout=subprocess.PIPE,
                            text=True, timeout=300)
    if result.returncode != 0:
        sys.exit(f"bench: failed: {' '.join(map(str, command))}")
    microseconds, peak = result.stdout.split()
    return int(microseconds) / 1e6, int(peak)


def interleaved(commands, runs):
    """For each command the median seconds and the peak KiB of `runs` runs, taken in turns."""
    figures = [[] for _ in commands]
    for _ in range(runs):
        for own, command in zip(figures, commands):
            own.append(run(command))
    return [(statistics.median(s for s, _ in own), max(m for _, m in own)) for own in figures]


def instructions(command, scratch):
    """Instructions in user space as callgrind counts them, or None without valgrind."""
    if not shutil.which("valgrind"):
        return None
    result = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={scratch}/callgrind.out",
         *map(str, command)], capture_output=True, text=True, timeout=900)
    found = re.search(r"Collected : (\d+)", result.stderr)
    return int(found[1]) if found and result.returncode == 0 else None


def table(title, heads, rows):
    print(f"\n{title}\n")
    rows = [heads] + rows
    widths = [max(len(str(r[i])) for r in rows) for i in range(len(heads))]
    for number, row in enumerate(rows):
        cells = [str(c).ljust(w) if i == 0 else str(c).rjust(w)
                 for i, (c, w) in enumerate(zip(row, widths))]
        print("| " + " | ".join(cells) + " |")
        if number == 0:
            print("|" + "|".join("-" * (w + 1) + (":" if i else "-")
                                  for i, w in enumerate(widths)) + "|")
    sys.stdout.flush()


def ms(seconds):
    return f"{seconds * 1e3:.2f}"


def millions(count):
    return f"{count / 1e6:.2f}" if count else "-"


def verdict(good):
    return "met" if good else "MISSED"


def against_dtc(scratch, runs):
    build = [CELLC, "build", "-q", "-W", "no-all", "-I", TREES, "-o", scratch / "out", PLAN]
    dtc = ["dtc", "-q", "-I", "dtb", "-O", "dtb", "-o", scratch / "copy.dtb", TREE]
    (own, _), (other, _) = interleaved([build, dtc], runs)
    own_count, other_count = instructions(build, scratch), instructions(dtc, scratch)
    rows = [["cellc build zcu102.plan", ms(own), millions(own_count)],
            ["dtc, same tree to dtb", ms(other), millions(other_count)],
            ["ratio", f"{own / other:.2f}",
             f"{own_count / other_count:.2f}" if own_count and other_count else "-"]]
    table("ZCU102 example against dtc rewriting the same tree", ["", "ms", "M instr."], rows)
    good = own < GOAL_DTC * other
    print(f"\ngoal: under {GOAL_DTC} times dtc: {verdict(good)}")
    return good


def against_gcc(scratch, runs):
    """The other way to get such binaries: C initializers through gcc and objcopy."""
    made = scratch / "csource"
    subprocess.run([CELLC, "build", "-W", "no-all", "-I", TREES, "--emit=csource", "-o", made, PLAN],
                   check=True, timeout=60)
    script, objects = [], []
    for source in sorted(made.glob("*.c")):
        script.append(f"gcc -c -O1 -I{TOP}/runtime/abi -I{TOP}/runtime -I{TOP} -o {source}.o {source}"
                      f" && objcopy -O binary --remove-section=.note.gnu.property"
                      f" {source}.o {source.with_suffix('.cell')}")
        objects.append(source)
    build = [CELLC, "build", "-q", "-W", "no-all", "-I", TREES, "--emit=cells", "-o",
             scratch / "cells", PLAN]
    (own, _), (other, _) = interleaved([build, ["sh", "-c", " && ".join(script)]], max(runs // 3, 5))
    same = all((scratch / "cells" / s.with_suffix(".cell").name).read_bytes() ==
               s.with_suffix(".cell").read_bytes() for s in objects)
    rows = [["cellc build --emit=cells", ms(own)], ["gcc and objcopy", ms(other)],
            ["ratio", f"{other / own:.1f}"]]
    table(f"ZCU102 example against gcc and objcopy on C of the same content ({len(objects)} files, "
          f"{'same bytes' if same else 'BYTES DIFFER'})", ["", "ms"], rows)
    good = other > GOAL_GCC * own and same
    print(f"\ngoal: {GOAL_GCC} times faster: {verdict(good)}")
    return good


def synthetic(regions, cells=64):
    """A plan of so many regions, every other one placed by the compiler."""
    lines = ["architecture arm64;", "ram at 0x8000_0000 size 128G;",
             "hypervisor { memory at 0x8000_0000 size 4M; }",
             "platform { gic 2 gicd 0x1000_0000 gicc 0x1001_0000 gich 0x1002_0000"
             " gicv 0x1003_0000 maintenance 25 lines 64; cpus %d; }" % (cells + 1),
             "pool cells at 0x1_0000_0000 size 8G;", 'root "host" { }']
    base = 0x400000000
    for cell in range(cells):
        lines.append('cell "c%d" {\n\tcpus 1;\n\tmemory code 1M guest 0 rwx;' % cell)
        for i in range(regions // cells):
            where = "" if i % 2 else "at 0x%x size " % base
            lines.append("\tmemory m%d %s4K rw;" % (i, where))
            base += 0x2000
        lines.append("}")
    return "\n".join(lines) + "\n"


def growth(scratch, sizes, runs):
    """Time and peak memory a region; it may grow like log n, with room for noise of the clock."""
    commands = [[CELLC, "build", "-q", "-W", "no-all", "-o", scratch / "empty", scratch / "0.plan"]]
    (scratch / "0.plan").write_text(synthetic(0))
    for size in sizes:
        plan = scratch / f"{size}.plan"
        plan.write_text(synthetic(size))
        commands.append([CELLC, "build", "-q", "-W", "no-all", "-o", scratch / str(size), plan])
    figures = interleaved(commands, runs)
    base_seconds, base_memory = figures[0]
    rows, costs = [], []
    for size, command, (seconds, memory) in zip(sizes, commands[1:], figures[1:]):
        count = instructions(command, scratch)
        each = count / size if count else (seconds - base_seconds) / size
        bytes_each = (memory - base_memory) * 1024 / size
        costs.append((size, each, bytes_each))
        rows.append([f"{size:,}", ms(seconds), f"{(seconds - base_seconds) / size * 1e6:.2f}",
                     f"{count / size:,.0f}" if count else "-", f"{memory / 1024:.1f}",
                     f"{bytes_each:,.0f}"])
    table("synthetic plans in 64 cells, all default outputs",
          ["regions", "ms", "us each", "instr. each", "peak MiB", "bytes each"], rows)
    (n0, time0, memory0), (n1, time1, memory1) = costs[0], costs[-1]
    allowed = math.log(n1) / math.log(n0)
    good = time1 <= time0 * allowed and memory1 <= memory0 * allowed
    print(f"\ngoal: cost a region grows by {allowed:.2f} at most (log n): time {time1 / time0:.2f},"
          f" memory {memory1 / memory0:.2f}: {verdict(good)}")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=31)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--only", choices=["dtc", "gcc", "growth"])
    args = parser.parse_args()
    sizes = [int(s) for s in args.sizes.split(",")]
    good = True
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        if args.only in (None, "dtc"):
            good &= against_dtc(scratch, args.runs)
        if args.only in (None, "gcc"):
            good &= against_gcc(scratch, args.runs)
        if args.only in (None, "growth"):
            good &= growth(scratch, sizes, max(args.runs // 6, 3))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
