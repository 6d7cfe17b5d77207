"""What is logged and counted of calls over a probe route, and the name by which each of them is found."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.domain.errors import ConflictError, ForbiddenError, NotFoundError
from buyer_protection.runtime import observability
from tests.support.api_events import (
    CONTEXT,
    ENVIRONMENT,
    ORIGIN,
    REQUEST_ID,
    backend,
    document,
    header,
    member,
    nobody,
    person,
)
from tests.unit.edge_probe import CANARY, Probe


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def probe() -> Probe:
    return Probe()


Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """What was written since it was last asked for."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


CORRELATION = "shop-page-0000000042"


@pytest.mark.parametrize("name", ["X-Correlation-Id", "x-correlation-id"])
def test_a_call_is_named_as_its_caller_names_it(probe: Probe, lines: Lines, name: str) -> None:
    result = probe.post(headers={name: CORRELATION})
    assert header(result, "X-Correlation-Id") == CORRELATION
    assert probe.calls[0][0].correlation_id == CORRELATION
    assert [line["correlation_id"] for line in lines()] == [CORRELATION] * 2


@pytest.mark.parametrize(
    "sent", [None, "", "short", "a" * 65, "buyer@example.com.com", "sixteen or more\n", "é" * 20]
)
def test_a_call_without_a_well_formed_name_is_named_by_its_request(
    probe: Probe, lines: Lines, sent: str | None
) -> None:
    result = probe.post(headers={} if sent is None else {"X-Correlation-Id": sent})
    assert result["statusCode"] == 201
    assert header(result, "X-Correlation-Id") == REQUEST_ID
    assert probe.calls[0][0].correlation_id == REQUEST_ID
    assert [line["correlation_id"] for line in lines()] == [REQUEST_ID] * 2


def test_refusals_are_named_too_and_pages_may_read_the_name(probe: Probe) -> None:
    sent = {"X-Correlation-Id": CORRELATION, "Origin": ORIGIN}
    for result in (probe.post(nobody(), headers=sent), probe.post(key=None, headers=sent)):
        assert header(result, "X-Correlation-Id") == CORRELATION
        assert "X-Correlation-Id" in str(header(result, "Access-Control-Expose-Headers"))


def test_an_accepted_call_is_one_line_and_one_count(probe: Probe, lines: Lines) -> None:
    probe.post(body={"text": CANARY})
    line, metric = lines()
    outcome = {"action": "send_message", "outcome": "ACCEPTED"}
    ids = {"request_id": REQUEST_ID, "dispute_id": "t-1", "caller": observability.pseudonym_of("buyer-1")}
    assert line.items() >= {"level": "INFO", "message": "answered", "status": 201, **outcome, **ids}.items()
    assert metric.items() >= {"status": 201, **outcome, **ids}.items()
    assert (metric["Actions"], metric["stage"], metric["service"]) == ([1.0], "test", "buyer-protection")
    (directive,) = metric["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "BuyerProtection"
    assert set(directive["Dimensions"][0]) == {"service", "stage", "action", "outcome"}


def test_a_line_names_dispute_and_order_where_the_answer_does(probe: Probe, lines: Lines) -> None:
    probe.answer = lambda: Answer(200, b'{"dispute_id":"t-1","order_id":"A-1","status":"RESOLVED"}')
    probe.post()
    for line in lines():
        assert (line["dispute_id"], line["order_id"]) == ("t-1", "A-1")


def test_a_refused_call_is_one_line_and_one_count_with_its_code(probe: Probe, lines: Lines) -> None:
    probe.post(body={CANARY: CANARY}, path="/v1/disputes/Canary/messages")
    written = lines()
    assert len(written) == 2
    for line in written:
        assert (line["action"], line["outcome"], line["status"]) == ("send_message", "VALIDATION_FAILED", 400)
    assert "Canary" not in json.dumps(written)


def test_a_refusal_that_only_an_existing_case_can_get_names_it(probe: Probe, lines: Lines) -> None:
    def fail() -> Answer:
        raise ConflictError("x", code="WRONG_STATUS")

    probe.answer = fail
    probe.post()
    assert [(line["outcome"], line["dispute_id"]) for line in lines()] == [("WRONG_STATUS", "t-1")] * 2


def test_a_caller_is_a_pseudonym_by_the_stages_key(
    probe: Probe, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("person-1", "person-1", "person-2"):
        probe.get(person(name))
    monkeypatch.setenv("CALLER_ID_KEY", "another-stage")
    probe.get(person("person-1"))
    written = lines()
    one, same, other, elsewhere = [line["caller"] for line in written if line.get("message") == "answered"]
    assert one == same
    assert len({one, other, elsewhere}) == 3
    assert "person-" not in json.dumps(written)


def test_nothing_of_one_call_is_on_the_lines_of_the_next(probe: Probe, lines: Lines) -> None:
    probe.post()
    lines()
    probe.post(nobody())
    for line in lines():
        assert not {"caller", "dispute_id", "order_id"} & line.keys()


OWN_ID = "dp-01jp2n8k7q0000000000000001"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(NotFoundError(), "NOT_FOUND"), (ForbiddenError("no", rule="R24"), "FORBIDDEN")],
)
def test_who_tried_and_was_refused_is_known_by_caller_case_and_call(
    probe: Probe, lines: Lines, error: Exception, outcome: str
) -> None:
    def refuse() -> Answer:
        raise error

    probe.answer = refuse
    probe.post(person("stranger-1"), path=f"/v1/disputes/{OWN_ID}/messages")
    for line in lines():
        assert (line["outcome"], line["asked_dispute_id"]) == (outcome, OWN_ID)
        assert line["caller"] == observability.pseudonym_of("stranger-1")
        assert (line["request_id"], line["correlation_id"]) == (REQUEST_ID, REQUEST_ID)
        # Whether there is such a case, the line does not say.
        assert "dispute_id" not in line


