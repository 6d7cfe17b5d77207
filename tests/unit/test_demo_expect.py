"""The demo's checks: each finds what it is there to find, and nothing in a case that is right."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from local.client import Mail
from local.demo.expect import (
    Expected,
    Facts,
    general_findings,
    matrix_findings,
    post_findings,
    story_findings,
)
from local.demo.observe import MailRow, Run, SentMail, match_post


def row(seq: int = 1, who: str = "BUYER", kind: str = "DISPUTE_OPENED", **more: Any) -> MailRow:
    return MailRow("d-1", seq, who, kind, more.get("message_id", f"m-{seq}-{who}"), more.get("dropped"))


def mail(message_id: str, text: str = "case d-1") -> Mail:
    return Mail(
        message_id,
        "shop@example.com",
        ("buyer@example.com",),
        "Subject",
        text,
        '<html lang="pt-BR" dir="ltr">',
        "1",
    )


def sent(one: MailRow) -> SentMail:
    return SentMail(one, mail(one.message_id or ""))


def facts(**changes: Any) -> Facts:
    """An agreed case without a timeline: nothing is wrong with it."""
    right = Facts(
        document={
            "dispute_id": "d-1",
            "status": "RESOLVED",
            "stage": "CLOSED",
            "negotiation_due_at": "2026-03-05T17:00:00.000Z",
            "outcome": {"code": "AGREED_PARTIAL_REFUND", "refund": {"amount_minor": 500}},
        },
        timeline=[],
        order={"refunded": {"amount_minor": 500}},
        runs=[Run(1, "SUCCEEDED", ("Route", "AwaitSettlement", "Closed"))],
        mails=[sent(row())],
        dropped=[],
        refunds=[{"refund_id": "r-1", "amount_minor": 500}],
        day_seconds=2,
    )
    return replace(right, **changes)


EXPECTED = Expected(
    status="RESOLVED",
    outcome="AGREED_PARTIAL_REFUND",
    refund_minor=500,
    mails={("BUYER", "DISPUTE_OPENED"): 1},
    clock=frozenset(),
    states=frozenset({"AwaitSettlement", "Closed"}),
    maybe=frozenset({("BUYER", "MAY_ESCALATE")}),
)


def test_a_case_that_is_right_gives_no_findings() -> None:
    assert general_findings(facts(), 5) == []
    assert story_findings(EXPECTED, facts()) == []


def test_a_case_that_is_still_open_is_found() -> None:
    document = {**facts().document, "stage": "CLAIM", "status": "UNDER_REVIEW"}
    assert "it is not closed but UNDER_REVIEW" in general_findings(facts(document=document), 5)


def test_an_execution_that_still_runs_is_found() -> None:
    runs = [Run(1, "FAILED", ("Route",)), Run(2, "RUNNING", ("Route",))]
    assert general_findings(facts(runs=runs), 5) == ["execution g2 still runs"]


def test_a_dead_execution_is_right_where_its_next_generation_closed() -> None:
    runs = [Run(1, "FAILED", ("Route",)), Run(2, "SUCCEEDED", ("Route", "Closed"))]
    assert general_findings(facts(runs=runs), 5) == []


def test_a_missing_refund_and_a_second_one_are_found() -> None:
    second = [*facts().refunds, {"refund_id": "r-2", "amount_minor": 500}]
    assert len(general_findings(facts(refunds=[]), 5)) == 1
    assert len(general_findings(facts(refunds=second), 5)) == 1


def test_the_same_refund_asked_for_twice_is_one_refund() -> None:
    assert general_findings(facts(refunds=[*facts().refunds, *facts().refunds]), 5) == []


def test_a_ledger_that_says_another_amount_is_found() -> None:
    assert len(general_findings(facts(order={"refunded": {"amount_minor": 499}}), 5)) == 1


def test_a_mail_to_the_wrong_person_is_found() -> None:
    [wrong, _] = general_findings(facts(mails=[sent(row(who="SELLER"))]), 5)
    assert wrong == "DISPUTE_OPENED for the SELLER went to buyer@example.com"


def test_a_mail_in_the_wrong_language_is_found() -> None:
    [*_, wrong] = general_findings(facts(mails=[sent(row(who="SELLER"))]), 5)
    assert wrong == "DISPUTE_OPENED to the SELLER is not in en"
    assert general_findings(facts(mails=[sent(row(who="BUYER"))]), 5) == []


def test_a_mail_sent_twice_about_one_entry_is_found() -> None:
    assert len(general_findings(facts(mails=[sent(row()), sent(row())]), 5)) == 1


def test_another_outcome_than_the_story_expects_is_found() -> None:
    other = replace(EXPECTED, status="DECIDED", outcome="DECIDED_PARTIAL", refund_minor=1)
    assert len(story_findings(other, facts())) == 3


def test_a_state_that_was_never_entered_and_a_clock_that_never_struck_are_found() -> None:
    other = replace(EXPECTED, states=frozenset({"OpenMediation"}), clock=frozenset({"ESCALATED"}))
    assert len(story_findings(other, facts())) == 2


def matrix(mails: Sequence[MailRow], dropped: Sequence[MailRow] = ()) -> list[str]:
    return matrix_findings(EXPECTED, facts(mails=[sent(one) for one in mails], dropped=dropped))


def test_a_mail_too_few_and_a_mail_too_many_are_found() -> None:
    assert matrix([]) == ["the BUYER got 0 mails DISPUTE_OPENED, not 1"]
    assert matrix([row(), row(2)]) == ["the BUYER got 2 mails DISPUTE_OPENED, not 1"]
    assert matrix([row(), row(who="SELLER")]) == ["the SELLER got 1 mails DISPUTE_OPENED, not 0"]


def test_a_mail_that_may_come_may_come_once() -> None:
    assert matrix([row(), row(2, kind="MAY_ESCALATE")]) == []
    assert len(matrix([row(), row(2, kind="MAY_ESCALATE"), row(3, kind="MAY_ESCALATE")])) == 1


def test_only_a_fleeting_mail_may_be_dropped() -> None:
    lost = row(dropped="CASE_CLOSED", message_id=None)
    assert len(matrix([], [lost])) == 1
    reminded = replace(EXPECTED, mails={("BUYER", "REMINDER_EVIDENCE"): 1})
    dropped = row(kind="REMINDER_EVIDENCE", dropped="WINDOW_OVER", message_id=None)
    assert matrix_findings(reminded, facts(mails=[], dropped=[dropped])) == []


def test_messages_are_matched_with_their_rows() -> None:
    rows = [row(), row(2, message_id=None), row(3, message_id=None, dropped="CASE_CLOSED"), row(4)]
    post = match_post(rows, [mail("m-1-BUYER"), mail("again"), mail("other", "case d-2")], ["d-1"])
    assert [one.row.seq for one in post.sent] == [1]
    assert [one.message_id for one in post.strays] == ["again"]
    assert [one.seq for one in post.dropped] == [3]
    assert [one.seq for one in post.waiting] == [2]
    assert [one.seq for one in post.lost] == [4]
    assert len(post_findings(post)) == 3
