"""The query parameters of the contract. Unknown parameters are refused (400), and repeated ones that are no list.

Parameters arrive as text: `NUMBERS` and `FLAGS` say which of them the edge reads as an integer or as true and false,
`lists_of` which of a model's may be given more than once.
"""

from typing import Annotated, Literal, get_args, get_origin

from msgspec import Meta, Struct

from buyer_protection.application.schemas.requests import MAX_LINES, Id, Instant, whole
from buyer_protection.domain.enums import Reason, Stage, Status, SubReason

NUMBERS = frozenset({"page_size"})
FLAGS = frozenset({"action_required", "dry_run", "pair"})

RoleName = Literal["buyer", "seller", "case_manager", "BUYER", "SELLER", "CASE_MANAGER"]
PartyName = Literal["buyer", "seller", "BUYER", "SELLER"]
View = Literal["summary", "full"]
PageSize = Annotated[int, Meta(ge=1, le=50)]
PageToken = Annotated[str, whole(r"[A-Za-z0-9_-]+", min_length=1, max_length=2048)]


def lists_of(model: type[object]) -> frozenset[str]:
    """The parameters of a model that are lists: the same name may be a list in one call and one value in another."""
    return frozenset(
        name
        for kind in model.__mro__
        for name, hint in getattr(kind, "__annotations__", {}).items()
        if get_origin(get_args(hint)[0] if get_origin(hint) is Annotated else hint) is list
    )


class PageQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a list: how many, and where the last part ended (the token it came with)."""

    page_size: PageSize = 20
    page_token: PageToken | None = None


class QueueQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The team's queue (R24), or the claims of one member (`me`: the caller) or of nobody (`none`).

    view: `full` for whole documents instead of summaries.
    """

    assigned_to: Id | None = None
    view: View = "summary"


class ListQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which disputes, of the caller's own or, for the team, of all.

    role: as whom the caller lists; by default the team's for the team and the buyer's for everybody else.
    status, stage, reason: one of these; each may be repeated.
    order_id: those about this order. buyer_id, seller_id: those of this party; a seller's staff with several sellers
    must name one.
    due_before: those whose next deadline is before this instant.
    action_required: those that wait for the caller's role, or do not.
    updated_since: those of which something was reported at this instant or later.
    opened_from, opened_until: those opened at the first instant or later, and before the second.
    assigned_to: the open claims of a member of the team (`me`: the caller) or of nobody (`none`); for the team.
    view: `full` for whole documents instead of summaries.
    """

    role: RoleName | None = None
    status: Annotated[list[Status], Meta(max_length=8)] = []
    stage: Annotated[list[Stage], Meta(max_length=3)] = []
    reason: Annotated[list[Reason], Meta(max_length=2)] = []
    order_id: Id | None = None
    buyer_id: Id | None = None
    seller_id: Id | None = None
    due_before: Instant | None = None
    action_required: bool | None = None
    updated_since: Instant | None = None
    opened_from: Instant | None = None
    opened_until: Instant | None = None
    assigned_to: Id | None = None
    view: View = "summary"


class HistoryQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The earlier disputes of a party of a dispute.

    dispute_id: the dispute for whose sake one looks; its claim is the caller's.
    pair: only those between the two parties of the dispute.
    """

    dispute_id: Id
    pair: bool = False


class OrdersQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The caller's own orders, newest first; for the shop's backend, those of the buyer or the seller that it names.

    role: as whom; the buyer's by default. seller_id: of which seller, for staff of several and the shop's backend.
    buyer_id: of which buyer; for the shop's backend alone.
    updated_since: those of which something was reported at this instant or later.
    """

    role: PartyName | None = None
    buyer_id: Id | None = None
    seller_id: Id | None = None
    updated_since: Instant | None = None


class GuideQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reason that a dispute would be opened for.

    reason: why.
    sub_reason: why exactly; one of those of the reason.
    """

    reason: Reason
    sub_reason: SubReason | None = None


class DecisionQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether to say only what the decision would do: nothing is written, and no answer kept."""

    dry_run: bool = False


class EligibilityQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """About which items of the order; all of them by default."""

    item_id: Annotated[list[Id], Meta(max_length=MAX_LINES)] = []
