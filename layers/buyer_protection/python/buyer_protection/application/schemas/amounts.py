"""Amounts as the contract writes them."""

from msgspec import Struct

from buyer_protection.domain.money import Money


class MoneyDocument(Struct, frozen=True):
    """Integer minor units of one ISO 4217 currency."""

    amount_minor: int
    currency: str


def money(amount: Money) -> MoneyDocument:
    """An amount as the contract writes it."""
    return MoneyDocument(amount.amount_minor, amount.currency)
