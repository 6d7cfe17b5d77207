"""What every use case of the API works with. Built once per process by `composition.container`, or by a test."""

from collections.abc import Callable
from dataclasses import dataclass

from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.orders import OrderStore
from buyer_protection.application.ports.system import Clock, Ids
from buyer_protection.domain.policy import Policy


def nobody(_person_id: str) -> bool:
    """Nobody is in the team: where no pool is known, its members can do nothing."""
    return False


@dataclass(frozen=True, slots=True)
class Context:
    """The stores, the present, new ids, the policy that new cases are opened under, and who is in the team now.

    `is_member`: `Team.has_member`; asked only where a member of the team acts (R47).
    """

    cases: CaseStore
    orders: OrderStore
    clock: Clock
    ids: Ids
    policy: Policy
    is_member: Callable[[str], bool] = nobody
