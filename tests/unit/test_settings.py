"""Settings are read on first use, and what is missing is named."""

import importlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from buyer_protection.domain.era import Era
from buyer_protection.runtime import settings


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "STAGE",
        "SWEEP_CONCURRENCY",
        "TABLE_NAME",
        "DAY_SECONDS",
        "ALLOWED_ORIGINS",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "ERA",
        "ERA_FROM",
    ):
        monkeypatch.delenv(name, raising=False)


def test_importing_reads_nothing() -> None:
    importlib.reload(settings)


@pytest.mark.parametrize(
    ("read", "missing"),
    [
        (settings.site, "ALLOWED_ORIGINS"),
        (settings.cloud, "AWS_REGION"),
        (settings.cases, "TABLE_NAME"),
        (settings.dispatch, "STATE_MACHINE_ARN"),
        (settings.mail, "MAIL_SENDER"),
        (settings.telemetry, "STAGE"),
    ],
)
def test_a_missing_variable_is_named(read: Callable[[], Any], missing: str) -> None:
    with pytest.raises(settings.SettingError, match=missing):
        read()


@pytest.mark.parametrize("text", ["", "  ", "two", "0", "-1", "86401", "nan", "inf"])
def test_a_malformed_length_of_a_day_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("TABLE_NAME", "t")
    monkeypatch.setenv("DAY_SECONDS", text)
    with pytest.raises(settings.SettingError, match="DAY_SECONDS"):
        settings.cases()


def test_a_table_that_was_never_restored_has_no_era(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.era() is None
    monkeypatch.setenv("ERA", "2")
    for text in ("", "yesterday", "2026-03-09T12:00:00"):
        monkeypatch.setenv("ERA_FROM", text)
        with pytest.raises(settings.SettingError, match="ERA_FROM"):
            settings.era()
    monkeypatch.setenv("ERA_FROM", "2026-03-09T12:00:00Z")
    assert settings.era() == Era("2", datetime(2026, 3, 9, 12, tzinfo=UTC))


def test_values_are_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE_NAME", "t")
    monkeypatch.setenv("DAY_SECONDS", "2")
    assert settings.cases() == settings.CaseSettings("t", 2.0)


def test_origins_are_exact_and_never_a_wildcard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "test")
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://a.example.com , https://b.example.com,")
    assert settings.site().allowed_origins == ("https://a.example.com", "https://b.example.com")
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://a.example.com,*")
    with pytest.raises(settings.SettingError, match="ALLOWED_ORIGINS"):
        settings.site()


def test_the_sweeper_has_one_case_in_hand_unless_it_is_set_to_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.sweep_concurrency() == 1
    monkeypatch.setenv("SWEEP_CONCURRENCY", "8")
    assert settings.sweep_concurrency() == 8


@pytest.mark.parametrize("text", ["0", "65", "many", "-1", "1.5", ""])
def test_hands_are_a_number_that_a_function_can_have(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SWEEP_CONCURRENCY", text)
    with pytest.raises(settings.SettingError, match="SWEEP_CONCURRENCY"):
        settings.sweep_concurrency()
