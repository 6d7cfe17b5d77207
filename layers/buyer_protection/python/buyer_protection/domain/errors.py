"""What can go wrong, in the domain's words. `runtime.problems` maps each class to an HTTP status, once.

Every error carries the code of api.md and, where a requirement is behind it, its rule id.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from buyer_protection.domain.money import Money


class Place(StrEnum):
    """Where the fields lie that an error names: in the body, among the query's parameters, or among the headers."""

    BODY = "pointer"
    QUERY = "parameter"
    HEADER = "header"


class FieldError(NamedTuple):
    """One wrong field of a request: a JSON pointer (RFC 6901) and a code of `field_codes`. Of a parameter or header it
    is `/` and the name."""

    pointer: str
    code: str


class DisputeError(Exception):
    """The base: a code, a sentence for a person, and the rule it comes from."""

    code = "ERROR"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        rule: str | None = None,
        available_at: datetime | None = None,
        deadline: datetime | None = None,
        dispute_id: str | None = None,
        fields: Sequence[FieldError] = (),
        fields_in: Place = Place.BODY,
        max_refundable: "Money | None" = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.rule = rule
        self.available_at = available_at
        self.deadline = deadline
        self.dispute_id = dispute_id
        self.fields = tuple(fields)
        self.fields_in = fields_in
        # The values that a field can have, by its pointer, where they are few.
        self.allowed: Mapping[str, Sequence[str]] = {}
        # What is wrong elsewhere in the same request, and named beside these fields.
        self.beside: Sequence[DisputeError] = ()
        self.max_refundable = max_refundable


class InvalidRequestError(DisputeError):
    """Malformed: the request does not have the shape the contract asks for."""

    code = "VALIDATION_FAILED"


def together(refused: Sequence[InvalidRequestError]) -> InvalidRequestError:
    """One refusal that names what several name, with the code and the rule of the first."""
    first, *others = refused
    if not others:
        return first
    whole = InvalidRequestError(
        " ".join(error.detail for error in refused),
        code=first.code,
        rule=first.rule,
        fields=first.fields,
        fields_in=first.fields_in,
    )
    whole.beside, whole.allowed = others, first.allowed
    return whole


def check_all(*checks: Callable[[], object]) -> None:
    """Make every check, and refuse with all that is malformed. Any other error of a check goes at once."""
    refused = []
    for check in checks:
        try:
            check()
        except InvalidRequestError as error:
            refused.append(error)
    if refused:
        raise together(refused)


class NotFoundError(DisputeError):
    """Absent, or not yours: the same answer for both (R1)."""

    code = "NOT_FOUND"

    def __init__(
        self,
        detail: str = "There is no such thing here, or it is not yours.",
        *,
        code: str | None = None,
        rule: str | None = None,
    ) -> None:
        super().__init__(detail, code=code, rule=rule)


class ForbiddenError(DisputeError):
    """The reader may see the case, but this is not theirs to do."""

    code = "FORBIDDEN"


class ConflictError(DisputeError):
    """The case or the order is in a state that does not allow it."""

    code = "WRONG_STATUS"


class WindowNotOpenError(ConflictError):
    """Too early: carries `available_at`."""

    code = "TOO_EARLY"


class WindowClosedError(ConflictError):
    """Too late: carries `deadline`."""

    code = "TOO_LATE"


class ImpossibleError(DisputeError):
    """Well-formed but impossible: an amount, a currency, a citation."""

    code = "AMOUNT_OUT_OF_RANGE"


class StaleVersionError(DisputeError):
    """`If-Match` names a version the case has left behind."""

    code = "STALE_VERSION"


class LimitReachedError(ConflictError):
    """More of something than the policy allows, which never becomes possible again."""

    code = "LIMIT_REACHED"


class LimitForNowError(DisputeError):
    """More of something than the policy allows at a time: possible again at `available_at`."""

    code = "LIMIT_REACHED"

    def __init__(self, detail: str, *, rule: str, available_at: datetime, now: datetime) -> None:
        super().__init__(detail, rule=rule, available_at=available_at)
        self.retry_after = max(1, ceil((available_at - now).total_seconds()))


class IdempotencyKeyReusedError(DisputeError):
    """The caller's key was used before with another body."""

    code = "IDEMPOTENCY_KEY_REUSED"


class ContentionError(DisputeError):
    """Others kept changing the same rows; nothing was changed, and trying again is right."""

    code = "CONTENTION"


class HeldError(DisputeError):
    """Operators hold this back for now; nothing was changed, and the same call will do later, in `RETRY_AFTER`."""

    code = "BUSY"
    # Seconds.
    RETRY_AFTER = 60
