"""Copies of evidence in another account, by setting: what is deleted in this one stays there."""

from __future__ import annotations

from typing import Any

import pytest

from infra.stages import from_context
from tests.synth.assembly import Synthesis
from tests.synth.settings import COPIES_ACCOUNT, COPY


def _replicating(synthesis: Synthesis) -> list[dict[str, Any]]:
    buckets = (it["Properties"] for it in synthesis.of("AWS::S3::Bucket").values())
    return [it for it in buckets if "ReplicationConfiguration" in it]


def test_each_file_is_copied_and_no_deletion_is(own: Synthesis) -> None:
    (bucket,) = _replicating(own)
    (rule,) = bucket["ReplicationConfiguration"]["Rules"]
    to = rule["Destination"]

    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert (rule["Status"], rule["DeleteMarkerReplication"]) == ("Enabled", {"Status": "Disabled"})
    assert (to["Bucket"], to["Account"]) == (COPY["evidence_copy_arn"], COPIES_ACCOUNT)
    assert to["AccessControlTranslation"] == {"Owner": "Destination"}
    assert to["EncryptionConfiguration"] == {"ReplicaKmsKeyID": COPY["evidence_copy_key_arn"]}
    assert rule["SourceSelectionCriteria"]["SseKmsEncryptedObjects"] == {"Status": "Enabled"}


def test_without_the_setting_nothing_is_copied(prod: Synthesis) -> None:
    assert _replicating(prod) == []


@pytest.mark.parametrize("left_out", COPY)
def test_the_three_settings_go_together(left_out: str) -> None:
    given = {name: text for name, text in COPY.items() if name != left_out}

    with pytest.raises(ValueError, match="go together"):
        from_context({"stage": "prod", **given}.get)


@pytest.mark.parametrize(
    "wrong",
    [
        {"account": COPIES_ACCOUNT},
        {"evidence_copy_account": "555555555555"},
    ],
)
def test_the_copies_are_in_an_account_of_their_own(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="another account"):
        from_context({"stage": "prod", **COPY, **wrong}.get)
