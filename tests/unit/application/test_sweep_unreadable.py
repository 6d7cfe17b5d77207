"""Q32: what the sweeper does with rows that nobody can read: ever more seldom, and in nobody's way."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import pytest

from buyer_protection.application.ports.timers import DueKind, DueRow
from buyer_protection.application.workers.sweep import sweep
from tests.unit.application.helpers import follow_without_queue
from tests.unit.application.test_sweep import crowd, sweeper


def test_q32_a_mail_that_nobody_can_read_is_put_aside_ever_longer_and_the_others_are_asked_for() -> None:
    of = crowd(2)
    follow_without_queue(of)
    of.clock.at += timedelta(minutes=2)
    of.timers.unreadable |= {("dp-1", f"MAIL#00000001#{role}") for role in ("BUYER", "SELLER")}
    began, looked = of.clock.at, []
    while of.clock.at < began + timedelta(hours=5):
        done = sweep(sweeper(of))
        if done["failed_UnreadableRowError"]:
            looked.append((of.clock.at - began) // timedelta(minutes=1))
        of.clock.at += timedelta(minutes=1)
    assert looked == [0, 4, 8, 16, 32, 64, 124, 184, 244]
    assert set(of.queue.asked) == {"dp-2"}


def test_q32_a_row_of_a_kind_that_only_newer_code_knows_is_put_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    of = crowd(1)
    aside: list[DueRow] = []
    unknown = DueRow("dp-1", "OF-LATER#1", of.clock.at)
    due = of.timers.due

    def with_unknown(now: datetime, *, kinds: Collection[DueKind], **asked: Any) -> list[DueRow]:
        return [*([unknown] if DueKind.EFFECT in kinds else []), *due(now, kinds=kinds, **asked)]

    monkeypatch.setattr(of.timers, "due", with_unknown)
    monkeypatch.setattr(of.timers, "put_aside", lambda row, *_: aside.append(row))
    done = sweep(sweeper(of))
    assert (done["failed_UnreadableRowError"], done["transitions"], aside) == (1, 1, [unknown])
    assert of.queue.asked == []


def test_q32_a_deadline_of_a_case_that_is_not_there_is_put_aside_and_one_whose_store_fails_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = crowd(2)
    load, aside = of.cases.load, []

    def broken(dispute_id: str, **kwargs: object) -> object:
        if dispute_id == "dp-1":
            raise ConnectionError
        return None if dispute_id == "dp-2" else load(dispute_id, **kwargs)

    monkeypatch.setattr(of.cases, "load", broken)
    monkeypatch.setattr(of.timers, "put_aside", lambda row, *_: aside.append(row.dispute_id))
    done = sweep(sweeper(of))
    assert (done["failed_ConnectionError"], done["failed_CaseMissingError"], aside) == (1, 1, ["dp-2"])
