"""What the functions measure of promises, and of what the audit counted: by stage, with ids, 0 and 1 (I9)."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from buyer_protection.application.mails.delivery import deliver_mails
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.composition import mail_reports
from buyer_protection.runtime import observability
from tests.support.api_events import ENVIRONMENT
from tests.unit.application.helpers import CASE, mail_delivery, opened, world

MINUTE = timedelta(minutes=1)


def missed(printed: str) -> list[tuple[str, float, int]]:
    """What was measured of promises: which, whether it was missed, and after how many seconds."""
    lines = [json.loads(line) for line in printed.splitlines()]
    return [
        (line["action"], line["Missed"][0], line["seconds"])
        for line in lines
        if "_aws" in line and "Missed" in line
    ]


def test_r23_a_mail_is_measured_from_what_it_is_about_until_it_left() -> None:
    of, seen = world(), list[tuple[int, timedelta]]()
    opened(of)

    def note(mail: OutboxMail, after: timedelta) -> None:
        seen.append((mail.seq, after))

    of.deliver_stream()
    of.clock.at += 7 * MINUTE
    assert deliver_mails(replace(mail_delivery(of), on_sent=note), CASE) == 2
    assert seen == [(1, 7 * MINUTE), (1, 7 * MINUTE)]


def test_a_promise_and_what_was_counted_are_metrics_of_the_stage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    observability.begin(request_id="r-1")
    observability.promised("mail_in_time", 300.4, 300, {"dispute_id": CASE})
    observability.promised("mail_in_time", 300.0, 300, {"dispute_id": CASE})
    observability.census("open.NEGOTIATION.7", 12)
    late, in_time, counted = (json.loads(line) for line in capsys.readouterr().out.splitlines())

    assert (late["Missed"], in_time["Missed"], counted["Cases"]) == ([1.0], [0.0], [12.0])
    assert (
        late.items()
        >= {"stage": "test", "action": "mail_in_time", "seconds": 300, "dispute_id": CASE}.items()
    )
    assert counted.items() >= {"stage": "test", "action": "census", "outcome": "open.NEGOTIATION.7"}.items()
    (directive,) = counted["_aws"]["CloudWatchMetrics"]
    assert set(directive["Dimensions"][0]) == {"service", "stage", "action", "outcome"}


def test_the_container_measures_mails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    of, noted = world(), mail_reports.note_sent_mail
    opened(of)
    of.deliver_stream()
    of.clock.at += 6 * MINUTE
    deliver_mails(replace(mail_delivery(of), on_sent=noted), CASE)
    assert missed(capsys.readouterr().out) == [("mail_in_time", 1.0, 360)] * 2
