#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What the arm64 hypervisor costs, in executed instructions. Part of make bench.

QEMU's machine "virt" (GICv3, cortex-a57, four CPUs) runs with -icount shift=0,sleep=off: an
instruction is a nanosecond of its clock, so the counter register, read in the guest, counts
instructions. Nothing comes from outside, and the figures repeat. The cell's part is
tests/bench/exits.c, Linux's tests/bench/init. docs/performance.md says how to read the table.
"""

import argparse
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
import image                                                            # noqa: E402
from bench import table, verdict                                        # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = image.BUILD / "bench" / "arm64"
HYPERVISOR = image.BUILD / "hypervisor"

# what, name in the bench's output, what the best comparable hypervisor takes
EXITS = (
    ("hypercall that reads a figure", "hypercall-info", 138),
    ("unknown hypercall", "hypercall-unknown", 124),
    ("PSCI_VERSION by hvc", "psci-version", 140),
    ("PSCI_VERSION by smc", "psci-version-smc", None),
    ("trapped distributor read", "gicd-read", 271),
    ("distributor enable register, read", "gicd-enable-read", 905),
    ("distributor enable register, write", "gicd-enable-write", 905),
    ("redistributor read", "gicr-read", 284),
    ("sub-page register read", "subpage-read", None),
    ("virtual config-space read", "config-read", 359),
    ("shared-memory register read", "shmem-read", 271),
    ("shared-memory state write", "shmem-state-write", 592),
    ("doorbell, nobody there", "doorbell-absent", None),
    ("doorbell to itself, with the interrupt", "doorbell-self", None),
    ("SGI to itself", "sgi-self", 1360),
)


def boot(folder_of_log):
    """One run of the machine: name -> number of all that it printed."""
    kind, folder = image.prepare("qemu-arm64-gicv3", HERE / "exits.plan", {
        "init": (HERE / "init", 0o755),
        "bin/enable": (PROGRAMS / "enable", 0o755),
        "cells/exits.bin": (PROGRAMS / "exits.bin", 0o644)})
    command = image.command(kind, folder, "-serial", f"file:{folder_of_log}", "-icount",
                            "shift=0,sleep=off", "-rtc", "base=2030-01-01,clock=vm")
    subprocess.run(command, timeout=900, check=True, stdin=subprocess.DEVNULL)
    console = folder_of_log.read_text(errors="replace")
    figures = {name: int(value) for name, value in
               re.findall(r"bench: ([a-z-]+) (\d+)\r?$", console, re.M)}
    if not {"done", "end"} <= figures.keys():
        sys.exit(f"bench: the machine did not finish:\n{console[-3000:]}")
    return figures


LINES = (("arm64, with the console drivers", 6000, ("arch/arm64", "../runtime/uart")),
         ("core", 3500, ("core", "include")))


def text_size():
    """Bytes of code and read-only data; of the image."""
    elf, size = HYPERVISOR / "cellvisor-arm64.elf", 0
    for line in image.run(image.CROSS + "size", "-A", elf).splitlines():
        fields = line.split()
        if fields and fields[0] in (".text", ".rodata"):
            size += int(fields[1])
    return size, (HYPERVISOR / "cellvisor-arm64.bin").stat().st_size


def lines_of(*folders):
    """Lines of C and assembler below folders of the hypervisor: all; those that are code."""
    texts = [f.read_text() for folder in folders for f in (image.TOP / "hypervisor" / folder).rglob("*")
             if f.suffix in (".c", ".S", ".h")]
    code = [re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S) for text in texts]
    return (sum(len(text.splitlines()) for text in texts),
            sum(bool(line.strip()) for text in code for line in text.splitlines()))


def rows_of(figures):
    """(what, reference, ours): counts of one round each."""
    each = 1e9 / figures["hz"]        # instructions of a tick
    rounds = figures["rounds"]
    for what, name, reference in EXITS:
        if name in figures:
            yield what, reference, round(figures[name] * each / rounds)
    yield "timer interrupt to handler, least", 240, figures["timer-least"] * each
    yield "timer interrupt to handler, average", 580, round(figures["timer-sum"] * each / rounds)
    yield "enable", 2450000, figures["enable"] * each
    yield "pool pages after enable, 4 CPUs", 59, figures["pool-enabled"]
    yield "pool pages with one cell", 73, figures["pool-cell"]
    text, whole = text_size()
    yield "text, KB", 77.7, round(text / 1000, 1)
    yield "image, KB", 100, round(whole / 1000, 1)
    for what, reference, folders in LINES:
        every, code = lines_of(*folders)
        yield f"lines of {what}", reference, every
        yield "- without comments and blank ones", None, code


def number(value):
    return "-" if value is None else f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def report(figures):
    """Prints the table; False if a goal is missed."""
    good, rows = True, []
    for what, reference, ours in rows_of(figures):
        goal = reference / 2 if reference else None
        met = goal is None or ours <= goal
        good &= met
        rows.append([what, number(reference), number(goal), number(ours),
                     verdict(met) if goal else "-"])
    table("arm64 hypervisor, in instructions", ["", "reference", "goal", "ours", ""], rows)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=2, help="all give the same figures, or it fails")
    args = parser.parse_args()
    runs = [boot(image.BUILD / "bench" / f"exits-{n}.log") for n in range(args.runs)]
    good = report(runs[0])
    same = all(run == runs[0] for run in runs)
    if not same:
        for name in runs[0]:
            values = [run.get(name) for run in runs]
            if len(set(values)) > 1:
                print(f"{name}: {values}")
    print(f"\n{args.runs} runs, same figures: {verdict(same)}")
    return 0 if good and same else 1


if __name__ == "__main__":
    sys.exit(main())
