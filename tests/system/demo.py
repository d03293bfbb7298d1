#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""demo.py: the example of three systems on one machine, compiled, booted and shown.

In: make target. Out: what it does on the terminal; exit code 0 if each step went as it says.
"""

import os
import re
import sys

import image
from machine import Machine

MACHINE = "qemu-arm64-gicv3"
EXAMPLE = image.TOP / "examples/qemu-arm64-linux"
PLAN = EXAMPLE / "qemu-arm64-linux.plan"
MODULES = "for m in uio uio-cellvisor cellvisor-net; do insmod /lib/modules/$m.ko; done"
LAN = "lan=$(basename /sys/bus/pci/drivers/cellvisor_net/*/net/*)"
ANSWERS = "until ping -c 1 -W 1 10.0.0.2 >/dev/null; do sleep 1; done"
# A question to the bare-metal program, peer 1; its answer.
ASK = ("cellvisor-link uio0 receive 1 >/tmp/answer & sleep 1; "
       "cellvisor-link uio0 send 1 '{0}: how late is your timer?'; wait; cat /tmp/answer")


def guest(command, end="done."):
    """The second Linux runs it; what it says comes on root's terminal."""
    return f"cellctl console linux -n -s '{command}; echo done.' -u '{end}' -t 200; echo"


# What is going to happen, the command, what must be seen, how many seconds it may take.
STEPS = (
    ("Linux runs. The hypervisor slides under it; the cells come up, each on cores of its own",
     "cellctl up /cells", 'started cell . "rt"', 240),
    ("Who is there", "cellctl cell list", r"linux +running +1-2", 60),
    ("The bare-metal program has its core for itself while Linux goes on",
     "for i in 1 2 3 4 5 6; do sleep 1; echo Linux goes on: $i; done",
     "timer interrupts, late by", 120),
    ("The second Linux boots on its two cores",
     "cellctl console linux -u 'guest# ' -t 200; echo", r"guest: 2 CPU\(s\)", 260),
    ("Its end of the network and of the link", guest("sh /guest.sh; uname -r; nproc"),
     "done", 260),
    ("Root's end", f"{MODULES}; {LAN}; ip addr add 10.0.0.1/24 dev $lan; ip link set $lan up; "
     f"{ANSWERS}; ip link show $lan", "LOWER_UP", 60),
    ("A network between the two", "ping -c 3 10.0.0.2", " 0% packet loss", 60),
    ("A transfer over it", "traffic send 10.0.0.2 9000 20000000", "sent 20000000 in", 240),
    ("A message to the bare-metal program, from root", ASK.format("root"),
     "ns on average, [0-9]+ ns at most", 90),
    ("and from the second Linux", guest(ASK.format("linux").replace("'", '"')),
     "ns on average, [0-9]+ ns at most", 260),
    ("The second Linux is killed in the middle of a transfer; root sees the carrier drop",
     f"traffic send 10.0.0.2 9000 2000000000 & sleep 2; cellctl cell destroy linux; {LAN}; "
     "sleep 1; kill %1; ip link show $lan", "NO-CARRIER", 120),
    ("It is started again, and the link comes back",
     "cellctl cell linux linux.cell Image -i guest.cpio -c 'panic=1 quiet' && "
     "cellctl console linux -u 'guest# ' -t 200; echo", r"guest: 2 CPU\(s\)", 320),
    ("", guest("sh /guest.sh"), "done", 260),
    ("", f"{LAN}; {ANSWERS}; ip link show $lan; ping -c 3 10.0.0.2", " 0% packet loss", 60),
    ("The bare-metal program is asked to end, and does", "cellctl cell shutdown rt",
     "rt: done", 60),
    ("An orderly end: the machine is Linux's alone again",
     "cellctl down; cat /sys/devices/system/cpu/online", "0-3", 120),
    ("And once more", "cellctl enable root.cell && cellctl disable", "leaving", 60),
)


class Quiet:
    """The console without what only the tests want."""

    def write(self, line):
        if not line.startswith(("@@", "ALSA", "alsa", "qemu", "audio")) and line.strip():
            print("  " + line, end="", flush=True)


def files():
    """What the example has beside what each machine has: name on the machine -> (path, mode)."""
    traffic = image.program("traffic")
    modules = (image.BUILD / "driver/arm64/uio-cellvisor.ko",
               image.BUILD / "driver/arm64/cellvisor-net.ko", image.KERNELS / "arm64/uio.ko")
    out = {f"guest/lib/modules/{path.name}": (path, 0o644) for path in modules}
    for program in (traffic, image.BUILD / "arm64/cellvisor-link"):
        for where in ("bin", "guest/bin"):
            out[f"{where}/{program.name}"] = (program, 0o755)
    return out | {"guest/guest.sh": (EXAMPLE / "guest.sh", 0o755)}


def prepared(log=None):
    """The machine at its shell."""
    return Machine(MACHINE, plan=PLAN, files=files(), log=log)


def compile_plan():
    """Shows what the compiler makes of the plan."""
    text = image.run(image.BUILD / "cellc", "map", "-I", image.TREES,
                     os.path.relpath(PLAN))
    parts = re.split(r"\n\n", text.strip())
    print(f"The plan {PLAN.relative_to(image.TOP)}, compiled (cellc map shows all of it):\n")
    for part in parts:
        if not part.startswith(("Physical memory", "Interrupts", "What the compiler chose")):
            print(part + "\n", flush=True)


def show(machine):
    """All steps on a machine that has been prepared for them."""
    for text, command, seen, timeout in STEPS:
        if text:
            print(f"\n{text}.")
        print(f"# {command}", flush=True)
        if not re.search(seen, machine.good(command, timeout=timeout)):
            machine.fail(f"'{command}' did not show '{seen}'")


def main():
    compile_plan()
    print(f"Booting {MACHINE} with a stock kernel under emulation ...", flush=True)
    with prepared(Quiet()) as machine:
        show(machine)
    print("\nDone.")


if __name__ == "__main__":
    sys.exit(main())
