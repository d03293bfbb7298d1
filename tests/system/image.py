# SPDX-License-Identifier: GPL-2.0-only
"""What an emulated machine starts with: its device tree and its initial RAM disk.

In: MACHINES; the target programs in build/ (make target); the plan of the machine, compiled here
by build/cellc. Out: build/system/NAME/{machine.dtb,initrd.cpio,out/}.
Holds: no privilege needed, the same inputs give the same archive.
"""

import gzip
import os
import pathlib
import shutil
import struct
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
HERE = TOP / "tests" / "system"
BUILD = TOP / os.environ.get("BUILD", "build")
KERNELS = BUILD / "kernel"
TREES = BUILD / "trees"
os.environ.setdefault("QEMU_AUDIO_DRV", "none")      # the ZCU102 has a sound output
CROSS = os.environ.get("CROSS_arm64", "aarch64-linux-gnu-")

VIRT = ("-M", "virt,virtualization=on,gic-version={gic},{options}", "-cpu", "{cpu}", "-m", "1G",
        "-smp", "4", "-nic", "none")


class Kind:
    """A machine: the emulator's arguments, its tree, the plan, what its kernel is told, its CPUs."""

    def __init__(self, name, qemu, tree, console, overlay=None):
        self.name, self.qemu, self.tree, self.console = name, qemu, tree, console
        self.overlay = overlay          # what the emulator lacks of the board, as a .dts
        self.plan = HERE / f"{name}.plan"
        self.cpus = 4
        # QEMU's GICv2 may keep an interrupt to itself until something else happens: docs/hypervisor.md
        self.keeps_interrupts = "gic-version=3" not in " ".join(qemu)


MACHINES = {kind.name: kind for kind in (
    Kind("qemu-arm64-gicv3", [a.format(gic=3, cpu="cortex-a57", options="its=off") for a in VIRT],
         TOP / "boards/trees/qemu-arm64-gicv3.dts", "ttyAMA0"),
    Kind("qemu-arm64-gicv2", [a.format(gic=2, cpu="cortex-a57", options="its=off") for a in VIRT],
         TOP / "boards/trees/qemu-arm64-gicv2.dts", "ttyAMA0"),
    Kind("zcu102", ["-M", "xlnx-zcu102,virtualization=on", "-m", "2G", "-smp", "4",
                    "-nic", "none"],
         TREES / "arm64/xilinx/zynqmp-zcu102-rev1.0.dtb", "ttyPS0", HERE / "zcu102-emulator.dts"),
)}


def virt(name, *, gic=3, cpu="cortex-a57", memory="1G", cpus=4, options="its=off"):
    """A Kind of QEMU's machine "virt" whose tree the emulator writes itself, for other sizes and parts.
    memory: backed only where it is used; options: of -M."""
    qemu = [a.format(gic=gic, cpu=cpu, options=options) for a in VIRT] + [
        "-m", memory, "-smp", str(cpus), "-M", "memory-backend=ram",
        "-object", f"memory-backend-ram,id=ram,size={memory},reserve=off"]
    tree = BUILD / "system" / f"{name}.dtb"
    tree.parent.mkdir(parents=True, exist_ok=True)
    run("qemu-system-aarch64", *qemu, "-M", f"dumpdtb={tree}")
    kind = Kind(name, qemu, tree, "ttyAMA0")
    kind.cpus = cpus
    return kind


def run(*args):
    """A program of the build; what it printed is in the exception when it fails."""
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, args))}: exit code {done.returncode}\n"
                           f"{done.stdout}{done.stderr}")
    return done.stdout


def member(name, mode, data=b""):
    """One entry of an archive in the format that the kernel unpacks (cpio, "newc")."""
    number = len(name) + sum(name.encode()) * 4096      # any number: there are no links
    head = "070701" + "".join(f"{v:08x}" for v in (
        number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0))
    out = head.encode() + name.encode() + b"\0"
    out += b"\0" * (-len(out) % 4) + data
    return out + b"\0" * (-len(data) % 4)


def archive(path, files):
    """files: name -> (bytes, mode). Folders of the names come before them."""
    out, folders = [], set()
    for name in sorted(files):
        for parent in list(pathlib.PurePosixPath(name).parents)[-2::-1]:
            if parent not in folders:
                folders.add(parent)
                out.append(member(str(parent), 0o40755))
        data, mode = files[name]
        out.append(member(name, 0o100000 | mode, data))
    out.append(member("TRAILER!!!", 0))
    path.write_bytes(b"".join(out))


def assemble(source, out):
    """A bare program of one file, linked for address 0."""
    elf = out.with_suffix(".elf")
    run(CROSS + "gcc", "-nostdlib", "-static", "-Wl,-Ttext=0", "-Wl,--build-id=none", "-o", elf,
        source)
    run(CROSS + "objcopy", "-O", "binary", "-j", ".text", elf, out)


def program(name):
    """tests/system/NAME.c as a program for the machines' Linux: its path."""
    out = BUILD / "system" / name
    out.parent.mkdir(parents=True, exist_ok=True)
    run(CROSS + "gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O2", "-static", "-o", out,
        HERE / f"{name}.c")
    return out


