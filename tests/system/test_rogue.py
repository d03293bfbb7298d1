# SPDX-License-Identifier: GPL-2.0-only
"""Root misbehaves, by a module and a program of its own (rogue/): what it must not do is refused with
the right error and leaves no trace, forbidden accesses end in a bus error, and a cell that runs
meanwhile keeps its pace."""

import errno
import re
import shutil
import struct

import pytest

import image
from machine import Machine

ROGUE = image.HERE / "rogue"
POOL = "cat /sys/devices/jailhouse/mem_pool_used"
REFUSED = "cat /sys/devices/jailhouse/cells/0/statistics/vmexits_refused"
FILES = "root.cell spare.cell pace.cell"

# name -> (error of the hypervisor, error of the driver in front of it)
FORGED = {name: ("EINVAL", "EINVAL") for name in """
    signature architecture architecture_x86 older newer no_name endless_name cell_flag no_cpu odd_cpu_set
    no_cpu_set hypervisor_memory hypervisor_shared hypervisor_end hypervisor_device distributor
    distributor_part cpu_interface cpu_interface_2 virtual_control virtual_interface redistributor
    distributor_alias virtual_interface_alias
    redistributor_of_cell nobodys_memory wrap wrap_to_zero guest_wrap guest_too_far endless_memory
    unaligned region_flag long_comm sgi ppi special_irq far_irq foreign_function unknown_function
    endless_caps link_of_nobody link_without_memory""".split()}
FORGED |= {name: ("EBUSY", "EBUSY") for name in """
    cpu_of_cell all_cpus memory_of_cell memory_of_cell_shared memory_of_cell_end memory_of_cell_as_device
    device_of_cell device_of_cell_part irq_of_cell""".split()}
FORGED |= {name: ("E2BIG", "EINVAL") for name in """
    endless_cpu_set endless_regions wrapping_regions endless_chips endless_devices
    endless_streams""".split()}
FORGED |= {"name_of_root": ("EEXIST", "EEXIST"), "name_of_cell": ("EEXIST", "EEXIST"),
           "absent_cpu": ("EINVAL", "EBUSY"), "truncated": ("granted", "EINVAL"),
           "good": ("granted", "granted"), "good_unaligned": ("granted", "granted")}
# frames that a GIC of this version does not have
ABSENT = {2: {"redistributor", "redistributor_of_cell"},
          3: {"cpu_interface", "cpu_interface_2", "virtual_control", "virtual_interface"}}

# of a GICv2 in steps of 64 KiB alone
ALIASES = {"distributor_alias", "virtual_interface_alias"}


