"""SES's events are read as documented; what is not is refused with its field, and nothing personal is logged."""

import copy
from typing import Any

import pytest

from buyer_protection.application.mails.bounces import MailEventKind
from buyer_protection.domain.enums import Role
from buyer_protection.domain.errors import InvalidRequestError
from buyer_protection.domain.timeline import instant
from buyer_protection.runtime import bus_events, mail_events
from tests.support import ses_events


@pytest.mark.parametrize(
    ("what", "kind", "at"),
    [
        (ses_events.bounce(), MailEventKind.HARD_BOUNCE, "2026-03-11T12:00:00.456Z"),
        (ses_events.bounce(permanent=False), MailEventKind.SOFT_BOUNCE, "2026-03-11T12:00:00.456Z"),
        (ses_events.complaint(), MailEventKind.COMPLAINT, "2026-03-11T12:00:00.456Z"),
        (ses_events.complaint(None), MailEventKind.COMPLAINT, "2026-03-11T12:00:00.456Z"),
        (ses_events.complaint("not-spam"), MailEventKind.NOT_SPAM, "2026-03-11T12:00:00.456Z"),
        (ses_events.REJECT, MailEventKind.REJECT, "2026-03-11T11:59:00.000Z"),
        (ses_events.RENDERING_FAILURE, MailEventKind.RENDERING_FAILURE, "2026-03-11T11:59:00.000Z"),
        (ses_events.DELIVERY_DELAY, MailEventKind.DELIVERY_DELAY, "2026-03-11T12:00:00.456Z"),
    ],
)
def test_each_event_is_read_as_what_it_says(what: dict[str, Any], kind: MailEventKind, at: str) -> None:
    read = mail_events.read(ses_events.envelope(what))
    assert (read.kind, read.dispute_id, read.recipient, instant(read.at)) == (kind, "dp-1", Role.BUYER, at)


def test_the_address_is_the_one_that_the_mail_went_to_not_one_it_was_forwarded_to() -> None:
    assert mail_events.read(ses_events.envelope(ses_events.bounce())).address == "buyer@example.com"


def test_an_undetermined_bounce_says_nothing_about_the_address() -> None:
    what = ses_events.bounce()
    what["bounce"]["bounceType"] = "Undetermined"
    assert mail_events.read(ses_events.envelope(what)).kind is MailEventKind.SOFT_BOUNCE


def _without(envelope: dict[str, Any], *path: str) -> dict[str, Any]:
    changed = copy.deepcopy(envelope)
    part = changed
    for name in path[:-1]:
        part = part[name]
    del part[path[-1]]
    return changed


@pytest.mark.parametrize(
    "path",
    [
        ("source",),
        ("detail",),
        ("detail-type",),
        ("detail", "mail"),
        ("detail", "bounce"),
        ("detail", "bounce", "bounceType"),
        ("detail", "bounce", "timestamp"),
        ("detail", "mail", "destination"),
        ("detail", "mail", "tags"),
        ("detail", "mail", "tags", "dispute_id"),
        ("detail", "mail", "tags", "recipient"),
    ],
)
def test_what_is_not_as_documented_is_refused(path: tuple[str, ...]) -> None:
    with pytest.raises(InvalidRequestError):
        mail_events.read(_without(ses_events.envelope(ses_events.bounce()), *path))


@pytest.mark.parametrize("recipient", ["CASE_MANAGER", "SYSTEM", "nobody", "", "buyer"])
def test_no_mail_goes_to_anybody_but_the_parties(recipient: str) -> None:
    with pytest.raises(InvalidRequestError):
        mail_events.read(ses_events.envelope(ses_events.bounce(), recipient=recipient))


def test_an_instant_without_its_zone_is_refused() -> None:
    notification = ses_events.envelope(ses_events.bounce())
    notification["detail"]["bounce"]["timestamp"] = "2026-03-11T12:00:00.456"
    with pytest.raises(InvalidRequestError):
        mail_events.read(notification)


def test_another_kind_of_event_and_another_sender_are_refused() -> None:
    notification = ses_events.envelope(ses_events.bounce())
    for changed in ({**notification, "source": "shop"}, {**notification, "detail-type": "Email Opened"}):
        with pytest.raises(InvalidRequestError) as refused:
            mail_events.read(changed)
        assert "buyer@example.com" not in str(refused.value)


def test_what_is_logged_of_an_event_are_ids() -> None:
    notification = ses_events.envelope(ses_events.bounce())
    ids = mail_events.ids_of(notification)
    assert ids["dispute_id"] == "dp-1"
    assert ids["message_id"] == notification["detail"]["mail"]["messageId"]
    assert "@" not in str(ids)
    hostile = copy.deepcopy(notification)
    hostile["detail"]["mail"]["tags"]["dispute_id"] = ["buyer@example.com"]
    hostile["detail"]["mail"]["messageId"] = "buyer@example.com"
    hostile["id"] = {"buyer@example.com": 1}
    assert "@" not in str(mail_events.ids_of(hostile))
    for broken in ({}, {"detail": 1}, {"detail": {"mail": 1}}, {"detail": {"mail": {"tags": 1}}}):
        assert mail_events.ids_of(broken) == {}


def test_a_refusal_is_logged_by_field_and_code() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        mail_events.read(_without(ses_events.envelope(ses_events.bounce()), "detail", "mail", "destination"))
    assert bus_events.codes_of(refused.value) == {
        "code": "VALIDATION_FAILED",
        "fields": ["/mail/destination REQUIRED"],
    }


def test_b6_a_mail_about_an_order_names_no_case() -> None:
    envelope = ses_events.envelope(ses_events.bounce())
    tags = envelope["detail"]["mail"]["tags"]
    del tags["dispute_id"]
    tags["order_id"] = ["order-1"]
    assert mail_events.read(envelope).dispute_id == ""
    assert mail_events.ids_of(envelope)["order_id"] == "order-1"
    del tags["order_id"]
    with pytest.raises(InvalidRequestError):
        mail_events.read(envelope)
