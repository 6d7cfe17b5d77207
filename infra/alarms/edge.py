"""Alarms of what people and the shop's backend call, of the table behind it, and of who is refused."""

from __future__ import annotations

from infra.alarms.rows import (
    ROLL_BACK,
    AlarmRow,
    Row,
    Series,
    Urgency,
    Watch,
    objective,
    of_api,
    of_table,
    one,
    outcomes,
    refused,
)
from infra.called import INDEXES

_PEOPLES, _BACKENDS = "{api}", "{backend_api}"
_FAILING_CALLS = (
    'Open the saved query "failures of the calls": it names the action, the error\'s class and place.'
)

_AFTERWARDS = (
    "When it is over: `python -m ops cases list --overdue` and `python -m ops queues list` become empty within "
    "minutes. Callers repeat their calls with the same keys; nothing is done twice."
)


def _available(api: str) -> Watch:
    series = {"share": of_api(api, "5XXError", "Average"), "failed": of_api(api, "5XXError", "Sum")}
    return Watch("answers with a status of 500 or more", series, "IF(failed >= 10, 100 * share, 0)", "%")


def _quick(milliseconds: int) -> Watch:
    series = {
        "quick": of_api(_PEOPLES, "Latency", f"PR(:{milliseconds})"),
        "calls": of_api(_PEOPLES, "Count", "Sum"),
    }
    words = f"answers that took longer than {milliseconds / 1000:g} seconds"
    return Watch(words, series, "IF(calls >= 100, 100 - quick, 0)", "%")


def _throttled(words: str, places: tuple[str | None, ...]) -> Watch:
    series = {
        f"{kind.lower()}{number}": of_table(f"{kind}ThrottleEvents", place)
        for number, place in enumerate(places)
        for kind in ("Read", "Write")
    }
    return Watch(words, series, " + ".join(f"FILL({id}, 0)" for id in series))


def _refused(name: str, status: int, least: int, symptom: str, urgency: Urgency, *do: str) -> AlarmRow:
    """By the gateway's access log, which has what never reaches a function too (`infra/constructs/refusals.py`)."""
    watch = one(f"answers {status} of people's API", refused(status))
    return AlarmRow(name, symptom, urgency, watch, least, do, times=2)


_BY_CALLER = (
    'The saved query "refusals by caller" shows whether it is one caller or many, and which calls.',
    (
        "One address: the firewall's rule `PerAddress` (`infra/constructs/firewall.py`) already limits it; block "
        "it there if it goes on."
    ),
)

