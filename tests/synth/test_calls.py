"""Findings I6, I11 and I15: how often a call is made, and that every caller may make it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from buyer_protection.application.mails.delivery import ATTEMPTS, waiting_time
from infra.routes import SPECS
from infra.stages import STAGES
from tests.synth.assembly import Synthesis, readable

Synthesise = Callable[..., Synthesis]
ALL = tuple(STAGES)


@pytest.mark.parametrize("stage", ALL)
def test_a_failed_call_of_a_schedule_is_not_repeated_and_none_waits_past_the_next(
    synthesise: Synthesise, stage: str
) -> None:
    configured = {
        readable(it["Properties"]["FunctionName"]): it["Properties"]
        for it in synthesise(stage).of("AWS::Lambda::EventInvokeConfig").values()
    }

    assert {
        name: (it["MaximumRetryAttempts"], it["MaximumEventAgeInSeconds"], it["Qualifier"])
        for name, it in configured.items()
    } == {"SweepDeadlinesFunction": (0, 60, "$LATEST"), "AuditCasesFunction": (0, 300, "$LATEST")}


@pytest.mark.parametrize("stage", ALL)
def test_only_the_mails_function_may_feed_itself(synthesise: Synthesise, stage: str) -> None:
    functions = synthesise(stage).functions()

    assert {name for name, it in functions.items() if it["Properties"].get("RecursiveLoop") == "Allow"} == {
        "notify_parties"
    }


def test_whoever_may_send_to_the_queue_it_reads_is_allowed_or_ends_by_itself(prod: Synthesis) -> None:
    reached: dict[tuple[str, str], set[str]] = {}
    for function, action, resource in prod.grants():
        reached.setdefault((function, action), set()).add(resource)
    feeding = {
        row.id
        for row in SPECS
        if reached.get((row.id, "sqs:SendMessage"), set())
        & reached.get((row.id, "sqs:ReceiveMessage"), set())
    }

    # What the dispatcher puts there comes from the stream; what comes back from the queue it never puts there again.
    assert feeding == {"notify_parties", "dispatch_changes"}


def test_the_chain_of_a_waiting_mail_ends_by_our_own_bound() -> None:
    seconds = [waiting_time(attempt).total_seconds() for attempt in range(1, ATTEMPTS + 1)]

    assert ATTEMPTS < 300
    assert 2.9 * 86_400 < sum(seconds) < 3.1 * 86_400
