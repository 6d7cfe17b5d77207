"""One order and its dispute, acted on through the API like any client, and looked at from outside when it is over."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from local.client import BACKEND, Mail, Response
from tests.e2e.pace import patience
from tests.e2e.waiting import instant, stated, until, until_clock, utc_now
from tests.e2e.world import Json, Run, World

TERMINAL = frozenset({"RESOLVED", "DECIDED", "CANCELLED"})
PAID = 5_000
LAMP = "Desk lamp"
# Thirty days of the policy: the negotiation, and a window after it.
LIFE_SECONDS = patience(150)


OF_THE_ASSIGNEE = frozenset({"claim/evidence-window", "claim/request-evidence", "claim/decision"})


def usd(minor: int) -> Json:
    return {"amount_minor": minor, "currency": "USD"}


@dataclass(frozen=True)
class CaseFile:
    """Everything about a finished case, from the API and from the operator's side."""

    dispute_id: str
    buyer: Json
    seller: Json
    timeline: list[Json]
    offers: list[Json]
    order: Json
    runs: list[Run]
    outbox: list[Json]
    mails: list[Mail]
    buyer_address: str
    seller_address: str
    refund: Json | None
    ledger: Json

    @property
    def happened(self) -> list[str]:
        return [entry["type"] for entry in self.timeline]