EDGE: tuple[Row, ...] = (
    *objective(
        "Api",
        "People's API answers without a fault of ours",
        0.1,
        _available(_PEOPLES),
        (
            _FAILING_CALLS,
            ROLL_BACK,
            (
                "Is `TableThrottled` or `TableErrors` red? Go on there. Is the table's key enabled? A key that is "
                "disabled is refused to DynamoDB, which answers with an error of the caller's: no alarm of the table "
                "shows it. Enable it in the KMS console."
            ),
            _AFTERWARDS,
        ),
    ),
    *objective(
        "BackendApi",
        "The backend's API answers without a fault of ours",
        0.1,
        _available(_BACKENDS),
        (_FAILING_CALLS, ROLL_BACK, "The shop repeats its calls with the same keys; nothing is done twice."),
    ),
    *objective(
        "ApiLatency",
        "People's API answers within three seconds",
        1,
        _quick(3_000),
        (
            "The dashboard shows whether functions or the table became slower; X-Ray one slow call, with `tracing`.",
            ROLL_BACK,
        ),
        at_once=False,
    ),
    AlarmRow(
        "CallFailing",
        "A function with which people change a case crashed or answered 500. There is one such alarm for each of "
        "them, which brings the version before back during a deployment.",
        Urgency.PART,
        outcomes("<action>", "INTERNAL", "calls of one function that crashed or ended in 500"),
        1,
        (
            "During a deployment CodeDeploy goes back by itself: read the log of the function, repair, deploy again.",
            "Otherwise `ApiBurnsFast` and `ApiBurnsSlowly` notify. " + _FAILING_CALLS,
        ),
        minutes=1,
    ),
    AlarmRow(
        "OpeningsRefused",
        "People cannot open disputes: an operator holds openings, or the table is busy.",
        Urgency.TICKET,
        outcomes("open_dispute", "BUSY", "openings that were answered by 503"),
        20,
        (
            "`python -m ops openings held` says whether an operator holds them, since when, by whom and why.",
            'When the reason is gone: `python -m ops openings release --why "over"`.',
            "If nobody does: is `TableThrottled` red? Go on there.",
        ),
    ),
    _refused(
        "UnauthenticatedBurst",
        401,
        500,
        "Very many calls carry no valid token: a client is broken, or somebody tries tokens.",
        Urgency.TICKET,
        "Was a user pool, a client or the pages' sign-in changed? Then people are locked out: bring it back.",
        *_BY_CALLER,
    ),
    _refused(
        "ForbiddenBurst",
        403,
        200,
        "Very many calls are refused for who makes them.",
        Urgency.TICKET,
        "Was a group or role changed? `docs/identity.md` says who may do what.",
        *_BY_CALLER,
    ),
    _refused(
        "NotFoundBurst",
        404,
        500,
        "Very many calls name cases that do not exist or are not the caller's: somebody tries ids, or a link is "
        "wrong.",
        Urgency.TICKET,
        "A new version of the pages or of the shop? Look at its links.",
        *_BY_CALLER,
    ),
    AlarmRow(
        "SignInFailing",
        "Most sign-ins of the team fail.",
        Urgency.TICKET,
        Watch(
            "sign-ins of the team that failed",
            {
                "worked": Series(
                    "AWS/Cognito",
                    "SignInSuccesses",
                    "Average",
                    {"UserPool": "{team_pool}", "UserPoolClient": "{team_client}"},
                ),
                "tried": Series(
                    "AWS/Cognito",
                    "SignInSuccesses",
                    "SampleCount",
                    {"UserPool": "{team_pool}", "UserPoolClient": "{team_client}"},
                ),
            },
            "IF(tried >= 20, 100 * (1 - worked), 0)",
            "%",
        ),
        50,
        (
            'Ask the team whether they can sign in. If not: `docs/identity.md`, "The team in production".',
            "If they can, somebody tries passwords: look at the pool's log, and reset the password of who is tried.",
        ),
        minutes=15,
        times=2,
    ),
    AlarmRow(
        "FunctionsThrottled",
        "Lambda throttles functions of the account: calls end in 500 and queues become longer.",
        Urgency.PAGE,
        one(
            "throttled invocations of the whole account and region",
            Series("AWS/Lambda", "Throttles", "Sum", {}),
        ),
        50,
        (
            'In Service Quotas look at "Concurrent executions", and ask for more.',
            "In the Lambda console look whose concurrency grew: something else in the account may take it.",
        ),
        times=2,
    ),
    AlarmRow(
        "TableThrottled",
        "DynamoDB throttles the table: calls are slow or end in 500, the sweeper is late.",
        Urgency.PAGE,
        _throttled("throttled reads and writes of the table", (None,)),
        20,
        (
            (
                "The table is on demand: it doubles its capacity within half an hour. Look at what grew on the "
                "dashboard."
            ),
            'A single hot key: the saved query "failures of the calls" names the action and the case.',
            "An account's limit for the table? Ask for more in Service Quotas.",
            _AFTERWARDS,
        ),
        times=2,
    ),
    AlarmRow(
        "IndexThrottled",
        "DynamoDB throttles an index of the table, and with it the table's writes.",
        Urgency.PAGE,
        _throttled("throttled reads and writes of the indexes", INDEXES),
        20,
        (
            (
                "The dashboard shows which index. `by_due` and `by_queue` are in shards "
                "(`adapters/dynamodb/keys.py`): more shards need a deployment and a look at all rows."
            ),
            "`python -m ops cases list --overdue` shows whether deadlines are late.",
        ),
        times=2,
    ),
    AlarmRow(
        "TableErrors",
        "DynamoDB answers with faults of its own.",
        Urgency.PAGE,
        Watch(
            "DynamoDB's own errors",
            {
                operation.lower(): Series(
                    "AWS/DynamoDB", "SystemErrors", "Sum", {"TableName": "{table}", "Operation": operation}
                )
                for operation in (
                    "BatchGetItem",
                    "Query",
                    "TransactWriteItems",
                    "UpdateItem",
                    "PutItem",
                )
            },
            "FILL(batchgetitem, 0) + FILL(query, 0) + FILL(transactwriteitems, 0) + FILL(updateitem, 0) + "
            "FILL(putitem, 0)",
        ),
        20,
        (
            "Look at DynamoDB's health page. Calls are repeated by clients, work by its queues; nothing is lost.",
            "Is the table's key disabled or about to be deleted? Enable it in the KMS console: everything goes on.",
            _AFTERWARDS,
        ),
        times=2,
    ),
    AlarmRow(
        "RowsUnreadable",
        "Somebody met a row that this version cannot read; all others were served.",
        Urgency.TICKET,
        outcomes("row", "UNREADABLE", "rows that could not be read"),
        1,
        (
            'A log line `"message": "unreadable"` names the kind of the row and its key.',
            (
                "`python -m ops case rows dp-…` shows its rows. Usually an older version runs beside a newer one: "
                "end the deployment, or roll it back."
            ),
            (
                "Otherwise put the row back from the point-in-time backup, or deploy code that reads it. The case goes "
                "on within an hour; `python -m ops case show dp-…` shows it again."
            ),
        ),
        minutes=15,
    ),
)
