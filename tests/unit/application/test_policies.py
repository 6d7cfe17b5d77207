"""The policy's calls: its numbers as data, and the calendar they give an order (R4, R15, R16)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from buyer_protection.application.actions.policies import get_policy, preview_policy
from buyer_protection.application.schemas.requests import PreviewRequest
from buyer_protection.domain.errors import NotFoundError
from tests.support.builders import DAY, OPENED, SHIPPED
from tests.unit.application.helpers import doc, world


def test_r15_the_profile_is_answered_with_every_window_and_flag() -> None:
    body = doc(get_policy(world().context, "aliexpress-classic"))
    assert (body["profile"], body["negotiation_days"], body["seller_may_escalate"]) == (
        "aliexpress-classic",
        15,
        False,
    )
    assert body["day_seconds"] == 86_400


def test_r15_an_unknown_profile_is_404() -> None:
    of = world()
    with pytest.raises(NotFoundError):
        get_policy(of.context, "another")
    with pytest.raises(NotFoundError):
        preview_policy(of.context, "another", PreviewRequest(SHIPPED, 40))


def test_r04_a_preview_gives_the_whole_calendar_in_utc_and_whole_milliseconds() -> None:
    asked = PreviewRequest(SHIPPED + timedelta(microseconds=1999), 40, OPENED, OPENED + DAY)
    assert doc(preview_policy(world().context, "aliexpress-classic", asked)) == {
        "profile": "aliexpress-classic",
        "version": 1,
        "dispute_opens_at": "2026-03-06T12:00:00.001Z",
        "completion_at": "2026-04-10T12:00:00.001Z",
        "opens_before_completion": True,
        "escalation_available_at": "2026-03-09T12:00:00.000Z",
        "negotiation_due_at": "2026-03-21T12:00:00.000Z",
        "evidence_due_at_latest": "2026-03-28T12:00:00.000Z",
        "decision_due_at_latest": "2026-04-04T12:00:00.000Z",
        "reason_change_due_at": "2026-03-12T12:00:00.000Z",
    }


def test_r15_a_stage_with_short_days_previews_short_days() -> None:
    of = world()
    context = replace(of.context, policy=replace(of.context.policy, day_seconds=1))
    body = doc(preview_policy(context, "aliexpress-classic", PreviewRequest(SHIPPED, 40, OPENED)))
    assert body["negotiation_due_at"] == "2026-03-06T12:00:15.000Z"
    assert body["reason_change_due_at"] is None
