"""What a case holds, as a whole: the evidence guide, and the case file to take away (R10, R21, R25, R32)."""

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct, structs, to_builtins

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Command, load_case_for
from buyer_protection.application.actions.messages import MessageDocument, message_document
from buyer_protection.application.ports.cases import Dossier
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.signing import Signer
from buyer_protection.application.schemas.answers import listed_answer
from buyer_protection.application.schemas.documents import (
    DisputeDocument,
    OfferDocument,
    OutcomeDocument,
    TimelineDocument,
    answer,
    dispute_document,
    offer_document,
    outcome_document,
    timeline_document,
)
from buyer_protection.application.schemas.evidence_documents import EvidenceDocument, evidence_document
from buyer_protection.application.schemas.guide_documents import case_guide
from buyer_protection.application.schemas.instants import At
from buyer_protection.application.schemas.proof_documents import (
    SignatureDocument,
    TextDocument,
    signature_of,
    texts_of,
)
from buyer_protection.domain.enums import Action, Role
from buyer_protection.domain.errors import NotFoundError
from buyer_protection.domain.timeline import GENESIS, instant


class ChainDocument(Struct, frozen=True):
    """How to check the timeline: see docs/verify_export.py."""

    algorithm: str
    genesis: str
    head: str
    length: int


class CaseFile(Struct, frozen=True):
    """The case file as its reader may have it, before it is signed."""

    exported_at: At
    dispute: DisputeDocument
    # R36: what was agreed or decided to be paid once the goods are back; a later ruling on the return replaces it only
    # in how the case ended, never here.
    settlement: OutcomeDocument | None
    offers: Sequence[OfferDocument]
    evidence: Sequence[EvidenceDocument]
    messages: Sequence[MessageDocument]
    timeline: Sequence[TimelineDocument]
    chain: ChainDocument
    texts: Sequence[TextDocument]


class ExportDocument(CaseFile, frozen=True):
    """The case file as its reader may have it."""

    signature: SignatureDocument


def get_evidence_guide(context: Context, command: Command, dispute_id: str) -> Answer:
    """200 with what this party should give, the required first, and what is already there."""
    loaded, role = load_case_for(context.cases, command, dispute_id, Action.READ_GUIDE)
    order = context.orders.load(loaded.case.order_id)
    lines = case_guide(loaded.case, role, context.cases.evidence(dispute_id), order)
    return listed_answer(lines, None, role, context.clock.now())


def export_case(context: Context, signer: Signer, command: Command, dispute_id: str) -> Answer:
    """200 with the whole case file, signed: chain, texts and signature can be checked by anybody, offline (G6)."""
    _, role = load_case_for(context.cases, command, dispute_id, Action.READ_CONTENTS)
    dossier = context.cases.dossier(dispute_id)
    if dossier is None:
        raise NotFoundError(rule="R1")
    now = context.clock.now()
    file = case_file_of(dossier, role, now, reader_id=command.caller.caller_id)
    document = signed(file, dossier, signer, context.ids.salt)
    return answer(200, document, version=dossier.case.version)


def case_file_of(dossier: Dossier, role: Role, now: datetime, *, reader_id: str) -> CaseFile:
    """The whole case as this reader may have it."""
    dispute_id = dossier.case.dispute_id
    shared = [item for item in dossier.evidence if item.is_visible_to(role)]
    return CaseFile(
        exported_at=instant(now),
        dispute=dispute_document(dossier.case, role, now, reader_id=reader_id),
        settlement=outcome_document(dossier.case.settlement),
        offers=[offer_document(dispute_id, offer) for offer in dossier.offers],
        evidence=[evidence_document(dispute_id, item) for item in shared if item.withdrawn_at is None],
        messages=[message_document(dispute_id, message) for message in dossier.messages],
        timeline=[timeline_document(entry, role) for entry in dossier.timeline],
        chain=ChainDocument(
            "SHA-256 over canonical JSON", GENESIS, dossier.case.timeline_hash, dossier.case.timeline_seq
        ),
        texts=(),
    )


def signed(file: CaseFile, dossier: Dossier, signer: Signer, new_salt: Callable[[], str]) -> ExportDocument:
    """The file with where its texts are, and the signature of all of it."""
    file = structs.replace(file, texts=texts_of(dossier, to_builtins(file), new_salt))
    signature = signature_of(to_builtins(file), signer)
    return ExportDocument(**structs.asdict(file), signature=signature)
