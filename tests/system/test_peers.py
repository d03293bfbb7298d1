# SPDX-License-Identifier: GPL-2.0-only
"""Links: cells and root talk, notice how peers end, and have nothing of links that are not theirs.

One machine of each kind serves all tests, in order. The inmate is runtime/inmate/demos/shmem.c; for
root the tests write to the device's registers by hand, there is no driver.
"""

import re
import struct

import pytest

import image
from machine import Machine

LINKS = """
cell "a" { cpus 1; passive; memory ram 1M guest 0 rwx loadable; console virtual; }
cell "b" { cpus 1; passive; memory ram 1M guest 0 rwx loadable; console virtual; }
cell "c" { cpus 1; passive; memory ram 1M guest 0 rwx loadable; console virtual; }

link shared "rooted" { root; cell "a"; common 64K; output 4K; protocol 0x4001; slot 0; }
link shared "private" { cell "a"; cell "b"; output 4K; protocol 0x4002; slot 1; }
link shared "all" { root; cell "a"; cell "b"; cell "c"; output 8K; protocol 0x4003; slot 2; }
link shared "messages" { cell "b"; cell "c"; output 4K; vectors 4; protocol 0x4004; slot 3; }
"""
# bdf of the links
ROOTED, PRIVATE, ALL, MESSAGES = 0, 8, 16, 24
ID, PEERS, INT, DOORBELL, STATE = 0, 4, 8, 12, 16
LIMIT = 20
NOWHERE, STOP, ASK = 0xdead, 0xbeef, 0x10000     # numbers that the inmate understands
HEAD, REGION = 132, 32                  # of a cell descriptor


