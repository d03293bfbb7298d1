# SPDX-License-Identifier: GPL-2.0-only
"""Other kernels, cores, memory layouts and CPU counts than those of tests/system/test_machines.py, and
machines that can't have a hypervisor."""

import re
import shutil

import pytest

import image
import test_lan as lan
from machine import Machine
from test_linux_cells import PROMPT, Console, warnings
from test_links import await_carrier

pytestmark = [pytest.mark.slow, pytest.mark.system]
LIFE = """
pool cells size 32M;
root "root";
cell "rt" { cpus 1; memory ram 1M guest 0 rwx loadable; console virtual; }
"""
NEXT = LIFE.replace("pool cells size 32M", "pool cells size 224M") + """
cell "guest" {
    cpus 1;
    memory ram 192M rwx dma loadable;
    console virtual;
    boot linux;
}
link net "lan" { root; cell "guest"; slot 0; vectors 2; }
allow W0505 "the caches are the emulator's";
"""
L2 = 0x7fff     # a phandle that is free


def plan(folder, text, gic=3, tree=None):
    """A plan of QEMU's machine in a file."""
    path = folder / "variety.plan"
    tree = tree or image.MACHINES[f"qemu-arm64-gicv{gic}"].tree
    path.write_text(f'include "{image.TOP}/boards/qemu-arm64-gicv{gic}.board";\nhost "{tree}";\n{text}')
    return path


def troubles(machine):
    """What Linux complained of since it was asked before."""
    return re.findall(r".*(?:WARNING:|BUG:|Oops|Internal error|stall).*", machine.good("dmesg -c"))


def a_life(machine):
    """Enable, a cell that works, disable, with Linux whole afterwards."""
    online = machine.good("cat /sys/devices/system/cpu/online").split()[-1]
    assert "running" in machine.good("cellctl enable root.cell")
    machine.good("cellctl cell create rt.cell && cellctl cell load rt timer-latency.bin "
                 "-s 'count=500 every=250' -a 0x1000")
    machine.send("cellctl cell start rt")
    machine.await_text(r"timer-latency: 500 interrupts, ticks min \d+", 240)
    machine.await_text("timer-latency: done")
    machine.shows("cellctl cell list", r"^1 +rt +shut down ")
    machine.good("cellctl cell destroy rt && cellctl disable")
    assert machine.good("cat /sys/devices/system/cpu/online").split()[-1] == online
    assert not troubles(machine)


def hardware(machine):
    """Lines of cellctl hardware for root's descriptor: (good ones, missing ones)."""
    output, code = machine.run("cellctl hardware root.cell")
    good, missing = (re.findall(rf"^{word} +(.*)$", output, re.M) for word in ("ok", "MISSING"))
    assert len(good) + len(missing) == 12 and code == bool(missing)
    assert (f"{len(missing)} missing" in output) == bool(missing)
    return good, missing


def refused(machine, reason):
    """Enable is refused for the reason, and nothing else comes of it."""
    output, code = machine.run("cellctl enable root.cell")
    assert code == 1 and "cellctl hardware" in output
    assert reason in machine.good("dmesg")
    assert machine.good("cat /sys/devices/jailhouse/enabled").split()[-1] == "0"
    assert "cellvisor" not in machine.good("cat /proc/iomem")
    assert machine.run("cellctl disable")[1] == 1
    assert not troubles(machine)


NEWER = [("arm64-6.12", "", 4), ("arm64-6.12-16k", "max,pauth-impdef=on", 16)]


