#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What links cost on arm64, in executed instructions of all CPUs. Part of make bench.

The machine of exits.py, with -icount shift=0,sleep=off: an instruction is a nanosecond. Two bare-metal
cells ring each other's doorbell; root and a Linux cell, stock kernels both, exchange messages and
a stream over their network, and root does the same with itself over loopback. docs/performance.md
says how to read the table.
"""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
import image                                                            # noqa: E402
from bench import table                                                 # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = image.BUILD / "bench" / "arm64"
LOOPBACK, LAN = "127.0.0.1", "10.9.0.2"


def files():
    """What root and the Linux cell start with."""
    common = {"bin/traffic": (PROGRAMS / "traffic", 0o755),
              "bin/lan": (image.HERE / "guest-lan", 0o755)}
    modules = {f"lib/modules/{path.name}": (path, 0o644)
               for path in (image.BUILD / "driver/arm64").glob("*.ko")}
    modules["lib/modules/uio.ko"] = (image.KERNELS / "arm64/uio.ko", 0o644)
    guest = common | modules | {"init": (HERE / "links-guest", 0o755)}
    return common | {"init": (HERE / "links-root", 0o755),
                     "cells/bell.bin": (PROGRAMS / "bell.bin", 0o644)} | {
                         f"guest/{name}": file for name, file in guest.items()}


def boot(log):
    """One run of the machine: what it printed."""
    kind, folder = image.prepare("qemu-arm64-gicv3", HERE / "links.plan", files())
    command = image.command(kind, folder, "-serial", f"file:{log}", "-icount",
                            "shift=0,sleep=off")
    subprocess.run(command, timeout=1200, check=True, stdin=subprocess.DEVNULL)
    console = log.read_text(errors="replace").replace("\r", "")
    if "links: end" not in console:
        sys.exit(f"bench: the machine did not finish:\n{console[-3000:]}")
    return console


def figure(console, pattern):
    found = re.search(pattern, console)
    if not found:
        sys.exit(f"bench: no '{pattern}':\n{console[-3000:]}")
    return [int(n) for n in found.groups()]


def report(console):
    ticks, hz, rounds = figure(console, r"bench: bell (\d+) (\d+) (\d+)")
    rows = [["doorbell to handler", f"{ticks * 1e9 / hz / rounds / 2:,.0f}", "-"]]
    costs = []
    for at in (LAN, LOOPBACK):
        rounds, ns = figure(console, rf"links: {at} (\d+) rounds in (\d+) ns")
        sent, stream = figure(console, rf"links: {at} sent (\d+) in (\d+) ns")
        costs.append((ns / rounds, sent * 1000 / stream))
    (lan_trip, lan_rate), (own_trip, own_rate) = costs
    rows += [["64 bytes there and back by UDP", f"{lan_trip:,.0f}", f"{own_trip:,.0f}"],
             ["TCP, bytes in 1,000 instructions", f"{lan_rate:,.0f}", f"{own_rate:,.0f}"]]
    table("links on arm64, in instructions of all CPUs", ["", "cells", "loopback"], rows)


if __name__ == "__main__":
    report(boot(image.BUILD / "bench" / "links.log"))