class LinkMachine(Machine):
    """A machine whose root uses links by hand: where their registers and memory are."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.bars, self.memory, self.outputs, self.seen, self.small = {}, {}, {}, 0, 2

    def value(self, command):
        return int(self.good(command).strip().splitlines()[-1], 16)

    def folder_of(self, bdf):
        return f"/sys/bus/pci/devices/0001:00:{bdf >> 3:02x}.0"

    def config(self, bdf, offset, size=4):
        """A number from configuration space, as Linux reads it."""
        return int(self.good(f"hexdump -s {offset} -n {size} -v -e '1/{size} \"%x\\n\"' "
                             f"{self.folder_of(bdf)}/config").split()[-1], 16)

    def open(self, bdf):
        """Switch the device on."""
        self.good(f"echo 1 >{self.folder_of(bdf)}/enable")
        self.bars[bdf] = self.config(bdf, 0x10)
        assert self.bars[bdf] and not self.bars[bdf] & 0xfff
        self.memory[bdf] = self.config(bdf, 0x40 + 24)
        before = self.config(bdf, 0x40 + 4) + self.config(bdf, 0x40 + 8)
        self.outputs[bdf] = self.memory[bdf] + before

    def read(self, address):
        return self.value(f"devmem {address:#x}")

    def write(self, address, value):
        self.good(f"devmem {address:#x} 32 {value:#x}")

    def register(self, bdf, offset):
        return self.read(self.bars[bdf] + offset)

    def state(self, bdf, peer):
        return self.read(self.memory[bdf] + 4 * peer)

    def say(self, bdf, peer, number):
        """As peer 0 of that link."""
        self.good(f"devmem {self.outputs[bdf] + 4 * peer:#x} 32 {number}; "
                  f"devmem {self.bars[bdf] + DOORBELL:#x} 32 {peer << 16}")

    def await_value(self, address, value):
        self.good(f"until test $(devmem {address:#x}) = 0x{value:08X}; do sleep 0.1; done")

    def heard(self, cell, bdf):
        """The highest number that a cell heard on a link: it tells on the one of all."""
        answer = self.outputs[ALL] + 0x2000 * cell
        self.small = 6 - self.small         # another one than the last time
        self.say(ALL, cell, self.small)
        self.await_value(answer, self.small + 1)
        self.say(ALL, cell, ASK + bdf)
        self.good(f"while test $(devmem {answer:#x}) = 0x{self.small + 1:08X}; do sleep 0.1; done")
        return self.read(answer)

    def await_console(self, pattern, timeout=120):
        """Wait until something that matches has come since the last time."""
        self.seen = self.await_since(self.seen, pattern, timeout).end()

    def start(self, cell, create=True, options=""):
        if create:
            self.good(f"cellctl cell create {cell}.cell")
        self.good(f"cellctl cell load {cell} shmem.bin -a 0 "
                  f"-s 'limit={LIMIT} {options}' -a 0x1000")
        self.send(f"cellctl cell start {cell}")


@pytest.fixture(scope="module", params=list(image.MACHINES))
def machine(request):
    """A machine with four links."""
    with LinkMachine(request.param, plan=image.plan_of(request.param, "peers", LINKS)) as running:
        yield running


def test_roots_device(machine):
    machine.good("cellctl enable root.cell")
    assert machine.config(ROOTED, 0) == 0x4106110a
    assert machine.config(ROOTED, 8) == 0xff400100
    assert machine.config(ALL, 8) == 0xff400300
    assert machine.config(ROOTED, 0x3d, 1) == 1 and machine.config(ALL, 0x3d, 1) == 3
    for bdf in (PRIVATE, MESSAGES):
        assert machine.run(f"test -e {machine.folder_of(bdf)}")[1]
    for bdf, peers in ((ROOTED, 2), (ALL, 4)):
        machine.open(bdf)
        assert machine.register(bdf, ID) == 0
        assert machine.register(bdf, PEERS) == peers
        for offset in (DOORBELL, STATE, 20, 0xffc):
            assert machine.register(bdf, offset) == 0
    machine.write(machine.bars[ROOTED] + STATE, 0x12345678)
    assert machine.state(ROOTED, 0) == 0x12345678
    assert machine.state(ALL, 0) == 0
    # nobody there, no such vector: nothing happens
    for doorbell in (0, 1 << 16, 0xffff, 0xffff0000, 0xffffffff):
        machine.write(machine.bars[ROOTED] + DOORBELL, doorbell)
    # the table is the hypervisor's to write, and others' sections are theirs
    for address in (machine.memory[ROOTED], machine.outputs[ROOTED] + 0x1000):
        assert machine.run(f"devmem {address:#x} 32 1")[1]
    assert machine.state(ROOTED, 0) == 0x12345678


def test_root_and_a_cell(machine):
    machine.write(machine.bars[ALL] + STATE, 1)
    machine.start("a")
    machine.await_console(r"link 0: id 1 of 2, protocol 0x4001")
    machine.await_console(r"link 16: id 1 of 4, protocol 0x4003")
    machine.await_value(machine.memory[ALL] + 4, 1)
    assert machine.state(ROOTED, 1) == 1
    machine.write(machine.bars[ROOTED] + STATE, 1)
    machine.await_console("link 0: peer 0 has state 1")
    machine.say(ROOTED, 1, 7)
    machine.await_value(machine.outputs[ROOTED] + 0x1000, 8)
    machine.say(ROOTED, 1, 1000)
    machine.await_console("link 0: peer 0 says 1000")


def test_cells_that_root_cannot_hear(machine):
    machine.start("b")
    machine.await_value(machine.memory[ALL] + 8, 1)
    said = await_end(machine, {(1, PRIVATE), (2, PRIVATE)})
    assert {LIMIT, LIMIT + 1} == set(said.values())
    private = regions(machine.folder / "out" / "a.cell", PRIVATE)[0]
    assert machine.run(f"devmem {private:#x}")[1]
    assert machine.run(f"devmem {private + 0x1000:#x}")[1]


def test_three_and_messages(machine):
    machine.start("c", options="one-shot")
    machine.await_value(machine.memory[ALL] + 12, 1)
    said = await_end(machine, {(2, MESSAGES), (3, MESSAGES)})
    assert {LIMIT, LIMIT + 1} == set(said.values())
    await_end(machine, {(1, ALL), (2, ALL), (3, ALL)})
    assert [machine.state(ALL, peer) for peer in range(4)] == [1, 1, 1, 1]


def await_end(machine, ears):
    """Until cells have heard the last numbers on links: which."""
    said = dict.fromkeys(ears, 0)
    while min(said.values()) < LIMIT:
        said = {(cell, bdf): machine.heard(cell, bdf) for cell, bdf in ears}
    return said


def test_a_peer_that_fails(machine):
    machine.say(ALL, 2, NOWHERE)
    machine.await_value(machine.memory[ALL] + 8, 0)
    machine.say(ALL, 2, 0)
    machine.shows("cellctl cell list", r"b +failed")
    machine.good("cellctl cell shutdown b")
    machine.start("b", create=False)
    machine.await_value(machine.memory[ALL] + 8, 1)
    # the other peers know that it is a new one
    await_end(machine, {(1, PRIVATE), (2, PRIVATE), (2, MESSAGES)})


def test_a_peer_that_stops(machine):
    machine.say(ALL, 2, STOP)
    machine.await_value(machine.memory[ALL] + 8, 0)
    machine.shows("cellctl cell list", r"b +shut down")


def test_peers_that_are_stopped_and_destroyed(machine):
    machine.good("cellctl cell shutdown c")
    assert machine.state(ALL, 3) == 0
    machine.good("cellctl cell destroy a")
    assert machine.state(ALL, 1) == 0 and machine.state(ROOTED, 1) == 0
    assert machine.state(ALL, 0) == 1


def test_a_peer_of_another_opinion(machine):
    """Of protocol, number of peers, id and sizes."""
    data = (machine.folder / "out" / "a.cell").read_bytes()
    device, _ = device_of(data, ROOTED)
    first = regions_at(data) + REGION * struct.unpack_from("<I", data, device + 48)[0]
    common = first + REGION
    changes = {device + 54: b"\\002", device + 53: b"\\003", device + 52: b"\\000",
               common + 17: b"\\020", common + 2: b"\\020"}
    for at, byte in changes.items():
        machine.good("cp a.cell /tmp/other.cell")
        machine.good(f"printf '{byte.decode()}' | dd of=/tmp/other.cell bs=1 seek={at} conv=notrunc")
        output, code = machine.run("cellctl cell create /tmp/other.cell")
        assert code and re.search("nvalid|busy", output), output
        machine.good("cellctl cell list")
    machine.start("a")
    machine.await_value(machine.memory[ROOTED] + 4, 1)
    machine.good("cellctl cell destroy a; cellctl cell destroy b; cellctl cell destroy c")


def test_once_more(machine):
    """Root's devices are in reset state again."""
    machine.good("cellctl disable && cellctl enable root.cell")
    machine.open(ALL)
    assert machine.register(ALL, STATE) == 0 and machine.register(ALL, INT) == 0
    assert machine.state(ALL, 0) == 0
    machine.good("cellctl disable")


# --- the descriptors, to know where things are ---

def regions_at(data):
    return HEAD + struct.unpack_from("<I", data, 48)[0]


def device_of(data, bdf):
    """Offset of the record of a PCI device and the record's place in the list."""
    counts = struct.unpack_from("<6I", data, 52)
    at = regions_at(data) + counts[0] * REGION + counts[1] * 12 + counts[2] * 32 + counts[3] * 4
    for index in range(counts[4]):
        if struct.unpack_from("<H", data, at + 56 * index + 4)[0] == bdf:
            return at + 56 * index, index
    raise LookupError(bdf)


def regions(path, bdf):
    """Physical addresses of the parts of a link."""
    data = path.read_bytes()
    device, _ = device_of(data, bdf)
    start, = struct.unpack_from("<I", data, device + 48)
    peers = data[device + 53]
    return [struct.unpack_from("<Q", data, regions_at(data) + REGION * (start + i))[0]
            for i in range(2 + peers)]
