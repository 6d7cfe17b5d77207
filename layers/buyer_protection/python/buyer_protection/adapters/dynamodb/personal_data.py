"""Every attribute of every kind of row, and what of it is about a person (R48): the one table that erasing, exporting
and docs/privacy.md read. A test compares it with the models, so that a new attribute needs a word here.
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from buyer_protection.adapters.dynamodb import blanking, control_rows, event_rows, person_tables
from buyer_protection.adapters.dynamodb import seller_tables as sellers
from buyer_protection.adapters.dynamodb import tables as of
from buyer_protection.adapters.dynamodb import team_tables as team
from buyer_protection.adapters.dynamodb.blanking import Blank, of_author, of_buyer, of_either, of_seller
from buyer_protection.adapters.dynamodb.case_rows import ArchivedRow
from buyer_protection.adapters.dynamodb.row import Row

_BOTH = "both parties, the team"
_CASE = "as long as the case"
_ORDER = (
    "until `order_retention_days` (180) after the order's completion; where disputed, as long as its cases"
)
_OVERWRITTEN = "overwritten"
_STAYS = "stays"


class Datum(Enum):
    """A kind of data: what it is, why it is kept, who sees it, how long, and what erasing does to it."""

    DESCRIPTION = ("description, and how the seller was contacted", "the dispute", _BOTH, _CASE, _OVERWRITTEN)
    NAMES = (
        "what the parties are called",
        "pages and mails",
        "both parties (the buyer's shortened for the seller where the policy says so), the team",
        _CASE,
        "the person's own overwritten",
    )
    METADATA = (
        "the shop's own keys of a case",
        "the shop's systems",
        "the shop's backend",
        _CASE,
        _OVERWRITTEN,
    )
    RETURN = (
        "return addresses, carrier and tracking number",
        "the return (R36, R42)",
        _BOTH,
        _CASE,
        _OVERWRITTEN,
    )
    OFFER = ("notes of offers", "the dispute", _BOTH, _CASE, _OVERWRITTEN)
    EVIDENCE = (
        "evidence in words, files and their names",
        "the dispute",
        "both parties once files are verified, the team",
        "as long as the case; files `evidence_days` of the stage (1,095 in production), earlier versions `log_days`",
        "overwritten; files removed with all versions and copies",
    )
    MESSAGE = ("messages", "the dispute", _BOTH, _CASE, _OVERWRITTEN)
    ENTRY = (
        "the claim's statement, what was wrong with a return, the return parcel's number",
        "the dispute",
        _BOTH,
        _CASE,
        "overwritten, beside the entry; in an entry of before that holds its text itself, marked as erased",
    )
    RULING = (
        "the team's question and rationale",
        "the decision",
        _BOTH,
        _CASE,
        "stays: they are the team's words, and the other party's decision",
    )
    TEAM = (
        "the team's notes, and the brief as it was",
        "the team's work",
        "the team",
        _CASE,
        "texts overwritten",
    )
    CONTACT = (
        "name, e-mail address, language and time zone of buyer and seller, as the shop sends them",
        "mails",
        "nobody through the API; the mail function",
        _ORDER,
        "the person's own overwritten",
    )
    DELIVERY = (
        "delivery address of an order",
        "the warning about PO boxes (R34), and the team's brief",
        "the buyer, the team, the shop's backend; not the seller",
        _ORDER,
        "overwritten with the buyer's contact",
    )
    NOTICE = (
        "that mails to a party did not arrive, with a hash of the address",
        "the party is shown it",
        "that party",
        _CASE,
        "removed",
    )
    ADDRESS = (
        "an address that takes no mails: a hash of it, and why",
        "not to write to it again",
        "nobody; the party sees a notice",
        "1,095 days",
        "removed within two days",
    )
    ANSWER = (
        "the answer to a call, for its repetition",
        "the same answer to the same key",
        "who made the call",
        "30 days",
        "texts overwritten",
    )
    PARCEL = (
        "a carrier's number of a parcel of the order, and what became of it",
        "the delivery (R29)",
        "both parties, the team, the shop's backend",
        "as long as the order's row",
        "stays: an id, which only the carrier can resolve",
    )
    EVENT = (
        "events: ids, codes, amounts, no text",
        "the shop's own systems",
        "the shop's backend",
        "30 days",
        _STAYS,
    )
    ID = (
        "ids of people, beside what they did or may see",
        "who may see a case, and who did what",
        "parties, team (who of the team acted: the team alone), the shop's systems",
        _CASE,
        "stays: once the rest is gone it is a pseudonym, which only the shop can resolve",
    )
    OPERATOR = (
        "who gave an operator's command, and why",
        "repair",
        "operators",
        "no end is set",
        "stays: no personal data of others may be in it",
    )

    def __init__(self, what: str, why: str, seen_by: str, kept: str, erased: str) -> None:
        self.what, self.why, self.seen_by, self.kept, self.erased = what, why, seen_by, kept, erased


class Held(NamedTuple):
    """What an attribute holds of a person. `blank` is None where erasing leaves it; `exported` is a person's own, which
    is no copy, no salt, nor the team's."""

    datum: Datum
    blank: Blank | None = None
    exported: bool = True
    also: Datum | None = None


