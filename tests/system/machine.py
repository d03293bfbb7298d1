# SPDX-License-Identifier: GPL-2.0-only
"""An emulated machine under the tests' control, over its serial console.

The hypervisor and the cells print on the same line as Linux, in the middle of whatever Linux prints.
So the end of a command is asked for again until it comes through whole.
"""

import re
import time

import pexpect

import image


class Machine:
    """A machine that has started; use with `with`. run() gives (output, exit code).

    plan: instead of the machine's own; parameters: for the kernel; extra: for the emulator;
    files: name on the machine -> (path here, mode); kernel: a folder of build/kernel.
    """

    def __init__(self, name, plan=None, parameters="", extra=(), files=None, kernel="arm64",
                 timeout=240, log=None):
        self.kind, self.folder = image.prepare(name, plan, files, kernel)
        args = image.command(self.kind, self.folder, "-serial", "stdio", *extra,
                             parameters=f"cv.test {parameters}")
        self.console = ""
        self.number = 0
        self.child = pexpect.spawn(args[0], args[1:], timeout=timeout, encoding="utf-8",
                                   codec_errors="replace", echo=False)
        self.child.logfile_read = Log(self, log)
        try:
            self.child.expect("@@ ready @@", timeout=timeout)
        except (pexpect.TIMEOUT, pexpect.EOF):
            self.kill()
            raise AssertionError(f"{name} does not come up:\n{self.console[-6000:]}") from None

    def run(self, command, timeout=60):
        """Run a shell command on the machine: (what came on the console meanwhile, exit code)."""
        self.number += 1
        ask = f'echo "@@""{self.number} $code @@"'
        self.child.sendline(f"{{ {command}\n}} </dev/null; code=$?; {ask}")
        end = time.monotonic() + timeout
        output = ""
        while True:
            try:
                self.child.expect(rf"@@{self.number} (\d+) @@\r*\n", timeout=min(15, timeout))
                output += self.child.before
                return output.replace("\r", ""), int(self.child.match[1])
            except pexpect.TIMEOUT:
                if time.monotonic() > end:
                    self.fail(f"no end of '{command}' in {timeout} s")
                self.child.sendline(ask)
            except pexpect.EOF:
                self.fail(f"machine gone during '{command}'")

    def good(self, command, timeout=60):
        """run(), which has to succeed: the output."""
        output, code = self.run(command, timeout)
        if code:
            self.fail(f"'{command}' gave {code}")
        return output

    def shows(self, command, pattern, tries=4):
        """What matches in the command's output; it is asked again where a cell's own output on the
        same line spoilt the answer."""
        for _ in range(tries):
            output = self.good(command)
            found = re.search(pattern, output, re.M)
            if found:
                return found
        return self.fail(f"'{command}' does not show '{pattern}'")

    def await_text(self, pattern, timeout=60, seen=""):
        """Wait until something that matches comes on the console, or came already in `seen`, the
        output of the command before."""
        if re.search(pattern, seen):
            return
        try:
            self.child.expect(pattern, timeout=timeout)
        except (pexpect.TIMEOUT, pexpect.EOF):
            self.fail(f"no '{pattern}' in {timeout} s")

    def interrupts(self, name="arch_timer"):
        """Counts of an interrupt of Linux, one for each CPU that is online."""
        line = re.search(rf"^\s*\w+:((?:\s+\d+)+)\s.*{name}.*$", self.good("cat /proc/interrupts"),
                         re.M)
        return [int(n) for n in line[1].split()]

    def fail(self, why):
        raise AssertionError(f"{why}; the end of the console:\n{self.console[-6000:]}")

    def kill(self):
        self.child.close(force=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            if kind is None and self.child.isalive():
                self.child.sendline("poweroff -f")
                self.child.expect(pexpect.EOF, timeout=20)
        except pexpect.TIMEOUT:
            pass
        finally:
            self.kill()


class Log:
    """Keeps the console, and copies it to a file for whoever watches."""

    def __init__(self, machine, copy):
        self.machine, self.copy = machine, copy

    def write(self, text):
        self.machine.console += text
        if self.copy:
            self.copy.write(text)

    def flush(self):
        if self.copy:
            self.copy.flush()
