"""The use cases called by the action's name, as their functions call them behind the edge, over stores of a world."""

from types import MappingProxyType
from typing import Any, NamedTuple
from unittest.mock import patch

from msgspec import Struct

from buyer_protection.application.actions.execute import Command
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import incoming
from tests.support.fake_signer import SIGNER
from tests.support.in_process import ROUTES, Json, handler_of


class Behind(NamedTuple):
    """What the use cases of the API find behind them, as `composition.container.Container` names it."""

    context: Any
    evidence_files: Any
    team: Any
    confirm_above: Any = MappingProxyType({})
    render_mail: Any = None
    site_url: str = "https://shop.example.com"
    signer: Any = SIGNER
    public_keys: Any = SIGNER


class _Request:
    """What a function reads of `edge.Request`. The body is JSON, or what its model already is."""

    def __init__(self, command: Command, body: Json | Struct | None) -> None:
        self.command, self._body = command, body

    def body(self, model: type[Any]) -> Any:
        return self._body if isinstance(self._body, model) else incoming.decoded(self._body or {}, model)

    def no_body(self) -> None:
        assert not self._body

    def query(self, model: type[Any]) -> Any:
        return model()


def use(
    action: str, behind: Behind, command: Command, body: Json | Struct | None = None, **ids: str
) -> Answer:
    """The action's answer to this command; raises what the use case raises. `ids` may be more than the path's."""
    own = {name: one for name, one in ids.items() if f"{{{name}}}" in ROUTES[action].path}
    with patch.object(container, "get", lambda: behind):
        answer: Answer = handler_of(action).__wrapped__(_Request(command, body), **own)
    return answer
