# SPDX-License-Identifier: GPL-2.0-only
"""Links between root's Linux and cells: the virtual PCI host, virtual Ethernet, user space by UIO.

One machine serves all tests of a kind. The inmates are runtime/inmate/demos/{net,shmem}.c and
inmates/net-attack.c.
"""

import json
import os
import re

import pytest

import image
from machine import Machine

ROUNDS = (int(os.environ.get("SYSTEM_ROUNDS", "5")) + 1) // 2
CELLS = """
cell "a" {
    cpus 1;
    memory ram 1M guest 0 rwx loadable;
    console virtual;
}

cell "b" {
    cpus 1;
    memory ram 1M guest 0 rwx loadable;
    console virtual;
}

link net "lan" { root; cell "a"; slot 0; }
link net "far" { root; cell "b"; slot 1; }
link shared "board" { root; cell "a"; cell "b"; common 64K; output 4K; protocol 0x4001; slot 2; }
link shared "private" { cell "a"; cell "b"; output 8K; slot 3; }
"""
LAN, FAR, BOARD = "0001:00:00.0", "0001:00:01.0", "0001:00:02.0"
MODULES = "for m in uio uio-cellvisor cellvisor-net; do insmod /lib/modules/$m.ko; done"
NO_MODULES = "rmmod cellvisor_net uio_cellvisor uio"
POOL = "cat /sys/devices/jailhouse/mem_pool_used"
PING = "ping -c 5 -i 0.2 -W 5"
ATTACKS = ("bytes", "counts", "states", "doorbell", "silent", "all")


def programs():
    """What the tests need on the machine."""
    traffic = image.program("traffic")
    return {"bin/traffic": (traffic, 0o755), "bin/ethtool": (image.program("ethtool"), 0o755),
            "bin/cellvisor-link": (image.BUILD / "arm64/cellvisor-link", 0o755)}


@pytest.fixture(scope="module", params=list(image.MACHINES))
def machine(request):
    with Machine(request.param, plan=image.plan_of(request.param, "links", CELLS),
                 files=programs()) as running:
        running.good("ip link set lo up")
        running.good(MODULES)
        yield running


@pytest.fixture(autouse=True)
def clean(machine):
    """Each test starts without the hypervisor, with the modules; Linux has nothing to complain of."""
    machine.good("dmesg -c >/dev/null")
    yield
    machine.good("cellctl down >/dev/null 2>&1; true", timeout=120)
    log = machine.good("dmesg -c")
    assert not re.search(r"WARNING|BUG|stall|lockup|Spurious|Call trace|nobody cared", log), log


@pytest.fixture
def enabled(machine):
    """The machine under the hypervisor, both interfaces up, at 10.9.0.1 and 10.9.1.1."""
    machine.good("cellctl enable root.cell", timeout=120)
    machine.lan, machine.far = (interface(machine, at) for at in (LAN, FAR))
    machine.good(f"ip addr add 10.9.0.1/24 dev {machine.lan} && ip link set {machine.lan} up")
    machine.good(f"ip addr add 10.9.1.1/24 dev {machine.far} && ip link set {machine.far} up")
    return machine


def interface(machine, device):
    """The network interface of a PCI device."""
    return machine.good(f"ls /sys/bus/pci/devices/{device}/net").split()[-1]


def uio(machine, device):
    return machine.good(f"ls /sys/bus/pci/devices/{device}/uio").split()[-1]


def devices(machine):
    """PCI devices of the virtual bus."""
    return re.findall(r"0001:00:\w\w\.0", machine.good("ls /sys/bus/pci/devices"))


def begin(machine, cell, inmate, line=""):
    """The cell runs the inmate; what came on the console meanwhile."""
    return machine.good(f"cellctl cell load {cell} {inmate}.bin -s '{line}' -a 0x1000 && "
                        f"cellctl cell start {cell}", timeout=120)


def file(machine, path):
    return machine.good(f"cat {path}").split()[-1]


