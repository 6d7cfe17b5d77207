"""Money: integer minor units of one ISO 4217 currency."""

from dataclasses import dataclass

from buyer_protection.domain.errors import ImpossibleError


@dataclass(frozen=True, slots=True)
class Money:
    """`amount_minor` of `currency`: 1299 USD is 12.99 dollars, 1299 JPY is 1,299 yen."""

    amount_minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount_minor + other.same_currency_as(self).amount_minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount_minor - other.same_currency_as(self).amount_minor, self.currency)

    def same_currency_as(self, other: "Money", *, rule: str = "R11") -> "Money":
        """Itself; `CURRENCY_MISMATCH` where the other is in another currency (R11)."""
        if self.currency != other.currency:
            raise ImpossibleError(
                f"The amount must be in {other.currency}, the order's currency.",
                code="CURRENCY_MISMATCH",
                rule=rule,
            )
        return self

    def within(self, lowest: int, highest: "Money", *, rule: str = "R11") -> "Money":
        """Itself; `AMOUNT_OUT_OF_RANGE` unless `lowest <= amount <= highest`, in minor units (R11)."""
        self.same_currency_as(highest, rule=rule)
        if not lowest <= self.amount_minor <= highest.amount_minor:
            raise ImpossibleError(
                f"The amount must be from {lowest} to {highest.amount_minor} minor units of {highest.currency}.",
                rule=rule,
            )
        return self

    def is_zero(self) -> bool:
        """Whether nothing is paid."""
        return self.amount_minor == 0


def zero(currency: str) -> Money:
    """Nothing, in that currency."""
    return Money(0, currency)
