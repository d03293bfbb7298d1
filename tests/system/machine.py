# SPDX-License-Identifier: GPL-2.0-only
"""An emulated machine under the tests' control, over its serial console.

Hypervisor, cells and Linux print on that line, a character at a time and in the middle of each other.
What Linux's shell says comes in bytes of its own (answer.c), so that the two are kept apart here and
put together again line by line.
"""

import fcntl
import os
import re
import select
import subprocess
import time

import image

PIPE = 1 << 20      # a UART whose reader is slow loses what two CPUs write at once


class Line:
    """Takes the console's bytes, gives whole lines: what the shell says, what all others say."""

    def __init__(self):
        self.shell, self.others, self.high = bytearray(), bytearray(), None

    def feed(self, data):
        """The lines that are whole now: [(whether the shell's, text)]."""
        lines = []
        for byte in data:
            if byte < 0x80:
                self._take(self.others, byte, lines)
            elif byte < 0x90:
                self.high = byte & 15
            elif byte < 0xa0 and self.high is not None:
                self._take(self.shell, self.high << 4 | byte & 15, lines)
                self.high = None
        return lines

    def _take(self, text, byte, lines):
        if byte != ord("\n"):
            text.append(byte)
            return
        lines.append((text is self.shell, text.replace(b"\r", b"").decode(errors="replace")))
        text.clear()

    def rest(self):
        """What is no whole line yet."""
        return (self.shell + self.others).decode(errors="replace")


class Machine:
    """A machine that has started; use with `with`. run() gives (output, exit code), `console` is all
    that came, in whole lines.

    plan: instead of the machine's own; parameters: for the kernel; extra: for the emulator;
    files: name on the machine -> (path here, mode); kernel: a folder of build/kernel; log: gets the
    lines as they come, without the marks of run().
    """

    def __init__(self, name, plan=None, parameters="", extra=(), files=None, kernel="arm64",
                 timeout=240, log=None):
        self.kind, self.folder = image.prepare(name, plan, files, kernel)
        args = image.command(self.kind, self.folder, "-serial", "stdio", *extra,
                             parameters=f"cv.test {parameters}")
        self.console, self.used = "", 0     # used: the end of what run() and await_text() gave
        self.line, self.log = Line(), log
        self.ended, self.number, self.code = False, 0, None
        self.process = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, bufsize=0)
        fcntl.fcntl(self.process.stdout, fcntl.F_SETPIPE_SZ, PIPE)
        try:
            self.await_text("@@ ready @@", timeout)
        except AssertionError:
            self.kill()
            raise

    def _read(self):
        """What has come meanwhile, a second's wait at most."""
        if not select.select([self.process.stdout], [], [], 1)[0]:
            return
        data = os.read(self.process.stdout.fileno(), PIPE)
        self.ended = not data
        for is_shell, text in self.line.feed(data):
            if is_shell and (mark := re.search(r"@@(\d+) (\d+) @@$", text)):
                if int(mark[1]) == self.number:
                    self.code = int(mark[2])
                text = text[:mark.start()]
                if not text:
                    continue
            self.console += text + "\n"
            if self.log:
                self.log.write(text + "\n")

    def _await(self, condition, timeout, what):
        """Read until condition() is true, and return that."""
        start = time.monotonic()
        nudge, end = start + 5, start + timeout
        while not (found := condition()):
            if self.ended:
                self.fail(f"machine gone: {what}")
            if time.monotonic() > end:
                self.fail(f"{what} in {timeout} s")
            if self.kind.keeps_interrupts and time.monotonic() > nudge:
                nudge += 5
                self.send("")       # a CPU that sleeps without its timer wakes up
            self._read()
        return found

    def _use(self, end):
        start, self.used = self.used, end
        return self.console[start:end]

    def send(self, text):
        """A line for the shell, whose end is not waited for."""
        self.process.stdin.write(text.encode() + b"\n")

    def run(self, command, timeout=60):
        """Run a shell command on the machine: (what came on the console meanwhile, exit code)."""
        self.number += 1
        self.code = None
        self.send(f"{{ {command}\n}} </dev/null; echo \"@@{self.number} $? @@\"")
        self._await(lambda: self.code is not None, timeout, f"no end of '{command}'")
        return self._use(len(self.console)), self.code

    def good(self, command, timeout=60):
        """run(), which has to succeed: the output."""
        output, code = self.run(command, timeout)
        if code:
            self.fail(f"'{command}' gave {code}")
        return output

    def shows(self, command, pattern):
        """What matches in the command's output."""
        return re.search(pattern, self.good(command), re.M) or \
            self.fail(f"'{command}' does not show '{pattern}'")

    def await_text(self, pattern, timeout=60, seen=""):
        """Wait until something that matches comes on the console, or came already in `seen`, the
        output of the command before: the match. What stands before its end is used up."""
        if found := re.search(pattern, seen):
            return found
        found = self.await_since(self.used, pattern, timeout)
        self.used = found.end()
        return found

    def await_since(self, position, pattern, timeout=60):
        """Wait until something that matches stands behind that position in `console`: the match."""
        return self._await(lambda: re.compile(pattern).search(self.console, position), timeout,
                           f"no '{pattern}'")

    def await_end(self, timeout=60):
        """Wait until the machine is off: what it said since the last command."""
        self._await(lambda: self.ended, timeout, "it is still on")
        return self._use(len(self.console))

    def interrupts(self, name="arch_timer"):
        """Counts of an interrupt of Linux, one for each CPU that is online."""
        line = re.search(rf"^\s*\w+:((?:\s+\d+)+)\s.*{name}.*$", self.good("cat /proc/interrupts"),
                         re.M)
        return [int(n) for n in line[1].split()]

    def fail(self, why):
        """Ends the test; tells what came last."""
        raise AssertionError(f"{self.kind.name}: {why}; the end of the console:\n"
                             f"{self.console[-6000:]}{self.line.rest()}")

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            if kind is None and not self.ended:
                self.send("poweroff -f")
                self.await_end(20)
        except AssertionError:
            pass
        finally:
            self.kill()
