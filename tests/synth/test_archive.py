"""The bucket of archived cases, who may write into it, and how long its objects stay (R48)."""

from __future__ import annotations

from typing import Any

import pytest

from buyer_protection.adapters.aws import case_archive
from buyer_protection.runtime import settings
from infra.called import called_by
from infra.constructs import archive
from infra.retention import Retention, from_context
from infra.routes import SPECS
from infra.stages import LOCAL
from tests.synth.assembly import Synthesis


def _bucket(synthesis: Synthesis) -> Any:
    found = [
        it["Properties"]
        for it in synthesis.of("AWS::S3::Bucket").values()
        if any("TagFilters" in rule for rule in _rules(it["Properties"]))
    ]
    (bucket,) = found
    return bucket


def _rules(bucket: Any) -> list[Any]:
    rules: list[Any] = bucket.get("LifecycleConfiguration", {}).get("Rules", [])
    return rules


@pytest.mark.parametrize("stage", ["local", "prod"])
def test_r48_every_number_of_days_that_an_object_is_written_with_has_a_rule_and_a_held_one_has_none(
    stage: str, request: pytest.FixtureRequest
) -> None:
    bucket = _bucket(request.getfixturevalue(stage))
    ends = {
        rule["TagFilters"][0]["Value"]: rule["ExpirationInDays"]
        for rule in _rules(bucket)
        if "ExpirationInDays" in rule
    }
    written = {case_archive.rule_of(days) for days in range(1, case_archive.LONGEST_DAYS + 40)}
    assert {days: int(days) for days in written} == ends
    assert case_archive.rule_of(None) not in ends
    assert {rule["Prefix"] for rule in _rules(bucket) if "TagFilters" in rule} == {case_archive.PREFIX}
    # At least as far back as a table can be restored, which then names the objects of that time.
    (versions,) = (rule for rule in _rules(bucket) if "NoncurrentVersionExpiration" in rule)
    assert versions["NoncurrentVersionExpiration"]["NoncurrentDays"] == 35
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}


def test_infra_and_adapter_mean_the_same() -> None:
    assert archive.ARCHIVE_KEYS == case_archive.PREFIX
    assert (archive.DAYS_TAG, archive.STEP_DAYS) == (case_archive.DAYS_TAG, case_archive.STEP_DAYS)
    assert archive.LONGEST_DAYS == case_archive.LONGEST_DAYS


def test_q33_the_audit_and_the_sweeper_alone_write_and_nobody_removes_a_row() -> None:
    of_archive = {
        row.id: {action for action, on in called_by(row.id).items() if "archived_cases" in on}
        for row in SPECS
    }
    writers = {id for id, actions in of_archive.items() if actions - {"s3:GetObject"}}
    assert writers == {"audit_cases", "sweep_deadlines"}
    assert "s3:DeleteObjectVersion" not in of_archive["audit_cases"]
    assert {row.id for row in SPECS if "dynamodb:DeleteItem" in called_by(row.id)} <= {"delete_webhook"}


def test_r48_what_is_kept_for_how_long_is_set_by_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Retention() == Retention(90, 1_095, 180)
    given = {"archive_after_days": "30", "case_retention_days": "400", "order_retention_days": "60"}
    assert from_context(given.get, LOCAL.retention) == Retention(30, 400, 60)
    for name, value in (("ARCHIVE_AFTER_DAYS", "30"), ("CASE_RETENTION_DAYS", "400")):
        monkeypatch.setenv(name, value)
    assert settings.retention() == (30, 400)
    for wrong in (
        {"archive_after_days": "0"},
        {"order_retention_days": "9999"},
        {"case_retention_days": "90"},
    ):
        with pytest.raises(ValueError, match="_days"):
            from_context(wrong.get, Retention())
    monkeypatch.setenv("CASE_RETENTION_DAYS", "30")
    with pytest.raises(settings.SettingError, match="CASE_RETENTION_DAYS"):
        settings.retention()
