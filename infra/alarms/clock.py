"""Alarms of what meets deadlines: executions, sweeper, the stream's reader, the audit."""

from __future__ import annotations

from infra.alarms.held import CLOCK_HELD
from infra.alarms.rows import (
    DEPTH,
    IN_FLIGHT,
    ROLL_BACK,
    AlarmRow,
    CompositeRow,
    Row,
    Series,
    Urgency,
    Watch,
    actions,
    missed,
    objective,
    of_function,
    of_machine,
    of_queue,
    one,
    outcomes,
    own,
    share,
)
from infra.routes import CALLED, SPECS, Kind

_ITS_LOG = (
    'Open the saved query "failures of the workers": it names the error\'s class and place, and the case.'
)

# What fails with each worker, and whether that wakes somebody.
_WORKERS: dict[str, tuple[str, Urgency]] = {
    "close_window": ("executions do not end windows; the sweeper alone meets deadlines", Urgency.PAGE),
    "open_mediation": ("escalated claims reach the team late, by the sweeper", Urgency.TICKET),
    "notify_parties": ("mails are not sent", Urgency.PAGE),
    "receive_events": ("the shop's orders, tracking and payment answers are not taken", Urgency.PAGE),
    "receive_mail_events": ("bounces and complaints are not noticed", Urgency.TICKET),
    "deliver_webhooks": ("webhooks are not delivered", Urgency.TICKET),
    "verify_upload": ("evidence files stay PENDING and do not count", Urgency.PAGE),
    "dispatch_changes": ("mails, events, refunds and wake-ups are late", Urgency.PAGE),
    "audit_cases": ("rows that disagree are not found", Urgency.TICKET),
    "sweep_deadlines": ("deadlines depend on the executions alone", Urgency.PAGE),
}


def worker_alarm(id: str) -> str:
    """The name of a worker's alarm: `CloseWindowFailing`."""
    return f"{id.title().replace('_', '')}Failing"


def _worker(id: str, kind: Kind) -> AlarmRow:
    symptom, urgency = _WORKERS[id]
    is_seldom = kind is Kind.NIGHTLY
    return AlarmRow(
        worker_alarm(id),
        f"`{id}` fails: {symptom}.",
        urgency,
        share(
            f"calls of `{id}` that failed",
            of_function(id, "Errors"),
            of_function(id, "Invocations"),
            2 if is_seldom else 3,
        ),
        10,
        (
            _ITS_LOG,
            ROLL_BACK,
            (
                "A service that is away shows in its own health page; nothing is lost meanwhile, and all of it is "
                "tried again."
            ),
            (
                "When it works again: `python -m ops queues list` shows what still waits, and `python -m ops cases "
                "list --overdue` which cases are late."
            ),
        ),
        minutes=15 if is_seldom else 5,
    )


_DEADLINES = objective(
    "Deadlines",
    "A deadline is met within 120 seconds",
    0.1,
    missed("deadline_in_time", "deadlines that were met later than 120 seconds after their date"),
    (
        "`python -m ops cases list --overdue` names the cases that are late now.",
        (
            "Is one of `SweepSilent`, `SweepBehind`, `SweepDeadlinesFailing`, `CloseWindowFailing` or "
            "`TableThrottled` red? Go on with its section."
        ),
        'After an outage, give people back the time in which they could not act: see "After an outage".',
    ),
)

# What leads to a new entry of the timeline, hence to a record of the stream, whenever it is accepted.
_ALWAYS_RECORDED = ("open_dispute", "make_offer", "send_message", "accept_offer", "accept_request")


def _stream_silent() -> Watch:
    """Changes were accepted while nobody read the stream. Metrics that have no data in a period count as nothing."""
    accepted = {f"a{number}": actions(name, "ACCEPTED") for number, name in enumerate(_ALWAYS_RECORDED)}
    some = " + ".join(f"FILL({id}, 0)" for id in accepted)
    read = {"read": of_function("dispatch_changes", "Invocations")}
    return Watch(
        "cases changed and nobody read the table's stream",
        {**accepted, **read},
        f"IF(({some}) > 0 AND FILL(read, 0) < 1, 1, 0)",
    )


def _changes_waiting() -> Watch:
    """The age of the oldest message says nothing of what has been tried three times: SQS leaves that out of it."""
    series = {"seen": of_queue("late-changes", DEPTH), "tried": of_queue("late-changes", IN_FLIGHT)}
    return Watch(
        "messages in `late-changes`, those that were just tried included",
        series,
        "FILL(seen, 0) + FILL(tried, 0)",
    )


def _near_quota() -> Watch:
    quota = {
        "open": Series("AWS/States", "OpenExecutionCount", "Maximum", {}),
        "limit": Series("AWS/States", "OpenExecutionLimit", "Maximum", {}),
    }
    return Watch("open executions of the account, of its quota", quota, "100 * open / limit", "%")


