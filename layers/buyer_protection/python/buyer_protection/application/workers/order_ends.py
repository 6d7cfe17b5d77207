"""When an order that had disputes leaves, with its contacts: with the last of its cases (R48)."""

from datetime import datetime

from buyer_protection.application.ports.case_lists import CaseLists, UnreadableCase
from buyer_protection.application.ports.people import PersonStore
from buyer_protection.domain.archive import Retention, case_leaves_at, is_ended
from buyer_protection.domain.dispute import Dispute


def is_held(people: PersonStore, case: Dispute) -> bool:
    """Whether a legal hold is on the case or on one of its parties."""
    return people.is_any_held({case.buyer_id, case.seller_id}, {case.dispute_id})


def disputed_order_leaves_at(
    cases: CaseLists, people: PersonStore, retention: Retention, order_id: str
) -> datetime | None:
    """When it leaves; None while a case of it is open, unpaid, held or unreadable, and where none is known."""
    ends = []
    for case in cases.cases_of_order(order_id):
        if isinstance(case, UnreadableCase) or not is_ended(case) or case.closed_at is None:
            return None
        if is_held(people, case):
            return None
        ends.append(case_leaves_at(case, retention))
    return max(ends, default=None)
