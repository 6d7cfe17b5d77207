"""What every use case of the API works with. Built once per process by `composition.container`, or by a test."""

from dataclasses import dataclass

from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.orders import OrderStore
from buyer_protection.application.ports.system import Clock, Ids
from buyer_protection.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Context:
    """The stores, the present, new ids, and the policy that new cases are opened under."""

    cases: CaseStore
    orders: OrderStore
    clock: Clock
    ids: Ids
    policy: Policy
