"""Who looked at a case, by the log's saved query on AWS: every part of it is asked, about that case alone."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from infra.saved_queries import QUERIES
from ops import log_lines, looked
from ops.target import TargetError

CASE = "dp-01jp2n8k7q0000000000000001"
SINCE = "2026-03-09T12:00:00Z"
(TEXT,) = (query.text for query in QUERIES if query.name == looked.QUERY)
LINE = {
    "@timestamp": "2026-03-10 09:00:00.000",
    "standing": "TEAM",
    "caller": "0f" * 16,
    "action": "get_claim_brief",
    "outcome": "ACCEPTED",
    "request_id": "r-2",
    "correlation_id": "c-2",
}


class Logs:
    """CloudWatch Logs with two parts of the query; the first answer of each says that it still runs."""

    def __init__(self, *rows: dict[str, str], ends: str = "Complete", parts: int = 2) -> None:
        self.rows, self.ends, self.parts, self.asked = rows, ends, parts, list[dict[str, Any]]()
        self.states = dict[str, str]()

    def describe_query_definitions(self, **named: str) -> dict[str, Any]:
        assert named == {"queryDefinitionNamePrefix": "BuyerProtection-prod/who looked"}
        return {
            "queryDefinitions": [
                {"logGroupNames": [f"group-{number}"], "queryString": TEXT} for number in range(self.parts)
            ]
        }

    def start_query(self, **query: Any) -> dict[str, str]:
        self.asked.append(query)
        return {"queryId": query["logGroupNames"][0]}

    def get_query_results(self, **named: str) -> dict[str, Any]:
        (query_id,) = named.values()
        state = self.states.get(query_id, "Running")
        self.states[query_id] = self.ends
        rows = self.rows if query_id == "group-0" else ()
        fields = [[{"field": name, "value": text} for name, text in row.items()] for row in rows]
        return {"status": state, "results": fields if state == "Complete" else []}


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(log_lines, "_POLL_SECONDS", 0)

    def run(logs: Logs, standing: str | None = None, dispute_id: str = CASE) -> int:
        target = SimpleNamespace(
            endpoint_url=None, client=lambda _: logs, name_of=lambda name: f"BuyerProtection-prod-{name}"
        )
        arguments: Any = SimpleNamespace(dispute_id=dispute_id, since=SINCE, standing=standing, target=target)
        return looked.show_looks(arguments)

    return run


def test_every_part_of_the_query_is_asked_about_this_case_and_no_other(
    look: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = Logs(
        {"@timestamp": "2026-03-10 10:00:00.000", "action": "list_notes", "outcome": "NOT_FOUND"}, LINE
    )

    assert look(logs) == 0
    assert [query["logGroupNames"] for query in logs.asked] == [["group-0"], ["group-1"]]
    for query in logs.asked:
        assert query["queryString"].count(f'"{CASE}"') == 2
        assert '"dp-"' not in query["queryString"]
        assert query["startTime"] == datetime(2026, 3, 9, 12, tzinfo=UTC).timestamp()
    assert capsys.readouterr().out.splitlines() == [
        f"2026-03-10 09:00:00.000  TEAM  {'0f' * 16}  get_claim_brief  ACCEPTED  r-2  c-2",
        "2026-03-10 10:00:00.000  -  -  list_notes  NOT_FOUND  -  -",
        "2 looks by 1 callers since 2026-03-09T12:00:00.000Z",
    ]


def test_a_standing_leaves_out_all_others(look: Any, capsys: pytest.CaptureFixture[str]) -> None:
    look(Logs(LINE, {**LINE, "standing": "PERSON"}), "PERSON")
    assert "TEAM" not in capsys.readouterr().out


# What the functions log of calls about the case, and whether it is shown.
ANSWERED = (
    ("TEAM", "get_claim_brief", 200, True),
    ("TEAM", "decide_claim", 403, True),
    ("TEAM", "decide_claim", 409, True),
    ("TEAM", "decide_claim", 422, False),
    ("TEAM", "decide_claim", 200, False),
    ("PERSON", "make_offer", 404, True),
    ("PERSON", "make_offer", 409, False),
    ("PERSON", "list_offers", 404, True),
)


@pytest.mark.parametrize(("standing", "action", "status", "is_shown"), ANSWERED)
def test_refused_rulings_are_shown_beside_reads_and_refused_strangers(
    standing: str, action: str, status: int, is_shown: bool
) -> None:
    group = f"/aws/lambda/BuyerProtection-local-{action}"
    line = {
        "message": "answered",
        "dispute_id": CASE,
        "standing": standing,
        "action": action,
        "status": status,
    }
    others = ({**line, "dispute_id": "dp-other"}, {**line, "message": "failed"})
    pages: dict[str, list[dict[str, Any]]] = {
        "describe_log_groups": [{"logGroups": [{"logGroupName": group}]}],
        "filter_log_events": [{"events": [{"message": json.dumps(one)} for one in (line, *others)]}],
    }
    paginator = SimpleNamespace(
        get_paginator=lambda name: SimpleNamespace(paginate=lambda **_: iter(pages[name]))
    )
    target: Any = SimpleNamespace(
        client=lambda _: paginator, name_of=lambda name: f"BuyerProtection-local-{name}"
    )

    found = list(looked.from_logs(target, CASE, datetime(2026, 3, 9, tzinfo=UTC)))

    assert [(look.standing, look.action) for look in found] == [(standing, action)] * is_shown


def test_the_saved_query_and_the_command_show_the_same() -> None:
    assert "action like /^(get|list|export)_/" in TEXT
    assert "status in [401, 403, 404]" in TEXT
    assert '(status = 409 and standing = "TEAM")' in TEXT


@pytest.mark.parametrize(
    ("logs", "said"),
    [(Logs(parts=0), "no saved query"), (Logs(ends="Failed"), "did not end the query: Failed")],
)
def test_a_log_that_cannot_be_asked_is_no_empty_list(look: Any, logs: Logs, said: str) -> None:
    with pytest.raises(TargetError, match=said):
        look(logs)


def test_nothing_but_a_cases_id_gets_into_the_query(look: Any) -> None:
    logs = Logs(LINE)
    with pytest.raises(TargetError, match="id is dp-"):
        look(logs, dispute_id='dp-" or 1=1 | fields "')
    assert not logs.asked
