"""What operators see while something is late: planted in the answers of a stack on which all is well."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, Route


def with_trouble(page: Page) -> None:
    """What the API would answer while refunds fail and a decision is late."""

    def answer(route: Route) -> None:
        found = route.fetch()
        changed = found.json() | {"overdue_decisions": 2, "refunds_held_since": "2026-03-09T08:00:00.000Z"}
        changed["refunds"] |= {"given_up": 3}
        changed["queues"] = [
            {"name": "inbound", "holds_dead_letters": False, "waiting": None},
            {"name": "uploads", "holds_dead_letters": False, "waiting": 2},
            {"name": "inbound-failed", "holds_dead_letters": True, "waiting": 7},
        ]
        changed["open"][0] |= {"count": 10, "by_age": _aged(changed["open"][0]["by_age"])}
        route.fulfill(response=found, json=changed)

    page.route("**/v1/operations/summary", answer)


def _aged(ages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [age | {"count": count} for age, count in zip(ages, (1, 2, 3, 0, 4), strict=True)]