CLOCK: tuple[Row, ...] = (
    *_DEADLINES,
    AlarmRow(
        "SweepSilent",
        "The sweeper is not called any more: deadlines depend on the executions alone.",
        Urgency.PAGE,
        one("calls of `sweep_deadlines`", of_function("sweep_deadlines", "Invocations")),
        1,
        (
            (
                "In the EventBridge console look whether the rule "
                "`BuyerProtection-<stage>-sweep_deadlines-schedule` is enabled, and enable it."
            ),
            (
                "In the Lambda console look whether the function is throttled (reserved concurrency 0) or its "
                "permission is gone; deploying the stack `Workers` again restores both."
            ),
            "Afterwards `python -m ops cases list --overdue` is empty within two minutes.",
        ),
        times=2,
        below=True,
        silence_is_bad=True,
    ),
    AlarmRow(
        "SweepBehind",
        "Rounds of the sweeper run out of time: more is due than one sweeper can process.",
        Urgency.PAGE,
        outcomes("sweep", "UNFINISHED", "rounds that did not come to their end"),
        4,
        (
            (
                "The last round on the page `/operations` (the row `CONTROL#sweep`) says what it did: `postponed_` "
                "and a service's name means that this service does not answer."
            ),
            'The saved query "rounds of the sweeper" counts repairs by kind: many `failed_` are a fault of ours.',
            ("If it is the number of cases: raise `sweepers` of the stage (`docs/scale.md`), and deploy."),
            "`python -m ops cases list --overdue` shows whether it catches up.",
        ),
        times=2,
    ),
    CLOCK_HELD,
    AlarmRow(
        "CasesFailing",
        "The sweeper cannot process some case; its dates pass without effect until it is repaired.",
        Urgency.TICKET,
        outcomes("sweep", "CASE_FAILED", "rows that the sweeper could not process"),
        2,
        (
            _ITS_LOG,
            (
                "`python -m ops case rows dp-…` shows the case's rows, and `python -m ops case events dp-…` what "
                "happened."
            ),
            (
                "If rows are missing or cannot be read: restore them from the point-in-time backup, or deploy code "
                "that reads them."
            ),
        ),
        minutes=15,
    ),
    AlarmRow(
        "ExecutionsFailing",
        "Executions of cases end in failures; the sweeper starts the next generation of each.",
        Urgency.TICKET,
        share(
            "executions that failed, of those that were started",
            of_machine("ExecutionsFailed"),
            of_machine("ExecutionsStarted"),
            10,
        ),
        10,
        (
            "Open a failed execution in the Step Functions console: its last state and error say which task fails.",
            (
                "Its error says that the case is missing: the table has no such case, as after a restore "
                "(`docs/restore.md`). Without one, somebody removed rows: restore them from the point-in-time backup."
            ),
            (
                "That task's own alarm has the rest: `CloseWindowFailing`, `OpenMediationFailing`, "
                "`NotifyPartiesFailing`."
            ),
        ),
        minutes=15,
    ),
    AlarmRow(
        "ExecutionsThrottled",
        "Step Functions refuses starts or transitions: executions are late, deadlines are not.",
        Urgency.TICKET,
        one("throttled transitions and starts", of_machine("ExecutionThrottled")),
        10,
        (
            "In Service Quotas ask for a higher rate of `StartExecution` and of state transitions in this region.",
            "`python -m ops cases list --unwatched` shows the cases without an execution; the sweeper starts them.",
        ),
        minutes=15,
        times=2,
    ),
    AlarmRow(
        "ExecutionsUnwatched",
        "The sweeper does not reach Step Functions: cases go on without executions, by the sweeper alone.",
        Urgency.TICKET,
        outcomes("sweep", "UNWATCHED", "rounds in which executions could not be looked after"),
        3,
        (
            'Look at Step Functions\' health page and at the error in the saved query "failures of the workers".',
            "`AccessDenied` after a deployment: go back to the version before.",
            "Afterwards `python -m ops cases list --unwatched` becomes shorter with every minute.",
        ),
        times=3,
    ),
    AlarmRow(
        "ExecutionsMissing",
        "The audit found open cases that no execution waits for.",
        Urgency.TICKET,
        one(
            "open cases without an execution at the last audit",
            own("Cases", "Maximum", action="census", outcome="executions_missing"),
        ),
        20,
        (
            "`python -m ops cases list --unwatched` names them.",
            (
                "If the list does not become shorter, starts fail: see `DispatchChangesFailing` and "
                "`ExecutionsThrottled`."
            ),
        ),
        minutes=60,
    ),
    AlarmRow(
        "ExecutionsNearQuota",
        "Open executions come near the account's quota, above which none can be started.",
        Urgency.TICKET,
        _near_quota(),
        80,
        (
            "In Service Quotas ask for more open executions in this region: one case has one, for weeks.",
            "If something else in the account starts them, stop that.",
        ),
        minutes=15,
        times=2,
    ),
    AlarmRow(
        "StreamLate",
        "Starts, wake-ups, mails and events are late; deadlines are not.",
        Urgency.PAGE,
        one(
            "age of the records that `dispatch_changes` reads",
            of_function("dispatch_changes", "IteratorAge", "Maximum"),
            "ms",
        ),
        300_000,
        (
            "Look at `DispatchChangesFailing` first: it fails, or its retry queue takes no messages.",
            "Throttled? In the Lambda console look at the account's concurrency.",
            "Records that expire after 23 hours are named in the queue `stream-failures`: see `DeadLettersStream`.",
        ),
    ),
    AlarmRow(
        "StreamSilent",
        "Nobody reads the table's stream: no mails, events, refunds or starts.",
        Urgency.PAGE,
        _stream_silent(),
        1,
        (
            (
                "In the Lambda console enable the trigger of `dispatch_changes`; it goes on where it stopped, for "
                "24 hours."
            ),
            (
                "If it was off for longer: `python -m ops redispatch dp-… --since 2026-03-09T00:00:00Z --why "
                '"stream was off"` for the cases that `python -m ops cases list` shows as changed since, and '
                '`python -m ops audit run --why "stream was off"`, which names those whose mails were never '
                "written."
            ),
        ),
        times=2,
    ),
    AlarmRow(
        "ChangesWaiting",
        "Changes of cases could not be dispatched: for a quarter of an hour there was always one that waited.",
        Urgency.PAGE,
        _changes_waiting(),
        1,
        (
            "They are tried every four minutes, for more than a day. " + _ITS_LOG,
            "`python -m ops dead-letters show late-changes --waiting` shows which changes they are.",
            (
                "A service that is away: wait for it. A fault of ours: repair and deploy; they are tried again by "
                "themselves."
            ),
        ),
        minutes=1,
        times=15,
    ),
    *(_worker(row.id, row.kind) for row in SPECS if row.kind not in CALLED),
    AlarmRow(
        "CasesDisagree",
        "The audit found rows that disagree with each other.",
        Urgency.TICKET,
        outcomes("audit", "DISAGREES", "disagreements that the audit found"),
        1,
        (
            (
                'The saved query "what the audit found" names case and kind; `docs/operations.md`, "The audit", '
                "says what each kind means and what to do."
            ),
            (
                "`python -m ops case rows dp-…` shows the rows. Money that does not add up: `python -m ops refunds "
                'hold --why "ledger of o-1"` first.'
            ),
        ),
    ),
    AlarmRow(
        "AuditMissing",
        "No pass of the audit ended in a day.",
        Urgency.PART,
        one("passes of the audit that ended", actions("audit", "ENDED")),
        1,
        ("See `AuditSilent`.",),
        minutes=1440,
        times=2,
        below=True,
        silence_is_bad=True,
    ),
    AlarmRow(
        "TwoDaysOld",
        "The stage has run for two days, so that a pass of the audit can be expected.",
        Urgency.PART,
        one("calls of `sweep_deadlines`", of_function("sweep_deadlines", "Invocations")),
        1_000,
        ("See `AuditSilent`.",),
        minutes=1440,
        times=2,
    ),
    CompositeRow(
        "AuditSilent",
        "No pass of the audit has ended for two days: what disagrees stays unnoticed.",
        Urgency.TICKET,
        (("AuditMissing",), ("TwoDaysOld",)),
        (
            "Is `AuditCasesFailing` red? Go on there.",
            "Is the rule `BuyerProtection-<stage>-audit_cases-schedule` enabled in the EventBridge console?",
            '`python -m ops audit run --why "no pass for two days"` begins a pass at once.',
        ),
    ),
    CompositeRow(
        "ClockStands",
        "Neither the sweeper nor the executions meet deadlines: every case of the stage stands still.",
        Urgency.PAGE,
        (
            ("SweepSilent", worker_alarm("sweep_deadlines"), "SweepBehind"),
            (worker_alarm("close_window"), "ExecutionsThrottled", "ExecutionsFailing", "StreamSilent"),
        ),
        (
            (
                "Both ways fail at once: look at what they share first, the table (`TableThrottled`, "
                "`TableErrors`), its key, and the last deployment."
            ),
            "One of the two is enough: begin with `SweepSilent` or `SweepDeadlinesFailing`.",
            'Afterwards give people back the time in which they could not act: see "After an outage".',
        ),
    ),
)
