"""Money: one currency, whole minor units, never outside its bounds (R11)."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.domain.errors import ImpossibleError
from buyer_protection.domain.money import Money, zero

minors = st.integers(-(10**12), 10**12)


@given(minors, minors)
def test_r11_amounts_of_one_currency_add_up_and_back(a: int, b: int) -> None:
    one, other = Money(a, "USD"), Money(b, "USD")
    assert one + other == Money(a + b, "USD")
    assert (one + other) - other == one
    assert one.is_zero() == (a == 0)
    assert one + zero("USD") == one


@given(minors, st.integers(-5, 5), minors)
def test_r11_an_amount_is_within_its_bounds_or_it_is_refused(amount: int, lowest: int, highest: int) -> None:
    if lowest <= amount <= highest:
        assert Money(amount, "USD").within(lowest, Money(highest, "USD")) == Money(amount, "USD")
    else:
        with pytest.raises(ImpossibleError) as refused:
            Money(amount, "USD").within(lowest, Money(highest, "USD"), rule="R24")
        assert (refused.value.code, refused.value.rule) == ("AMOUNT_OUT_OF_RANGE", "R24")
        assert str(highest) in refused.value.detail


def test_r11_two_currencies_never_meet() -> None:
    dollar, euro = Money(1, "USD"), Money(1, "EUR")
    mixes: list[Callable[[], Money]] = [
        lambda: dollar + euro,
        lambda: dollar - euro,
        lambda: dollar.within(0, euro),
    ]
    for mix in mixes:
        with pytest.raises(ImpossibleError) as refused:
            mix()
        assert (refused.value.code, refused.value.rule) == ("CURRENCY_MISMATCH", "R11")
    with pytest.raises(ImpossibleError) as refused:
        dollar.same_currency_as(euro, rule="R14")
    assert refused.value.rule == "R14"
    assert "EUR" in refused.value.detail
    assert dollar.same_currency_as(Money(9, "USD")) is dollar
