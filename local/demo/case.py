"""One dispute as the three people and the shop's backend act on it: through the API, like any other client."""

from __future__ import annotations

import http.client
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from local.client import BACKEND, Client, Response, followed
from local.demo.history import moment
from local.demo.observe import Outbox
from local.demo.schedule import Script, utc_now

Json = dict[str, Any]
TERMINAL: Final = frozenset({"RESOLVED", "DECIDED", "CANCELLED"})
# How long after a due instant the clock's transition, or after an action its mail, may take before it is missing.
PATIENCE: Final = timedelta(seconds=60)
POLL: Final = timedelta(seconds=0.3)
# A look after a due instant waits this long: the clock, not the page, ends a window.
GRACE: Final = timedelta(seconds=0.8)
_TRIES: Final = 4
_PASSING: Final = frozenset({429, 500, 502, 503, 504})
Say = Callable[[str], None]


class DemoError(Exception):
    """Something is not as the rules say it must be."""


class RefusedError(DemoError):
    """The API said no: its problem document, with the code and the rule."""

    def __init__(self, problem: Json, status: int) -> None:
        self.status = status
        self.code = str(problem.get("code") or status)
        self.rule = str(problem.get("rule") or "-")
        self.available_at: str | None = problem.get("available_at")
        super().__init__(f"{status} {self.code} ({self.rule}): {problem.get('detail') or problem}")


@dataclass
class Case:
    """An order and its dispute. `document` is the dispute as it was last seen; `say` shows what happens."""

    client: Client
    order_id: str
    say: Say = lambda _line: None
    dispute_id: str = ""
    document: Json = field(default_factory=dict)
    order: Json = field(default_factory=dict)
    calls: int = 0
    repeats: int = 0

    @property
    def status(self) -> str:
        return str(self.document.get("status", ""))

    @property
    def closed(self) -> bool:
        return self.status in TERMINAL

    def instant(self, name: str) -> datetime:
        """One of the document's own instants."""
        return moment(self.document[name])

    # --- the shop's backend

    def put_order(self, body: Json) -> None:
        """The shop reports the order."""
        self.order = self._made(self._call(BACKEND, "PUT", f"/v1/orders/{self.order_id}", body))

    def track(self, event: Json) -> None:
        """The carrier's event, as the shop passes it on."""
        path = f"/v1/orders/{self.order_id}/tracking-events"
        self._made(self._call(BACKEND, "POST", path, event))

    # --- people

    def open(self, body: Json) -> None:
        """The buyer opens the dispute. Raises RefusedError."""
        made = self._made(self._call("buyer", "POST", "/v1/disputes", {"order_id": self.order_id, **body}))
        self.document, self.dispute_id = made, str(made["dispute_id"])

    def look(self, who: str = "buyer") -> Json:
        """The dispute as this person sees it now."""
        self.document = self._made(self._call(who, "GET", f"/v1/disputes/{self.dispute_id}"))
        return self.document

    def can(self, who: str, action: str) -> Json | None:
        """The action as the person's page offers it now, with its link and its instants; None if it does not."""
        offered: list[Json] = self.look(who)["available_actions"]
        return next((one for one in offered if one["action"] == action), None)

    def act(self, who: str, action: str, body: Json | None = None) -> Json:
        """Do what the person's page offers, by its own link. Raises RefusedError."""
        offered = self.can(who, action)
        if offered is None:
            raise RefusedError({"code": "NOT_OFFERED", "detail": f"{action} to the {who}"}, 409)
        path = followed(f"/v1/disputes/{self.dispute_id}", offered["href"])
        made = self._made(self._call(who, offered["method"], path, body or {}))
        if "status" in made and "order_id" in made:
            self.document = made
        return made

    def post(self, who: str, path: str, body: Json) -> Json:
        """A call that the page does not offer, as a client without our page could make it. Raises RefusedError."""
        return self._made(self._call(who, "POST", f"/v1/disputes/{self.dispute_id}{path}", body))

    def read(self, who: str, path: str, **query: str | int) -> Json:
        """Something else of the API, as JSON."""
        return self._made(self._call(who, "GET", path, query=query))

    def give_up(self, who: str, path: str) -> None:
        """Take an item of evidence back whose file never came. Raises RefusedError."""
        self._made(self._call(who, "DELETE", path))

    def timeline(self, who: str = "buyer") -> list[Json]:
        """All entries, oldest first."""
        return list(self._items(who, f"/v1/disputes/{self.dispute_id}/timeline"))

    def _items(self, who: str, path: str) -> Iterator[Json]:
        query: dict[str, str | int] = {"page_size": 50}
        while True:
            page = self._made(self._call(who, "GET", path, query=query))
            yield from page["items"]
            if "next_page_token" not in page:
                return
            query["page_token"] = page["next_page_token"]

    def _call(
        self,
        who: str,
        method: str,
        path: str,
        body: Json | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Response:
        """One call; a passing failure is met as a good client does, with the same Idempotency-Key again."""
        key = secrets.token_urlsafe(24) if method == "POST" else None
        for tried in range(1, _TRIES + 1):
            self.calls += 1
            try:
                answer = self.client.call(who, method, path, body=body, query=query, key=key)
                if answer.status not in _PASSING or tried == _TRIES:
                    return answer
            except (OSError, http.client.HTTPException):
                if tried == _TRIES:
                    raise
            self.repeats += 1
            time.sleep(0.25 * tried)
        raise AssertionError("the last try returns or raises")

    @staticmethod
    def _made(answer: Response) -> Json:
        if answer.status >= 400:
            problem = answer.body if isinstance(answer.body, dict) else {"detail": answer.body}
            raise RefusedError(problem, answer.status)
        if not isinstance(answer.body, dict):
            raise DemoError(f"an answer without a document: {answer.status} {answer.body!r}")
        return answer.body


def until_status(case: Case, *statuses: str, poll: timedelta = POLL) -> Script:
    """Wait, from now on, until the clock or somebody has brought the case into one of these statuses."""
    latest = utc_now() + PATIENCE
    while case.look()["status"] not in statuses:
        if utc_now() > latest:
            raise DemoError(
                f"{case.dispute_id} is still {case.status}, not {' or '.join(statuses)}, "
                f"{PATIENCE.total_seconds():.0f} s after it was due"
            )
        yield utc_now() + poll


def until_mailed(case: Case, outbox: Outbox, kind: str, mails: int) -> Script:
    """Wait until so many mails of the kind have left (people act on what they have read) and none is on its way."""
    latest = utc_now() + PATIENCE
    while True:
        rows = outbox.rows(case.dispute_id)
        found = sum(row.kind == kind for row in rows)
        waiting = [row.kind for row in rows if not row.settled]
        if found >= mails and not waiting:
            return
        if utc_now() > latest:
            raise DemoError(f"{case.dispute_id}: {found} of {mails} mails {kind}, still waiting: {waiting}")
        yield utc_now() + POLL
