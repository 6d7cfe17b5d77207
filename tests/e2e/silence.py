"""Services that accept every connection and never answer, for functions of a running stack."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from local.workspace import HOST
from tests.e2e.faults import pointed
from tests.e2e.world import World

_ENDPOINT = "AWS_ENDPOINT_URL_"
# Who asks Step Functions, and who SES. What the machine itself does runs inside the emulator.
SILENT: Mapping[str, Sequence[str]] = {
    "dispatch_changes": ("SFN",),
    "sweep_deadlines": ("SFN",),
    "notify_parties": ("SESV2",),
}


@dataclass
class Silence:
    """Where the functions' calls end: how many came, by service."""

    _callers: dict[str, list[socket.socket]] = field(default_factory=dict)

    def asked(self, service: str) -> int:
        """How many connections of this service's clients were taken, and never answered."""
        return len(self._callers[service])

    def listen(self, service: str) -> socket.socket:
        """A port that says nothing."""
        server = socket.create_server((HOST, 0), backlog=100)
        kept = self._callers.setdefault(service, [])

        def accept() -> None:
            with suppress(OSError):
                while True:
                    kept.append(server.accept()[0])

        threading.Thread(target=accept, daemon=True).start()
        return server

    def close(self) -> None:
        """Let go of everybody who called."""
        for caller in (one for callers in self._callers.values() for one in callers):
            caller.close()


@contextmanager
def silent_services(world: World, silent: Mapping[str, Sequence[str]] = SILENT) -> Iterator[Silence]:
    """The functions ask services that never answer, until the end of the block."""
    silence = Silence()
    services = {service for asked in silent.values() for service in asked}
    servers = {service: silence.listen(service) for service in sorted(services)}
    urls = {service: f"http://{HOST}:{server.getsockname()[1]}" for service, server in servers.items()}
    asking = {
        action: {_ENDPOINT + service: urls[service] for service in asked} for action, asked in silent.items()
    }
    try:
        with pointed(world, asking):
            yield silence
    finally:
        for server in servers.values():
            server.close()
        silence.close()