def build(folder):
    """The module and the program, as (module, program)."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROGUE, folder)
    kernel = (image.KERNELS / "arm64" / "build").resolve()
    image.run("env", "-u", "MAKEFLAGS", "-u", "MFLAGS", "-u", "MAKELEVEL", "make", "-s", "-C", kernel,
              f"M={folder.resolve()}", "ARCH=arm64", f"CROSS_COMPILE={image.CROSS}",
              f"CC={image.CROSS}gcc", "CONFIG_DEBUG_INFO_BTF_MODULES=", "modules")
    image.run(image.CROSS + "gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror",
              "-Wno-address-of-packed-member", "-O2", "-static", "-o", folder / "program",
              ROGUE / "program.c", ROGUE / "forge.c")
    return folder / "rogue.ko", folder / "program"


class Plan:
    """What the tests need to know of the descriptors that cellc made."""

    def __init__(self, folder):
        system = (folder / "out/root.cell").read_bytes()
        self.root_may_read = struct.unpack_from("<I", system, 8)[0] & 1
        self.hv, _, self.hv_size = struct.unpack_from("<QQQ", system, 12)
        self.gic = system[313]
        self.gicd, self.gicc, self.gich, self.gicv, self.gicr = struct.unpack_from("<5Q", system, 316)
        self.absent = ABSENT[self.gic] | (ALIASES if self.gicc & 0xffff != 0xf000 else set())
        pace = (folder / "out/pace.cell").read_bytes()
        cpu_set, regions = struct.unpack_from("<II", pace, 48)
        memory = [struct.unpack_from("<4Q", pace, 132 + cpu_set + 32 * i) for i in range(regions)]
        self.ram, _, self.ram_size, _ = next(r for r in memory if not r[3] & 0x30)
        self.device = next(r[0] for r in memory if r[3] & 0x10)
        header = (image.BUILD / "hypervisor/cellvisor-arm64.bin").read_bytes()[:68]
        self.ring = self.hv + struct.unpack_from("<I", header, 60)[0]

    def forbidden(self):
        """name -> (address, width): what root has no right to."""
        end = self.hv + self.hv_size
        found = {"header": (self.hv, 8), "vectors": (self.hv + 0x800, 4), "text": (self.hv + 0x2000, 4),
                 "middle": (self.hv + self.hv_size // 2, 1), "end": (end - 8, 8),
                 "ram": (self.ram, 8), "ram-byte": (self.ram + 0x4321, 1),
                 "ram-end": (self.ram + self.ram_size - 4, 4),
                 "device": (self.device, 4), "device-end": (self.device + 0xffc, 4),
                 "distributor-16": (self.gicd + 0x100, 2)}
        if self.gic == 2:
            found |= {"gich": (self.gich, 4), "gicv": (self.gicv, 4), "gicv-2": (self.gicv + 0x1000, 4)}
        else:   # behind the last CPU's
            found |= {"gicr": (self.gicr + 4 * 0x20000, 4)}
        return found


@pytest.fixture(scope="module", params=list(image.MACHINES))
def machine(request):
    """A machine with the rogue on it, under the hypervisor, with a cell that runs."""
    name = request.param
    module, program = build(image.BUILD / "system" / f"rogue-built-{name}")
    plan = image.HERE / f"rogue-{name}.plan"
    with Machine(name, plan=plan, files={"lib/modules/rogue.ko": (module, 0o644),
                                         "bin/rogue": (program, 0o755)}) as running:
        running.plan = Plan(image.BUILD / "system" / f"{name}-{plan.stem}")
        running.good("insmod /lib/modules/rogue.ko && cellctl enable root.cell")
        running.good("cellctl cell create pace.cell && cellctl cell load pace timer-latency.bin "
                     "-s 'hz=50 every=100' -a 0x1000 && cellctl cell start pace")
        yield running
        running.good("cellctl cell destroy pace && cellctl disable && rmmod rogue")
        assert re.search(r"^0-3$", running.good("cat /sys/devices/system/cpu/online"), re.M)


def results(machine, command, timeout=300):
    """The lines of a program's answer."""
    return re.findall(r"^[=!] .*$", machine.good(f"{command} 2>&1", timeout=timeout), re.M)


def answers(lines):
    """name -> error of the lines; there is no other."""
    assert not [line for line in lines if not line.startswith("= ")], lines
    return {name: errno.errorcode.get(int(number), "granted") for name, number in
            (line[2:].split() for line in lines)}


def number(machine, command):
    return int(re.findall(r"^\d+$", machine.good(command), re.M)[-1])


def is_well(machine):
    """The cell's timer goes on, Linux's too, and it is the same cell."""
    seen = len(machine.console)
    machine.await_text(r"timer-latency: \d+ interrupts.*\n", timeout=120)
    machine.await_text(r"timer-latency: \d+ interrupts.*\n", timeout=120)
    counts = [int(n) for n in re.findall(r"timer-latency: (\d+) interrupts", machine.console[seen:])]
    assert counts[-1] - counts[0] == 100 * (len(counts) - 1)
    machine.shows("cellctl cell list", r"^1 +pace +running ")
    before = machine.interrupts()
    machine.good("sleep 2")
    after = machine.interrupts()
    assert len(before) == len(after) == 3 and all(b > a for a, b in zip(before, after))
    assert "stopped" not in machine.console[seen:]


def test_forbidden_accesses_end_in_a_bus_error(machine):
    wanted = machine.plan.forbidden()
    machine.good("dmesg -c >/dev/null")
    before = number(machine, REFUSED)
    seen = len(machine.console)
    lines = results(machine, "rogue touch " + " ".join(
        f"{name}:{at:#x}:{size}" for name, (at, size) in wanted.items()))
    assert lines == [f"= {name} bus bus bus bus" for name in wanted]
    assert number(machine, REFUSED) - before == 4 * len(wanted)
    log = machine.good("dmesg -c")
    assert log.count("Internal error: synchronous external abort") == 2 * len(wanted)
    assert re.search(rf"cellvisor: root, CPU \d: (read|write) at {machine.plan.hv:#x}, pc 0x",
                     machine.console[seen:])
    # what root may read of the hypervisor: its console, and that it can't write
    assert machine.plan.root_may_read
    lines = results(machine, f"rogue touch ring:{machine.plan.ring:#x}:4")
    assert lines == ["= ring done bus done bus"]
    is_well(machine)