def await_carrier(machine, name, value, seconds=30):
    """Wait until the interface has a carrier, or none, and until the kernel has seen that, which sends
    nothing before."""
    carrier = f"/sys/class/net/{name}/carrier"
    seen = f"{carrier} /sys/class/net/{name}/operstate"
    state = f'"$(cat {seen} | xargs)" = "1 up"' if value else f"$(cat {carrier}) = 0"
    machine.good(f"(n=0; until [ {state} ]; do n=$((n+1)); [ $n -lt {seconds * 5} ] || "
                 f"{{ cat {seen}; ethtool {name}; exit 1; }}; sleep 0.2; done)",
                 timeout=seconds * 4)


def statistics(machine, name):
    """The figures of `ip -s link`, by the kernel's names."""
    output = machine.good(f"cd /sys/class/net/{name}/statistics && grep . * && cd /cells")
    return {key: int(number) for key, number in re.findall(r"^(\w+):(\d+)", output, re.M)}


# --- root's PCI host ---

def test_the_host_comes_with_the_hypervisor_and_goes_with_it(machine):
    machine.good("cat /proc/iomem >/tmp/before")
    for _ in range(ROUNDS):
        assert devices(machine) == []
        machine.good("cellctl enable root.cell", timeout=120)
        assert devices(machine) == [LAN, FAR, BOARD]
        lan = interface(machine, LAN)
        assert file(machine, f"/sys/bus/pci/devices/{LAN}/class") == "0xff0001"
        assert file(machine, f"/sys/bus/pci/devices/{BOARD}/class") == "0xff4001"
        machine.good(f"ip link set {lan} up")
        machine.good("cellctl disable", timeout=120)
        assert lan not in machine.good("ls /sys/class/net")
    machine.good("cat /proc/iomem >/tmp/after && cmp /tmp/before /tmp/after")


def test_modules_come_and_go_at_any_time(machine):
    machine.good(NO_MODULES)
    machine.good("cellctl enable root.cell", timeout=120)
    machine.good("cellctl cell create a.cell", timeout=120)
    begin(machine, "a", "net")
    for _ in range(ROUNDS):
        machine.good(MODULES)
        lan = interface(machine, LAN)
        machine.good(f"ip addr add 10.9.0.1/24 dev {lan} && ip link set {lan} up")
        await_carrier(machine, lan, 1)
        machine.good(f"{PING} 10.9.0.2", timeout=120)
        machine.good(NO_MODULES)
    machine.good("cellctl cell destroy a && cellctl disable", timeout=120)
    machine.good("rmmod cellvisor && insmod /lib/modules/cellvisor.ko")
    machine.good(MODULES)


# --- virtual Ethernet ---

def test_frames_of_all_sizes_pass(enabled):
    machine = enabled
    machine.good("cellctl cell create a.cell", timeout=120)
    begin(machine, "a", "net")
    await_carrier(machine, machine.lan, 1)
    for size in (0, 56, 1472, 16356):
        output = machine.good(f"{PING} -s {size} 10.9.0.2", timeout=120)
        assert "5 packets received" in output
    figures = statistics(machine, machine.lan)
    assert figures["rx_packets"] >= 20 and figures["tx_packets"] >= 20
    assert figures["rx_bytes"] > 5 * 16356 and figures["rx_dropped"] == figures["rx_errors"] == 0
    # MTU: the usual one of such links; Ethernet's limits and the section's
    mtu = f"/sys/class/net/{machine.lan}/mtu"
    assert file(machine, mtu) == "16384"
    machine.good(f"echo 68 >{mtu} && echo 65535 >{mtu} && echo 1500 >{mtu}")
    assert machine.run(f"echo 67 >{mtu}")[1] and machine.run(f"echo 65536 >{mtu}")[1]
    machine.good(f"{PING} -s 1472 10.9.0.2", timeout=120)


def ethtool(machine, name):
    """What it tells of an interface: first word of a line -> the rest."""
    return dict(re.findall(r"^(\w+) (.*)$", machine.good(f"ethtool {name}"), re.M))


