"""The query parameters of the contract. Unknown parameters are refused (400), and repeated ones that are no list.

Parameters arrive as text: `NUMBERS` and `FLAGS` say which of them the edge reads as an integer or as true and false,
`LISTS` which may be given more than once.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from buyer_protection.application.schemas.requests import MAX_LINES, Id, Instant, whole
from buyer_protection.domain.enums import Stage, Status

NUMBERS = frozenset({"page_size"})
FLAGS = frozenset({"action_required", "dry_run"})
LISTS = frozenset({"item_id"})

RoleName = Literal["buyer", "seller", "case_manager", "BUYER", "SELLER", "CASE_MANAGER"]
PageSize = Annotated[int, Meta(ge=1, le=50)]
PageToken = Annotated[str, whole(r"[A-Za-z0-9_-]+", min_length=1, max_length=2048)]


class PageQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a list: how many, and where the last part ended (the token it came with)."""

    page_size: PageSize = 20
    page_token: PageToken | None = None


class QueueQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The team's queue (R24), of one case manager where `assigned_to` names one (`me`: the caller)."""

    assigned_to: Id | None = None


class ListQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The caller's own disputes: as whom, and which of them. `due_before` compares with the next due instant.

    `seller_id` narrows to one seller; a seller's staff with several sellers must name one.
    """

    role: RoleName | None = None
    status: Status | None = None
    stage: Stage | None = None
    order_id: Id | None = None
    seller_id: Id | None = None
    due_before: Instant | None = None
    action_required: bool | None = None


class DecisionQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether to say only what the decision would do: nothing is written, and no answer kept."""

    dry_run: bool = False


class EligibilityQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """About which items of the order; all of them by default."""

    item_id: Annotated[list[Id], Meta(max_length=MAX_LINES)] = []