@pytest.mark.parametrize("kernel,cpu,kib", NEWER)
def test_kernels_of_the_next_release(tmp_path, kernel, cpu, kib):
    """Debian 13's kernels, one with larger pages, by modules built for them from the same sources, and
    the same kernel in a cell, which has a link to root with vectors and is told of its CPU's caches."""
    extra = ("-cpu", cpu) if cpu else ()
    with Machine("qemu-arm64-gicv3", plan=plan(tmp_path, NEXT, tree=with_caches(tmp_path)),
                 files=lan.files(kernel), kernel=kernel, extra=extra,
                 parameters="id_aa64mmfr1.vh=0") as machine:
        assert re.search(r"^6\.12\.", machine.good("uname -r"), re.M)
        machine.shows("grep -m 1 KernelPageSize /proc/self/smaps", rf" {kib} kB")
        a_life(machine)
        machine.good("lan && cellctl enable root.cell && "
                     "cellctl cell linux guest.cell vmlinuz.efi -i guest.cpio -c 'panic=1 cma=0'",
                     timeout=120)
        guest = Console(machine, "guest")
        guest.await_text(PROMPT)
        assert re.search(r"^6\.12\.", guest.run("uname -r"), re.M)
        assert warnings(guest) == []
        assert guest.run("cat /sys/devices/system/cpu/cpu0/cache/index2/size").split() == ["1024K"]
        guest.run("lan")
        name = lan.up(machine.good, lan.LAN, "10.9.0.1")
        lan.up(guest.run, "0000:00:00.0", "10.9.0.2")
        await_carrier(machine, name, 1)
        lan.transfers(machine.good, "10.9.0.2")
        for run, device in ((machine.good, lan.LAN), (guest.run, "0000:00:00.0")):
            assert all(lan.vectors(run, "cellvisor-net", device))
        machine.good("cellctl down", timeout=120)
        assert not troubles(machine)


def with_caches(folder):
    """The machine's tree with a second level of caches, which the emulator does not tell of."""
    tree = folder / "caches.dtb"
    image.run("dtc", "-q", "-O", "dtb", "-o", tree, image.MACHINES["qemu-arm64-gicv3"].tree)
    image.run("fdtput", "-c", tree, "/cpus/l2-cache")
    image.run("fdtput", "-t", "s", tree, "/cpus/l2-cache", "compatible", "cache")
    for name, value in (("cache-level", 2), ("cache-size", 1 << 20), ("cache-line-size", 64),
                        ("cache-sets", 1024), ("phandle", L2)):
        image.run("fdtput", "-t", "u", tree, "/cpus/l2-cache", name, value)
    for cpu in range(4):
        image.run("fdtput", "-t", "u", tree, f"/cpus/cpu@{cpu}", "next-level-cache", L2)
    return tree


@pytest.mark.parametrize("cpu,vhe", [("cortex-a53", False), ("max,pauth-impdef=on", True)])
def test_other_cores(cpu, vhe):
    """40 bits of physical addresses without VHE; all that there is, with VHE told to stay off."""
    with Machine("qemu-arm64-gicv3", extra=("-cpu", cpu),
                 parameters="id_aa64mmfr1.vh=0" if vhe else "") as machine:
        assert not hardware(machine)[1]
        a_life(machine)


def test_kernel_at_el2():
    """A core with VHE whose kernel was not told to stay at EL1."""
    with Machine("qemu-arm64-gicv3", extra=("-cpu", "max,pauth-impdef=on")) as machine:
        assert hardware(machine)[1] == ["the kernel itself runs at EL1"]
        assert "id_aa64mmfr1.vh=0" in machine.run("cellctl hardware root.cell")[0]
        refused(machine, "start it with id_aa64mmfr1.vh=0")


def test_kvm_has_el2():
    """In protected mode KVM holds EL2 from the start. The last parameter of a name counts."""
    with Machine("qemu-arm64-gicv3", parameters="kvm-arm.mode=protected") as machine:
        assert hardware(machine)[1] == ["KVM leaves EL2 alone"]
        refused(machine, "start the kernel with kvm-arm.mode=none")


def test_no_el2_and_no_memory(tmp_path):
    """A machine without EL2, whose tree keeps nothing from Linux."""
    kind = image.MACHINES["qemu-arm64-gicv3"]
    tree = tmp_path / "plain.dtb"
    image.run("dtc", "-q", "-O", "dtb", "-o", tree, kind.tree)
    image.run("fdtput", "-t", "s", tree, "/psci", "method", "hvc")
    off = "virt,virtualization=off,gic-version=3,its=off"
    with Machine(kind.name, extra=("-M", off, "-dtb", str(tree))) as machine:
        good, missing = hardware(machine)
        assert missing[0] == "Linux is started at EL2"
        assert re.fullmatch("hypervisor memory at 0x[0-9a-f]+ is kept from Linux", missing[1])
        assert len(missing) == 2 and "the hypervisor image is there" in good
        refused(machine, "the kernel was not started at EL2")


