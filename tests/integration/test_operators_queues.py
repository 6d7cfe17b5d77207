"""`python -m ops queues …` and `dead-letters show` over moto: what waits is counted, shown by ids, moved back (F6)."""

import json
from typing import Any

import boto3
import pytest

from infra.alarms.messages import _DEAD
from ops import __main__ as operations
from ops import queues
from ops.__main__ import DIFFERS, DONE
from tests.integration.conftest import REGION, TABLE_NAME
from tests.integration.operators import WHY, Here, Run, bodies_of, put, runner, traces


@pytest.fixture
def run(table: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch)


def test_the_commands_know_the_queues_that_are_deployed_and_watched() -> None:
    assert set(queues.READ) == set(_DEAD)
    assert set(queues.COLLECTING) == {"stream-failures", "missed-sweeps"}


def test_f6_queues_say_how_many_wait_and_how_many_were_given_up(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("queues", "list") == DONE
    put("inbound", "{}")
    put("inbound-failed", "{}", "{}")
    capsys.readouterr()
    assert run("queues", "list") == DIFFERS
    assert "inbound: 1 waiting, 0 in work, 0 delayed; 2 given up" in capsys.readouterr().out
    assert traces() == []


def test_f6_what_was_given_up_is_moved_back_once_and_who_did_it_is_kept(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    bodies = [json.dumps({"case_id": f"dp-{number}"}) for number in range(13)]
    put("notifications-failed", *bodies)
    assert run("queues", "redrive", "notifications", *WHY, "--dry-run") == DONE
    assert "would: queues redrive notifications: 13 messages" in capsys.readouterr().out
    assert (traces(), bodies_of("notifications")) == ([], [])

    assert run("queues", "redrive", "notifications", *WHY) == DONE
    assert "13 messages are in notifications again" in capsys.readouterr().out
    assert bodies_of("notifications-failed") == []
    assert traces() == [("queues redrive notifications: 13 messages", "on-call-2", "a test")]
    assert run("queues", "list") == DONE


def test_dead_letters_are_shown_by_ids_and_codes_and_never_by_what_people_wrote(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {"order": {"order_id": "o-1", "buyer_name": "Ana Canary"}, "note": "Canary"}
    put("inbound-failed", json.dumps({"id": "e-1", "detail-type": "OrderUpserted", "detail": said}))
    put("inbound-failed", "Ana Canary")
    assert run("dead-letters", "show", "inbound") == DONE
    printed = capsys.readouterr().out
    assert "detail-type=OrderUpserted  id=e-1  detail.order.order_id=o-1" in printed
    assert "unreadable=10" in printed
    assert "2 messages of inbound-failed" in printed
    assert "Canary" not in printed
    forged = {"id": "\x1b[2J\x1b]0;owned\x07", "detail": {"event_id": "\u202egpj"}}
    put("inbound-failed", json.dumps(forged))
    assert run("dead-letters", "show", "inbound") == DONE
    printed = capsys.readouterr().out
    assert "detail.event_id='\\u202egpj'" in printed
    assert "\x1b" not in printed
    put("late-changes", json.dumps({"eventName": "INSERT", "dynamodb": {"Keys": {"pk": {"S": "CASE#dp-1"}}}}))
    assert run("dead-letters", "show", "late-changes", "--waiting") == DONE
    assert "dynamodb.Keys.pk.S=CASE#dp-1" in capsys.readouterr().out


def test_f6_what_was_shown_can_be_moved_at_once(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    put("uploads-failed", *(json.dumps({"id": f"e-{number}"}) for number in range(12)))
    assert run("dead-letters", "show", "uploads", "--limit", "3") == DONE
    assert "3 messages of uploads-failed" in capsys.readouterr().out
    assert run("queues", "redrive", "uploads", *WHY) == DONE
    assert "12 messages are in uploads again" in capsys.readouterr().out


def test_f6_what_somebody_else_looks_at_stays_and_is_said(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    put("uploads-failed", "{}")
    put("uploads-failed", "{}")
    sqs = boto3.client("sqs", region_name=REGION)
    url = sqs.get_queue_url(QueueName="BuyerProtection-test-uploads-failed")["QueueUrl"]
    sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, VisibilityTimeout=600)
    assert run("queues", "redrive", "uploads", *WHY) == DIFFERS
    printed = capsys.readouterr().out
    assert "1 messages are in uploads again" in printed
    assert "1 stayed" in printed


def test_f6_what_fails_again_at_once_is_moved_once_by_one_command(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put("uploads-failed", "{}")
    given: list[str] = []

    def batches(sqs: Any, url: str, seconds: int) -> Any:
        answer = sqs.receive_message(QueueUrl=url, VisibilityTimeout=seconds)
        yield answer["Messages"]
        # SQS gives it up again, under the id that the command's own message has.
        work = sqs.get_queue_url(QueueName="BuyerProtection-test-uploads")["QueueUrl"]
        (again,) = sqs.receive_message(QueueUrl=work)["Messages"]
        given.append(again["MessageId"])
        yield [again]

    monkeypatch.setattr(queues, "_batches", batches)
    monkeypatch.setattr(queues, "_let_go", lambda *_: None)
    assert run("queues", "redrive", "uploads", *WHY) == DIFFERS
    assert len(given) == 1
    assert "1 failed again at once" in capsys.readouterr().out


def test_one_client_asks_for_the_counts_of_all_queues(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    ours = boto3.client
    fresh = Here(TABLE_NAME, REGION, stage="test")
    monkeypatch.setattr(operations, "_target", lambda _arguments: fresh)
    monkeypatch.setattr(boto3, "client", lambda name, **named: made.append(name) or ours(name, **named))
    assert run("queues", "list") == DONE
    assert made == ["sqs"]
