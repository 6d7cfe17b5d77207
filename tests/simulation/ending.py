"""When a life is over though something is still looked at: what only a person's look can end."""

from buyer_protection.domain.enums import RefundStatus
from tests.support.fakes import World


def only_an_operator_is_awaited(world: World) -> bool:
    """Whether all cases are closed, and a refund is held back until somebody has looked: nobody here is an operator."""
    refunds = [refund for refund, _ in world.refunds_kept.values()]
    closed = all(case.is_closed for case in world.cases_kept.values())
    return closed and any(refund.status is RefundStatus.HELD for refund in refunds)
