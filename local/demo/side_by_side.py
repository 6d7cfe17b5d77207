"""`make demo`: the stories side by side, then what came of them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from rich.text import Text

from local.client import Client
from local.demo.case import Case
from local.demo.display import Display
from local.demo.expect import Facts, general_findings, post_findings, story_findings
from local.demo.observe import Executions, Outbox, Post, RefundListener, collect_post
from local.demo.receiver import WebhookReceiver
from local.demo.report import brief_panel, lateness_line, mail_lags, mail_matrix, show_case, show_mails
from local.demo.schedule import Scheduler, Script
from local.demo.stories import STORIES, Scene, Story, settled
from local.demo.warming import warm_up
from local.state import StackInfo
from local.workspace import Workspace

# The clock rounds up to whole seconds, and on a busy machine a function's first process takes its time to start.
AT_MOST_LATE: Final = 15.0
SIGNED_IN: Final = ("buyer", "seller", "case_manager")


@dataclass
class Stage:
    """What both kinds of demo need of a running stack."""

    stack: StackInfo
    client: Client
    outbox: Outbox
    executions: Executions
    refunds: RefundListener
    display: Display

    @classmethod
    def of(cls, stack: StackInfo, workspace: Workspace, display: Display) -> Stage:
        """Connect to the stack; everybody signs in now, so that no script has to."""
        client = Client(stack)
        for name in SIGNED_IN:
            client.token(name)
        return cls(
            stack,
            client,
            Outbox(workspace, stack.table_name),
            Executions(workspace, stack.state_machine_arn),
            RefundListener(stack, workspace),
            display,
        )

    def running(self, dispute_id: str) -> bool:
        """Whether the case's first execution still runs."""
        return self.executions.status(dispute_id, 1) == "RUNNING"

    def facts(self, case: Case, post: Post, refunds: Sequence[Mapping[str, Any]]) -> Facts:
        """Everything about a finished case."""
        return Facts(
            document=case.look(),
            timeline=case.timeline(),
            order=case.read("buyer", f"/v1/orders/{case.order_id}"),
            runs=self.executions.runs(case.dispute_id),
            mails=post.of(case.dispute_id),
            dropped=[row for row in post.dropped if row.dispute_id == case.dispute_id],
            refunds=[refund for refund in refunds if refund["dispute_id"] == case.dispute_id],
            day_seconds=self.stack.day_seconds,
        )


def run_stories(stage: Stage) -> list[str]:
    """Play the stories and report; returns everything that is not as it must be."""
    display, run_id = stage.display, secrets.token_hex(3)
    scene = Scene(
        stage.stack, stage.outbox, lambda brief, queue: display.console.print(brief_panel(brief, queue))
    )
    cases = {
        story.name: Case(stage.client, f"order-{run_id}-{number}", partial(_say, display, story))
        for number, story in enumerate(STORIES, start=1)
    }
    with display.busy("Warming the functions up ..."):
        warm_up(stage.client)
    heard = WebhookReceiver(stage.client)
    with stage.refunds, heard, display.following({story.name: story.title for story in STORIES}):
        scheduler = Scheduler(workers=len(STORIES), on_wait=display.waits)
        scripts = {s.name: _play(s, cases[s.name], scene, stage) for s in STORIES}
        failures = scheduler.run(scripts)
        refunds = list(stage.refunds.drain())
        findings = [f"{name}: {failure}" for name, failure in failures.items()]
        findings += heard.findings([case.dispute_id for case in cases.values() if case.dispute_id])
    findings += _report(stage, cases, refunds)
    types = len({event["type"] for event in heard.verified.values()})
    line = f"{'webhook':<14}{len(heard.verified)} events of {types} kinds received and verified"
    display.console.print(Text(line))
    return findings


def _say(display: Display, story: Story, line: str) -> None:
    display.say(f"{story.name + ':':<14}{line}")


def _play(story: Story, case: Case, scene: Scene, stage: Stage) -> Script:
    yield from story.script(case, scene)
    yield from settled(case, stage.outbox, stage.running)


def _report(stage: Stage, cases: Mapping[str, Case], refunds: Sequence[Mapping[str, Any]]) -> list[str]:
    display = stage.display
    opened = {name: case for name, case in cases.items() if case.dispute_id}
    post = collect_post(stage.client, stage.outbox, [case.dispute_id for case in opened.values()])
    found = {name: stage.facts(case, post, refunds) for name, case in opened.items()}
    findings = [f"{story.name}: it was never opened" for story in STORIES if story.name not in found]
    for story in STORIES:
        if story.name in found:
            facts = found[story.name]
            display.heading(story.title)
            show_case(display.console, facts)
            show_mails(display.console, facts.mails)
            wrong = general_findings(facts, AT_MOST_LATE) + story_findings(story.expected, facts)
            findings += [f"{story.name}: {line}" for line in wrong]
    findings += post_findings(post)
    _summary(display, found)
    return findings


def _summary(display: Display, found: Mapping[str, Facts]) -> None:
    display.heading("Summary")
    display.console.print(mail_matrix(found))
    for name, facts in found.items():
        asked = (
            ", ".join(f"{r['amount_minor'] / 100:.2f} {r['currency']}" for r in facts.refunds) or "nothing"
        )
        line = (
            f"{name:<14}{facts.document['status']}, {facts.outcome}; RefundRequested: {asked}; {facts.states}"
        )
        display.console.print(Text(f"{line} state transitions, {len(facts.mails)} mails"))
    display.console.print(Text(f"{'clock':<14}{lateness_line(list(found.values()))}"))
    lags = mail_lags(list(found.values()))
    if lags:
        half, most = lags[len(lags) // 2], lags[-1]
        display.console.print(
            Text(f"{'mails':<14}left {half:.2f} s (median), {most:.2f} s (most) after the event")
        )
