"""What the use cases need of the world. Adapters implement these; tests hold fakes and adapters to one contract."""

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    pass


class Answer(Struct, frozen=True, eq=False):
    """What a caller gets: HTTP status, JSON body, the case's version (`ETag`) and, for creations, the location.

    `replayed`: it was given before, to the same call. That is neither kept nor a part of what two answers are compared
    by: who asks again gets the same answer.
    """

    status: int
    body: bytes
    version: int | None = None
    location: str | None = None
    replayed: bool = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answer) and self._given() == other._given()

    def __ne__(self, other: object) -> bool:
        # The base has one of its own.
        return not self == other

    def __hash__(self) -> int:
        return hash(self._given())

    def _given(self) -> tuple[object, ...]:
        return (self.status, self.body, self.version, self.location)


class IdempotencyRecord(Struct, frozen=True):
    """A POST that took effect: its id is bound to caller, route and key; the same body gets the same answer."""

    idempotency_id: str
    body_hash: str
    answer: Answer
