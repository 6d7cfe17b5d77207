"""Answers what is no call: preflights of every path (who may call it, for how long), wrong methods, wrong paths."""

from typing import Any

from buyer_protection.runtime import elsewhere


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """204 with what the stage's origins may do, without it for any other origin; 405 with `Allow`; 404."""
    return elsewhere.answered(event)
