"""Q38: the worst day at 10,000, 50,000, 500,000 and 2,000,000 new disputes, minute by minute, beside each limit.

`python -m bench.scale` prints the tables of `docs/scale.md`; `--write` puts them there. Seeded, and in a few seconds.

Lives are drawn: what people do, and when, is assumed (`_MIX`); the windows between are those of the policy. On the
worst day three times as many disputes are opened as on a usual one, and most of a day's happen in its evening. Units,
transitions and calls of each step are those that `python -m bench` counts.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, exp
from pathlib import Path

from bench.crowd import Sizes, sweep_of
from bench.quotas import AUDIT_CASES, QUOTAS
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC as POLICY

SEED = 38
SCALES = (10_000, 50_000, 500_000, 2_000_000)
ORDERS_A_DAY = 2_000_000
PAGE = Path(__file__).parent.parent / "docs" / "scale.md"
BEGIN, END = "<!-- python -m bench.scale -->", "<!-- end -->"
LIVES = 4_000
HOURS, DAYS = 24, 60
# A day of sales: that many times as much as usual, and its disputes lie in every later day's dates.
WORST = 3
# Shares of a day by hour, UTC of a shop whose people sleep at the same time.
_HOURS = (2, 1, 1, 1, 1, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5, 5, 5, 6, 7, 8, 8, 7, 5, 3)
_USES = ("starts", "wakes", "transitions", "units", "index", "records", "mails", "events", "calls", "ended")
_BYTES_A_CASE = 39_000
_WORKER_SECONDS, _CALL_SECONDS, _MAIL_SECONDS = 0.06, 0.04, 0.12
# How long Step Functions was away, where the page speaks of what follows.
AWAY_HOURS = 3


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of a case uses: `index` are the writes of its TIMER entry, `ended` whether a window ended."""

    starts: int = 0
    wakes: int = 0
    transitions: int = 0
    units: int = 0
    index: int = 0
    records: int = 0
    mails: int = 0
    events: int = 0
    calls: int = 0
    ended: int = 0


OPEN = Step(starts=1, transitions=2, units=15 + 7, index=1, records=3, mails=2, events=2, calls=4)
TALK = Step(units=10 + 3, records=1, mails=1, events=1, calls=3)
MOVE = Step(wakes=1, transitions=2, units=16 + 7, index=2, records=2, mails=1, events=1, calls=3)
REMIND = Step(transitions=3, units=11 + 4, index=2, records=2, mails=1, ended=1)
WINDOW = Step(transitions=3, units=14 + 7, index=2, records=2, mails=2, events=1, ended=1)
ESCALATE = Step(wakes=1, transitions=4, units=16 + 10, index=2, records=3, mails=3, events=2, calls=4)
CLOSE = Step(wakes=1, transitions=3, units=17 + 12, index=1, records=3, mails=2, events=4, calls=4)
LAPSE = Step(transitions=4, units=17 + 12, index=1, records=3, mails=2, events=4, ended=1)
ORDER = Step(units=8, index=0, calls=1)

Life = list[tuple[float, Step]]


def _settled(dice: random.Random) -> Life:
    """Agreed before the window ends."""
    end = min(dice.expovariate(1 / 3), POLICY.negotiation_days - 0.1)
    talk: Life = [(dice.uniform(0, end), TALK) for _ in range(3)]
    noticed: Life = [(POLICY.escalate_after_days, REMIND)] if end > POLICY.escalate_after_days else []
    return [*talk, *noticed, (end, CLOSE)]


def _escalated(dice: random.Random, at: float, step: Step) -> Life:
    """Before the team, with evidence of both sides, decided a while before its date; half are reminded."""
    review = at + dice.uniform(1, POLICY.evidence_days)
    decided = review + dice.uniform(1, POLICY.decision_days)
    given: Life = [(dice.uniform(at, review), MOVE) for _ in range(2)] + [
        (dice.uniform(at, review), TALK)
    ] * 2
    reminded: Life = [(at + POLICY.evidence_days - 1, REMIND)] if dice.random() < 0.5 else []
    return [(POLICY.escalate_after_days, REMIND), (at, step), *given, *reminded, (decided, CLOSE)]


def _by_buyer(dice: random.Random) -> Life:
    return _escalated(dice, dice.uniform(POLICY.escalate_after_days, POLICY.negotiation_days), ESCALATE)


def _by_clock(dice: random.Random) -> Life:
    """Nobody settles: the clock escalates at the end of the window (R15)."""
    end = float(POLICY.negotiation_days)
    return [(end - POLICY.reminder_days, REMIND), *_escalated(dice, end, WINDOW)]


