"""The composition root builds what a function needs, once, and nothing that it does not need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from buyer_protection.application.ports.switches import RELEASED
from buyer_protection.composition import container
from buyer_protection.composition.container import Container
from buyer_protection.runtime import settings
from tests.support.api_events import ENVIRONMENT

ROOT = Path(__file__).parents[2]
DISPATCH = {
    "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:000000000000:stateMachine:case",
    "EVENT_BUS_NAME": "bus",
    "NOTIFICATION_QUEUE_URL": "https://queue.example.com/q",
    "LATE_CHANGES_QUEUE_URL": "https://queue.example.com/late",
    "WEBHOOK_QUEUE_URL": "https://queue.example.com/webhooks",
    "SIGNING_KEY_ARN": "arn:aws:kms:us-east-1:000000000000:key/exports",
}
MAIL = {"MAIL_SENDER": "disputes@shop.example.com", "MAIL_CONFIGURATION_SET": "set"}

# Heavy, or for others: a cold start of the API pays for none of these.
NOT_FOR_THE_API = (
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.utilities.idempotency",
    "aws_lambda_powertools.utilities.parser",
    "aws_lambda_powertools.utilities.validation",
    "asyncio",
    "aws_xray_sdk",
    "babel",
    "boto3",
    "buyer_protection.adapters.aws.event_bus",
    "buyer_protection.adapters.aws.executions",
    "buyer_protection.adapters.mail",
    "buyer_protection.adapters.dynamodb.outbox",
    "buyer_protection.adapters.aws.ses_transport",
    "buyer_protection.adapters.dynamodb.timer_store",
    "buyer_protection.application.workers.sweep",
    "jinja2",
    "pydantic",
)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for name in (*DISPATCH, *MAIL):
        monkeypatch.delenv(name, raising=False)


def test_the_process_has_one_container() -> None:
    container.get.cache_clear()
    assert container.get() is container.get()
    container.get.cache_clear()


def test_the_context_is_built_once_with_the_stages_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAY_SECONDS", "2")
    built = Container()
    context = built.context
    assert context is built.context
    assert (context.policy.profile, context.policy.day_seconds) == ("aliexpress-classic", 2)


def test_the_workers_share_the_contexts_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**DISPATCH, **MAIL}.items():
        monkeypatch.setenv(name, value)
    built = Container()
    processor, post, sweeper = built.stream_processor, built.mail_delivery, built.sweeper
    assert post.cases is sweeper.cases is built.context.cases
    assert processor.outbox is post.outbox
    assert processor.executions is sweeper.executions
    assert post.site_url == ENVIRONMENT["SITE_URL"]
    assert post.addresses is built.bounce_handler.addresses


def test_a_task_of_the_machine_does_not_learn_of_the_machine() -> None:
    built = Container()
    assert built.context
    with pytest.raises(settings.SettingError, match="STATE_MACHINE_ARN"):
        assert built.executions


def test_a_test_replaces_what_it_likes_and_the_rest_is_built_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in DISPATCH.items():
        monkeypatch.setenv(name, value)
    built = Container()
    built.refund_switch = RELEASED
    assert built.stream_processor.switch is built.sweeper.switch is RELEASED


def test_an_api_function_loads_only_what_it_needs() -> None:
    program = (
        "import json, sys\n"
        "import functions.escalate_dispute.handler as handler\n"
        "handler.container.get().context\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    paths = [str(ROOT), str(ROOT / "layers/buyer_protection/python")]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}\n{program}"],
        capture_output=True,
        text=True,
        check=True,
        env=ENVIRONMENT,
        cwd=ROOT,
    )
    loaded = json.loads(done.stdout)
    assert "pynamodb.models" in loaded
    assert [name for name in loaded if name.startswith(NOT_FOR_THE_API)] == []
