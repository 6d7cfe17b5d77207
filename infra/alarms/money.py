"""Alarms of refunds, decisions and webhooks."""

from __future__ import annotations

from infra.alarms.rows import AlarmRow, Row, Urgency, missed, objective, outcomes

_ASKED = objective(
    "RefundsAsked",
    "A refund is asked for within five minutes after its case ended",
    1,
    missed("refund_in_time", "refunds that were asked for later than five minutes after the case ended"),
    (
        "Are `StreamLate`, `StreamSilent`, `DispatchChangesFailing` or `ChangesWaiting` red? Go on there.",
        (
            "`python -m ops refunds held` says whether an operator holds refunds; those are late on purpose and "
            "not counted."
        ),
        'The event bus refuses? The saved query "failures of the workers" shows `PutEvents` with its code.',
    ),
)


def _counted(
    name: str, outcome: str, symptom: str, words: str, *do: str, urgency: Urgency = Urgency.TICKET
) -> AlarmRow:
    return AlarmRow(name, symptom, urgency, outcomes("refund", outcome, words), 1, do)


MONEY: tuple[Row, ...] = (
    *_ASKED,
    _counted(
        "RefundsGivenUp",
        "NEEDS_OPERATOR",
        "A refund failed for three days and is not asked for any more: the buyer has no money.",
        "refunds that were given up",
        "`python -m ops refunds list --given-up` names them.",
        "After the cause is repaired: `python -m ops refunds ask-again --all --since 2026-03-09T00:00:00Z --why "
        '"payment system is back"`.',
        "Or pay by hand under the id of the refund: the payment system's `RefundSucceeded` is accepted at any time.",
    ),
    _counted(
        "RefundsUnanswered",
        "UNANSWERED",
        "The payment system has not answered a request for a day.",
        "refunds without an answer for a day",
        "`python -m ops refunds list --unanswered` names them, with the attempt.",
        "Ask the payment system; look for its answer: `python -m ops dead-letters show inbound`.",
        "They are asked for again by themselves, ever more seldom, under the same refund id.",
    ),
    _counted(
        "RefundsHeld",
        "HELD",
        "An operator holds refunds back, and some wait.",
        "rounds of the sweeper in which refunds waited for the switch",
        "`python -m ops refunds held` says since when, by whom and why.",
        'When the reason is gone: `python -m ops refunds release --why "statement agrees"`.',
    ),
    _counted(
        "RefundsOverLedger",
        "HELD_OVER_LEDGER",
        "A refund does not fit into what its order has left, and is held.",
        "refunds that were held over their order's ledger",
        "`python -m ops case show dp-…` shows the refund, and what of the order was paid and given back.",
        "The shop gave money back elsewhere after the case was settled: settle the rest with both parties. If the "
        "order is wrong, the shop corrects it by `PUT`; the refund leaves by itself once it fits.",
    ),
    _counted(
        "RefundsOfNoCase",
        "NOT_OF_CASE",
        "A REFUND row stands in the table that no case ended with: somebody wrote it by hand.",
        "refunds that are of no case",
        '`python -m ops refunds hold --why "forged row"` at once.',
        "CloudTrail's data events of the table say who wrote the row of the case that the log names; take away "
        "that right.",
        "`python -m ops case rows dp-…` shows the row. Remove it by hand, then `python -m ops refunds release "
        '--why "row removed"`.',
        urgency=Urgency.PAGE,
    ),
    _counted(
        "RefundedAboveWhatIsLeft",
        "ABOVE_WHAT_IS_LEFT",
        "The shop gave back more than an order has left.",
        "refunds elsewhere above what is left",
        "The saved query \"everything of this case\" with the order's id shows the refund's id and amount.",
        "Inform the shop's order team; open cases on the order show the lower amount already.",
    ),
    _counted(
        "RefundAnswersRefused",
        "ANSWER_REFUSED",
        "The payment system sent something that contradicts our data.",
        "answers about refunds that were refused",
        '`python -m ops dead-letters show inbound` shows them; `docs/operations.md`, "Refused answers", says what '
        "each code means.",
        "Settle it with the payment system; `python -m ops match --statement payments.csv` confirms it the next day.",
    ),
    AlarmRow(
        "DecisionsOverdue",
        "The team is late with a decision (R44); both parties got a mail.",
        Urgency.TICKET,
        outcomes("decision", "OVERDUE", "decisions whose promised date passed"),
        1,
        (
            "`python -m ops cases list --status UNDER_REVIEW --overdue` names the claims.",
            "Let the team's lead give them to somebody: they are at the top of the queue.",
        ),
        minutes=60,
    ),
    AlarmRow(
        "WebhooksGivenUp",
        "An event was not taken by a webhook in ten attempts over three days.",
        Urgency.TICKET,
        outcomes("webhook", "GIVEN_UP", "deliveries that were given up"),
        1,
        (
            "`GET /v1/webhooks/{webhook_id}/deliveries` says why.",
            (
                "Let the shop repair its endpoint, then replay the delivery, or let the shop read the feed `GET "
                "/v1/events`."
            ),
        ),
        minutes=60,
    ),
    AlarmRow(
        "WebhooksSwitchedOff",
        "Nothing arrived at a webhook for five days, or it answered 410; nothing more is sent there.",
        Urgency.TICKET,
        outcomes("webhook", "SWITCHED_OFF", "webhooks that were switched off"),
        1,
        (
            (
                "Let the shop repair it and `PUT` it again (`docs/webhooks.md`); what it missed is in the feed for "
                "thirty days."
            ),
        ),
    ),
)