def machine_tree(kind, folder):
    """The machine's tree, with the memory of hypervisor and pools taken out of Linux's hands."""
    base = kind.tree
    if base.suffix == ".dts":
        base = folder / "host.dtb"
        run("dtc", "-q", "-@", "-O", "dtb", "-o", base, kind.tree)
    overlays = sorted((folder / "out").glob("*-host.dtbo"))
    if kind.overlay:
        overlays.append(folder / "emulator.dtbo")
        run("dtc", "-q", "-@", "-O", "dtb", "-o", overlays[-1], kind.overlay)
    out = folder / "machine.dtb"
    run("fdtoverlay", "-i", base, "-o", out, *overlays)
    return out


def zboot(image):
    """An EFI program with the kernel compressed in it, as the kernel's zboot-header.S lays it out."""
    packed = gzip.compress(image, 1, mtime=0)
    head = struct.pack("<4s4sII8x8s", b"MZ\0\0", b"zimg", 64, len(packed), b"gzip\0\0\0\0")
    return head.ljust(64, b"\0") + packed


def with_folders(files):
    """name -> (path, mode) as name -> (bytes, mode), and the folders that an init mounts on."""
    files = {name: (path.read_bytes(), mode) for name, (path, mode) in files.items()}
    for name in ("dev", "proc", "sys", "tmp"):
        files[f"{name}/.keep"] = (b"", 0o644)
    return files


def guest_files(folder, more, kernel):
    """What Linux cells boot, for root to load: their trees, a kernel in two forms, a RAM disk.
    more: what a test adds to that."""
    image = folder / "vmlinuz.efi"
    image.write_bytes(zboot((KERNELS / kernel / "Image").read_bytes()))
    archive(folder / "guest.cpio", with_folders({
        "init": (HERE / "guest-init", 0o755),
        "bin/busybox": (KERNELS / "arm64/busybox", 0o755)} | more))
    out = folder / "out"
    paths = [*sorted(out.glob("*.dtb")), out / "plan.json", KERNELS / kernel / "Image", image,
             folder / "guest.cpio"]
    return {f"cells/{path.name}": (path, 0o644) for path in paths}


def files_of(folder, more, kernel):
    """What goes into the RAM disk; more: name -> (path, mode) of what a test adds, below guest/ to
    the RAM disk of Linux cells."""
    files = {
        "init": (HERE / "init", 0o755),
        "etc/motd": (HERE / "motd", 0o644),
        "bin/answer": (program("answer"), 0o755),
        "bin/busybox": (KERNELS / "arm64/busybox", 0o755),
        "bin/cellctl": (BUILD / "arm64/cellctl", 0o755),
        "lib/modules/uio.ko": (KERNELS / kernel / "uio.ko", 0o644),
        "lib/firmware/cellvisor-arm64.bin": (BUILD / "hypervisor/cellvisor-arm64.bin", 0o644),
    }
    for module in (BUILD / "driver" / kernel).glob("*.ko"):
        files[f"lib/modules/{module.name}"] = (module, 0o644)
    assemble(HERE / "hello.S", folder / "hello.bin")
    inmates = [folder / "hello.bin", *sorted((BUILD / "inmates" / "arm64").glob("*.bin"))]
    for path in [*inmates, *sorted((folder / "out").glob("*.cell"))]:
        files[f"cells/{path.name}"] = (path, 0o644)
    guests = {name.removeprefix("guest/"): file for name, file in more.items()
              if name.startswith("guest/")}
    if any((folder / "out").glob("*.dtb")):
        files |= guest_files(folder, guests, kernel)
    files |= {name: file for name, file in more.items() if not name.startswith("guest/")}
    return with_folders(files)


def plan_of(name, title, cells):
    """A plan with the machine's board, pool and root, and other cells: its path. title: a word."""
    head = MACHINES[name].plan.read_text().split("cell ")[0]
    path = BUILD / "system" / "plans" / f"{title}-{name}.plan"
    path.parent.mkdir(parents=True, exist_ok=True)
    trees = os.path.relpath(TOP / "boards/trees", path.parent)
    path.write_text(head.replace("../../boards/trees", trees) + cells)
    return path


def prepare(name, plan=None, files=None, kernel="arm64"):
    """(kind, folder): all that `name`, of MACHINES or a Kind itself, needs is in the folder. plan:
    instead of the machine's own; kernel: a folder of build/kernel, with the driver in build/driver."""
    kind = MACHINES.get(name, name)
    plan = pathlib.Path(plan or kind.plan)
    parts = (kind.name, *([plan.stem] if plan != kind.plan else []), *([kernel] if kernel != "arm64" else []))
    folder = BUILD / "system" / "-".join(parts)
    shutil.rmtree(folder / "out", ignore_errors=True)
    (folder / "out").mkdir(parents=True)
    run(BUILD / "cellc", "build", "-q", "-I", TREES, "-o", folder / "out", plan)
    machine_tree(kind, folder)
    archive(folder / "initrd.cpio", files_of(folder, files or {}, kernel))
    (folder / "Image").unlink(missing_ok=True)
    (folder / "Image").symlink_to((KERNELS / kernel / "Image").resolve())
    return kind, folder


def command(kind, folder, *extra, parameters=""):
    """The emulator's command line: of options given twice the last one counts, so `extra` may name
    another -cpu. Console and monitor share the terminal (Ctrl-A C)."""
    append = (f"console={kind.console} kvm-arm.mode=none panic=-1 clk_ignore_unused quiet "
              f"{parameters}")
    return ["qemu-system-aarch64", *kind.qemu, "-accel", "tcg", "-display", "none", "-nodefaults",
            "-no-reboot", "-dtb", str(folder / "machine.dtb"), "-kernel", str(folder / "Image"),
            "-initrd", str(folder / "initrd.cpio"), "-append", append, *extra]
