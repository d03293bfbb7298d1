# SPDX-License-Identifier: GPL-2.0-only
"""Changes memory of an emulated machine behind everybody's back, through the emulator's debugger stub
(GDB manual, "Remote Serial Protocol"; "Physical memory mode" of QEMU's GDB usage)."""

import socket
import subprocess

import image


def options(path):
    """What makes the emulator listen at a socket."""
    return ("-chardev", f"socket,id=stub,path={path},server=on,wait=off", "-gdb", "chardev:stub")


def address(symbol):
    """Of a function of the hypervisor, from the start of its memory."""
    table = subprocess.run([image.CROSS + "nm", image.BUILD / "hypervisor/cellvisor-arm64.elf"],
                           capture_output=True, text=True, check=True).stdout
    symbols = {line.split()[2]: int(line.split()[0], 16) for line in table.splitlines()}
    return symbols[symbol] - symbols["image_header"]


class Stub:
    """A connection. The machine stands still while it is open; use with `with`."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(str(path))
        self.stream = self.socket.makefile("rb")
        assert self.ask("Qqemu.PhyMemMode:1") == "OK"

    def ask(self, packet):
        """Sends a packet: what is answered."""
        self.socket.sendall(f"${packet}#{sum(packet.encode()) % 256:02x}".encode())
        while (answer := self.packet()).startswith("T"):        # the machine stands still now
            pass
        return answer

    def packet(self):
        while (byte := self.stream.read(1)) != b"$":
            assert byte
        answer = b""
        while (byte := self.stream.read(1)) != b"#":
            answer += byte
        self.stream.read(2)
        self.socket.sendall(b"+")
        return answer.decode()

    def swap(self, at, word):
        """Writes four bytes at a physical address: those that were there."""
        old = self.ask(f"m{at:x},4")
        assert len(old) == 8 and self.ask(f"M{at:x},4:{word.hex()}") == "OK"
        return bytes.fromhex(old)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.ask("D")
        self.stream.close()
        self.socket.close()


def swap(path, at, word):
    """Stub.swap on a machine that goes on behind it."""
    with Stub(path) as stub:
        return stub.swap(at, word)
