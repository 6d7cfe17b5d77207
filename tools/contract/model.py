"""What a row of the table of operations is, and which refusals follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from buyer_protection.application.schemas.documents import DisputeDocument
from buyer_protection.domain.enums import Action, Role, Status
from buyer_protection.domain.permissions import ACTIONS
from infra.routes import SPECS, Auth, FunctionSpec, Kind

API_ROWS: dict[str, FunctionSpec] = {row.id: row for row in SPECS if row.kind is Kind.API}

# The rule whose window ends in a status: from its end on the clock's own transition wins.
WINDOW_RULES = {
    Status.NEGOTIATION: "R15",
    Status.CLAIM_EVIDENCE: "R22",
    Status.AWAITING_RETURN: "R36",
    Status.RETURN_SHIPPED: "R36",
}
_READERS = frozenset({Role.BUYER, Role.SELLER, Role.CASE_MANAGER})


class Refusal(NamedTuple):
    """A problem code that a call can answer, and the rule behind it."""

    code: str
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One call. Method, path and kind of caller are the row's in `infra/routes.py`.

    `response` is the model of each of `statuses`; `action` is the call's row in the gate, from which its refusals by
    role, status, window and version follow; `problems` are the refusals of its own.
    """

    id: str
    tag: str
    summary: str
    who: str
    rules: tuple[str, ...]
    response: Any
    statuses: tuple[int, ...] = (200,)
    request: Any = None
    query: Any = None
    action: Action | None = None
    problems: tuple[Refusal, ...] = ()
    has_etag: bool = False
    notes: str = ""

    @property
    def row(self) -> FunctionSpec:
        """The call's row in the table of functions."""
        return API_ROWS[self.id]

    @property
    def method(self) -> str:
        """GET, PUT, POST or DELETE."""
        return self.row.method

    @property
    def path(self) -> str:
        """The path, with `{names}`."""
        return self.row.path

    @property
    def path_parameters(self) -> list[str]:
        """The names in the path."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]

    @property
    def is_signed(self) -> bool:
        """Whether the shop's backend calls it, with a SigV4 signature."""
        return self.row.auth is Auth.SYSTEM

    @property
    def needs_key(self) -> bool:
        """Every POST needs an Idempotency-Key."""
        return self.method == "POST"

    @property
    def changes_a_case(self) -> bool:
        """Whether `If-Match` means something: the call changes one dispute that exists."""
        return self.action is not None and not ACTIONS[self.action].is_read

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

    def _of_the_gate(self) -> Iterator[Refusal]:
        if self.action is None:
            return
        rule = ACTIONS[self.action]
        if rule.roles != _READERS:
            yield Refusal("FORBIDDEN", rule.rule)
        if rule.is_read:
            return
        yield Refusal("STALE_VERSION")
        yield Refusal("CONTENTION")
        yield Refusal("DISPUTE_CLOSED", "R25")
        yield Refusal("WRONG_STATUS", rule.rule)
        for status in WINDOW_RULES.keys() & rule.statuses:
            yield Refusal("TOO_LATE", WINDOW_RULES[status])


def on_case(id: str, tag: str, summary: str, who: str, rules: str, action: Action, **more: Any) -> Operation:
    """A call on one dispute, which answers the dispute unless it says otherwise."""
    more.setdefault("response", DisputeDocument)
    more.setdefault("has_etag", True)
    return Operation(id, tag, summary, who, tuple(rules.split()), action=action, **more)
