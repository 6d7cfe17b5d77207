"""What operators can hold, wired: only who asks for a switch loads it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buyer_protection.application.ports.switches import Switch


def refunds() -> "Switch":
    """Whether refunds are held."""
    from buyer_protection.adapters.dynamodb.switches import PynamoRefundSwitch

    return PynamoRefundSwitch()


def clock() -> "Switch":
    """Whether the clock is held."""
    from buyer_protection.adapters.dynamodb.switches import PynamoClockSwitch

    return PynamoClockSwitch()
