"""The end of a call is announced by its answers and by the document, a year before (api.md, Compatibility)."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from buyer_protection.domain.actions import ACTIONS, Ending
from buyer_protection.domain.headers import EXPOSED_HEADERS
from buyer_protection.runtime import edge
from buyer_protection.runtime.endings import NOTICE, headers_of
from tests.support.api_events import ENVIRONMENT, header, nobody
from tests.unit.edge_probe import Probe
from tools.compatibility import releases
from tools.compatibility.documents import compare
from tools.contract.endings import with_endings

SINCE = datetime(2027, 3, 1, tzinfo=UTC)
ENDING = Ending(SINCE, SINCE + NOTICE, "https://shop.example.com/disputes/v2")
ANNOUNCED = {
    "Deprecation": "@1803859200",
    "Sunset": "Tue, 29 Feb 2028 00:00:00 GMT",
    "Link": '<https://shop.example.com/disputes/v2>; rel="deprecation"; type="text/html"',
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def ending_probe(monkeypatch: pytest.MonkeyPatch) -> Probe:
    """Of its two calls the POST has an end."""
    rows = [row._replace(ending=ENDING if row.name == "send_message" else None) for row in ACTIONS]
    monkeypatch.setattr(edge, "ACTIONS", rows)
    return Probe()


def test_each_answer_of_a_call_that_has_an_end_announces_it_refusals_included(ending_probe: Probe) -> None:
    answers = (ending_probe.post(), ending_probe.post(key=None), ending_probe.post(nobody()))

    assert [answer["statusCode"] for answer in answers] == [201, 400, 401]
    for answer in answers:
        assert {name: header(answer, name) for name in ANNOUNCED} == ANNOUNCED
    assert set(ANNOUNCED) <= set(EXPOSED_HEADERS)


def test_other_calls_announce_nothing(ending_probe: Probe) -> None:
    assert [header(ending_probe.get(), name) for name in ANNOUNCED] == [None, None, None]


def test_the_headers_are_those_of_rfc_9745_and_rfc_8594() -> None:
    said = headers_of(ENDING)

    assert datetime.fromtimestamp(int(said["Deprecation"].removeprefix("@")), UTC) == ENDING.since
    assert parsedate_to_datetime(said["Sunset"]) == ENDING.until


@pytest.mark.parametrize(
    "wrong",
    [
        ENDING._replace(until=ENDING.until - timedelta(seconds=1)),
        ENDING._replace(since=ENDING.since.replace(tzinfo=None)),
        ENDING._replace(until=ENDING.until.replace(tzinfo=None)),
    ],
)
def test_an_end_with_less_than_a_years_notice_is_refused(wrong: Ending) -> None:
    with pytest.raises(ValueError, match=r"less than 365 days|is not in UTC"):
        headers_of(wrong)


def test_the_document_says_so_which_breaks_no_client() -> None:
    before = json.loads((releases.DOCS / "openapi.json").read_text(encoding="utf-8"))
    after = with_endings(copy.deepcopy(before), {"send_message": ENDING})

    operation = after["paths"]["/v1/disputes/{dispute_id}/messages"]["post"]
    assert operation["deprecated"] is True
    for response in operation["responses"].values():
        assert set(ANNOUNCED) <= set(response["headers"])
    assert after["components"]["headers"]["Sunset"]["example"] == ANNOUNCED["Sunset"]
    assert not [change for change in compare(before, after) if change.is_breaking]
    deprecated = [
        it["operationId"]
        for path in after["paths"].values()
        for it in path.values()
        if it.get("deprecated", False)
    ]
    assert deprecated == ["send_message"]
