"""Every return address that was confirmed stays: C9 (R42)."""

import hashlib
from dataclasses import replace

import pytest

from buyer_protection.domain import returns
from buyer_protection.domain.available_actions import available_actions
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import (
    Action,
    Role,
)
from buyer_protection.domain.errors import (
    ConflictError,
)
from buyer_protection.domain.return_goods import ReturnAddress, ReturnParcel
from tests.support.builders import (
    BUYER,
    DAY,
    OPENED,
    SELLER,
    case_awaiting_return,
)

AGREED = OPENED + 2 * DAY
PARCEL = ReturnParcel("Post", "RT-1", AGREED + 3 * DAY)


def with_addresses(count: int) -> Dispute:
    case = case_awaiting_return()
    for number in range(1, count + 1):
        case = returns.confirm_address(
            case, SELLER, (f"{number} Quay",), AGREED + number * DAY, f"salt-{number}"
        ).after
    return case


@pytest.mark.parametrize(
    ("named", "went_to"), [("ra-1", "ra-1"), ("ra-2", "ra-2"), ("ra-3", "ra-3"), ("", "ra-3")]
)
def test_c9_r42_every_address_stays_and_the_shipment_names_the_one_it_went_to(
    named: str, went_to: str
) -> None:
    case = with_addresses(3)
    change = returns.register_shipment(case, BUYER, replace(PARCEL, address_id=named), AGREED + 4 * DAY)
    after = change.after
    assert [one.lines for one in after.return_addresses] == [("1 Quay",), ("2 Quay",), ("3 Quay",)]
    assert after.return_parcel is not None
    assert (after.return_parcel.address_id, change.entry.data["address_id"]) == (went_to, went_to)
    assert after.return_address == (f"{went_to[-1]} Quay",)


@pytest.mark.parametrize("named", ["ra-3", "ra-0", "of-1", "RA-1"])
def test_c9_r42_what_was_never_confirmed_is_no_return_address(named: str) -> None:
    with pytest.raises(ConflictError) as refused:
        returns.register_shipment(
            with_addresses(2), BUYER, replace(PARCEL, address_id=named), AGREED + 4 * DAY
        )
    assert (refused.value.code, refused.value.rule) == ("RETURN_ADDRESS_UNCONFIRMED", "R36")


def test_c9_r42_an_address_is_confirmed_three_times_at_most_and_then_not_offered() -> None:
    case = with_addresses(3)
    with pytest.raises(ConflictError) as refused:
        returns.confirm_address(case, SELLER, ("4 Quay",), AGREED + 5 * DAY)
    assert (refused.value.code, refused.value.rule) == ("LIMIT_REACHED", "R42")
    offered = {one.action for one in available_actions(case, Role.SELLER, AGREED + 5 * DAY)}
    assert Action.CONFIRM_RETURN_ADDRESS not in offered
    before = {one.action for one in available_actions(with_addresses(2), Role.SELLER, AGREED + 5 * DAY)}
    assert Action.CONFIRM_RETURN_ADDRESS in before


def test_c9_r42_none_changes_once_the_goods_are_posted() -> None:
    case = returns.register_shipment(with_addresses(1), BUYER, PARCEL, AGREED + 3 * DAY).after
    with pytest.raises(ConflictError) as refused:
        returns.confirm_address(case, SELLER, ("2 Quay",), AGREED + 4 * DAY)
    assert refused.value.code == "WRONG_STATUS"


def test_c9_r42_the_chain_holds_each_addresss_digest_and_nobody_finds_the_lines_from_it() -> None:
    one = ReturnAddress("ra-1", ("9 Quay",), AGREED, "salt-1")
    canonical = b'{"lines":["9 Quay"],"salt":"salt-1"}'
    assert one.digest == hashlib.sha256(canonical).hexdigest()
    assert replace(one, salt="salt-2").digest != one.digest
    assert replace(one, lines=("9", "Quay")).digest != one.digest


def test_c9_r42_a_case_of_before_has_the_one_address_that_it_kept() -> None:
    old = replace(with_addresses(2), return_addresses=())
    assert [one.lines for one in returns.addresses_of(old)] == [("2 Quay",)]
    shipped = returns.register_shipment(old, BUYER, PARCEL, AGREED + 4 * DAY).after
    assert shipped.return_parcel is not None
    assert shipped.return_parcel.address_id == "ra-1"
    again = returns.confirm_address(old, SELLER, ("3 Quay",), AGREED + 4 * DAY).after
    assert [one.address_id for one in again.return_addresses] == ["ra-1", "ra-2"]
