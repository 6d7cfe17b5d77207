"""Alarms of queues, dead letters and mails."""

from __future__ import annotations

from infra.alarms.clock import worker_alarm
from infra.alarms.rows import (
    AGE,
    DEPTH,
    AlarmRow,
    Row,
    Urgency,
    actions,
    missed,
    objective,
    of_mails,
    of_queue,
    one,
    outcomes,
)

# Of each work queue: who reads it, the oldest message that is normal, in minutes, what waits, and how urgent that is.
# `late-changes` has its alarm with the clock's.
_WAITING = {
    # A mail that SES does not take at the moment waits a quarter of an hour at most in one message.
    "notifications": ("notify_parties", 30, "mails wait", Urgency.PAGE),
    "inbound": ("receive_events", 15, "orders, tracking and payment answers wait", Urgency.PAGE),
    "uploads": ("verify_upload", 30, "evidence files wait, and do not count", Urgency.TICKET),
    "mail-events": ("receive_mail_events", 60, "bounces and complaints wait", Urgency.TICKET),
    "webhooks": ("deliver_webhooks", 15, "events for webhooks wait", Urgency.TICKET),
}
_DEAD = {
    "notifications": "mails of a case were tried for most of a day, and nobody asks for them any more",
    "inbound": "an event of the shop failed five times",
    "uploads": "an evidence file was tried for more than a day",
    "mail-events": "an event of SES failed five times",
    "late-changes": "a change was tried for more than a day",
    "webhooks": "a delivery failed five times on our side",
}


def _title(queue: str) -> str:
    return queue.title().replace("-", "")


def _waiting(queue: str) -> AlarmRow:
    reader, minutes, what, urgency = _WAITING[queue]
    return AlarmRow(
        f"{_title(queue)}Waiting",
        f"Nobody reads the queue `{queue}`: {what}.",
        urgency,
        one(f"age of the oldest message in `{queue}`", of_queue(queue, AGE), "s"),
        minutes * 60,
        (
            f"Is `{worker_alarm(reader)}` red? Go on there.",
            (
                f"If not, nobody reads it: in the Lambda console enable the trigger of `{reader}`. Messages are "
                "kept for fourteen days."
            ),
            (
                "`python -m ops queues list` shows how many wait, and "
                f"`python -m ops dead-letters show {queue} --waiting` since when."
            ),
            (
                "What is read and fails does not show here: SQS leaves out of this age what was received three "
                f"times. Its alarms are `{worker_alarm(reader)}` and `DeadLetters{_title(queue)}`."
            ),
        ),
    )


def _dead(queue: str, what: str) -> AlarmRow:
    return AlarmRow(
        f"DeadLetters{_title(queue)}",
        f"Dead letters of `{queue}`: {what}.",
        Urgency.TICKET,
        one(f"messages in `{queue}-failed`", of_queue(f"{queue}-failed", DEPTH)),
        1,
        (
            (
                f"`python -m ops dead-letters show {queue}` shows what they are about; the log of the reader says "
                "why they failed."
            ),
            (
                f'After the cause is repaired: `python -m ops queues redrive {queue} --why "repaired"`. Every '
                "message may be processed again without harm."
            ),
            "Delete by hand, in the SQS console, what must not be processed.",
        ),
        minutes=1,
    )


_MAILS_ON_TIME = objective(
    "Mails",
    "A mail leaves within five minutes after what it is about",
    1,
    missed("mail_in_time", "mails that left later than five minutes after what they are about"),
    (
        (
            "Is one of `MailsWaiting`, `NotificationsWaiting`, `NotifyPartiesFailing`, `StreamLate` or "
            "`StreamSilent` red? Go on there."
        ),
        "`python -m ops.mail_check --stage prod` asks SES whether it takes mails.",
        "`python -m ops mails held` says whether an operator holds mails.",
    ),
    at_once=False,
)


def _mail(name: str, action: str, outcome: str, symptom: str, words: str, *do: str) -> AlarmRow:
    return AlarmRow(name, symptom, Urgency.TICKET, outcomes(action, outcome, words), 1, do, minutes=15)


def _reputation(name: str, least: float, words: str) -> AlarmRow:
    return AlarmRow(
        f"Mail{name}",
        f"{words} are so many that SES reviews the account, and may pause it.",
        Urgency.TICKET,
        one(f"share of {words.lower()}", of_mails(name)),
        least,
        (
            'Look at where the shop\'s addresses come from: `docs/operations-mail.md`, "Bounces and complaints".',
            (
                "If they are made up, hold mails until the shop has corrected them: `python -m ops mails hold "
                '--why "made-up addresses"`; they wait, three days at most.'
            ),
        ),
        minutes=60,
    )


