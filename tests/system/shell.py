#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""shell.py NAME: an emulated machine with everything installed, its console on this terminal.
shell.py --demo NAME: shows on it what a cell's life is like.

For `./setup qemu-arm64`, `./setup qemu-zcu102` and `make demo-arm64`.
"""

import os
import shutil
import sys

import image

DEMO = (
    ("The hypervisor slides under the running Linux", "cellctl enable root.cell"),
    ("A cell takes a CPU", "cellctl cell create rt.cell"),
    ("It measures the latency of its timer", "cellctl cell load rt timer-latency.bin"),
    ("It runs on its own core while Linux goes on",
     "cellctl cell start rt; for i in 1 2 3 4 5; do sleep 1; echo Linux goes on: $i; done"),
    ("Who is there", "cellctl cell list"),
    ("An orderly end", "cellctl cell destroy rt"),
    ("Linux has the machine for itself", "cellctl disable"),
    ("And once more", "cellctl enable root.cell"),
    ("", "cellctl disable"),
)


class Quiet:
    """The console without the marks that machine.py puts on it."""

    def __init__(self):
        self.line = ""

    def write(self, text):
        self.line += text.replace("\r", "")
        *lines, self.line = self.line.split("\n")
        for line in lines:
            if not line.startswith(("@@", "ALSA", "alsa", "qemu", "audio")) and line:
                print("  " + line, flush=True)

    def flush(self):
        pass


def demo(name):
    from machine import Machine
    print(f"Booting {name} under emulation ...", flush=True)
    with Machine(name, log=Quiet()) as machine:
        for text, command in DEMO:
            if text:
                print(f"\n{text}.")
            print(f"# {command}", flush=True)
            machine.good(command, timeout=180)
    print("\nDone.")


def main(args):
    if len(args) == 2 and args[0] == "--demo" and args[1] in image.MACHINES:
        return demo(args[1])
    if len(args) != 1 or args[0] not in image.MACHINES:
        sys.exit(f"usage: shell.py [--demo] {'|'.join(image.MACHINES)}")
    inmates = image.BUILD / "inmates" / "arm64"
    kind, folder = image.prepare(args[0], files={       # for `cellctl up`: one for each cell
        "cells/rt.bin": (inmates / "timer-latency.bin", 0o644),
        "cells/plain.bin": (inmates / "uart.bin", 0o644)})
    columns, rows = shutil.get_terminal_size()
    command = image.command(kind, folder, "-serial", "mon:stdio",
                            parameters=f"cv.size={columns}x{rows}")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
