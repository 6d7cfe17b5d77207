"""What of an order can still be disputed once a dispute about some of its items has been settled (R1, R25)."""

import pytest

from buyer_protection.domain.errors import DisputeError
from buyer_protection.domain.ledger import disputable_items, disputed_items, undisputed_items
from buyer_protection.domain.order import DisputedItem
from tests.support.builders import ledger, opening_change, order, request

MUG, MUGS = DisputedItem("mug", 1), DisputedItem("mug", 2)
SPOON, SPOONS = DisputedItem("spoon", 1), DisputedItem("spoon", 3)


def test_r25_of_an_untouched_order_all_can_be_disputed() -> None:
    assert disputable_items(order(), ledger()) == (MUGS, SPOONS)
    assert disputed_items(order(), ledger(), ()) == (MUGS, SPOONS)


def test_r25_what_a_dispute_leaves_are_the_other_units_of_each_line() -> None:
    assert undisputed_items(order(), ledger(), (MUG, SPOONS)) == (MUG,)
    assert undisputed_items(order(), ledger(), (SPOON,)) == (MUGS, DisputedItem("spoon", 2))
    assert undisputed_items(order(), ledger(), (MUGS, SPOONS)) == ()


def test_r25_a_later_dispute_is_about_what_earlier_ones_have_left() -> None:
    books = ledger(undisputed=(MUG, SPOON))
    assert disputed_items(order(), books, ()) == (MUG, SPOON)
    assert disputed_items(order(), books, (SPOON,)) == (SPOON,)
    assert undisputed_items(order(), books, (SPOON,)) == (MUG,)


@pytest.mark.parametrize("chosen", [(MUGS,), (SPOON,), (MUG, SPOON)])
def test_r25_units_that_are_settled_cannot_be_disputed_again(chosen: tuple[DisputedItem, ...]) -> None:
    with pytest.raises(DisputeError) as refused:
        disputed_items(order(), ledger(undisputed=(MUG,)), chosen)
    assert refused.value.code == "ITEM_SETTLED"


def test_r25_a_case_knows_from_its_opening_what_it_leaves_and_on_which_ledger_it_was_opened() -> None:
    books = ledger(undisputed=(MUG, SPOON))
    change = opening_change(request(1_000, items=(MUG,)), books=books)
    assert change.after.undisputed == (SPOON,)
    assert change.ledger_read == books
