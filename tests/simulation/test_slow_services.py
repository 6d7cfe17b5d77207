"""Q31: each service that accepts and never answers, or only after its caller has given up, singly and in pairs.

Every deadline is met within 120 seconds (`checks.py`), with no leniency for a sweeper that had to wait; the other
effects happen within five minutes of their time, or of the end of what they cannot do without: mails of SES and its
queue's, events and refunds of EventBridge's, uploads of S3's. A mail that SES has kept waiting for long leaves within a
quarter of an hour (decision 0027).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations, count, islice
from random import Random

import pytest

from buyer_protection.application.mails.delivery import LONGEST_WAIT_SECONDS
from buyer_protection.application.schemas.outbound_events import events_for
from tests.simulation.faults import SLOW_SERVICES, UNANSWERED, Fault, Kind
from tests.simulation.life import BEGINNING, Life, Plan, lived

pytestmark = pytest.mark.verify
SEEDS = 3
# For an hour up to a day, which is what the retry queue waits for (decision 0029); Step Functions and SES up to ten.
HOUR_SECONDS = 3_600.0
MOST_HOURS = {"Step Functions": 240, "SES": 240}
SOON = timedelta(minutes=5)
LONGEST_MAIL_WAIT = timedelta(seconds=LONGEST_WAIT_SECONDS) + timedelta(minutes=1)
SINGLE = [(service,) for service in sorted(SLOW_SERVICES)]
PAIRS = list(combinations(sorted(SLOW_SERVICES), 2))


def met_with(services: Sequence[str], kind: Kind) -> Iterator[Life]:
    """Lives in which these services say nothing for a while, the first of them when it is asked."""
    found = (life for number in count() if (life := _silenced(services, kind, number)) is not None)
    return islice(found, SEEDS)


def _silenced(services: Sequence[str], kind: Kind, number: int) -> Life | None:
    """None where the life of that number asks the first of the services nothing."""
    seed = f"slow:{'+'.join(services)}:{kind}:{number}"
    calm, violation = lived(Plan(seed))
    assert violation is None, f"{seed}: {violation}"
    asked = [
        (at - BEGINNING).total_seconds()
        for port in SLOW_SERVICES[services[0]]
        for at in calm.gate.asked[port]
    ]
    if not asked:
        return None
    dice = Random(seed)
    met = dice.choice(asked)
    lengths = [HOUR_SECONDS * MOST_HOURS.get(service, 24) ** dice.random() for service in services]
    first = max(0.0, met - dice.uniform(0, lengths[0] / 2))
    lasted = (calm.clock.at - BEGINNING).total_seconds()
    # Mostly at the same time.
    second = first + dice.uniform(0, lengths[0]) if dice.random() < 0.7 else dice.uniform(0, lasted * 0.6)
    faults = tuple(
        Fault(kind, after=round(after, 3), seconds=round(seconds, 3), service=service)
        for service, after, seconds in zip(services, (first, second), lengths, strict=False)
    )
    life, violation = lived(replace(calm.plan, faults=faults))
    assert violation is None, f"{seed}: {violation} with {'; '.join(map(str, faults))}"
    return life


def promised(at: datetime, needs: Sequence[str], soon: timedelta, faults: Sequence[Fault]) -> datetime:
    """By when an effect of that instant must have happened."""
    limit = at + soon
    for fault in sorted(faults, key=lambda one: one.after):
        began = BEGINNING + timedelta(seconds=fault.after)
        if fault.service in needs and began <= limit:
            limit = max(limit, began + timedelta(seconds=fault.seconds) + soon)
    return limit


def late_effects(life: Life) -> Iterator[str]:
    """What came later than it is promised."""
    faults = life.plan.faults
    # What neither the bus nor the retry queue takes stays in the stream.
    has_bus = any(fault.service == "EventBridge" for fault in faults)
    for entries in life.world.timeline.values():
        for entry in entries:
            for event in events_for(entry):
                needs = ("EventBridge", "SQS") if has_bus else ("EventBridge",)
                by = promised(entry.at, needs, SOON, faults)
                if life.bus.first_at[event.event_id] > by:
                    yield f"{event.event_id} at {life.bus.first_at[event.event_id]}, promised by {by}"
    for at, tags in life.sent:
        if "dispute_id" not in tags or (tags["dispute_id"], int(tags["seq"])) in waiting(life):
            continue
        entry = life.world.timeline[tags["dispute_id"]][int(tags["seq"]) - 1]
        needs = ("SES", "SQS", "EventBridge") if has_bus else ("SES", "SQS")
        soon = LONGEST_MAIL_WAIT if any(fault.service == "SES" for fault in faults) else SOON
        by = promised(entry.at, needs, soon, faults)
        if at > by:
            yield f"mail {tags} at {at}, promised by {by}"


def waiting(life: Life) -> set[tuple[str, int]]:
    """Mails that wait for a digest, for as long as that takes (R46)."""
    return {(dispute_id, seq) for dispute_id, seq, _ in life.in_digests}


@pytest.mark.parametrize("kind", UNANSWERED)
@pytest.mark.parametrize("services", SINGLE + PAIRS, ids=" and ".join)
def test_q31_deadlines_are_met_and_nothing_else_waits_for_long(services: tuple[str, ...], kind: Kind) -> None:
    for life in met_with(services, kind):
        assert sum(life.gate.in_vain.values()) > 0, f"nothing met {life.plan.faults}"
        assert list(late_effects(life)) == []
        assert life.checks.lateness <= timedelta(seconds=120)
