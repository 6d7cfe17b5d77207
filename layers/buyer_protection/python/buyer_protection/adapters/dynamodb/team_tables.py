"""The rows of the Case Management Team's own, which no party reads (R45). Those about a case lie in its collection."""

from pynamodb.attributes import UnicodeAttribute

from buyer_protection.adapters.dynamodb.attributes import CountAttribute, InstantAttribute, RecordAttribute
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.domain.rulings import KeptRuling


class NoteRow(Row, discriminator="NOTE"):
    """A note about a case. Written once; its key sorts by time."""

    note_id = UnicodeAttribute()
    author_id = UnicodeAttribute()
    text = UnicodeAttribute()
    written_at = InstantAttribute()
    # The answer that is kept of the call (R48).
    idempotency_id = UnicodeAttribute(null=True)


class LookRow(Row, discriminator="LOOK"):
    """Who of the team has read a party's earlier disputes for this case, and when. Written once."""

    reader_id = UnicodeAttribute()
    person_id = UnicodeAttribute()
    seen_at = InstantAttribute()


class RulingRow(Row, discriminator="RULING"):
    """A ruling that needs a confirmation (R47). STATE says which one waits."""

    ruling: RecordAttribute[KeptRuling] = RecordAttribute(KeptRuling)


class TemplateRow(Row, discriminator="TEMPLATE"):
    """A text for rationales by language; its sort key is its id."""

    name = UnicodeAttribute()
    texts: RecordAttribute[dict[str, str]] = RecordAttribute(dict[str, str])
    version = CountAttribute()
    updated_at = InstantAttribute()