def test_more_memory_and_cpus(tmp_path):
    """Hypervisor and cells above 4 GiB; eight CPUs, the most that a GICv2 has, six of them one cell's."""
    kind = image.virt("large", gic=2, memory="8G", cpus=8)
    text = ("hypervisor { memory 4M at 0x2_0000_0000; }\n" +
            LIFE.replace("pool cells size 32M", "pool cells at 0x1_8000_0000 size 64M") +
            'cell "six" { cpus 6; memory ram 1M guest 0 rwx loadable; console virtual; }\n')
    with Machine(kind, plan=plan(tmp_path, text, gic=2, tree=kind.tree)) as machine:
        assert "hypervisor memory at 0x200000000 is kept from Linux" in hardware(machine)[0]
        a_life(machine)
        machine.good("cellctl enable root.cell && cellctl cell create rt.cell && "
                     "cellctl cell create six.cell && cellctl cell load six smp.bin")
        machine.send("cellctl cell start six")
        machine.await_text("smp: started 5 more", 120)
        machine.await_text("smp: all answered, done", 120)
        machine.shows("cellctl cell list", r"^0 +root +running +0 ")
        machine.good("cellctl down", timeout=120)
        assert re.search(r"^0-7$", machine.good("cat /sys/devices/system/cpu/online"), re.M)
        assert not troubles(machine)


def test_a_console_of_type_8250(tmp_path):
    """A UART on the PCI bus, where Linux has put its ports: 0x1000 of the window that the tree tells."""
    text = "hypervisor { console 8250 at 0x3eff_1000 size 8 stride 1; }\n" + LIFE
    uart = tmp_path / "uart"
    with Machine("qemu-arm64-gicv3", plan=plan(tmp_path, text), extra=(
            "-chardev", f"file,id=uart,path={uart}",
            "-device", "pci-serial,chardev=uart,addr=1")) as machine:
        machine.shows("cat /proc/ioports", "00001000-00001007 : serial")
        seen = machine.good("cellctl enable root.cell && cellctl cell create rt.cell && cellctl down",
                            timeout=120)
        assert "taking over" not in seen
    text = uart.read_bytes().decode()
    assert "taking over 4 CPUs" in text and 'created cell 1 "rt"' in text and "leaving" in text


def test_hypervisor_above_512_gib(tmp_path):
    """Its physical addresses have more bits than its virtual ones usually. Linux uses but 1 GiB."""
    kind = image.virt("huge", memory="600G")
    text = ("hypervisor { memory 4M at 0x90_0000_0000; }\n" +
            LIFE.replace("pool cells size 32M", "pool cells at 0x91_0000_0000 size 64M"))
    with Machine(kind, plan=plan(tmp_path, text, tree=kind.tree), parameters="mem=1G") as machine:
        assert "hypervisor memory at 0x9000000000 is kept from Linux" in hardware(machine)[0]
        for _ in range(2):
            a_life(machine)


def test_cpu_without_a_redistributor():
    """Refused: the descriptor leaves the first two out."""
    with Machine("qemu-arm64-gicv3") as machine:
        # gicr of the system descriptor: docs/abi.md
        machine.good("cp root.cell wrong.cell && printf '\\0\\0\\016\\010\\0\\0\\0\\0' | "
                     "dd of=wrong.cell bs=1 seek=348 conv=notrunc")
        output, code = machine.run("cellctl enable wrong.cell")
        assert code == 1 and "CPU 0: no redistributor of the descriptor's is its own" in output
        assert machine.good("cat /sys/devices/jailhouse/enabled").split()[-1] == "0"
        a_life(machine)


def test_redistributors_with_frames_of_virtual_lpis():
    """GICv4: 256 KiB for each CPU, as the kernel sees by the hardware."""
    with Machine("qemu-arm64-gicv3",
                 extra=("-M", "virt,virtualization=on,gic-version=4,its=on")) as machine:
        assert "CPU3: found redistributor 3 region 0:0x0000000008160000" in machine.good("dmesg")
        a_life(machine)


def enabled(kind, plan_file, node):
    """The machine's tree with the node enabled again that root's overlay disables."""
    made = image.prepare(kind, plan_file, None, "arm64")[1] / "machine.dtb"
    assert image.run("fdtget", made, node, "status").strip() == "disabled"
    tree = plan_file.parent / "enabled.dtb"
    shutil.copy(made, tree)
    image.run("fdtput", "-t", "s", tree, node, "status", "okay")
    return str(tree)


