"""Many lives: how faults are chosen for each, how a failure is made small, and the figures of it all.

A life is lived anew for each of its one to three faults. The first time nothing goes wrong, which shows what calls and
deliveries it is made of; the first fault is drawn from those. Then it is lived with that fault, and the next is drawn
from what it is made of now: half the time from what is only there because of the fault before, so that what mends one
fault meets the next.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from tests.simulation.checks import ViolationError
from tests.simulation.faults import (
    AT_A_CALL,
    AT_A_DELIVERY,
    FOR_A_WHILE,
    REPEATABLE,
    SERVICES,
    SLOW_SERVICES,
    UNANSWERED,
    Fault,
    Kind,
)
from tests.simulation.life import ACTORS, BEGINNING, Life, Plan, lived

Plant = Callable[[Life], None]
DAY_SECONDS = 86_400.0
MOST_FAULTS = 3
# How many of the lives meet the outage of a service besides what their own dice bring.
SERVICE_IS_DOWN = 0.1
# And how many meet one that does not answer, or two at once.
SERVICE_IS_SILENT = 0.1


@dataclass
class Figures:
    """What many lives add up to. Lateness in seconds."""

    lives: int = 0
    steps: int = 0
    calls: int = 0
    disputes: int = 0
    entries: int = 0
    transitions: int = 0
    machine_transitions: int = 0
    refunds: int = 0
    paid: int = 0
    mails: int = 0
    mails_again: int = 0
    set_aside: int = 0
    deadlines: int = 0
    unwatched: int = 0
    lateness: float = 0
    lateness_unwatched: float = 0
    faults: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    lives_without_fault: int = 0
    violations: list[str] = field(default_factory=list)

    def add(self, life: Life) -> None:
        world = life.world
        self.lives += 1
        self.steps += life.schedule.steps
        self.calls += len(life.gate.seen)
        self.disputes += len(world.cases_kept)
        self.entries += sum(len(entries) for entries in world.timeline.values())
        self.transitions += life.checks.transitions
        self.machine_transitions += life.machine.transitions
        self.refunds += len(world.refunds_kept)
        self.paid += len(life.payments.paid)
        sent = Counter((mail["thread"], mail["seq"], mail["recipient"]) for mail in life.transport.sent)
        self.mails += len(sent)
        self.mails_again += sum(sent.values()) - len(sent)
        self.set_aside += life.late.set_aside
        self.deadlines += life.checks.met
        self.unwatched += life.checks.unwatched
        self.lateness = max(self.lateness, life.checks.lateness.total_seconds())
        self.lateness_unwatched = max(self.lateness_unwatched, life.checks.lateness_unwatched.total_seconds())
        self.faults.update(fault.kind for fault in life.gate.fired)
        self.endings.update(_ending(case) for case in world.cases_kept.values())
        self.lives_without_fault += not life.gate.fired

    def join(self, other: "Figures") -> None:
        """Take in what another process counted."""
        for name, value in vars(other).items():
            mine = getattr(self, name)
            if name in {"lateness", "lateness_unwatched"}:
                setattr(self, name, max(mine, value))
            elif isinstance(mine, Counter):
                mine.update(value)
            else:
                setattr(self, name, mine + value)

    def table(self) -> str:
        """As `make simulate` prints it."""
        rows = [
            ("lives", f"{self.lives:,} ({self.lives_without_fault:,} of them without a fault)"),
            ("disputes", f"{self.disputes:,}"),
            ("steps; calls of ports and deliveries", f"{self.steps:,}; {self.calls:,}"),
            ("timeline entries; changes of status", f"{self.entries:,}; {self.transitions:,}"),
            ("state machine's transitions", f"{self.machine_transitions:,}"),
            ("refunds asked for; paid", f"{self.refunds:,}; {self.paid:,}"),
            ("mails sent; sent again (0010)", f"{self.mails:,}; {self.mails_again:,}"),
            ("changes set aside, and made up for", f"{self.set_aside:,}"),
            ("deadlines and reminders met", f"{self.deadlines:,}"),
            ("latest after a deadline", f"{self.lateness:.1f} s"),
            ("met after both watchers had been away", f"{self.unwatched:,}"),
            ("latest after the first was back", f"{self.lateness_unwatched:.1f} s"),
            *((f"fault: {kind}", f"{times:,}") for kind, times in sorted(self.faults.items())),
            *((f"ended: {end}", f"{times:,}") for end, times in sorted(self.endings.items())),
            ("violations", f"{len(self.violations):,}"),
        ]
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def _ending(case: object) -> str:
    outcome = getattr(case, "outcome", None)
    return str(outcome.code) if outcome else "OPEN"


# --- choosing faults --------------------------------------------------------------------------------------------------


def _next_faults(life: Life, before: Life | None, left: int, dice: Random) -> tuple[Fault, ...]:
    """One fault for a life as it is, or a pair where two may still be added."""
    if left > 1 and life.deadlines and dice.random() < 0.1:
        return _blackout(life, dice)
    places = life.gate.seen
    if before is not None and dice.random() < 0.5:
        known = frozenset(before.gate.seen)
        places = [place for place in places if place not in known] or places
    return (_fault(life, places, dice),)


def _blackout(life: Life, dice: Random) -> tuple[Fault, Fault]:
    """Both watchers of one deadline away at once, or one after the other."""
    around = (dice.choice(life.deadlines) - BEGINNING).total_seconds()
    kind = dice.choice((Kind.KILL, Kind.MACHINE_DOWN))
    machine = Fault(kind, after=_before(around, dice), seconds=0 if kind is Kind.KILL else _while(dice))
    return machine, Fault(Kind.SWEEPER_DOWN, after=_before(around, dice), seconds=_while(dice))


def _before(around: float, dice: Random) -> float:
    return round(max(0, around - dice.uniform(0, 7_200)), 3)


def _fault(life: Life, places: Sequence[str], dice: Random) -> Fault:
    calls = [place for place in places if " delivery " not in place]
    deliveries = [place for place in places if " delivery " in place]
    kind = dice.choices((AT_A_CALL, AT_A_DELIVERY, FOR_A_WHILE), (6, 3, 2))[0]
    if kind is FOR_A_WHILE or not calls:
        return _outage(life, dice)
    if kind is AT_A_DELIVERY and deliveries:
        # Each way of delivering as often as the others, however many letters each has.
        ways = sorted({place.split(" delivery ")[0] for place in deliveries})
        way = dice.choice(ways)
        place = dice.choice([one for one in deliveries if one.startswith(f"{way} ")])
        what = dice.choice(AT_A_DELIVERY if way != "timer" else (Kind.DELAY,))
        return Fault(what, place, seconds=_while(dice) if what is Kind.DELAY else 0)
    # A write is three times as telling as a read.
    weights = [
        1 if place.split("#")[0].endswith((".load ", ".due ", ".overdue ", ".unsent ", ".dossier ")) else 3
        for place in calls
    ]
    place = dice.choices(calls, weights)[0]
    repeatable = place.split()[-2] in REPEATABLE
    return Fault(dice.choice((*AT_A_CALL, *([Kind.DUPLICATE] if repeatable else []))), place)


def _outage(life: Life, dice: Random, kinds: Sequence[Kind] = FOR_A_WHILE) -> Fault:
    """Around a deadline more often than not: that is when somebody is missed."""
    kind, seconds = dice.choice(kinds), _while(dice)
    if life.deadlines and dice.random() < 0.8:
        around = (dice.choice(life.deadlines) - BEGINNING).total_seconds()
        after = around - dice.uniform(0, min(seconds, 7_200))
    else:
        after = dice.uniform(0, max(1, (life.clock.at - BEGINNING).total_seconds()))
    return Fault(kind, after=round(max(0, after), 3), seconds=0 if kind is Kind.KILL else seconds)


def silences(life: Life, dice: Random, services: Sequence[str], kind: Kind | None = None) -> list[Fault]:
    """Each of these services says nothing for a while, at about the same time."""
    first = _outage(life, dice, UNANSWERED)
    found = []
    for service in services:
        after = max(0, first.after + dice.uniform(-600, 600)) if found else first.after
        seconds = _while(dice) if found else first.seconds
        found.append(Fault(kind or first.kind, after=round(after, 3), seconds=seconds, service=service))
    return found


def _while(dice: Random) -> float:
    """From a second to a day, each order of magnitude as likely as the next."""
    return round(DAY_SECONDS ** dice.random(), 3)


# --- living many lives ------------------------------------------------------------------------------------------------


def one(seed: str, plant: Plant | None = None) -> tuple[Life, ViolationError | None]:
    """The life of a seed, with its faults (they are in its plan)."""
    dice = Random(f"{seed}/faults")
    wanted = dice.randint(1, MOST_FAULTS)
    before, (life, broken) = None, lived(Plan(seed), plant)
    services = Random(f"{seed}/services")
    if broken is None and services.random() < SERVICE_IS_DOWN:
        fault = _outage(life, services, tuple(SERVICES))
        before, (life, broken) = life, lived(replace(life.plan, faults=(fault,)), plant)
    silent = Random(f"{seed}/silent")
    if broken is None and silent.random() < SERVICE_IS_SILENT:
        named = silent.sample(sorted(SLOW_SERVICES), silent.randint(1, 2))
        faults = (*life.plan.faults, *silences(life, silent, named))
        before, (life, broken) = life, lived(replace(life.plan, faults=faults), plant)
    while broken is None and len(life.plan.faults) < wanted:
        more = _next_faults(life, before, wanted - len(life.plan.faults), dice)
        plan = replace(life.plan, faults=(*life.plan.faults, *more))
        before, (life, broken) = life, lived(plan, plant)
    return life, broken


def many(seeds: Iterable[str], plant: Plant | None = None) -> Figures:
    """All of them; each violation is kept as its seed and what it says."""
    figures = Figures()
    for seed in seeds:
        life, violation = one(seed, plant)
        figures.add(life)
        if violation is not None:
            figures.violations.append(f"{seed}  {violation}")
    return figures


# --- making a failure small -------------------------------------------------------------------------------------------


def shrunk(plan: Plan, kind: str, plant: Plant | None = None) -> tuple[Plan, Life]:
    """Fewer faults, fewer people, fewer calls: as little as still breaks the same invariant."""
    found = plan
    for smaller in _simpler(plan):
        candidate = smaller(found)
        if candidate != found and _breaks(candidate, kind, plant):
            found = candidate
    for most in (1, 2, 3, 5, 8, 13, 21):
        candidate = replace(found, most_calls=most)
        if _breaks(candidate, kind, plant):
            found = candidate
            break
    life, _ = lived(found, plant)
    return found, life


def _simpler(plan: Plan) -> list[Callable[[Plan], Plan]]:
    def less_fault(fault: Fault) -> Callable[[Plan], Plan]:
        return lambda of: replace(of, faults=tuple(one for one in of.faults if one != fault))

    def less_actor(name: str) -> Callable[[Plan], Plan]:
        return lambda of: replace(of, actors=tuple(one for one in of.actors if one != name))

    return [*map(less_fault, plan.faults), *map(less_actor, reversed(ACTORS))]


def _breaks(plan: Plan, kind: str, plant: Plant | None) -> bool:
    _, violation = lived(plan, plant)
    return violation is not None and violation.kind == kind


def report(seed: str, plant: Plant | None = None, lines: int = 60) -> str:
    """A failure as a person needs it: seed, invariant, faults, the shortest trace, and how to see it again."""
    life, violation = one(seed, plant)
    if violation is None:
        return f"seed {seed}: nothing is broken"
    small, shown = shrunk(life.plan, violation.kind, plant)
    trace = shown.trace[-lines:]
    left_out = len(shown.trace) - len(trace)
    return "\n".join(
        [
            f"seed {seed}: {violation}",
            f"faults: {'; '.join(map(str, small.faults)) or 'none'}",
            f"with: {', '.join(small.actors)}; at most {small.most_calls} calls each",
            *([f"... {left_out} lines before these ..."] if left_out else []),
            *map(str, trace),
            f"again: make simulate SEED={seed} LIVES=1",
        ]
    )
