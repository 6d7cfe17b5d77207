"""Answers that several calls give in the same way: an offer that was made, a part of a list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.documents import answer, offer_document
from buyer_protection.application.schemas.links import dispute_link
from buyer_protection.application.schemas.reading import listed
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import Role


def offer_answer(change: Change, _reader: Role, _now: datetime) -> Answer:
    """201 with the offer, or the team's proposal, that was made."""
    offer, dispute_id = change.new_offer, change.after.dispute_id
    if offer is None:
        raise AssertionError("an offer that was made is part of its change")
    location = f"{dispute_link(dispute_id)}/offers"
    return answer(201, offer_document(dispute_id, offer), version=change.after.version, location=location)


def listed_answer(items: Sequence[Any], token: str | None, reader: Role, now: datetime) -> Answer:
    """200 with a part of a list, who reads it and when, and the token of the next part where there is one."""
    return answer(200, listed(items, token, reader, now))
