"""What the use cases need of the world. Adapters implement these; tests hold fakes and adapters to one contract."""

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    pass


class Answer(Struct, frozen=True):
    """What a caller gets: HTTP status, JSON body, the case's version (`ETag`) and, for creations, the location."""

    status: int
    body: bytes
    version: int | None = None
    location: str | None = None


class IdempotencyRecord(Struct, frozen=True):
    """A POST that took effect: its id is bound to caller, route and key; the same body gets the same answer."""

    idempotency_id: str
    body_hash: str
    answer: Answer
