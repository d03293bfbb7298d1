# SPDX-License-Identifier: GPL-2.0-only
"""The fuzzers run beside the tests before them, which keep one CPU busy.

fuzzers.result(NAME) gives the process of `make fuzz-NAME` at its end. A thread builds all fuzzers and
then begins with the last; a test that comes to one which nobody has begun runs it itself. So the tests
of fuzzers go behind all others but those on emulated machines. Each runs for FUZZ_SECONDS: a minute
where emulated machines are tested as well, else a quarter of that.
"""

import concurrent.futures
import os
import subprocess
import threading
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
SECONDS = os.environ.get("FUZZ_SECONDS")


class Fuzzers:
    """Runs of make, at most one for each name, at most two at a time."""

    def __init__(self, names, seconds):
        self.seconds = seconds
        self.waiting = list(names)
        self.futures = {name: concurrent.futures.Future() for name in names}
        self.lock = threading.Lock()
        self.processes = []
        self.thread = threading.Thread(target=self.run_all, daemon=True)
        self.thread.start()

    def make(self, target, timeout):
        process = subprocess.Popen(["make", "-s", target, f"FUZZ_SECONDS={self.seconds}"], cwd=TOP,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   errors="replace")
        self.processes.append(process)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.terminate()     # make ends what it started
            out, err = process.communicate()
            err += f"\nno end of make {target} in {timeout} s"
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def claim(self, name=None):
        """This one, or the last, if nobody has begun it."""
        with self.lock:
            if not self.waiting or name not in (None, *self.waiting):
                return None
            name = name or self.waiting[-1]
            self.waiting.remove(name)
            return name

    def run(self, name):
        try:
            self.futures[name].set_result(self.make(f"fuzz-{name}", 600 + self.seconds * 2))
        except Exception as problem:
            self.futures[name].set_exception(problem)

    def run_all(self):
        self.built = self.make("fuzzers", 1800)
        while not self.built.returncode and (name := self.claim()):
            self.run(name)

    def result(self, name):
        while not hasattr(self, "built"):
            self.thread.join(1)
        if self.built.returncode:
            return self.built
        if self.claim(name):
            self.run(name)
        return self.futures[name].result()

    def end(self):
        with self.lock:
            self.waiting.clear()
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        self.thread.join()


def is_fuzzer(item):
    return "fuzzers" in getattr(item, "fixturenames", ())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Stable: all else, fuzzers, emulated machines."""
    items.sort(key=lambda item: 2 if item.get_closest_marker("system") else int(is_fuzzer(item)))


def pytest_collection_finish(session):
    names = [item.callspec.params["name"] for item in session.items if is_fuzzer(item)]
    if names and not session.config.option.collectonly:
        whole = any(item.get_closest_marker("system") for item in session.items)
        session.config.fuzzers = Fuzzers(names, int(SECONDS or (60 if whole else 15)))


def pytest_sessionfinish(session):
    if hasattr(session.config, "fuzzers"):
        session.config.fuzzers.end()


@pytest.fixture
def fuzzers(request):
    return request.config.fuzzers
