"""The calls about what is kept of a person: the shop's own systems (R48)."""

from __future__ import annotations

from buyer_protection.application.schemas import person_documents as documents
from tools.contract.model import Operation
from tools.contract.model import Refusal as No

PEOPLE = (
    Operation(
        "export_person",
        "system",
        ("R48",),
        documents.PersonExportDocument,
        query=documents.PersonQuery,
        notes="By dispute and order, what the person said, gave and is called, with links to their files for five "
        "minutes: nothing of the other side, nothing of the team. A part of it where there is more.",
    ),
    Operation(
        "erase_person",
        "system",
        ("R48",),
        documents.ErasureDocument,
        problems=(
            No("DISPUTES_OPEN", "R48"),
            No("REFUND_UNPAID", "R48"),
            No("LEGAL_HOLD", "R48"),
            No("CONTENTION"),
        ),
        notes="Begins after seven days of the policy (`effective_at`) and can be stopped until then; what is opened "
        "meanwhile delays it. Texts, files, names and contacts go; ids, amounts, instants and digests stay, so that "
        "every chain and signature still verifies. An order that is sent again brings back what it says.",
    ),
    Operation(
        "stop_erasing_person",
        "system",
        ("R48",),
        documents.ErasureDocument,
        problems=(No("TOO_LATE", "R48"), No("CONTENTION")),
    ),
)
