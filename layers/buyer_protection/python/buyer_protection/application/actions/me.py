"""GET /me: who the caller is, as the verified token says."""

from collections.abc import Sequence

from msgspec import Struct

from buyer_protection.application.actions.execute import CASE_MANAGERS, OPERATORS, Caller
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.documents import answer

# Roles as a page needs them: a buyer's and a seller's are relations to an order, which anybody of the public may have.
_OF_THE_TEAM = {CASE_MANAGERS: "CASE_MANAGER", OPERATORS: "OPERATOR"}
_OF_THE_PUBLIC = ("BUYER", "SELLER")


class MeDocument(Struct, frozen=True):
    """The caller.

    id: the id by which orders name the caller.
    roles: CASE_MANAGER and OPERATOR in the team; otherwise BUYER and SELLER, which are relations to an order.
    sellers: the sellers whose staff the caller is, besides the one whose id is the caller's own.
    locale: the language of the caller's account (BCP 47); null where the token has none.
    zone: the time zone of the caller's account (IANA); null where the token has none.
    """

    id: str
    roles: Sequence[str]
    sellers: Sequence[str]
    locale: str | None
    zone: str | None


def get_me(caller: Caller) -> Answer:
    """200 for anybody who is signed in; nothing is looked up."""
    of_the_team = [role for group, role in _OF_THE_TEAM.items() if group in caller.groups]
    roles = of_the_team or list(_OF_THE_PUBLIC)
    return answer(200, MeDocument(caller.caller_id, roles, caller.seller_groups, caller.locale, caller.zone))
