"""What docs/restore.md says of a lost region and a deleted stage, against the templates (F7)."""

from __future__ import annotations

import re
from pathlib import Path

from tests.synth.assembly import Synthesis

PAGE = Path(__file__).resolve().parents[2] / "docs" / "restore.md"


def section(title: str) -> str:
    """The text below a heading of the page."""
    return PAGE.read_text().split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def retained(of: Synthesis) -> set[tuple[str, str]]:
    """Stack and type of everything that stays when it leaves its stack."""
    return {
        (stack, it["Type"])
        for stack, template in of.templates.items()
        for it in template["Resources"].values()
        if it.get("DeletionPolicy", "").startswith("Retain")
    }


def test_f7_the_page_names_what_stays_of_a_stage_that_was_deleted(prod: Synthesis) -> None:
    named = re.findall(
        r"^\| `(\w+)` \| `(AWS::\w+::\w+)` \|", section("A stage that was deleted by mistake"), re.MULTILINE
    )
    assert set(named) == retained(prod)


def test_f7_a_protected_stage_cannot_be_deleted_by_one_command(prod: Synthesis) -> None:
    ((table, *_),) = [[it["Properties"] for it in prod.of("AWS::DynamoDB::Table").values()]]
    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert all(
        it["Properties"]["DeletionProtection"] == "ACTIVE"
        for it in prod.of("AWS::Cognito::UserPool").values()
    )
    protected = {name for name in prod.templates if prod.is_protected(name)}
    assert protected == {"Data", "Messaging"}


def test_f7_nothing_of_a_stage_is_in_another_region(prod: Synthesis) -> None:
    text = section("A region that is lost")
    assert "no copy of the table" in text
    assert prod.of("AWS::DynamoDB::GlobalTable") == {}
    assert not any("BackupPlan" in it["Type"] for it in prod.resources.values())
    assert all(not it["Properties"].get("MultiRegion") for it in prod.of("AWS::KMS::Key").values())
    assert all(
        "ReplicationConfiguration" not in it["Properties"] for it in prod.of("AWS::S3::Bucket").values()
    )