def _hidden(datum: Datum, blank: Blank) -> Held:
    return Held(datum, blank, exported=False)


_ID = Held(Datum.ID)
_RULING = Held(Datum.RULING)

# By kind of row: what of it is about a person, and the names of the attributes that hold nothing of the kind.
PERSONAL: Mapping[type[Row], Mapping[str, Held]] = {
    of.FactsRow: {
        "buyer_id": _ID,
        "seller_id": _ID,
        "buyer_key": _ID,
        "seller_key": _ID,
        "description": Held(Datum.DESCRIPTION, of_buyer("")),
        "seller_contacted": Held(Datum.DESCRIPTION, blanking.contact_record),
        "salts": _hidden(Datum.DESCRIPTION, of_buyer({})),
        "names": Held(Datum.NAMES, blanking.names),
        "metadata": _hidden(Datum.METADATA, of_either({})),
        "return_address": Held(Datum.RETURN, of_seller(())),
        "return_addresses": Held(Datum.RETURN, blanking.return_addresses),
        "return_parcel": Held(Datum.RETURN, blanking.return_parcel),
    },
    of.StateRow: {
        "assigned_to": _ID,
        "due_key": _ID,
        "waiting_ruling": _ID,
        "settlement": _RULING,
        "outcome": _RULING,
        "buyer_notice": _hidden(Datum.NOTICE, of_buyer(None)),
        "seller_notice": _hidden(Datum.NOTICE, of_seller(None)),
        "idempotency_id": Held(Datum.ANSWER),
    },
    of.TimelineRow: {
        "actor_id": _ID,
        "person_id": _ID,
        "texts": Held(Datum.ENTRY, blanking.own_texts),
        "data": Held(Datum.ENTRY, blanking.old_data),
        "erased": _hidden(Datum.ENTRY, blanking.is_erased_entry),
        "idempotency_id": Held(Datum.ANSWER),
    },
    of.OfferRow: {
        "note": Held(Datum.OFFER, of_author("made_by", "")),
        "salt": _hidden(Datum.OFFER, of_author("made_by", None)),
    },
    of.EvidenceRow: {
        "text": Held(Datum.EVIDENCE, of_author("party", "")),
        "files": Held(Datum.EVIDENCE, of_author("party", None)),
        "salt": _hidden(Datum.EVIDENCE, of_author("party", None)),
        "erased": _hidden(Datum.EVIDENCE, blanking.is_erased_item),
    },
    of.MessageRow: {
        "sender_id": _ID,
        "text": Held(Datum.MESSAGE, of_author("sender", "")),
        "salt": _hidden(Datum.MESSAGE, of_author("sender", None)),
    },
    of.AssignmentRow: {"by": _ID, "assignee": _ID, "previous": _ID},
    of.BriefRow: {"content": _hidden(Datum.TEAM, blanking.brief)},
    team.NoteRow: {
        "author_id": _ID,
        "text": _hidden(Datum.TEAM, of_either("")),
        "idempotency_id": Held(Datum.ANSWER),
    },
    team.LookRow: {"reader_id": _ID, "person_id": _ID},
    team.RulingRow: {"ruling": _RULING},
    of.OrderRow: {"order": Held(Datum.CONTACT, blanking.order, also=Datum.DELIVERY)},
    of.ListedOrderRow: {"queue_key": _ID, "seller_key": _ID},
    of.LedgerRow: {"tracking": Held(Datum.PARCEL), "idempotency_id": Held(Datum.ANSWER)},
    of.TrackRow: {"tracking_number": Held(Datum.PARCEL)},
    of.IdempotencyRow: {"body": _hidden(Datum.ANSWER, blanking.stored_answer)},
    of.AddressRow: {"expires_at": Held(Datum.ADDRESS)},
    sellers.CountedRow: {"seller_id": _ID},
    event_rows.FeedRow: {"body": Held(Datum.EVENT)},
    event_rows.DeliveryRow: {"body": Held(Datum.EVENT)},
    control_rows.HoldRow: {"by": Held(Datum.OPERATOR), "note": Held(Datum.OPERATOR)},
    control_rows.CommandRow: {
        "command": Held(Datum.OPERATOR),
        "by": Held(Datum.OPERATOR),
        "why": Held(Datum.OPERATOR),
    },
    person_tables.ErasureRow: {"reached": _ID},
}

