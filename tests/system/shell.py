#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""shell.py NAME: an emulated machine with everything installed, its console on this terminal.

For `./setup qemu-arm64` and `./setup qemu-zcu102`.
"""

import os
import shutil
import sys

import image

def main(args):
    if len(args) != 1 or args[0] not in image.MACHINES:
        sys.exit(f"usage: shell.py {'|'.join(image.MACHINES)}")
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
