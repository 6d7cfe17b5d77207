"""What every use case of the API works with. Built once per process by `runtime.bootstrap`, or by a test."""

from dataclasses import dataclass

from buyer_protection.application.ports import CaseStore, Clock, Ids, OrderStore
from buyer_protection.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Desk:
    """The stores, the present, new ids, and the policy that new cases are opened under."""

    cases: CaseStore
    orders: OrderStore
    clock: Clock
    ids: Ids
    policy: Policy