def test_a_flood_of_refused_accesses_does_not_drown_the_console(machine):
    before, seen = number(machine, REFUSED), len(machine.console)
    lines = results(machine, f"taskset 1 rogue flood {machine.plan.hv:#x} 3000")
    seconds = int(re.fullmatch(r"= flood (\d+)", lines[0])[1])
    assert number(machine, REFUSED) - before == 3000
    told = len(re.findall(r"root, CPU 0: ", machine.console[seen:]))
    assert 0 < told <= 9 * (seconds + 2)
    assert seconds < 250        # else the sum above says nothing
    is_well(machine)


def expected_call(code, arg):
    """The errors that a hypercall of root may give; None: any number that is no error."""
    ids = {"EINVAL"} if arg == 0 else {"ENOENT"}
    if code == 0:
        return {"EBUSY"}
    if code in (1, 0x40001):
        return {"EINVAL", "E2BIG"}
    if code in (2, 3, 4, 0x20002):
        return ids
    if code == 5:
        return None if arg <= 4 else {"EINVAL"}
    if code == 6:
        return None if arg == 0 else {"ENOENT"}
    if code == 7:
        return {"EINVAL"}
    if code == 8:
        return {"EPERM"}
    if code in (0x4001, 0x4002):
        return {"EINVAL", "ENOENT"}
    return {"ENOSYS"}


def test_calls_that_make_no_sense(machine):
    plan = machine.plan
    places = [plan.hv, plan.hv - 8, plan.ram, plan.device, plan.gicd, plan.gicd + 1, plan.gicr or plan.gich,
              1 << 47, (1 << 48) - 132, (1 << 64) - 132, (1 << 64) - 1]
    used = number(machine, POOL)
    lines = results(machine, "rogue calls " + " ".join(f"{p:#x}" for p in places))
    assert len(lines) > 300
    for line in lines:
        code, arg, result = (int(n, 0) for n in line[2:].split())
        allowed = expected_call(code, arg)
        if allowed is None:
            assert result >= 0, line
        else:
            assert errno.errorcode.get(-result) in allowed, line
    assert number(machine, POOL) == used
    is_well(machine)


def test_firmware_has_the_last_word_on_roots_calls(machine):
    # PSCI's version is ours (1.1); the others are the emulator's to answer, which knows none of them
    calls = {"0x84000000": 0x10001, "0xc2000001": -1, "0x83000000": -1, "0xbf00ff01": -1, "0x86000000": -1,
             "0xc4000020": -1}
    lines = results(machine, "rogue smc " + " ".join(calls))
    assert lines == [f"= {call} {answer}" for call, answer in calls.items()]
    is_well(machine)


def test_forged_descriptors_are_refused(machine):
    absent = machine.plan.absent
    for way, column in ("straight", 0), ("driver", 1):
        if way == "straight":
            machine.good("echo 0 >/sys/devices/system/cpu/cpu2/online")
        machine.good("dmesg -c >/dev/null")
        got = answers(results(machine, f"rogue forge {way} {FILES} 0 0", timeout=600))
        if way == "straight":
            assert got.pop("over_the_edge") == "EINVAL"
            machine.good("echo 1 >/sys/devices/system/cpu/cpu2/online")
        else:   # what was refused took no CPU down: only the two that were granted did
            log = machine.good("dmesg -c")
            assert len(re.findall(r"psci: CPU\d killed", log)) == 2
            assert "WARNING" not in log and "BUG" not in log
        assert got == {name: errors[column] for name, errors in FORGED.items() if name not in absent}
    is_well(machine)


def test_mutated_descriptors_are_refused_or_can_be_destroyed(machine):
    used = number(machine, POOL)
    for way, seed in ("straight", 1), ("driver", 2):
        if way == "straight":
            machine.good("echo 0 >/sys/devices/system/cpu/cpu2/online")
        got = answers(results(machine, f"rogue mutate {way} {FILES} {seed} 100", timeout=900))
        if way == "straight":
            machine.good("echo 1 >/sys/devices/system/cpu/cpu2/online")
        assert len(got) == 100
        assert set(got.values()) <= {"granted", "EINVAL", "E2BIG", "EBUSY", "EEXIST"}
        assert "granted" in got.values() and "EINVAL" in got.values()
    assert number(machine, POOL) == used
    is_well(machine)
