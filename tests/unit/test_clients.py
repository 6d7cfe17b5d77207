"""Q31: how long a service is waited for depends on who waits: a person, or a queue that brings the work again."""

import pytest

from buyer_protection.adapters.aws.clients import client, config_of
from buyer_protection.adapters.dynamodb.row import Row, configure
from buyer_protection.runtime import settings

SERVICES = ("stepfunctions", "sqs", "events", "sesv2", "s3")
# No call of a person asks S3: links are signed without it.
ASKED_FOR_PEOPLE = ("stepfunctions", "sqs", "kms", "cognito-idp")
# What people call gets so long: `test_f2_no_function_that_people_call_has_less_time` in tests/synth/test_routes.py.
FUNCTION_SECONDS = 10


@pytest.mark.parametrize("service", SERVICES)
def test_q31_background_work_waits_two_seconds_and_asks_once(service: str) -> None:
    config = config_of(service, in_background=True)
    assert (config.connect_timeout, config.read_timeout) == (2, 2)
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}


@pytest.mark.parametrize("service", ASKED_FOR_PEOPLE)
def test_f2_a_persons_call_has_time_left_to_answer_after_the_last_attempt(service: str) -> None:
    config = config_of(service, in_background=False)
    assert config.retries == {"mode": "standard", "total_max_attempts": 2}
    assert 2 * (config.connect_timeout + config.read_timeout) < FUNCTION_SECONDS


def test_f2_what_a_person_can_do_without_is_not_waited_for() -> None:
    configure("of-no-importance", "us-east-1")
    config = client("sqs", briefly=True).meta.config
    # Two attempts of three seconds, of the ten that the function has.
    assert (config.connect_timeout, config.read_timeout) == (1, 2)
    assert config.retries["total_max_attempts"] == 2
    client.cache_clear()


@pytest.mark.parametrize("in_background", [True, False])
def test_s3_signs_links_the_present_way_for_both(in_background: bool) -> None:
    assert config_of("s3", in_background=in_background).signature_version == "s3v4"


def test_dynamodb_has_short_time_outs_of_its_own_in_the_background() -> None:
    configure("of-no-importance", "us-east-1", in_background=True)
    assert (Row.Meta.connect_timeout_seconds, Row.Meta.read_timeout_seconds) == (1, 2)
    configure("of-no-importance", "us-east-1")
    # DynamoDB is asked twice.
    assert Row.Meta.max_retry_attempts == 1
    assert 2 * (Row.Meta.connect_timeout_seconds + Row.Meta.read_timeout_seconds) < FUNCTION_SECONDS


@pytest.mark.parametrize(("said", "expected"), [("on", True), ("", False), ("off", False)])
def test_who_waits_is_a_setting_of_the_function(
    monkeypatch: pytest.MonkeyPatch, said: str, expected: bool
) -> None:
    monkeypatch.setenv("IN_BACKGROUND", said)
    assert settings.is_in_background() is expected