def _abandoned(_: random.Random) -> Life:
    """Escalated by the clock, and nobody gives evidence (R22)."""
    end = float(POLICY.negotiation_days)
    over = end + POLICY.evidence_days
    return [
        (POLICY.escalate_after_days, REMIND),
        (end - 1, REMIND),
        (end, WINDOW),
        (over - 1, REMIND),
        (over, LAPSE),
    ]


def _returned(dice: random.Random) -> Life:
    """Agreed with a return (R36): sent and received, or never sent."""
    agreed = dice.uniform(0.5, POLICY.negotiation_days)
    if dice.random() < 0.3:
        return [(agreed, MOVE), (agreed + POLICY.return_shipment_days, LAPSE)]
    sent = agreed + dice.uniform(1, POLICY.return_shipment_days)
    return [(agreed, MOVE), (sent, MOVE), (sent + dice.uniform(3, POLICY.return_receipt_days), CLOSE)]


_MIX: Sequence[tuple[float, Callable[[random.Random], Life]]] = (
    (0.55, _settled), (0.15, _by_buyer), (0.10, _by_clock), (0.08, _abandoned), (0.12, _returned),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Load:
    """What a stage has to bear: `peak` by use, a second, in the worst minute; `open` cases; how many of them changed
    while Step Functions was away; and the windows that end in the worst minute."""

    peak: Mapping[str, float]
    open: float
    unwatched: float
    windows: float


def lives(dice: random.Random) -> list[Life]:
    """What becomes of so many disputes: instants in days since the opening, and what each step uses."""
    makers = [make for _, make in _MIX]
    chosen = dice.choices(makers, [share for share, _ in _MIX], k=LIVES)
    return [[(0.0, OPEN), *make(dice)] for make in chosen]


def load_of(scale: int, drawn: Sequence[Life], worst: Mapping[str, float], dice: random.Random) -> Load:
    """The worst minutes of the days from a day of sales on, at `scale` new disputes on a usual day."""
    peak = {use: max(_drawn(scale * rate / 60, dice) for _ in range(60)) / 60 for use, rate in worst.items()}
    ended = [max(at for at, _ in life) for life in drawn]
    of_the_sales = (WORST - 1) * sum(end > 1 for end in ended) / LIVES
    unwatched = AWAY_HOURS * 3_600 * (peak["starts"] + peak["wakes"])
    return Load(peak, scale * (sum(ended) / LIVES + of_the_sales), unwatched, 60 * peak["ended"])


def worst_hours(drawn: Sequence[Life]) -> dict[str, float]:
    """By use, what the worst hour takes at one new dispute a day: each hour's use follows from the openings of all
    hours before, of which those of one day are a day of sales."""
    return {use: _worst_hour(_hours_of(drawn, use)) for use in _USES}


def _hours_of(drawn: Sequence[Life], use: str) -> dict[int, float]:
    """How much of it a dispute takes how many hours after its opening."""
    hours: dict[int, float] = {}
    for life in drawn:
        for at, step in life:
            hours[int(at * HOURS)] = hours.get(int(at * HOURS), 0.0) + getattr(step, use) / LIVES
    return hours


def _worst_hour(hours: Mapping[int, float]) -> float:
    total = sum(_HOURS)

    def opened(hour: int) -> float:
        return _HOURS[hour % HOURS] / total * (WORST if 0 <= hour < HOURS else 1)

    return max(
        sum(opened(hour - later) * number for later, number in hours.items()) for hour in range(DAYS * HOURS)
    )


def _drawn(mean: float, dice: random.Random) -> float:
    """A Poisson number; its normal stand-in where the mean is large."""
    if mean > 50:
        return max(0.0, dice.gauss(mean, mean**0.5))
    limit, product, number = exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        number += 1
    return float(number)


def sizes_of(load: Load) -> Sizes:
    """The settings that the page gives: enough rounds for the worst minute's windows, twice over, by the sweeper
    alone, and four shards for each of them."""
    sweepers = 1
    while sweepers < 20 and Sizes(sweepers).windows_a_round < 2 * load.windows:
        sweepers += 1
    return Sizes(sweepers)


def cells_of(load: Load) -> int:
    """How many accounts share the load, where no quota is raised but those that are asked for before a launch."""
    return max(1, ceil(load.open / QUOTAS["open"].number), ceil(load.peak["units"] / QUOTAS["table"].number))


def rows_of(load: Load) -> Iterator[tuple[str, str, float, float, str]]:
    """Each limit: its name, its unit, what is used of it, the quota, and what moves it."""
    peak, sizes = load.peak, sizes_of(load)
    lanes = peak["records"] * _WORKER_SECONDS / 10
    workers = peak["records"] / 10 * _WORKER_SECONDS + peak["mails"] * _MAIL_SECONDS
    at_once = peak["calls"] * _CALL_SECONDS + workers + peak["ended"] * _WORKER_SECONDS + sizes.sweepers
    for key, used, moved_by in (
        ("open", load.open, "quota to millions, then cells"),
        ("starts", peak["starts"], "quota; what is refused waits in the stream and the retry queue"),
        ("wakes", peak["wakes"], "quota; what is refused waits likewise, the sweeper meets the dates"),
        ("transitions", peak["transitions"], "quota"),
        (
            "looks",
            load.unwatched / 3_600,
            f"quota; looks of the first hour after {AWAY_HOURS} h without Step Functions",
        ),
        ("table", peak["units"] + _orders("units"), "quota; cells"),
        ("partition", peak["index"] / sizes.shards, "`due_shards`"),
        ("lambda", at_once + _orders("calls") * _CALL_SECONDS, "quota; `queue_concurrency` for mails"),
        ("mails", peak["mails"], "quota, asked for before a launch"),
        ("events", peak["events"], "quota"),
        ("gateway", peak["calls"] + _orders("calls"), "`rate_per_second`, `backend_rate_per_second`; quota"),
    ):
        quota = QUOTAS[key]
        yield quota.name, quota.unit, used, quota.number, moved_by
    yield (
        "audit: cases of one night",
        "cases",
        load.open,
        AUDIT_CASES,
        "a night's pass goes on in the next; cells",
    )
    yield (
        "stream: lanes that are busy",
        "lanes",
        lanes,
        10.0,
        "`stream_batch`, `stream_lanes`; the table has a shard a partition",
    )


def _orders(use: str) -> float:
    """What storing orders adds in a second of the worst hour."""
    return ORDERS_A_DAY * WORST * max(_HOURS) / sum(_HOURS) / 3_600 * float(getattr(ORDER, use))


def tables() -> str:
    """Both tables, as the page has them."""
    drawn = lives(random.Random(SEED))
    worst = worst_hours(drawn)
    loads = [load_of(scale, drawn, worst, random.Random(SEED)) for scale in SCALES]
    head = ["limit (default quota)", *(f"{scale:,}" for scale in SCALES), "what moves it"]
    lines = [_row(head), _row(["---", *["---:"] * len(SCALES), "---"])]
    for same in zip(*(rows_of(load) for load in loads), strict=True):
        name, unit, _, quota, moved_by = same[0]
        used = [f"**{_number(one[2])}**" if one[2] > quota else _number(one[2]) for one in same]
        lines.append(_row([f"{name} ({_number(quota)} {unit})", *used, moved_by]))
    lines.append(_row(["storage, GB a month of new cases", *(_number(s * 30 * _BYTES_A_CASE / 1e9) for s in SCALES),
                       "no quota; price"]))  # fmt: skip
    for name, cells in (
        ("windows that end in the worst minute", [_number(load.windows) for load in loads]),
        ("`sweepers`", [str(sizes_of(load).sweepers) for load in loads]),
        ("`due_shards` and `due_shards_read`", [str(sizes_of(load).shards) for load in loads]),
        ("cells with the default quotas", [str(cells_of(load)) for load in loads]),
    ):
        lines.append(_row([name, *cells, ""]))
    return "\n".join([*lines, "", *_sweeps(), ""])


def _sweeps() -> Iterator[str]:
    """10,000 windows that end in one second, by the sweeper alone."""
    yield _row(
        [
            "`sweepers`",
            "`due_shards`",
            "windows",
            "met once",
            "met more than once",
            "latest",
            "late by more than 120 s",
        ]
    )
    yield _row(["---:"] * 7)
    for sweepers in (1, 2, 4, 8):
        sizes = Sizes(sweepers)
        met = sweep_of(sizes, 10_000, random.Random(SEED))
        times = Counter(met.times.values())
        late = sum(one > 120 for one in met.late.values())
        yield _row([str(sweepers), str(sizes.shards), "10,000", f"{times[1]:,}", str(sum(times.values()) - times[1]),
                    f"{max(met.late.values()):.0f} s", f"{late:,}"])  # fmt: skip


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(value: float) -> str:
    if value >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"


def main() -> None:
    """Print the tables, or put them into the page."""
    text = tables()
    if "--write" in sys.argv[1:]:
        page = PAGE.read_text()
        before, rest = page.split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{text}{END}{rest.split(END)[1]}")
        return
    print(text)


if __name__ == "__main__":
    main()