def test_what_ethtool_tells(enabled):
    machine = enabled
    before = ethtool(machine, machine.lan)
    assert before["driver"] == f"cellvisor_net bus {LAN}" and before["link"] == "0"
    machine.good("cellctl cell create a.cell", timeout=120)
    begin(machine, "a", "net")
    await_carrier(machine, machine.lan, 1)
    machine.good(f"{PING} 10.9.0.2", timeout=120)
    after = ethtool(machine, machine.lan)
    assert after["link"] == "1" and int(after["links"]) == int(before["links"]) + 1
    assert re.fullmatch(r"rx (\d+) of \1 tx \1 of \1", after["ring"])
    # each frame of the ping takes a doorbell at most, and comes with an interrupt
    assert 0 < int(after["doorbells"]) - int(before["doorbells"]) <= \
        statistics(machine, machine.lan)["tx_packets"] + statistics(machine, machine.lan)["rx_packets"] + 2
    assert int(after["interrupts"]) - int(before["interrupts"]) >= 5
    assert all(after[name] == "0" for name in ("bad_frames", "bad_counts", "no_memory", "resets"))


def test_the_address_is_the_same_each_time(enabled):
    machine = enabled
    first = [file(machine, f"/sys/class/net/{n}/address") for n in (machine.lan, machine.far)]
    machine.good("cellctl disable && cellctl enable root.cell", timeout=120)
    again = [file(machine, f"/sys/class/net/{interface(machine, at)}/address") for at in (LAN, FAR)]
    assert first == again and first[0] != first[1]
    assert all(int(address[:2], 16) & 3 == 2 for address in first)     # local, of one host


def test_the_carrier_follows_the_cell(enabled):
    machine = enabled
    used = file(machine, "/sys/devices/jailhouse/mem_pool_used")
    assert file(machine, f"/sys/class/net/{machine.lan}/carrier") == "0"
    for _ in range(ROUNDS):
        machine.good("cellctl cell create a.cell", timeout=120)
        begin(machine, "a", "net")
        await_carrier(machine, machine.lan, 1)
        machine.good(f"{PING} 10.9.0.2", timeout=120)
        # destroyed in the middle of a flood
        machine.good("traffic flood 10.9.0.2 9 10 1000 & sleep 1; cellctl cell destroy a",
                     timeout=120)
        await_carrier(machine, machine.lan, 0)
        machine.run("killall traffic; wait")
    assert file(machine, "/sys/devices/jailhouse/mem_pool_used") == used


def test_an_interface_that_goes_down_lets_the_link_begin_again(enabled):
    machine = enabled
    machine.good("cellctl cell create a.cell", timeout=120)
    begin(machine, "a", "net")
    for _ in range(ROUNDS):
        machine.good(f"ip link set {machine.lan} down && ip link set {machine.lan} up")
        await_carrier(machine, machine.lan, 1)
        machine.good(f"{PING} 10.9.0.2", timeout=120)


def test_two_links_at_once(enabled):
    machine = enabled
    machine.good("cellctl cell create a.cell && cellctl cell create b.cell", timeout=120)
    begin(machine, "a", "net")
    begin(machine, "b", "net", "link=8 net=1")
    await_carrier(machine, machine.lan, 1)
    await_carrier(machine, machine.far, 1)
    machine.good("(ping -c 50 -i 0.05 -W 5 -s 1400 10.9.0.2 >/tmp/lan; echo $? >>/tmp/lan) & "
                 "(ping -c 50 -i 0.05 -W 5 -s 1400 10.9.1.2 >/tmp/far; echo $? >>/tmp/far) & wait",
                 timeout=240)
    for name in ("lan", "far"):
        assert "50 packets received, 0% packet loss" in machine.good(f"cat /tmp/{name}")
    machine.good("cellctl cell destroy b", timeout=120)
    await_carrier(machine, machine.far, 0)
    machine.good(f"{PING} 10.9.0.2", timeout=120)