@dataclass
class Case:
    """An order with a contact address of its own per party, so that a mail is known by whom it went to."""

    world: World
    order_id: str = field(default_factory=lambda: f"order-{secrets.token_hex(6)}")
    dispute_id: str = ""
    is_taken: bool = False
    currency: str = "USD"

    # --- acting

    def ship(self, *, days_ago: float = 6, promise_days: int = 60, backend: str = BACKEND) -> Json:
        """The shop sends the order: shipped so many policy days ago."""
        shipped = utc_now() - timedelta(seconds=days_ago * self.world.day)
        answer = self.world.client.put(
            backend, f"/v1/orders/{self.order_id}", self.order_body(shipped, promise_days)
        )
        assert answer.status == 201, answer
        return dict(answer.body)

    def order_body(self, shipped: datetime, promise_days: int = 60) -> Json:
        people = self.world.stack.people
        return {
            "buyer_id": people["buyer"].sub,
            "seller_id": people["seller"].sub,
            "buyer": {
                "email": self.address("buyer"),
                "name": "Ana",
                "locale": "pt-BR",
                "time_zone": "America/Sao_Paulo",
            },
            "seller": {"email": self.address("seller"), "name": "Lamp Shop", "time_zone": "Asia/Shanghai"},
            "currency": self.currency,
            "items": [{"item_id": "i1", "title": LAMP, "quantity": 2, "amount_minor": PAID}],
            "placed_at": stated(shipped),
            "shipments": [
                {
                    "shipment_id": "s1",
                    "carrier": "Post",
                    "tracking_number": "T1",
                    "shipped_at": stated(shipped),
                }
            ],
            "guaranteed_delivery_days": promise_days,
        }

    def address(self, party: str) -> str:
        return f"{party}.{self.order_id}@example.com"

    def opening(self, reason: str = "NOT_RECEIVED", amount: int = PAID) -> Json:
        return {
            "order_id": self.order_id,
            "reason": reason,
            "description": "It is not what I ordered." if reason != "NOT_RECEIVED" else "It never came.",
            "requested_refund": usd(amount) | {"currency": self.currency},
        }

    def open(self, reason: str = "NOT_RECEIVED", amount: int = PAID) -> Json:
        """The buyer opens the dispute; the document."""
        answer = self.world.client.post("buyer", "/v1/disputes", self.opening(reason, amount))
        assert answer.status == 201, answer
        self.dispute_id = answer.body["dispute_id"]
        return dict(answer.body)

    @classmethod
    def opened(cls, world: World, reason: str = "NOT_RECEIVED") -> Case:
        """A shipped order with a fresh dispute."""
        case = cls(world)
        with world.openings:
            case.ship()
            case.open(reason)
        return case

    @property
    def path(self) -> str:
        return f"/v1/disputes/{self.dispute_id}"

    def post(self, who: str, call: str, body: Any = None, **options: Any) -> Response:
        """A POST below the dispute, whatever it answers. The manager takes a claim before working on it (R47)."""
        if who == "case_manager" and call in OF_THE_ASSIGNEE:
            self.take_claim()
        return self.world.client.post(who, f"{self.path}/{call}", body, **options)

    def take_claim(self) -> None:
        """The case manager has the claim from here on; nothing happens where it is none, or is theirs already."""
        me = self.world.stack.people["case_manager"].sub
        if not self.is_taken:
            answer = self.world.client.post("case_manager", f"{self.path}/claim/assign", {"assignee": me})
            self.is_taken = answer.status == 200

    def act(self, who: str, call: str, body: Any = None, **options: Any) -> Json:
        """A POST that must succeed."""
        answer = self.post(who, call, body, **options)
        assert answer.status in (200, 201), f"{who} {call}: {answer}"
        return dict(answer.body)

    def offer(self, who: str, minor: int, kind: str = "REFUND") -> str:
        """A proposal; its id."""
        return str(self.act(who, "offers", {"type": kind, "refund": usd(minor)})["offer_id"])

    def state_something(self, who: str) -> str:
        """An item of evidence in words; its id."""
        body = {"type": "STATEMENT", "text": "The parcel was empty when I opened it."}
        return str(self.act(who, "evidence", body)["evidence_id"])

    def escalate(self) -> Json:
        """The buyer escalates at the first instant that R16 allows."""
        until_clock(instant(self.look()["escalation_available_at"]))
        claim = {"confirm_no_agreement": True, "claim_reason": "SELLER_NOT_RESPONDING"}
        return self.act("buyer", "escalate", claim)

    def set_evidence_window(self, due_at: datetime) -> Json:
        return self.act("case_manager", "claim/evidence-window", {"due_at": stated(due_at)})

    def track(self, status: str, event_id: str, occurred_at: datetime, **options: Any) -> Response:
        event = {
            "event_id": event_id,
            "shipment_id": "s1",
            "status": status,
            "occurred_at": stated(occurred_at),
        }
        return self.world.client.post(
            BACKEND, f"/v1/orders/{self.order_id}/tracking-events", event, **options
        )

    # --- looking

    def look(self, who: str = "buyer") -> Json:
        return self.read(who, self.path)

    def read(self, who: str, path: str, query: Mapping[str, str | int] | None = None) -> Json:
        answer = self.world.client.get(who, path, query)
        assert answer.status == 200, answer
        return dict(answer.body)

    def timeline(self, who: str = "buyer", page_size: int = 50) -> list[Json]:
        """All entries, over as many pages as it takes."""
        found: list[Json] = []
        query: dict[str, str | int] = {"page_size": page_size}
        while True:
            page = self.read(who, f"{self.path}/timeline", query)
            found += page["items"]
            if "next_page_token" not in page:
                return found
            query["page_token"] = page["next_page_token"]

    def row(self, sk: str) -> Json:
        return self.world.row(f"CASE#{self.dispute_id}", sk) or {}

    @property
    def status(self) -> str:
        """As the table says, without asking any function."""
        return str(self.row("STATE")["status"])

    def outbox(self) -> list[Json]:
        return self.world.rows(f"CASE#{self.dispute_id}", "MAIL#")

    # --- waiting

    def await_status(self, *wanted: str, seconds: float = LIFE_SECONDS) -> None:
        until(f"{self.dispute_id} is {' or '.join(wanted)}", lambda: self.status in wanted, seconds)

    def await_mail(self, recipient: str, kind: str) -> None:
        """The mail has left."""
        until(
            f"mail {kind} to the {recipient} of {self.dispute_id}",
            lambda: any(
                (row["recipient"], row["mail"], row["status"]) == (recipient, kind, "SENT")
                for row in self.outbox()
            ),
        )

    def await_parked(self, status: str) -> None:
        """The case's execution sleeps in this status, its token on the TIMER row."""
        until(
            f"{self.dispute_id} is parked in {status}",
            lambda: (timer := self.row("TIMER")).get("task_token") and timer["status"] == status,
        )

    def finished(self, seconds: float = LIFE_SECONDS, *, may_lack_execution: bool = False) -> CaseFile:
        """Wait until the case is over and everything that follows from it has come out; then gather it all.

        A case that began and ended while none could be started `may_lack_execution`.
        """
        self.await_status(*TERMINAL, seconds=seconds)
        # What the payment system answers comes after the end of the case.
        closing = max(entry["seq"] for entry in self.timeline() if entry["actor"]["id"] != "payment")
        until(
            f"the closing mails of {self.dispute_id}",
            lambda: (
                sum(int(row["seq"]) == closing for row in self.outbox()) == 2
                and all(row["status"] != "PENDING" for row in self.outbox())
            ),
        )

        def ended() -> tuple[list[Run]] | None:
            found = self.world.runs(self.dispute_id)
            is_over = (found or may_lack_execution) and all(run.status != "RUNNING" for run in found)
            return (found,) if is_over else None

        runs = until(f"the executions of {self.dispute_id} have ended", ended)
        return self._file(*(runs or ([],)))

    def _file(self, runs: list[Run]) -> CaseFile:
        sent = self.world.client.mails()
        addresses = {self.address("buyer"), self.address("seller")}
        return CaseFile(
            dispute_id=self.dispute_id,
            buyer=self.look("buyer"),
            seller=self.look("seller"),
            timeline=self.timeline(page_size=3),
            offers=self.read("buyer", f"{self.path}/offers")["items"],
            order=self.read("buyer", f"/v1/orders/{self.order_id}"),
            runs=runs,
            outbox=self.outbox(),
            mails=[mail for mail in sent if addresses & set(mail.to) and self.dispute_id in mail.text],
            buyer_address=self.address("buyer"),
            seller_address=self.address("seller"),
            refund=self.world.row(f"CASE#{self.dispute_id}", "REFUND"),
            ledger=self.world.row(f"ORDER#{self.order_id}", "LEDGER") or {},
        )

    def events(self, expected: Counter[str]) -> list[Json]:
        """What the bus carried about the case, once it carried at least what is expected."""
        return until(
            f"events {dict(expected)} of {self.dispute_id}",
            lambda: (
                heard
                if (heard := self.world.bus.heard(self.dispute_id))
                and expected <= Counter(e["type"] for e in heard)
                else []
            ),
        )
