"""`python -m ops copy-pictures`: what the other side cannot be given yet is put into the uploads' queue (R49)."""

import json
from typing import Any

import pytest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.domain import evidence
from buyer_protection.domain.enums import EvidenceType, MediaType
from buyer_protection.domain.evidence_item import Copies, EvidenceFile, FileCopy
from ops import __main__ as operations
from ops.__main__ import DIFFERS, DONE, main
from tests.integration import people
from tests.integration.conftest import TABLE_NAME
from tests.integration.people import BUYER, OPENED, days

COPY = FileCopy("a.jpg", MediaType.JPEG, 9, "1" * 64, "v-2")


class Queue:
    """The stage, and what was put into its queue of uploads."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []

    def connect(self) -> None: ...

    def client(self, _service: str) -> "Queue":
        return self

    def queue(self, name: str) -> str:
        return name

    def send_message(self, **message: str) -> None:
        assert message["QueueUrl"] == "uploads"
        self.bodies.append(json.loads(message["MessageBody"]))


@pytest.fixture
def stage(table: Any, monkeypatch: pytest.MonkeyPatch) -> Queue:
    queue = Queue()
    monkeypatch.setattr(operations, "_target", lambda _arguments: queue)
    return queue


def given(dispute_id: str, copies: Copies | None, media_type: MediaType = MediaType.JPEG) -> None:
    """A case with one file that counts."""
    cases, now = PynamoCaseStore(), OPENED + days(1)
    opening = people.opening(dispute_id, order_id=f"o-{dispute_id}")
    cases.commit(opening, now=OPENED)
    file = EvidenceFile("f-1", "a", media_type, 9, "0" * 64)
    made = evidence.add_evidence(opening.after, BUYER, EvidenceType.PHOTO, "", None, now, [file])
    cases.commit(made, now=now)
    assert made.new_evidence is not None
    seen = evidence.verify(made.after, made.new_evidence, "f-1", "v-1", None, now, copies)
    assert seen is not None
    cases.commit(seen, now=now)


def test_r49_pictures_without_a_copy_are_put_into_the_queue_until_they_have_one(
    stage: Queue, table: Any
) -> None:
    given("dp-old", None)
    given("dp-new", Copies(COPY, COPY))
    given("dp-pdf", None, MediaType.PDF)
    assert main(["copy-pictures"]) == DIFFERS
    (body,) = stage.bodies
    assert body["detail"]["object"] == {"key": "evidence/dp-old/ev-1/f-1", "version-id": "v-1"}

    cases = PynamoCaseStore()
    (item,) = cases.evidence("dp-old")
    with_them = [file.with_copies(Copies(COPY, COPY)) for file in item.files]
    assert cases.replace_files("dp-old", item, with_them)
    assert main(["copy-pictures"]) == DONE
    assert len(stage.bodies) == 1


def test_an_item_that_cannot_be_read_is_counted_and_keeps_no_other_back(
    stage: Queue, table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    given("dp-1", None)
    given("dp-2", None)
    pk, sk = keys.evidence("dp-1", 1)
    table.update_item(
        TableName=TABLE_NAME,
        Key={"pk": {"S": pk}, "sk": {"S": sk}},
        UpdateExpression="SET party = :t",
        ExpressionAttributeValues={":t": {"S": "NOBODY"}},
    )
    assert main(["copy-pictures"]) == DIFFERS
    assert len(stage.bodies) == 1
    assert "1 rows are unreadable" in capsys.readouterr().out
