"""0005: how many shards what is due is written over can be raised and lowered while rows lie where it put them."""

from collections.abc import Collection, Iterator

import pytest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.keys import DueShards
from buyer_protection.adapters.dynamodb.tables import MailRow, RefundRow, TimerRow
from buyer_protection.adapters.dynamodb.timer_store import PynamoTimerStore
from buyer_protection.application.ports.timers import WHOLE, DueKind, DueRow, Share
from buyer_protection.domain.enums import RefundStatus, Role
from buyer_protection.domain.money import Money
from tests.support.builders import OPENED

pytestmark = pytest.mark.usefixtures("table")
NUMBER = 40


@pytest.fixture(autouse=True)
def _shards_of_before() -> Iterator[None]:
    before = DueShards.written, DueShards.read
    yield
    DueShards.written, DueShards.read = before


def written(prefix: str, shards: int) -> set[str]:
    """The cases of as many alarms, due now, written over so many shards."""
    DueShards.written = shards
    cases = [f"dp-{prefix}-{number}" for number in range(NUMBER)]
    for case in cases:
        TimerRow(
            *keys.timer(case),
            generation=1,
            status="NEGOTIATION",
            epoch=1,
            due_key=keys.due_key(case),
            due_at=OPENED,
        ).save()
    return set(cases)


def found(*, kinds: Collection[DueKind] = tuple(DueKind), share: Share = WHOLE) -> list[DueRow]:
    return list(PynamoTimerStore().due(OPENED, limit=1_000, kinds=kinds, share=share))


def places() -> set[str]:
    return {key for key in keys.due_keys() if any(True for _ in _entries(key))}


def _entries(key: str) -> Iterator[dict[str, str]]:
    from buyer_protection.adapters.dynamodb.indexes import ByDue
    from buyer_protection.adapters.dynamodb.row import Row

    return Row.indexed(ByDue.Meta.index_name, key, limit=1)


def test_rows_of_before_a_raise_are_found_beside_those_of_after() -> None:
    old = written("old", 8)
    DueShards.read = 32
    new = written("new", 32)
    assert {row.dispute_id for row in found()} == old | new
    assert len(places()) > 8


def test_rows_of_a_raise_that_was_taken_back_are_still_found() -> None:
    DueShards.read = 32
    raised = written("raised", 32)
    lowered = written("lowered", 8)
    assert {row.dispute_id for row in found()} == raised | lowered


def test_a_row_that_moves_on_moves_into_the_shards_of_today() -> None:
    DueShards.read = 32
    (case, *_) = written("moved", 32)
    DueShards.written = 1
    TimerRow(*keys.timer(case)).change_if(
        TimerRow.due_at == OPENED, [TimerRow.due_key.set(keys.due_key(case)), TimerRow.due_at.set(OPENED)]
    )
    assert [row.dispute_id for row in found(share=Share(0, 32))].count(case) == 1


@pytest.mark.parametrize("of", [1, 3, 8])
def test_shares_have_every_row_once(of: int) -> None:
    DueShards.read = 32
    cases = written("old", 8) | written("new", 32)
    shares = [{row.dispute_id for row in found(share=Share(number, of))} for number in range(of)]
    assert set().union(*shares) == cases
    assert sum(map(len, shares)) == len(cases)


def test_f4_mails_and_refunds_lie_apart_from_deadlines_and_those_of_before_are_found_among_them() -> None:
    """What an older version wrote among the deadlines is found there; what this one writes, under its own kind."""
    for case, kind in (("dp-before", DueKind.DEADLINE), ("dp-now", None)):
        refund, effect = (kind or one for one in (DueKind.REFUND, DueKind.EFFECT))
        RefundRow(
            *keys.refund(case),
            refund_id=f"rf-{case}",
            order_id="o-1",
            amount=Money(100, "USD"),
            requested_at=OPENED,
            status=RefundStatus.REQUESTED,
            due_key=keys.due_key(case, refund),
            due_at=OPENED,
        ).save()
        MailRow(
            *keys.mail(case, 1, "BUYER"),
            seq=1,
            recipient=Role.BUYER,
            mail="DISPUTE_OPENED",
            attempts=0,
            status="PENDING",
            due_key=keys.due_key(case, effect),
            due_at=OPENED,
        ).save()
    seen = {kind: {(row.dispute_id, row.sort_key[:4]) for row in found(kinds=(kind,))} for kind in DueKind}
    assert seen == {
        DueKind.DEADLINE: {("dp-before", "REFU"), ("dp-before", "MAIL")},
        DueKind.EFFECT: {("dp-now", "MAIL")},
        DueKind.REFUND: {("dp-now", "REFU")},
    }
