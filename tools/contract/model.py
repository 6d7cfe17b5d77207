"""What a row of the table of operations is, and which refusals follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from buyer_protection.application.schemas.documents import DisputeDocument
from buyer_protection.domain.actions import ACTIONS, ActionSpec, Gate
from buyer_protection.domain.enums import Role
from buyer_protection.domain.window_table import WINDOWS

SPECS: dict[str, ActionSpec] = {spec.name: spec for spec in ACTIONS}

# The rule whose window ends in a status: from its end on the clock's own transition wins.
WINDOW_RULES = {status: window.rule for status, window in WINDOWS.items() if window.is_strict}
# Calls without a gate that replace what has a version.
_TAKES_IF_MATCH = frozenset({"put_order", "put_metadata", "put_template", "put_webhook"})
_READERS = frozenset({Role.BUYER, Role.SELLER, Role.CASE_MANAGER})


class Refusal(NamedTuple):
    """A problem code that a call can answer, the rule behind it, and with which of the code's statuses (all of them
    where none is named)."""

    code: str
    rule: str | None = None
    statuses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One call. Method, path, tag, summary and gate are those of its row in the table of actions.

    `response` is the model of each of `statuses`, or says by status which it is. Its refusals by role, status, window
    and version follow from the gate; `problems` are the refusals of its own.
    """

    id: str
    who: str
    rules: tuple[str, ...]
    response: Any
    statuses: tuple[int, ...] = (200,)
    request: Any = None
    query: Any = None
    problems: tuple[Refusal, ...] = ()
    has_etag: bool = False
    notes: str = ""

    def responses_of(self, status: int) -> tuple[Any, ...]:
        """The model of the answer with that status; several where a parameter says which it is."""
        found = self.response[status] if isinstance(self.response, dict) else self.response
        return found if isinstance(found, tuple) else (found,)

    @property
    def spec(self) -> ActionSpec:
        """The call's row in the table of actions."""
        return SPECS[self.id]

    @property
    def tag(self) -> str:
        """The group of calls that it belongs to."""
        return self.spec.tag

    @property
    def summary(self) -> str:
        """What it does, in a few words."""
        return self.spec.summary

    @property
    def gate(self) -> Gate | None:
        """Who may make it on a case, and when; None where it is not about one case."""
        return self.spec.gate

    @property
    def method(self) -> str:
        """GET, PUT, POST or DELETE."""
        return self.spec.method

    @property
    def path(self) -> str:
        """The path, with `{names}`."""
        return self.spec.path

    @property
    def path_parameters(self) -> list[str]:
        """The names in the path."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]

    @property
    def is_signed(self) -> bool:
        """Whether the shop's backend alone calls it, with a SigV4 signature."""
        return self.spec.is_for_backend and not self.spec.is_for_people

    @property
    def needs_key(self) -> bool:
        """Every POST needs an Idempotency-Key."""
        return self.method == "POST"

    @property
    def takes_if_match(self) -> bool:
        """Whether `If-Match` means something: the call changes a dispute, or replaces what has a version."""
        return self.id in _TAKES_IF_MATCH or (self.gate is not None and not self.gate.is_read)

    @property
    def takes_if_none_match(self) -> bool:
        """Whether `If-None-Match` can keep the call from writing."""
        return self.method == "PUT"

    @property
    def answers_304(self) -> bool:
        """Whether `If-None-Match` means something: the call reads what has an ETag."""
        return self.method == "GET" and self.has_etag

    def refusals(self) -> list[Refusal]:
        """All problem codes the call can answer, each once per rule, by status."""
        from tools.contract.codes import CODES

        found = dict.fromkeys([*self._of_the_edge(), *self._of_the_gate(), *self.problems])
        return sorted(found, key=lambda r: (CODES[r.code].statuses, list(CODES).index(r.code), r.rule or ""))

    def _of_the_edge(self) -> Iterator[Refusal]:
        yield Refusal("UNAUTHENTICATED")
        yield Refusal("FORBIDDEN")
        yield Refusal("TOO_MANY_REQUESTS")
        yield Refusal("INTERNAL")
        yield Refusal("BUSY")
        if self.path_parameters:
            # What cannot be an id, or is no path of ours, names no rule.
            yield Refusal("NOT_FOUND")
            if self.tag != "Policies" and not self.is_signed:
                yield Refusal("NOT_FOUND", "R1")
        if self.query is not None or self.method != "GET":
            yield Refusal("VALIDATION_FAILED")
        if self.method in {"POST", "PUT"}:
            yield Refusal("REQUEST_TOO_LARGE")
            yield Refusal("UNSUPPORTED_MEDIA_TYPE")
        if self.needs_key:
            yield Refusal("IDEMPOTENCY_KEY_REQUIRED")
            if self.tag != "Policies":
                yield Refusal("IDEMPOTENCY_KEY_REUSED")
                yield Refusal("CONTENTION")
        if self.method == "PUT":
            yield Refusal("CONTENTION")

    def _of_the_gate(self) -> Iterator[Refusal]:
        rule = self.gate
        if rule is None:
            return
        if rule.roles - {Role.SYSTEM} != _READERS:
            yield Refusal("FORBIDDEN", rule.rule)
        if rule.is_read:
            return
        yield Refusal("STALE_VERSION")
        yield Refusal("CONTENTION")
        yield Refusal("DISPUTE_CLOSED", "R25")
        yield Refusal("WRONG_STATUS", rule.rule)
        for status in WINDOW_RULES.keys() & rule.statuses:
            yield Refusal("TOO_LATE", WINDOW_RULES[status])


def on_case(id: str, rules: str, **more: Any) -> Operation:
    """A call on one dispute, which answers the dispute unless it says otherwise."""
    gate = SPECS[id].gate
    if gate is None:
        raise AssertionError(f"{id} is not about one case")
    more.setdefault("who", ", ".join(role.lower().replace("_", " ") for role in Role if role in gate.roles))
    more.setdefault("response", DisputeDocument)
    more.setdefault("has_etag", True)
    return Operation(id, rules=tuple(rules.split()), **more)