MESSAGES: tuple[Row, ...] = (
    *(_waiting(queue) for queue in _WAITING),
    *(_dead(queue, what) for queue, what in _DEAD.items()),
    AlarmRow(
        "DeadLettersStream",
        "Records of the table's stream expired unread: mails, events and counts of some cases were never made.",
        Urgency.TICKET,
        one("messages in `stream-failures`", of_queue("stream-failures", DEPTH)),
        1,
        (
            "Repair what `DispatchChangesFailing` or `StreamSilent` is about first.",
            (
                '`python -m ops audit run --why "records expired"` names the cases whose mails were never written '
                '(`MAIL_MISSING`); `python -m ops redispatch dp-… dp-… --why "records expired"` has what follows '
                "from them done again."
            ),
            (
                "`python -m ops dead-letters show stream-failures` shows shard and sequence numbers, nothing more; "
                "delete them."
            ),
        ),
        minutes=1,
    ),
    AlarmRow(
        "DeadLettersSweeps",
        "Calls of the sweeper or the audit were lost: EventBridge could not invoke the function.",
        Urgency.TICKET,
        one("messages in `missed-sweeps`", of_queue("missed-sweeps", DEPTH)),
        3,
        (
            (
                "One lost call is made up for by the next, so a few are nothing to repair; several mean that the "
                "function is throttled or its permission is gone: see `SweepSilent`."
            ),
            "`python -m ops dead-letters show missed-sweeps` shows when; then delete them.",
        ),
        minutes=1,
    ),
    *_MAILS_ON_TIME,
    AlarmRow(
        "MailsWaiting",
        "SES has not accepted mails for a quarter of an hour.",
        Urgency.PAGE,
        one("mails that SES did not take", actions("mail", "DEFERRED")),
        1,
        (
            (
                "`python -m ops.mail_check --stage prod` says whether SES is paused, in the sandbox, over its "
                "quota, or does not know the domain; `docs/operations-mail.md` says what to do about each."
            ),
            "`python -m ops mails held` says whether an operator holds them.",
            (
                "Mails are tried again for three days, each after ever longer pauses. When SES takes them again they "
                'leave by themselves; those of a case at once by `python -m ops mails resend dp-… --why "SES is back"`.'
            ),
        ),
        times=3,
    ),
    _mail(
        "MailsGivenUp",
        "mail",
        "GIVEN_UP",
        "A mail waited three days without success and is dropped; its reader sees a notice on the case.",
        "mails that were given up",
        "As `MailsWaiting`, first.",
        'Then `python -m ops mails resend dp-… --why "SES is back"` for the cases that the log names.',
    ),
    _mail(
        "MailsRefused",
        "mail",
        "MESSAGE_REFUSED",
        "SES does not accept a certain mail.",
        "mails that SES refused",
        'The saved query "mails" names case, entry and kind; look at the text of that mail (`make mails`).',
        'After a correction: `python -m ops mails resend dp-… --why "corrected"`.',
    ),
    _mail(
        "MailsFailed",
        "mail",
        "FAILED",
        "A mail fails over a fault of ours; it is tried again ever more seldom.",
        "mails that failed",
        'Open the saved query "failures of the workers": it names the error\'s class and place. Repair and deploy.',
        'The mail leaves by itself then; sooner by `python -m ops mails resend dp-… --why "repaired"`.',
    ),
    _mail(
        "MailsRejected",
        "mail_event",
        "REJECT",
        "SES accepted a mail and then refused to deliver it.",
        "mails that SES rejected",
        'The saved query "mails" names case and entry: SES saw malware in it. Look at what the parties wrote.',
    ),
    _mail(
        "MailsNotRendered",
        "mail_event",
        "RENDERING_FAILURE",
        "SES could not render a mail.",
        "mails that SES could not render",
        'A fault in our templates: look at the mail\'s kind in the saved query "mails", repair and deploy.',
        'Then `python -m ops mails resend dp-… --why "repaired"`.',
    ),
    _reputation("BounceRate", 0.05, "Bounces"),
    _reputation("ComplaintRate", 0.001, "Complaints"),
)