@pytest.mark.parametrize("sent", ["Canary", "dp-Canary", "buyer@example.com", OWN_ID.upper(), f"{OWN_ID}x"])
def test_what_has_not_the_form_of_our_ids_may_be_anything_and_is_not_logged(
    probe: Probe, lines: Lines, sent: str
) -> None:
    probe.answer = lambda: (_ for _ in ()).throw(NotFoundError())
    probe.post(path=f"/v1/disputes/{sent}/messages")
    written = lines()
    assert written
    assert sent not in json.dumps(written)


@pytest.mark.parametrize(
    ("caller", "standing"),
    [
        (person("p-1"), "PERSON"),
        (person("p-1", "seller:s-1"), "PERSON"),
        (person("p-1", "case_manager"), "PERSON"),
        (member("m-1"), "TEAM"),
        (member("m-1", "operator"), "OPERATOR"),
        (backend(), "BACKEND"),
    ],
)
def test_each_line_says_whose_token_or_signature_it_was(
    probe: Probe, lines: Lines, caller: dict[str, Any], standing: str
) -> None:
    probe.get(caller)
    assert [line["standing"] for line in lines() if line.get("message") == "answered"] == [standing]


def test_our_own_failure_is_logged_with_places_and_without_texts(probe: Probe, lines: Lines) -> None:
    def fail() -> Answer:
        try:
            raise ValueError(CANARY)
        except ValueError as cause:
            raise AssertionError(CANARY) from cause

    probe.answer = fail
    result = probe.post(body={"text": CANARY})
    assert result["statusCode"] == 500
    assert "Canary" not in result["body"]
    failure, answered, counted = lines()
    assert failure["level"] == "ERROR"
    assert [error["class"] for error in failure["errors"]] == ["AssertionError", "ValueError"]
    assert any("test_edge_logging.py" in frame for frame in failure["errors"][0]["frames"])
    assert failure["request_id"] == answered["request_id"] == counted["request_id"] == REQUEST_ID
    assert answered["outcome"] == counted["outcome"] == "INTERNAL"
    assert "Canary" not in json.dumps([failure, answered, counted])
    assert "buyer@example.com" not in json.dumps([failure, answered, counted])


def test_a_function_without_its_settings_answers_a_500(
    probe: Probe, monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    monkeypatch.delenv("ALLOWED_ORIGINS")
    result = probe.post(headers={"Origin": ORIGIN})
    assert (result["statusCode"], document(result)["code"]) == (500, "INTERNAL")
    assert header(result, "Content-Type") == "application/problem+json"
    assert lines()[0]["errors"][0]["class"] == "SettingError"


def test_a_worker_is_counted_and_its_failure_logged_without_its_text(
    lines: Lines,
) -> None:
    @observability.worker("close_window")
    def handler(event: Any, _context: Any) -> str:
        if "fail" in event:
            raise ValueError(CANARY)
        return "done"

    assert handler({"case_id": "dp-1"}, CONTEXT) == "done"
    line, counted = lines()
    assert (line["message"], line["action"], line["dispute_id"]) == ("done", "close_window", "dp-1")
    assert (counted["action"], counted["outcome"], counted["dispute_id"]) == (
        "close_window",
        "ACCEPTED",
        "dp-1",
    )
    with pytest.raises(observability.WorkerFailedError, match="close_window: ValueError") as failed:
        handler({"case_id": "dp-1", "fail": True}, CONTEXT)
    assert failed.value.__cause__ is None
    failure, counted = lines()
    assert failure["request_id"] == counted["request_id"] == "lambda-request"
    assert (counted["outcome"], failure["errors"][0]["class"]) == ("FAILED", "ValueError")
    assert "Canary" not in json.dumps([failure, counted])
