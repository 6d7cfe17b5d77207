"""An example of every answer about what is kept of a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from buyer_protection.application.schemas.person_documents import (
    PersonExportDocument,
    PersonPartDocument,
    PersonRowDocument,
    erasure_document,
)
from buyer_protection.domain.enums import Role
from buyer_protection.domain.erasure import Erasure, ErasureStatus
from buyer_protection.domain.timeline import instant
from tools.contract.example_requests import BUYER_ID, DISPUTE_ID

_AT = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)


def about_people() -> dict[str, Any]:
    """By operation."""
    asked = Erasure(BUYER_ID, _AT, _AT + timedelta(days=7))
    stopped = replace(asked, status=ErasureStatus.STOPPED, ended_at=_AT + timedelta(days=2))
    message = PersonRowDocument("MESSAGE", "ms-1", {"text": "The lamp is blue, I ordered the red one."})
    part = PersonPartDocument(Role.BUYER, DISPUTE_ID, None, [message])
    return {
        "export_person": PersonExportDocument(BUYER_ID, [part], None, instant(_AT)),
        "erase_person": erasure_document(asked),
        "stop_erasing_person": erasure_document(stopped),
    }
