#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""How long a stock kernel takes in a cell, from the start of the cell to its init, in executed
instructions; beside it root's own boot of the same kernel, from the reset of the machine. Part of
make bench; counted as tests/bench/exits.py counts. docs/performance.md says how to read it.
"""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
import image                                                            # noqa: E402
from bench import table                                                 # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
TICKS = image.BUILD / "bench" / "arm64" / "ticks"
HZ = 62_500_000                          # of the emulator's counter; an instruction is 1 ns


def boot(log):
    """name -> instructions since the machine was switched on."""
    kind, folder = image.prepare("qemu-arm64-gicv3", image.HERE / "linux-gicv3.plan", {
        "init": (HERE / "boot-init", 0o755), "bin/ticks": (TICKS, 0o755),
        "guest/init": (TICKS, 0o755)})
    command = image.command(kind, folder, "-serial", f"file:{log}", "-icount",
                            "shift=0,sleep=off", "-rtc", "base=2030-01-01,clock=vm")
    subprocess.run(command, timeout=900, check=True, stdin=subprocess.DEVNULL)
    console = log.read_text(errors="replace")
    found = {name: int(ticks) * 1_000_000_000 // HZ for name, ticks in
             re.findall(r"bench: ([a-z-]+) (\d+)", console)}
    if not {"root-init", "start", "init", "end"} <= found.keys():
        sys.exit(f"bench: the cell did not boot:\n{console[-3000:]}")
    return found


def main():
    log = image.BUILD / "bench" / "boot.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    found = boot(log)
    table("boot of a stock kernel to its init, in million instructions", ["", "instructions"], [
        ["root, from reset, 4 CPUs", f"{found['root-init'] / 1e6:,.0f}"],
        ["a cell, from its start, 1 CPU", f"{(found['init'] - found['start']) / 1e6:,.0f}"]])
    return 0


if __name__ == "__main__":
    sys.exit(main())
