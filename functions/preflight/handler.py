"""Answers the preflights of every path: which pages may call it, how, and for how long they need not ask again."""

from typing import Any

from buyer_protection.runtime import cross_origin


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """204 with what the stage's origins may do; without it for any other origin."""
    return cross_origin.preflight(event)
