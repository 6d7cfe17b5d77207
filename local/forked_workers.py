"""Starts a function's process as a copy of one that has imported the layers already: a fork instead of a start.

A start costs half a second of the processor, nearly all of it for the import of libraries and of our own package, and
a stack starts some hundreds. Nothing of a function is imported before the copy is made: neither package looks at the
environment when it is imported (`runtime/settings.py`), and each copy gets a function's environment, folder and pipes.

As a script this file is the process that is copied, one for each set of layers. It reads requests from the socket that
is its standard input, and ends with the emulator.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any, Final

# What nearly every function imports; a version that lacks one of them imports what it has by itself.
IMPORTED: Final = (
    "boto3",
    "pynamodb.models",
    "aws_lambda_powertools",
    "buyer_protection.composition.container",
    "buyer_protection.runtime.edge",
)
LAYERS: Final = "_LAMBDA_LAYERS_DIRS"
WORKER: Final = "_worker.py"
# Standard input, output and error, and a pipe that closes when the process ends.
PIPES: Final = 4
# Two for each version: functions with the layer for pictures, and all others.
MOST: Final = 4
# So many new objects before the collector of garbage looks at them.
NEW_OBJECTS: Final = 50_000
START: Final[Any] = subprocess.Popen


class Forked:
    """A function's process, as far as the emulator uses a `subprocess.Popen`."""

    def __init__(self, original: Original, worker: str, cwd: str, env: Mapping[str, str]) -> None:
        (stdin, to), (from_out, stdout), (from_err, stderr), (self._life, life) = (
            os.pipe() for _ in range(PIPES)
        )
        self.stdin = os.fdopen(to, "w", buffering=1)
        self.stdout, self.stderr = os.fdopen(from_out), os.fdopen(from_err)
        self.returncode: int | None = None
        self._looking = Lock()
        theirs = (stdin, stdout, stderr, life)
        try:
            self.pid = original.copied({"worker": worker, "cwd": cwd, "env": dict(env)}, theirs)
        except OSError:
            os.close(self._life)
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)

    def poll(self) -> int | None:
        """Its exit code, of which nobody asks more than whether there is one; None while it lives."""
        return self._ended_within(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises `subprocess.TimeoutExpired`."""
        code = self._ended_within(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(WORKER, timeout or 0)
        return code

    def terminate(self) -> None:
        """End it politely."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._signal(signal.SIGKILL)

    def _ended_within(self, seconds: float | None) -> int | None:
        with self._looking:
            if self.returncode is None:
                # Not `select`: an emulator has more descriptors than that takes.
                look = select.poll()
                look.register(self._life, select.POLLIN)
                if look.poll(None if seconds is None else seconds * 1000):
                    self.returncode = 0
                    os.close(self._life)
            return self.returncode

    def _signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Original:
    """The process that is copied, with the layers of `folders` imported, started here."""

    def __init__(self, folders: Sequence[str]) -> None:
        self._asking = Lock()
        self._socket, theirs = socket.socketpair()
        with theirs:
            self.process = START([sys.executable, str(Path(__file__).resolve()), *folders], stdin=theirs)

    def copied(self, request: dict[str, Any], descriptors: Sequence[int]) -> int:
        """The process id of a new copy; raises OSError where the original is gone."""
        document = json.dumps(request).encode()
        with self._asking:
            socket.send_fds(self._socket, [len(document).to_bytes(4)], descriptors)
            self._socket.sendall(document)
            answer = self._socket.recv(8)
        if not answer:
            raise ConnectionResetError("the process that is copied has ended")
        return int.from_bytes(answer)


class Originals:
    """The processes that are copied, by the folders of their layers."""

    def __init__(self) -> None:
        self._starting = Lock()
        self._by_layers: dict[tuple[str, ...], Original] = {}

    def started(self, command: Sequence[str], **options: Any) -> Any:
        """`subprocess.Popen(command, **options)`, as a copy where it is a Python function with shared layers."""
        layers = layers_of(options.get("env") or {})
        if not layers or Path(command[-1]).name != WORKER:
            return START(command, **options)
        with self._starting:
            original = self._by_layers.get(layers)
            if original is None or original.process.poll() is not None:
                original = self._by_layers[layers] = Original(layers)
                # Of layers that were deployed over long ago; it ends with its socket.
                for old in list(self._by_layers)[:-MOST]:
                    del self._by_layers[old]
        try:
            return Forked(original, command[-1], options["cwd"], options["env"])
        except OSError:
            return START(command, **options)


def layers_of(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The folders that a function's layers share with others (`shared_layers.py`), in the order of its search path."""
    folders = [Path(layer, "python") for layer in environment.get(LAYERS, "").split(os.pathsep) if layer]
    return tuple(str(folder.resolve()) for folder in folders if folder.is_symlink())


def fork_workers(lambda_runtime: Any) -> None:
    """Put this into the given `ministack.core.lambda_runtime` module, where a process may be copied safely."""
    if sys.platform == "linux":
        copying = {**vars(subprocess), "Popen": Originals().started}
        lambda_runtime.subprocess = SimpleNamespace(**copying)


def leave_alone_what_stays() -> None:
    """Let the collector of garbage look at what comes from now on, and rarely: it took a seventh of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 20)


def main(folders: Sequence[str]) -> None:
    """Import what is in the layers, then become a copy at each request; the emulator's end is this process's end."""
    # The folder of this file is on no function's search path.
    sys.path[0:1] = reversed(folders)
    # As in a function's own process: what is printed is no answer.
    output, sys.stdout = sys.stdout, sys.stderr
    for name in IMPORTED:
        # A function that needs it says what is wrong with it, once it imports it itself.
        with suppress(Exception):
            import_module(name)
    del sys.path[: len(folders)]
    sys.stdout = output
    # It stays in memory that all share.
    leave_alone_what_stays()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    requests = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    while True:
        length, descriptors, _, _ = socket.recv_fds(requests, 4, PIPES)
        if not length:
            return
        document = requests.recv(int.from_bytes(length), socket.MSG_WAITALL)
        pid = os.fork()
        if pid == 0:
            requests.close()
            run(json.loads(document), descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)
        requests.sendall(pid.to_bytes(8))


def run(request: dict[str, Any], descriptors: Sequence[int]) -> None:
    """Be that function's process until its standard input ends."""
    for number, descriptor in enumerate(descriptors[: PIPES - 1]):
        os.dup2(descriptor, number)
        os.close(descriptor)
    # It closes with this process, not with one that this process starts.
    os.set_inheritable(descriptors[-1], False)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    worker = request["worker"]
    sys.argv[:] = [worker]
    sys.path.insert(0, str(Path(worker).parent))
    runpy.run_path(worker, run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