def test_whatever_the_other_peer_does(enabled):
    """It writes rubbish, has its own idea of the protocol, rings all the time: frames are lost."""
    machine = enabled
    machine.good("cellctl cell create a.cell", timeout=120)
    machine.good(f"arp -i {machine.lan} -s 10.9.0.2 02:0c:0e:11:00:02")
    for mode in ATTACKS:
        begin(machine, "a", "net-attack", f"mode={mode}")
        machine.good(f"traffic flood 10.9.0.2 9 {ROUNDS} 3000",
                     timeout=120 + 20 * ROUNDS)
        # not from the console, where the cell prints into the middle of it
        machine.good("cellctl cell list >/tmp/list && grep -q ' a  *running ' /tmp/list")
        begin(machine, "a", "net")
        await_carrier(machine, machine.lan, 1)
        machine.good(f"{PING} 10.9.0.2", timeout=120)
    figures = statistics(machine, machine.lan)
    assert figures["rx_errors"] > 0 and figures["rx_dropped"] > 0


# --- user space ---

def test_messages_between_user_space_and_cells(enabled):
    machine = enabled
    board = uio(machine, BOARD)
    machine.good("cellctl cell create a.cell && cellctl cell create b.cell", timeout=120)
    begin(machine, "a", "shmem", "limit=100")
    begin(machine, "b", "shmem", "limit=100")
    output = machine.good(f"cellvisor-link {board} talk 100", timeout=120)
    assert "all peers have counted to 100" in output
    listed = machine.good("cellvisor-link list")
    # the state is gone with the program; registers, table, common, outputs, own
    assert re.search(rf"{board}: peer 0 of 3, states 0 1 1, registers 0x1000, state 0x1000, "
                     r"common 0x10000, outputs 0x3000, own 0x1000", listed)


def test_doorbells_into_the_void(enabled):
    machine = enabled
    board = uio(machine, BOARD)
    for peer, vector in ((0, 0), (1, 0), (2, 15), (3, 0), (1, 65535), (65535, 65535), (12, 16)):
        machine.good(f"cellvisor-link {board} ring {peer} {vector} 1000")
    machine.good("cellctl cell create a.cell", timeout=120)
    begin(machine, "a", "shmem")
    for peer, vector in ((1, 16), (1, 65535), (2, 0), (0, 0), (3, 3)):
        machine.good(f"cellvisor-link {board} ring {peer} {vector} 1000")
    machine.shows("cellctl cell list", r"a +running ")


def test_a_user_program_that_dies_shows_as_state_0(enabled):
    machine = enabled
    board = uio(machine, BOARD)
    machine.good(f"mkfifo /tmp/fifo; cellvisor-link {board} state 7 </tmp/fifo & "
                 "sleep 1000 >/tmp/fifo & sleep 2")
    assert "states 7 0 0" in machine.good("cellvisor-link list")
    machine.good("killall -9 cellvisor-link; killall sleep; rm /tmp/fifo; sleep 1")
    assert "states 0 0 0" in machine.good("cellvisor-link list")


def test_root_reads_nothing_of_a_link_between_cells(enabled):
    machine = enabled
    machine.good("cellctl cell create a.cell && cellctl cell create b.cell", timeout=120)
    begin(machine, "a", "shmem", "limit=50")
    begin(machine, "b", "shmem", "limit=50")
    # from the cell's own console: on the common one both print at once
    machine.good("cellctl console b -u 'link 24: peer 0 says 51' -t 120", timeout=180)
    output, code = machine.run(f"devmem {private_memory(machine):#x} 32")
    assert code != 0 and "Bus error" in output
    machine.good("cellctl cell list >/tmp/list && [ $(grep -c ' running ' /tmp/list) = 3 ]")


def private_memory(machine):
    """Host address of the first output section of the link that root has no part in."""
    out = image.BUILD / "system" / f"{machine.kind.name}-links-{machine.kind.name}" / "out"
    plan = json.loads((out / "plan.json").read_text())
    link, = (l for l in plan["links"] if l["name"] == "private")
    return link["phys"]["value"] + 0x1000
