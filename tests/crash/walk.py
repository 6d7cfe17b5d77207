"""A walk through all that the functions do, so that each right that one of them needs is asked for at least once (Q33).

Every flow of the crash matrix without a fault, with all that follows from it, and with somebody else's write before its
own; the reads, by everybody, where much has happened; what has no flow: webhooks, the team's pool, mails about orders,
SES's events, the audit; and the ways round a service that fails, which no walk in fine weather takes. What is called
meanwhile is in `tests/support/called.py`.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from buyer_protection.adapters.aws import team
from buyer_protection.adapters.aws.clients import client
from buyer_protection.adapters.aws.system import RandomIds
from buyer_protection.adapters.aws.team import CognitoTeam
from buyer_protection.adapters.dynamodb import case_rows, keys
from buyer_protection.adapters.dynamodb.tables import OrderRow
from buyer_protection.adapters.dynamodb.transaction import RefusedError, Transaction
from buyer_protection.adapters.webhooks.sender import HttpWebhookSender
from buyer_protection.application.ports.webhooks import Attempt
from buyer_protection.domain.webhooks import SendError
from infra.routes import SPECS, Kind
from tests.crash import flows
from tests.crash.conftest import a_world
from tests.crash.flows import FLOWS, PNG
from tests.crash.matrix import finish
from tests.crash.scenes import (
    DELIVERED,
    IN_BAD_WEATHER,
    OTHERS,
    QUERIES,
    STORMS,
    UNCOLLECTED,
    WEBHOOK,
)
from tests.crash.steps import (
    BUYER,
    MANAGER,
    ORDER_ID,
    SECOND_MANAGER,
    SELLER,
    SHOP,
    Ask,
    Dispatch,
    Json,
    Kill,
    Notify,
    Settle,
    Step,
    Sweep,
    Uploaded,
    Verify,
)
from tests.crash.wire import Answer, Fault, Mode
from tests.crash.world import Kept, World
from tests.support import called, ses_events
from tests.support.api_events import member
from tests.support.called import Call
from tests.support.calls import IDS
from tests.support.in_process import event_for
from tests.support.time_to_live import let_rows_go

PAID = (*flows.SETTLED, flows.Snapshot("RefundSucceeded", flows.refund_answer(reference="p-1")), Settle())
RETURNED = flows.Snapshot("RefundFailed", flows.refund_answer(reason="CARD_EXPIRED"))
OPERATOR = member("operator-1", "operator")
EVERYBODY = (BUYER, SELLER, MANAGER, SECOND_MANAGER, OPERATOR, SHOP)
# Before the world takes everybody for a member.
_ASK_THE_POOL, _ASK_FOR_NAMES = CognitoTeam.has_member, CognitoTeam.names


class Walk:
    """The walk over one world; `patch` puts the team's pool and a receiver of webhooks into it."""

    def __init__(self, world: World, patch: pytest.MonkeyPatch) -> None:
        self.world = world
        self._kept: dict[tuple[int, ...], Kept] = {(): world.keep()}
        self._taken: list[Step] = []
        self._answers: set[str] = set()
        self._status = 204
        self._groups = ["case_manager"]
        patch.setattr(CognitoTeam, "has_member", _ASK_THE_POOL)
        # Kept names are no call: each function is seen asking for them.
        patch.setattr(team, "NAMES_SECONDS", 0.0)
        patch.setattr(CognitoTeam, "names", _ASK_FOR_NAMES)
        # Time stands still, and no two looks have one id.
        looks = count(1)
        patch.setattr(RandomIds, "team_row_id", lambda _, of: f"{of}-{next(looks) if of == 'lk' else 1}")
        patch.setattr(HttpWebhookSender, "send", self._receive)
        patch.setenv("WEBHOOK_ADDRESSES", "any")
        # What one function has read from the archive is not there for the next one.
        patch.setattr(case_rows, "KEPT", 0)
        spec = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
        key = client("kms").create_key(**spec)["KeyMetadata"]["Arn"]
        patch.setenv("SIGNING_KEY_ARN", key)
        patch.setenv("SIGNING_KEY_ARNS", key)
        world.wire.team = self._of_the_pool

    def take(self) -> None:
        """All of it."""
        for *before, act in (*((*flow.before, flow.act) for flow in FLOWS), *OTHERS):
            self._come_to(before)
            act.take(self.world, "key-of-the-act-0001")
            finish(self.world)
            self._come_to(before)
            self._come_second(act)
        self._read()
        self._upload()
        self._mail_about_orders()
        self._deliver_webhooks()
        self._watch_over_the_team()
        self._erase_a_person()
        self._audit()
        self._read_archived()
        self._open_on_an_order_of_before()
        self._meet_storms()

    # --- where everything begins --------------------------------------------------------------------------------

    def _come_to(self, steps: Sequence[Step]) -> None:
        """Begin from the longest way that was taken before: nearly all begin alike."""
        ids = tuple(id(step) for step in steps)
        known = next(number for number in range(len(ids), -1, -1) if ids[:number] in self._kept)
        self.world.begin(self._kept[ids[:known]])
        for number, step in enumerate(steps[known:], known):
            step.take(self.world, f"key-of-the-flow-{number:04d}")
            # Alive, so that no other step ever has its id.
            self._taken.append(step)
            self._kept[ids[: number + 1]] = self.world.keep()

    def _come_second(self, act: Step) -> None:
        """Do it while somebody else's write comes before its first one: it reads again, and decides anew."""
        with pytest.MonkeyPatch.context() as patch:

            def refuse(_: Transaction) -> None:
                patch.undo()
                raise RefusedError([])

            patch.setattr(Transaction, "commit", refuse)
            act.take(self.world, "key-of-the-act-0001")

    def _ask(self, function: str, who: Json, body: object = None, **more: Any) -> int:
        """One call, whatever it is answered; its status."""
        ids = {**IDS, "order_id": ORDER_ID, "dispute_id": self.world.case, "seller_id": "seller-1", **more}
        answer = self.world.invoke(function, event_for(function, who, body, **ids))
        status: int = answer["statusCode"]
        assert status < 500, (function, answer)
        if status < 300:
            self._answers.add(function)
        return status

    # --- reads --------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        """Each read by everybody, of cases in which much has happened; each is answered to somebody."""
        reads = [row.id for row in SPECS if row.kind is Kind.API and row.method == "GET"]
        shown = (*flows.UPLOADED, Uploaded(PNG), Verify(), Settle())
        for steps in (
            flows.UPLOADED,
            shown,
            flows.REVIEW,
            flows.RULING,
            flows.SHIPPED,
            flows.FAILED,
            (*flows.MISSING, DELIVERED),
        ):
            self._come_to(steps)
            self._ask("put_webhook", SHOP, WEBHOOK)
            history = {"dispute_id": [self.world.case]}
            queries = {**QUERIES, "get_person_history": (history, {**history, "pair": ["true"]})}
            for function in reads:
                for query in queries.get(function, ({},)):
                    for who in EVERYBODY:
                        self._ask(function, who, query=query, key=None)
        self._ask("preview_policy", BUYER, {"shipped_at": flows.at(0), "guaranteed_delivery_days": 5})
        self._come_to(flows.REVIEW)
        query = {"dispute_id": [self.world.case]}
        assert self._ask("get_person_history", MANAGER, query=query, key=None, person_id="seller-1") == 200
        ruling = flows.decision("PARTIAL", 1200)
        assert self._ask("decide_claim", MANAGER, ruling, query={"dry_run": ["true"]}) == 200
        self.world.invoke("preflight", {"httpMethod": "OPTIONS", "resource": "/v1/me", "headers": {}})
        assert set(reads) <= self._answers, sorted(set(reads) - self._answers)

    # --- files --------------------------------------------------------------------------------------------------

    def _upload(self) -> None:
        """Files as the scanner reports them, by events that name a version and by such that do not; strays too."""
        for scanning in ("on", "off"):
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("MALWARE_SCANNING", scanning)
                for content in (PNG, b"%PDF-1.7 not what was said"):
                    for named in (True, False):
                        self._come_to((*flows.UPLOADED, Uploaded(content)))
                        # Twice: the second one finds what is settled.
                        for _ in range(2):
                            self._report_uploads(named=named)

        self._come_to(
            (*flows.CLAIM, Ask("add_evidence", BUYER, flows.PHOTO), Settle(), Uploaded(PNG), Kill())
        )
        # Nobody has met the end of the window: the report that comes too late finds what it would have left.
        self.world.now += timedelta(days=8)
        self._report_uploads(named=True)

    def _report_uploads(self, *, named: bool) -> None:
        events = [json.loads(event) for event in self.world.upload_events()]
        for event in events:
            if not named:
                del event["detail"]["object"]["version-id"]
        records = [{"messageId": f"m-{n}", "body": json.dumps(event)} for n, event in enumerate(events)]
        self.world.invoke("verify_upload", {"Records": records})

    # --- mails --------------------------------------------------------------------------------------------------

    def _mail_about_orders(self) -> None:
        """Mails about an order without a case are sent, found stuck, deferred, and reported as bounced."""
        opening = Ask("open_dispute", BUYER, flows.NOT_RECEIVED)
        for act in (UNCOLLECTED, opening):
            self._come_to((*flows.ORDER, act))
            # The queue takes no message: the mails are the sweeper's.
            self._strike(Dispatch(), "sqs.SendMessage", Mode.ERROR)
            finish(self.world)
            for mode in (Mode.THROTTLE, Mode.SILENT):
                self._come_to((*flows.ORDER, act, Dispatch()))
                self._strike(Notify(), "sesv2.SendEmail", mode)
                # The message that was put back is lost: the sweeper finds the mail.
                self.world.messages.clear()
                self.world.wait(days=1)
                self.world.sweep()
                self.world.settle()
        for tags in ({}, {"order_id": [ORDER_ID]}):
            for what in (ses_events.bounce(), ses_events.complaint(), ses_events.REJECT):
                event = ses_events.envelope(what, self.world.case)
                event["detail"]["mail"]["tags"] |= tags
                self.world.queue("receive_mail_events", [json.dumps(event)])

    # --- webhooks -----------------------------------------------------------------------------------------------

    def _deliver_webhooks(self) -> None:
        """A webhook from its registration to its removal; deliveries are refused, taken, and not asked for at first."""
        self._come_to(flows.ORDER)
        for _ in range(2):
            self._ask("put_webhook", SHOP, WEBHOOK)
        self._ask("rotate_webhook", SHOP)
        self._ask("test_webhook", SHOP)
        self._deliver()
        Ask("open_dispute", BUYER, flows.NOT_RECEIVED).take(self.world, "key-of-the-opening")
        for self._status in (500, 410, 204):
            Ask("send_message", BUYER, {"text": "Is there anybody?"}).take(
                self.world, f"key-of-the-message-{self._status}"
            )
            self._strike(Dispatch(), "sqs.SendMessage", Mode.ERROR)
            self.world.settle()
            self._deliver()
            self.world.wait(hours=2)
            self.world.sweep()
            self._deliver()
            self._ask("put_webhook", SHOP, {**WEBHOOK, "active": True})
        listed = self.world.api("list_webhook_deliveries", SHOP, None, None, webhook_id="erp")["document"]
        self._ask("replay_webhook_delivery", SHOP, delivery_id=listed["items"][0]["delivery_id"])
        self._deliver()
        Ask("accept_request", SELLER).take(self.world, "key-of-the-agreement")
        self.world.settle()
        # Nobody has said yet that it is paid: the sweeper asks again, and announces it.
        self.world.wait(hours=2)
        for mode in (None, Mode.ERROR):
            self.world.wait(days=1)
            self._strike(Sweep(), "sqs.SendMessage", mode)
        self._deliver()
        self._ask("delete_webhook", SHOP)
        self._ask("put_webhook", SHOP, WEBHOOK)

    def _deliver(self) -> None:
        bodies, self.world.deliveries = self.world.deliveries, []
        if bodies:
            self.world.queue("deliver_webhooks", bodies)

    def _receive(self, *_: Any) -> Attempt:
        return Attempt(self._status, None if self._status == 204 else SendError.HTTP_STATUS)

    # --- the team -----------------------------------------------------------------------------------------------

    def _watch_over_the_team(self) -> None:
        """Somebody who has a claim writes to the parties and leaves, and the sweeper gives it back."""
        self._come_to(flows.REVIEW)
        assert self._ask("send_message", MANAGER, {"text": "Is there a photo?"}) == 201
        self._groups = []
        self.world.now = self.world.now.replace(minute=0) + timedelta(hours=1)
        Sweep().take(self.world, "")
        self._groups = ["case_manager"]
        self.world.settle()

    def _of_the_pool(self, operation: str, asked: Json) -> Answer:
        match operation:
            case "AdminGetUser":
                return 200, {"Username": asked["Username"], "Enabled": True}
            case "AdminListGroupsForUser":
                return 200, {"Groups": [{"GroupName": name} for name in self._groups]}
            case "ListUsersInGroup":
                subs = [[{"Name": "sub", "Value": name}] for name in ("manager-1", "manager-2")]
                users = [{"Username": "m", "Attributes": sub, "Enabled": True} for sub in subs]
                return 200, {"Users": users if self._groups else []}
        raise AssertionError(f"the product does not call {operation}")

    # --- people -------------------------------------------------------------------------------------------------

    def _erase_a_person(self) -> None:
        """A buyer whose address took no mails is exported, and erased after a first change of mind; files are read with
        the scanner and without."""
        self._come_to(flows.ORDER)
        self._ask("erase_person", SHOP)
        cancel = Ask("cancel_dispute", BUYER, {"acknowledge_consequences": True})
        self._come_to((*flows.UPLOADED, Uploaded(PNG), Verify(), Settle(), cancel, Settle()))
        for scanning in ("on", "off"):
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("MALWARE_SCANNING", scanning)
                of_the_buyer = (("get_evidence", BUYER), ("get_dispute_page", BUYER))
                for name, who in (*of_the_buyer, ("export_person", SHOP)):
                    self._ask(name, who)
        bounced = ses_events.envelope(ses_events.bounce(), self.world.case)
        self.world.queue("receive_mail_events", [json.dumps(bounced)])
        for name in ("erase_person", "stop_erasing_person", "erase_person"):
            self._ask(name, SHOP)
        self.world.wait(days=8)
        Sweep().take(self.world, "")
        self.world.settle()

    # --- the rest -----------------------------------------------------------------------------------------------

    def _audit(self) -> None:
        """The nightly audit until it has come round, over a paid case."""
        self._come_to(flows.SETTLED)
        for _ in range(3):
            self.world.invoke("audit_cases", {})
            self.world.wait(minutes=5)

    def _read_archived(self) -> None:
        """A closed case goes to the archive, is read from there by everybody, changed once more, and erased."""
        cancel = Ask("cancel_dispute", BUYER, {"acknowledge_consequences": True})
        for steps in ((*flows.UPLOADED, Uploaded(PNG), Verify(), Settle(), cancel, Settle()), PAID):
            self._come_to(steps)
            finish(self.world)
            self.world.wait(days=91)
            for _ in range(2):
                self.world.invoke("audit_cases", {})
                self.world.wait(days=1)
            let_rows_go(self.world.now)
            for function in (row.id for row in SPECS if row.kind is Kind.API and row.method == "GET"):
                for query in QUERIES.get(function, ({},)):
                    for who in EVERYBODY:
                        self._ask(function, who, query=query, key=None)
            self._ask("export_person", SHOP)
            if steps is PAID:
                # What the bank sent back by now is written beside the case, and both parties get a mail.
                RETURNED.take(self.world, "")
                finish(self.world)
            self.world.invoke("audit_cases", {"dispute_id": self.world.case})
            self._ask("erase_person", SHOP)
            self.world.wait(days=8)
            Sweep().take(self.world, "")

    def _open_on_an_order_of_before(self) -> None:
        """Rows of orders did not count their revisions once."""
        self._come_to(flows.ORDER)
        OrderRow(*keys.order(ORDER_ID)).update(actions=[OrderRow.revision.remove()])
        assert self._ask("open_dispute", BUYER, flows.NOT_RECEIVED) == 201

    def _meet_storms(self) -> None:
        """Whatever service an act calls is away."""
        by_name = {flow.name: flow for flow in FLOWS}
        for name in STORMS:
            flow = by_name[name]
            self._come_to(flow.before)
            kept = self.world.keep()
            self.world.begin(kept)
            flow.act.take(self.world, "key-of-the-act-0001")
            calls = dict.fromkeys(self.world.wire.counted)
            for operation, mode in ((one, mode) for one in calls for mode in IN_BAD_WEATHER):
                self.world.begin(kept)
                self._strike(flow.act, operation, mode)
                finish(self.world)

    def _strike(self, act: Step, operation: str, mode: Mode | None) -> None:
        """Do it while that operation fails, in one invocation; how it then ends is the crash matrix's to say."""
        if mode is not None:
            self.world.wire.fault, self.world.wire.hit = Fault(0, mode), operation
        act.take(self.world, "key-of-the-act-0001")
        self.world.wire.fault = self.world.wire.hit = None


def seen_on_a_walk() -> frozenset[Call]:
    """What each function calls: (function, action, resource)."""
    with a_world() as world, pytest.MonkeyPatch.context() as patch, called.recording() as seen:
        Walk(world, patch).take()
        return frozenset(seen)
