"""`make demo ORDERS=<file>`: every order that came late or never gets its dispute, all of them side by side."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from local.demo.behaviours import OUTCOMES, Life, carry, live
from local.demo.case import Case
from local.demo.expect import Facts, general_findings, post_findings
from local.demo.observe import Post, collect_post
from local.demo.orders import Plan
from local.demo.report import lateness_line, mail_lags, money
from local.demo.schedule import Scheduler, Script, utc_now
from local.demo.side_by_side import Stage
from local.demo.stories import settled

WORKERS: Final = 6
# Openings are spread out: all those on one machine would otherwise fall due in the same second, again and again.
PACE: Final = timedelta(seconds=0.8)
# What was never sent is refused at once, and starts no clock.
REFUSED_PACE: Final = timedelta(seconds=0.2)
# Days this long leave the people and the clock room on a machine of two cores.
BULK_DAY_SECONDS: Final = 8
AT_MOST_LATE: Final = 30.0
TICK: Final = timedelta(seconds=15)


def day_seconds_for(orders: int, wanted: int) -> int:
    """How long a day must last, in seconds, for so many orders side by side; more if that is wanted."""
    return max(wanted, 4 if orders <= 20 else BULK_DAY_SECONDS)


def run_bulk(stage: Stage, plans: Sequence[Plan]) -> list[str]:
    """Play all plans and report; returns everything that is not as it must be."""
    display, run_id = stage.display, secrets.token_hex(2)
    with display.busy("Warming the functions up ..."):
        _warm_up(stage, plans[0], run_id)
    lives = _lives(stage, plans, run_id)
    display.say(f"{len(plans)} orders came late or never; the last is due in {_last(lives):.0f} s")
    scripts: dict[str, Script] = {}
    for name, life in lives.items():
        scripts[name] = _play(stage, life)
        scripts[f"{name} (carrier)"] = carry(life)
    scripts["progress"] = _ticker(stage, lives)
    with stage.refunds, display.counting("cases", len(lives)):
        failures = Scheduler(workers=WORKERS).run(scripts)
        refunds = list(stage.refunds.drain())
    played = display.elapsed
    findings = [f"{name}: {failure!r}" for name, failure in failures.items()]
    return findings + _report(stage, lives, refunds, played)


def _lives(stage: Stage, plans: Sequence[Plan], run_id: str) -> dict[str, Life]:
    begins = utc_now() + timedelta(seconds=1)
    lives = {}
    for plan in plans:
        case = Case(stage.client, f"{plan.order_id[:48]}-{run_id}")
        lives[plan.order_id] = Life(plan, case, stage.stack, begins)
        begins += PACE if plan.shipped else REFUSED_PACE
    return lives


def _last(lives: Mapping[str, Life]) -> float:
    return max((life.begins - utc_now()).total_seconds() for life in lives.values())


def _warm_up(stage: Stage, plan: Plan, run_id: str) -> None:
    """Start the first processes of what every order needs, so that the first orders are not late by that."""
    life = Life(replace(plan, shipped=False), Case(stage.client, f"warm-up-{run_id}"), stage.stack, utc_now())
    Scheduler(workers=1).run({"warm-up": live(life)})


def _play(stage: Stage, life: Life) -> Script:
    try:
        yield from live(life)
        if life.case.dispute_id:
            yield from settled(life.case, stage.outbox, stage.running)
    finally:
        life.over = True


def _ticker(stage: Stage, lives: Mapping[str, Life]) -> Script:
    """Show how far things are: the bar on a terminal, a line now and then elsewhere."""
    shown = utc_now()
    while not all(life.over for life in lives.values()):
        standing = Counter(_standing(life) for life in lives.values())
        line = ", ".join(f"{count} {status}" for status, count in sorted(standing.items()))
        stage.display.count(sum(life.over for life in lives.values()), line)
        if not stage.display.console.is_terminal and utc_now() - shown >= TICK:
            stage.display.say(line)
            shown = utc_now()
        yield utc_now() + timedelta(seconds=1)


def _standing(life: Life) -> str:
    if life.refusal is not None:
        return "refused"
    return life.case.status.lower().replace("_", " ") or "to come"


def _report(
    stage: Stage, lives: Mapping[str, Life], refunds: Sequence[Mapping[str, Any]], played: float
) -> list[str]:
    display = stage.display
    opened = {name: life for name, life in lives.items() if life.case.dispute_id}
    with display.busy(f"Reading back {len(opened)} cases ..."):
        post = collect_post(stage.client, stage.outbox, [life.case.dispute_id for life in opened.values()])
        facts = {name: stage.facts(life.case, post, refunds) for name, life in opened.items()}
    findings = post_findings(post)
    for name, life in lives.items():
        wrong = _findings(life, facts.get(name))
        findings += [f"{name[:8]} ({life.plan.behaviour}): {line}" for line in wrong]
    display.heading("Orders")
    display.console.print(_orders_table(lives, facts))
    display.heading("Totals")
    for line in _totals(lives, facts, post, refunds):
        display.console.print(Text(line))
    calls = sum(life.case.calls for life in lives.values())
    repeats = sum(life.case.repeats for life in lives.values())
    display.console.print(
        Text(
            f"calls         {calls}, {repeats} repeated, in {played:.0f} s of demo: {calls / played:.1f} a second"
        )
    )
    return findings


def _findings(life: Life, facts: Facts | None) -> list[str]:
    expected = life.plan.expected_refusal
    if facts is None:
        got = (life.refusal.code, life.refusal.rule) if life.refusal else None
        return [] if got == expected and got else [f"the opening got {got}, not {expected or 'a dispute'}"]
    found = general_findings(facts, AT_MOST_LATE)
    if expected is not None:
        found.append(f"it was opened although it must be refused with {expected}")
    if not life.overtaken and facts.outcome not in OUTCOMES[life.plan.behaviour]:
        found.append(f"it ended as {facts.outcome}, not {' or '.join(sorted(OUTCOMES[life.plan.behaviour]))}")
    return found


def _orders_table(lives: Mapping[str, Life], facts: Mapping[str, Facts]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("order", "came", "what happens", "outcome"):
        table.add_column(name, no_wrap=True)
    for name in ("refund", "mails", "states", "days", "s", "late"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, life in lives.items():
        table.add_row(name[:8], _came(life.plan), *_cells(life, facts.get(name)))
    return table


def _came(plan: Plan) -> str:
    if not plan.shipped:
        return "never sent"
    if plan.delivered_after is None:
        return "never"
    return f"{max(0.0, plan.delivered_after - plan.promised_days):.0f} d late"


def _cells(life: Life, facts: Facts | None) -> list[str]:
    if facts is None:
        refused = f"{life.refusal.code} ({life.refusal.rule})" if life.refusal else ""
        return ["refused" if refused else "not opened", refused, "", "", "", "", "", ""]
    document = facts.document
    ended = document["closed_at"] or document["updated_at"]
    seconds = (datetime.fromisoformat(ended) - datetime.fromisoformat(document["opened_at"])).total_seconds()
    refund = money(facts.refund_minor, life.plan.currency) if facts.refund_minor else "-"
    late = max((deadline.late for deadline in facts.deadlines), default=None)
    return [
        life.plan.behaviour + (" *" if life.overtaken else ""),
        facts.outcome,
        refund,
        str(len(facts.mails)),
        str(facts.states),
        f"{seconds / facts.day_seconds:.1f}",
        f"{seconds:.0f}",
        "-" if late is None else f"{late:.1f}",
    ]


def _totals(
    lives: Mapping[str, Life], facts: Mapping[str, Facts], post: Post, refunds: Sequence[Mapping[str, Any]]
) -> list[str]:
    refused = Counter(f"{r.code} ({r.rule})" for life in lives.values() if (r := life.refusal))
    outcomes = Counter(one.outcome for one in facts.values())
    asked = {refund["refund_id"]: refund["amount_minor"] for refund in refunds}
    sent, states = len(post.sent), sum(one.states for one in facts.values())
    dropped = Counter(f"{row.kind} ({row.dropped})" for row in post.dropped)
    each = max(1, len(facts))
    restarted = sum(len(one.runs) > 1 for one in facts.values())
    opened_late = sorted(_opened_late(lives[name], one) for name, one in facts.items())
    overtaken = [f"{name[:8]} {step}" for name, life in lives.items() for step in life.overtaken]
    return [
        f"orders        {len(lives)} late or never; {len(facts)} disputes, {sum(refused.values())} refused",
        f"refused       {_counted(refused)}",
        f"opened        {_seconds(opened_late)} after the first instant that the rules allow",
        f"outcomes      {_counted(outcomes)}",
        f"refunds       {len(asked)} asked for, {sum(asked.values()) / 100:.2f} in all",
        f"mails         {sent} sent, {sent / each:.1f} a case; {len(post.dropped)} dropped: {_counted(dropped)}",
        f"mails left    {_seconds(mail_lags(list(facts.values())))} after their entries",
        f"transitions   {states}, {states / each:.1f} a case; {restarted} executions restarted",
        f"clock         {lateness_line(list(facts.values()))}",
        f"* overtaken   {', '.join(overtaken) or 'nobody'}",
    ]


def _opened_late(life: Life, facts: Facts) -> float:
    """Seconds from the first instant at which the dispute could be opened to its opening."""
    opened = datetime.fromisoformat(facts.document["opened_at"])
    return (opened - life.dates.opens_at).total_seconds() if life.dates else 0.0


def _seconds(values: Sequence[float]) -> str:
    return f"{values[len(values) // 2]:.2f} s (median), {values[-1]:.2f} s (most)" if values else "never"


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.most_common()) or "none"
