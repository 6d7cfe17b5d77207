"""The rows about a person (R48), `PERSON#{person_id}`, and the legal hold, which a case can have too."""

from pynamodb.attributes import UnicodeAttribute

from buyer_protection.adapters.dynamodb.attributes import InstantAttribute, RecordAttribute, WordAttribute
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.domain.erasure import ErasureStatus


class ErasureRow(Row, discriminator="ERASURE"):
    """The last request to erase a person's data; due while it waits. `reached`: how far it has come."""

    requested_at = InstantAttribute()
    effective_at = InstantAttribute()
    status = WordAttribute(ErasureStatus)
    ended_at = InstantAttribute(null=True)
    reached: RecordAttribute[dict[str, str]] = RecordAttribute(dict[str, str], null=True)
    due_key = UnicodeAttribute(null=True)
    due_at = InstantAttribute(null=True)
    aside_since = InstantAttribute(null=True)
    aside_until = InstantAttribute(null=True)


class LegalHoldRow(Row, discriminator="LEGAL_HOLD"):
    """Nothing of this person, or of this case, is erased from `since` on; `until`: when the hold was lifted."""

    since = InstantAttribute()
    until = InstantAttribute(null=True)