def test_messages_by_an_its(tmp_path):
    """The emulator's machine as it comes. Its PCI devices use their lines once the ITS is left alone, by
    the overlay or by the kernel's command line."""
    kind = image.virt("its", options="its=on")
    ours, port = plan(tmp_path, LIFE, tree=kind.tree), ("-device", "pcie-root-port,id=root0,chassis=1")
    tree = enabled(kind, ours, "/intc@8000000/its@8080000")
    with Machine(kind, plan=ours, extra=(*port, "-dtb", tree)) as machine:
        machine.shows("cat /proc/interrupts", "ITS-MSI .*PME")
        assert hardware(machine)[1] == ["the interrupt controller's ITS is left alone"]
        refused(machine, "start it with irqchip.gicv3_nolpi=1")
    for extra, parameters in (((), ""), (("-dtb", tree), "irqchip.gicv3_nolpi=1")):
        with Machine(kind, plan=ours, extra=(*port, *extra), parameters=parameters) as machine:
            assert not hardware(machine)[1]
            assert "drivers/pci/msi/msi.h" in troubles(machine)[0]      # the port asks in vain, once
            machine.good("cellctl enable root.cell")
            assert "IOMMU" not in machine.good("dmesg")
            machine.good("(cd /sys/bus/pci/drivers/pcieport && echo 0000:00:01.0 >unbind && "
                         "echo 0000:00:01.0 >bind)")
            machine.shows("cat /proc/interrupts", "GICv3 .* PME")
            machine.good("cellctl disable")
            a_life(machine)


def test_iommu(tmp_path):
    """A kernel that drives one would meet an abort when it next changes a mapping."""
    kind = image.virt("smmu", options="its=off,iommu=smmuv3")
    ours = plan(tmp_path, LIFE, tree=kind.tree)
    serial = ("-chardev", "null,id=uart", "-device", "pci-serial,chardev=uart,addr=1")
    with Machine(kind, plan=ours, extra=(*serial, "-dtb", enabled(kind, ours, "/smmuv3@9050000"))) as machine:
        machine.shows("dmesg", "serial 0000:00:01.0: Adding to iommu group")
        assert hardware(machine)[1] == ["IOMMUs that root does not get are left alone"]
        refused(machine, "Linux uses the IOMMU /smmuv3@9050000")
    with Machine(kind, plan=ours, extra=serial) as machine:
        assert not hardware(machine)[1]
        machine.good("cellctl enable root.cell")
        machine.shows("dmesg -c", "this hypervisor drives no IOMMU")
        machine.good("(cd /sys/bus/pci && echo 1 >devices/0000:00:01.0/remove && "
                     "echo 1 >rescan)")
        machine.shows("dmesg", "0000:00:01.0: ttyS")
        machine.good("cellctl disable")
        a_life(machine)


def test_one_cpu(tmp_path):
    """Root keeps its only CPU, be it the one that a cell asks for or not."""
    text = LIFE.replace("cpus 1", "cpu &{cpu@3}") + (
        'cell "first" { cpu &{cpu@0}; memory ram 1M guest 0 rwx loadable; console virtual; }\n')
    with Machine("qemu-arm64-gicv3", plan=plan(tmp_path, text), extra=("-smp", "1")) as machine:
        assert hardware(machine)[1] == ["CPUs can be taken offline"]
        machine.good("cellctl enable root.cell")
        used = machine.good("cat /sys/devices/jailhouse/mem_pool_used").split()[-1]
        machine.good("dmesg -c >/dev/null")
        for cell, reason in (("rt", "CPU 3 is not Linux's to give"),
                             ("first", "would leave Linux no CPU")):
            output, code = machine.run(f"cellctl cell create {cell}.cell")
            assert code == 1 and "a CPU, memory or device of it is in use" in output
            assert reason in machine.good("dmesg -c")
        assert machine.good("cat /sys/devices/jailhouse/mem_pool_used").split()[-1] == used
        machine.good("cellctl disable && cellctl enable root.cell && cellctl disable")
        assert not troubles(machine)
