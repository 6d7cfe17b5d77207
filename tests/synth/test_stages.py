"""Stages are data, chosen and changed by the CDK's context, and production cannot be sped up."""

from __future__ import annotations

from typing import Any

import pytest

from infra.stages import DAY_SECONDS, DEV, LOCAL, PROD, STAGES, from_context


def _read(**context: Any) -> Any:
    return context.get


def test_the_stage_is_local_where_the_context_names_none() -> None:
    assert from_context(_read()) == LOCAL


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_is_chosen_by_name(name: str) -> None:
    assert from_context(_read(stage=name)) == STAGES[name]


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown stage 'staging'"):
        from_context(_read(stage="staging"))


def test_the_context_sets_scale_account_and_addresses() -> None:
    stage = from_context(
        _read(
            stage="dev",
            day_seconds="600",
            account="111111111111",
            allowed_origins="https://a.test, https://b.test",
        )
    )

    assert (stage.day_seconds, stage.account) == (600, "111111111111")
    assert stage.allowed_origins == ("https://a.test", "https://b.test")


@pytest.mark.parametrize("day", ["0", "-1"])
def test_a_day_takes_time(day: str) -> None:
    with pytest.raises(ValueError, match="positive"):
        from_context(_read(stage="local", day_seconds=day))


def test_a_day_of_production_is_a_day() -> None:
    with pytest.raises(ValueError, match="86,400"):
        from_context(_read(stage="prod", day_seconds="60"))
    assert from_context(_read(stage="prod", day_seconds=str(DAY_SECONDS))) == PROD


def test_only_the_local_stage_is_unprotected() -> None:
    assert (LOCAL.protected, DEV.protected, PROD.protected) == (False, True, True)
    assert (LOCAL.local, DEV.local, PROD.local) == (True, False, False)
    assert (DEV.back_off_seconds, PROD.back_off_seconds) == (60, 60)


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_cloudfront_takes_certificates_of_one_region_only(region: str) -> None:
    arn = f"arn:aws:acm:{region}:111111111111:certificate/pages"
    if region == "us-east-1":
        assert from_context(_read(stage="prod", site_certificate_arn=arn)).site_certificate_arn == arn
    else:
        with pytest.raises(ValueError, match="us-east-1"):
            from_context(_read(stage="prod", site_certificate_arn=arn))
