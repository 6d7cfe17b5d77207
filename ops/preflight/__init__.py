"""Asks the account, before a deployment, for all that would refuse it or keep the stage from working.

Reads only. What it needs to know of the stage stands in the templates as they are synthesised, so that a resource that
is added to a stack is looked at without a word here, where its type is in `names.LOOKUPS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ops.preflight import account, names, stacks
from ops.preflight import settings as settings_
from ops.preflight.finding import Account, Finding, Level, Plan

__all__ = ["Account", "Finding", "Level", "Plan", "look"]

Check = Callable[[Account, Plan], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (
    account.is_the_one_meant,
    account.is_bootstrapped,
    account.has_concurrency,
    account.has_executions,
    account.may_send_mails,
    settings_.mail_identity,
    settings_.certificate,
    settings_.provider_secret,
    settings_.adopted_table,
    stacks.can_be_updated,
    names.are_free,
)


def look(on: Account, plan: Plan) -> list[Finding]:
    """What each check found, in their order; a check that could not be made is a finding too."""
    found: list[Finding] = []
    for check in CHECKS:
        found += list(_made(check, on, plan))
        if any(it.level is Level.REFUSED and it.ends for it in found):
            # Nothing that follows would mean anything in another account or without credentials.
            break
    return found


def _made(check: Check, on: Account, plan: Plan) -> Iterator[Finding]:
    try:
        yield from check(on, plan)
    except on.errors as error:
        name = f"{check.__module__.rpartition('.')[2]}: {check.__name__.replace('_', ' ')}"
        yield Finding(
            Level.REFUSED,
            name,
            f"could not be looked at: {error}",
            "Give your role the right that the message names, or look at it by hand.",
        )
