"""Failures of queues, mails and refunds."""

from __future__ import annotations

from contextlib import ExitStack

from local import aws
from ops.__main__ import DIFFERS, DONE
from tests.e2e.case import PAID, Case
from tests.e2e.faults import broken, pointed, tries_sooner, trigger_off
from tests.e2e.fronts import Refusal, front, mail_calls
from tests.e2e.test_refunds import Payments, asked
from tests.e2e.waiting import until
from tests.e2e.watching import unsent
from tests.game_day.day import WHY, Failure, Incident

# AWS tries once a minute, so that five tries take five minutes.
_SOONER_SECONDS = 5


def _asked_for(it: Incident) -> Case:
    case = it.settled()
    until("the refund is asked for", lambda: asked(case))
    return case


def _pay(it: Incident, case: Case) -> None:
    Payments(it.world).publish("RefundSucceeded", case, PAID, reference=f"pay-{case.dispute_id}")


def _is_paid(case: Case) -> bool:
    return bool(case.row("REFUND")["status"] == "SUCCEEDED")


def dead_letters(it: Incident) -> None:
    """The payment system's answer fails five times; after the repair it is moved back, and known."""
    case = _asked_for(it)
    with ExitStack() as fault:
        fault.enter_context(tries_sooner(it.world, "inbound", _SOONER_SECONDS))
        fault.enter_context(broken(it.world, "receive_events"))
        _pay(it, case)
        it.broke()
        it.moves()
        assert it.page.ops("dead-letters", "show", "inbound") == DONE
        it.page.by_hand("go back to the version before", fault.close)
    assert not _is_paid(case)
    it.whole(
        "all is moved back", lambda: it.page.ops("queues", "redrive", "inbound", *WHY) == DONE and moved(it)
    )
    it.whole("the refund is known to be paid", lambda: _is_paid(case))
    it.whole("no queue has given anything up", lambda: it.page.ops("queues", "list") == DONE)


def moved(it: Incident) -> bool:
    """Whether the queue of what failed is empty."""
    sqs = aws.client(it.world.workspace, "sqs")
    url = sqs.get_queue_url(QueueName=it.world.stack.table_name.removesuffix("cases") + "inbound-failed")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url["QueueUrl"], AttributeNames=names)["Attributes"]
    return all(int(found[name]) == 0 for name in names)


def consumer_off(it: Incident) -> None:
    """Nobody reads what the shop sends; nothing of it is lost."""
    case = _asked_for(it)
    with ExitStack() as fault:
        fault.enter_context(trigger_off(it.world, "receive_events", "inbound"))
        it.broke()
        _pay(it, case)
        it.moves()
        assert it.page.ops("queues", "list") == DONE
        assert it.page.ops("dead-letters", "show", "inbound", "--waiting") == DONE
        assert not _is_paid(case)
        it.page.by_hand("enable the trigger of `receive_events`", fault.close)
    it.whole("the refund is known to be paid", lambda: _is_paid(case))


def refunds_unanswered(it: Incident) -> None:
    """A request is a day old and due again, and nobody has answered: it is asked for again, under the same id."""
    case = _asked_for(it)
    it.broke()
    for name in ("requested_at", "due_at"):
        it.world.set_instant(f"CASE#{case.dispute_id}", "REFUND", name, "2020-01-01T00:00:00.000Z")
    it.moves()
    assert it.page.ops("refunds", "list", "--unanswered") == DIFFERS
    assert it.page.ops("dead-letters", "show", "inbound") == DONE
    it.whole("it is asked for again", lambda: len(asked(case)) == 2)
    assert {event["refund_id"] for event in asked(case)} == {f"rf-{case.dispute_id}"}
    it.page.by_hand("Ask the payment system", lambda: _pay(it, case))
    it.whole("the refund is known to be paid", lambda: _is_paid(case))
    assert it.page.ops("refunds", "list", "--unanswered") == DONE


def ses_paused(it: Incident) -> None:
    """SES refuses to send: mails wait, each leaves once afterwards."""
    refusal = Refusal("SendingPausedException", message="Email sending is disabled.")
    with ExitStack() as fault:
        paused = fault.enter_context(front(it.world, mail_calls, refusal))
        fault.enter_context(pointed(it.world, {"notify_parties": {"AWS_ENDPOINT_URL_SESV2": paused.url}}))
        it.broke()
        cases = it.opened(2)
        it.moves()
        until("mails of both wait", lambda: all(map(unsent, cases)))
        assert it.page.ops("mails", "held") == DONE
        it.page.by_hand("they leave by themselves", fault.close)
    # One that is under way just now is left, and asked for anew.
    it.whole("all are sent again", lambda: all(not unsent(case) or _resent(it, case) for case in cases))
    it.whole("every mail has left", lambda: not any(map(unsent, cases)))
    for case in cases:
        for party in ("BUYER", "SELLER"):
            case.await_mail(party, "DISPUTE_OPENED")


def _resent(it: Incident, case: Case) -> bool:
    return it.page.ops("mails", "resend", case.dispute_id, *WHY) == DONE


OF_QUEUES = (
    Failure(
        "A dead-letter queue fills",
        "DeadLettersInbound",
        "`receive_events` does not start. The queue tries again after five seconds, not after a minute",
        ("ReceiveEventsFailing",),
        dead_letters,
    ),
    Failure(
        "SES is paused",
        "MailsWaiting",
        "SES's place is taken by a front that refuses to send: the emulator has no paused account",
        (),
        ses_paused,
    ),
    Failure(
        "Refunds are unanswered",
        "RefundsUnanswered",
        "nobody answers, and the request is dated back: a day is not waited for",
        (),
        refunds_unanswered,
    ),
    Failure(
        "A consumer is switched off",
        "InboundWaiting",
        "the trigger is disabled. The emulator keeps no age of messages: it is counted from when one was first seen",
        (),
        consumer_off,
        # A message that is a minute old is one that nobody has read.
        rest=60,
    ),
)