# The attributes that hold nothing of a person: instants, amounts, codes, numbers, ids of things.
IMPERSONAL: Mapping[type[Row], str] = {
    of.FactsRow: (
        "items max_refundable opened_at opened_key order_id order_paid policy queue_due queue_key reason "
        "requested_refund shipping_minor sub_reason undisputed"
    ),
    of.StateRow: (
        "asked_refund buyer_complete buyer_has_unread buyer_offer buyer_received_at buyer_reply_until "
        "claim_reason closed_at deadline decision_due_at delivered_at due_at epoch escalated_at "
        "escalated_by evidence_answered evidence_asked_of evidence_by_buyer evidence_by_seller evidence_bytes_by "
        "evidence_due_at evidence_extra evidence_items evidence_made_by_buyer evidence_made_by_seller "
        "evidence_replied evidence_requests evidence_window_until given_back lapsed_at last_command_id "
        "ledger_version left left_by_line mediation_opened_at messages messages_by missed_noted "
        "no_agreement_confirmed_at offers_by_buyer offers_by_seller offers_by_team parcels "
        "pending_uploads proposal queue_due queue_key reason_corrections refund_failed_at refund_id "
        "refund_paid_at refund_paid_attempt refund_reference refund_returned refund_status reminded_until "
        "reopen_until request_standing return_address_confirmed_at return_delivered_at return_evidence_requests "
        "return_receipt_due_at return_shipment_due_at seller_complete seller_has_unread seller_offer "
        "seller_reply_until status thread timeline_hash timeline_seq times_given updated_at uploads_awaited "
        "version"
    ),
    of.TimerRow: "aside_since aside_until correlation_id due_at due_key epoch generation status task_token wake_at",
    of.TimelineRow: "actor_role at correlation_id event hash prev_hash seq",
    of.OfferRow: "closed_at made_at made_by offer_id refund status type",
    of.EvidenceRow: "added_at copied counts evidence_id item_id party type withdrawn_at",
    of.MessageRow: "message_id sender sent_at",
    of.MailRow: (
        "aside_since aside_until attempts correlation_id dropped due_at due_key leased_until mail "
        "message_id recipient seq settled_at status"
    ),
    of.RefundRow: (
        "amount aside_since aside_until attempt correlation_id due_at due_key first_retry order_id paid_at "
        "refund_id requested_at status"
    ),
    of.AssignmentRow: "at",
    of.OrderRow: "as_of expires_at revision updated_at",
    ArchivedRow: "archived_at held next_sha256 sha256 version",
    of.ListedOrderRow: "opened_key queue_due",
    of.LedgerRow: (
        "active_dispute_id currency disputes disputes_opened elsewhere elsewhere_minor finished_at "
        "finished_by former_items held paid_minor refunded_minor settlements undisputed updated_at "
        "version"
    ),
    of.ElsewhereRow: "refund",
    of.TrackRow: "event_id last_command_id occurred_at received_at shipment_id status",
    of.AddressRow: "at dispute_id trouble",
    of.IdempotencyRow: "body_hash expires_at location status version",
    control_rows.HoldRow: "since",
    control_rows.AuditRow: "began_at cases counts cursor disagreements ended_at",
    control_rows.SweepRow: "done ended_at unfinished",
    control_rows.CommandRow: "at",
    team.NoteRow: "note_id written_at",
    team.LookRow: "seen_at",
    team.TemplateRow: "name texts updated_at version",
    event_rows.FeedRow: "event expires_at",
    event_rows.EndpointRow: (
        "active created_at deleted_at expires_at failing_since switched_off_at types updated_at url"
    ),
    event_rows.SecretRow: "current expires_at previous previous_until rotated_by",
    event_rows.DeliveryRow: (
        "aside_since aside_until attempts created_at due_at due_key event event_id expires_at "
        "last_attempt_at last_error last_status next_attempt_at status"
    ),
    sellers.MetricsRow: (
        "cancelled decided disputed_orders disputes elsewhere elsewhere_decided elsewhere_escalated "
        "escalated lost lost_share orders"
    ),
    sellers.DailyRow: (
        "cancelled decided disputed_orders disputes elsewhere elsewhere_decided elsewhere_escalated "
        "escalated expires_at lost lost_share orders"
    ),
    sellers.CountedRow: "expires_at",
    person_tables.ErasureRow: (
        "aside_since aside_until due_at due_key effective_at ended_at requested_at status"
    ),
    person_tables.LegalHoldRow: "since until",
}
