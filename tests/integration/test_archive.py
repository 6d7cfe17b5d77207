"""Closed cases in the archive, over moto: written, proved, gone from the table, read as before, held, erased (R48)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from buyer_protection.adapters.aws.case_archive import S3CaseArchive, key_of
from buyer_protection.adapters.aws.team import CognitoTeam
from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.archive_store import PynamoArchiveRows
from buyer_protection.adapters.dynamodb.case_rows import STAYING
from buyer_protection.application.ports.archive import ArchiveDamagedError
from buyer_protection.application.ports.beside import Look
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.workers.archive import Archived, Archivist, archive_case
from buyer_protection.application.workers.audit import Disagreement, audit
from buyer_protection.composition import container
from infra.routes import SPECS, Kind
from tests.integration.conftest import TABLE_NAME
from tests.integration.test_handlers import BACKEND, BUYER, MANAGER, OTHER, SELLER
from tests.integration.test_people import (
    OTHER_SIDE,
    PERSON,
    WORDS,
    cancelled,
    disputed,
    planted,
    said,
    stored,
    swept,
)
from tests.support.api_events import ENVIRONMENT, document
from tests.support.fake_signer import SIGNER
from tests.support.in_process import WORKERS, call
from tests.support.lasting import lasting
from tests.unit.application.exported_cases import VERIFY

BUCKET = ENVIRONMENT["ARCHIVE_BUCKET"]
READERS = {"buyer": BUYER, "seller": SELLER, "team": MANAGER, "backend": BACKEND, "stranger": OTHER}


@pytest.fixture
def shop(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in (ENVIRONMENT | WORKERS).items():
        monkeypatch.setenv(name, value)
    container.get.cache_clear()
    built = container.get()
    built.signer = built.public_keys = SIGNER
    monkeypatch.setattr(CognitoTeam, "names", lambda _: {})
    yield
    container.get.cache_clear()


def later(days: float) -> Any:
    return SimpleNamespace(now=lambda: datetime.now(UTC) + timedelta(days=days))


def archivist(days: float = 91) -> Archivist:
    found = container.get().auditor.archivist
    assert found is not None
    return replace(found, clock=later(days))


def closed(bucket: Any) -> str:
    case = disputed(bucket)
    cancelled(case)
    return case


def rows_of(table: Any, case: str) -> dict[str, Any]:
    asked = {"TableName": TABLE_NAME, "ExpressionAttributeValues": {":pk": {"S": keys.case_pk(case)}}}
    found = table.query(KeyConditionExpression="pk = :pk", **asked)["Items"]
    return {row["sk"]["S"]: row for row in found}


def let_rows_go(table: Any, case: str, days: float = 94) -> set[str]:
    """What DynamoDB does by itself once their time has come."""
    now = (datetime.now(UTC) + timedelta(days=days)).timestamp()
    gone = {
        sk
        for sk, row in rows_of(table, case).items()
        if "expires_at" in row and int(row["expires_at"]["N"]) <= now
    }
    for sk in gone:
        table.delete_item(TableName=TABLE_NAME, Key={"pk": {"S": keys.case_pk(case)}, "sk": {"S": sk}})
    return gone


def answers(case: str) -> dict[tuple[str, str], Any]:
    """What every call that reads answers to everybody about the case."""
    ids = {"dispute_id": case, "order_id": "A-1", "person_id": PERSON, "seller_id": "seller-1"}
    found = {}
    for row in (
        it for it in SPECS if it.kind is Kind.API and it.method == "GET" and "{dispute_id}" in it.path
    ):
        for item in ("ev-1", "ev-2") if "{evidence_id}" in row.path else ("",):
            for who, caller in READERS.items():
                answer = call(row.id, caller, key=None, evidence_id=item, **ids)
                assert answer["statusCode"] < 500, (row.id, who, answer)
                found[f"{row.id} {item}", who] = answer["statusCode"], lasting(document(answer))
    for who, caller in READERS.items():
        found["list_disputes", who] = lasting(document(call("list_disputes", caller, key=None)))
    found["export_person", "backend"] = lasting(said("export_person", BACKEND, person_id=PERSON))
    return found


def exported(case: str) -> Any:
    return lasting(said("export_case", MANAGER, dispute_id=case))


@pytest.mark.usefixtures("shop")
def test_r48_an_archived_case_is_read_as_before_by_everybody_and_its_export_holds(
    table: Any, bucket: Any
) -> None:
    case = closed(bucket)
    before, rows = answers(case), rows_of(table, case)
    statuses = {one[0] for one in before.values() if isinstance(one, tuple)}
    assert statuses == {200, 403, 404, 409}
    assert archive_case(archivist(89), case) is Archived.NOT_YET
    assert archive_case(archivist(), case) is Archived.ARCHIVED
    assert let_rows_go(table, case, 92) == set()
    assert let_rows_go(table, case) == rows.keys() - STAYING != set()
    assert rows_of(table, case).keys() == STAYING - {keys.LEGAL_HOLD, keys.REFUND}

    assert answers(case) == before
    keys_known = said("list_keys", SELLER)["items"]
    assert VERIFY.first_fault(said("export_case", BUYER, dispute_id=case), keys_known) is None
    kept = json.loads(bucket.get_object(Bucket=BUCKET, Key=key_of(case))["Body"].read())
    assert VERIFY.first_fault(kept["export"], keys_known) is None
    assert kept["rows"] == {sk: row for sk, row in rows.items() if sk != keys.LEGAL_HOLD}
    ends = {row["expires_at"]["N"] for row in rows_of(table, case).values()}
    (end,) = (datetime.fromtimestamp(int(it), UTC) for it in ends)
    assert timedelta(days=1_094) < end - datetime.now(UTC) <= timedelta(days=1_095)
    tags = bucket.get_object_tagging(Bucket=BUCKET, Key=key_of(case))["TagSet"]
    assert tags == [{"Key": "days", "Value": "1020"}]


@pytest.mark.usefixtures("shop")
def test_r48_what_is_written_beside_an_archived_case_is_seen_and_archived_too(
    table: Any, bucket: Any
) -> None:
    case = closed(bucket)
    archive_case(archivist(), case)
    let_rows_go(table, case)
    refused = call("send_message", BUYER, {"text": "One more thing."}, dispute_id=case)
    assert (refused["statusCode"], document(refused)["code"]) == (409, "DISPUTE_CLOSED")
    before = exported(case)
    # Who of the team looks at a person's disputes for a case is written beside it.
    now = datetime.now(UTC)
    container.get().context.cases.keep_beside(Look(case, "lk-1", "manager-1", PERSON, now), now=now)

    (written,) = rows_of(table, case).keys() - STAYING
    assert written.startswith(keys.LOOK_PREFIX)
    assert archive_case(archivist(100), case) is Archived.ARCHIVED
    assert archive_case(archivist(101), case) is Archived.UNCHANGED
    assert let_rows_go(table, case, 103) == {written}
    assert written in json.loads(bucket.get_object(Bucket=BUCKET, Key=key_of(case))["Body"].read())["rows"]
    assert exported(case) == before


@pytest.mark.usefixtures("shop")
@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("step", ["put", "read", "mark", "let_go"])
@pytest.mark.parametrize("after", [False, True])
def test_r48_whatever_dies_nothing_leaves_before_a_proved_object_is_there_and_the_next_pass_goes_on(
    table: Any, bucket: Any, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    case = closed(bucket)
    before, of = exported(case), S3CaseArchive if step in ("put", "read") else PynamoArchiveRows
    done = getattr(of, step)

    def dies(*given: Any, **named: Any) -> None:
        if after:
            done(*given, **named)
        raise ConnectionError(step)

    with monkeypatch.context() as patch:
        patch.setattr(of, step, dies)
        with pytest.raises(ConnectionError):
            archive_case(archivist(), case)
    gone = let_rows_go(table, case)
    assert bool(gone) is (step == "let_go" and after)
    assert exported(case) == before
    archive_case(archivist(92), case)
    assert let_rows_go(table, case, 95) | gone
    assert exported(case) == before


@pytest.mark.usefixtures("shop")
def test_r48_what_is_read_back_must_be_what_was_written(
    table: Any, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, put = closed(bucket), S3CaseArchive.put

    def torn(self: Any, dispute_id: str, content: bytes, **named: Any) -> None:
        put(self, dispute_id, content[:-10], **named)

    monkeypatch.setattr(S3CaseArchive, "put", torn)
    with pytest.raises(ArchiveDamagedError):
        archive_case(archivist(), case)
    assert keys.ARCHIVED not in rows_of(table, case)
    assert not any("expires_at" in row for row in rows_of(table, case).values())


@pytest.mark.usefixtures("shop")
def test_r48_an_object_that_somebody_changed_is_no_answer(table: Any, bucket: Any) -> None:
    case = closed(bucket)
    archive_case(archivist(), case)
    let_rows_go(table, case)
    content = bucket.get_object(Bucket=BUCKET, Key=key_of(case))["Body"].read()
    bucket.put_object(Bucket=BUCKET, Key=key_of(case), Body=content.replace(OTHER_SIDE.encode(), b"Forged."))
    assert call("list_messages", BUYER, dispute_id=case)["statusCode"] == 500
    assert call("get_dispute", BUYER, dispute_id=case)["statusCode"] == 200


@pytest.mark.usefixtures("shop")
def test_r48_a_change_while_it_is_archived_keeps_everything_in_the_table(
    table: Any, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, put = closed(bucket), S3CaseArchive.put

    def meanwhile(self: Any, *given: Any, **named: Any) -> None:
        put(self, *given, **named)
        key = {"pk": {"S": keys.case_pk(case)}, "sk": {"S": keys.STATE}}
        more = {
            "ExpressionAttributeNames": {"#v": "version"},
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
        table.update_item(TableName=TABLE_NAME, Key=key, UpdateExpression="ADD #v :one", **more)

    monkeypatch.setattr(S3CaseArchive, "put", meanwhile)
    with pytest.raises(ConflictingWriteError):
        archive_case(archivist(), case)
    assert not any("expires_at" in row for row in rows_of(table, case).values())


@pytest.mark.usefixtures("shop")
@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("about", ["case", "buyer", "seller"])
def test_r48_a_legal_hold_keeps_a_case_in_the_table_and_in_the_archive(
    table: Any, bucket: Any, about: str
) -> None:
    case = closed(bucket)
    person = {"buyer": PERSON, "seller": "seller-1"}.get(about)
    people, now = container.get().people, datetime.now(UTC)
    held = (person, None if person else case)
    people.hold(*held, now)
    assert archive_case(archivist(), case) is Archived.HELD
    assert not any("expires_at" in row for row in rows_of(table, case).values())
    people.lift(*held, now)
    assert archive_case(archivist(), case) is Archived.ARCHIVED
    let_rows_go(table, case)

    people.hold(*held, now)
    assert archive_case(archivist(100), case) is Archived.ARCHIVED
    assert not any("expires_at" in row for row in rows_of(table, case).values())
    assert bucket.get_object_tagging(Bucket=BUCKET, Key=key_of(case))["TagSet"][0]["Value"] == "held"
    people.lift(*held, now)
    assert archive_case(archivist(200), case) is Archived.ARCHIVED
    assert bucket.get_object_tagging(Bucket=BUCKET, Key=key_of(case))["TagSet"][0]["Value"] == "900"
    assert all("expires_at" in row for sk, row in rows_of(table, case).items() if sk != keys.LEGAL_HOLD)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("person", [PERSON, "seller-1"])
def test_r48_a_legal_hold_is_followed_while_an_erasure_waits(table: Any, bucket: Any, person: str) -> None:
    case = closed(bucket)
    archive_case(archivist(), case)
    let_rows_go(table, case)
    said("erase_person", BACKEND, person_id=PERSON)
    people, now = container.get().people, datetime.now(UTC)
    people.hold(person, None, now)
    assert archive_case(archivist(92), case) is Archived.ARCHIVED
    assert not any("expires_at" in row for row in rows_of(table, case).values())
    assert swept() == {"erasures_delayed": 1}
    assert planted(in_the_archive(bucket)) >= {WORDS["message"], WORDS["note"]}

    people.lift(person, None, now)
    assert swept(timedelta(days=10)) == {"people_erased": 1}
    assert planted(in_the_archive(bucket)) == planted(stored(table)) == set()


@pytest.mark.usefixtures("shop")
def test_r48_erasing_a_person_reaches_what_is_archived(table: Any, bucket: Any) -> None:
    case = closed(bucket)
    archive_case(archivist(), case)
    let_rows_go(table, case)
    before = said("export_case", SELLER, dispute_id=case)
    assert len(planted(in_the_archive(bucket))) >= 7
    said("erase_person", BACKEND, person_id=PERSON)
    assert archive_case(archivist(92), case) is Archived.WAITS
    assert swept() == {"people_erased": 1}

    assert planted(in_the_archive(bucket)) == planted(stored(table)) == set()
    after, keys_known = said("export_case", SELLER, dispute_id=case), said("list_keys", SELLER)["items"]
    assert planted(json.dumps(after)) == set()
    assert after["chain"] == before["chain"]
    assert json.dumps(after).count(OTHER_SIDE) == json.dumps(before).count(OTHER_SIDE) == 3
    kept = json.loads(bucket.get_object(Bucket=BUCKET, Key=key_of(case))["Body"].read())
    for export in (after, kept["export"]):
        assert VERIFY.first_fault(export, keys_known) is None
        assert {it["state"] for it in export["texts"]} == {"SHOWN", "ERASED"}


def in_the_archive(bucket: Any) -> str:
    """All versions of all objects."""
    return "\n".join(
        bucket.get_object(Bucket=BUCKET, Key=it["Key"], VersionId=it["VersionId"])["Body"].read().decode()
        for it in bucket.list_object_versions(Bucket=BUCKET).get("Versions", ())
    )


@pytest.mark.usefixtures("shop")
def test_r48_the_nightly_audit_archives_what_it_finds_nothing_wrong_with(
    table: Any, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = closed(bucket)
    seen: list[tuple[str, Archived]] = []
    found: list[tuple[str, Disagreement]] = []

    def night(days: float) -> None:
        one = replace(container.get().auditor, clock=later(days), archivist=archivist(days))
        audit(one, lambda *it: found.append(it), on_archived=lambda *it: seen.append(it))

    key = {"pk": {"S": keys.case_pk(case)}, "sk": {"S": keys.timeline(case, 2)[1]}}
    entry = table.delete_item(TableName=TABLE_NAME, Key=key, ReturnValues="ALL_OLD")["Attributes"]
    night(91)
    assert (case, Disagreement.TIMELINE_BROKEN) in found
    assert (seen, keys.ARCHIVED in rows_of(table, case)) == ([], False)

    table.put_item(TableName=TABLE_NAME, Item=entry)
    found.clear()
    with monkeypatch.context() as patch:
        patch.setattr(S3CaseArchive, "put", lambda *_, **__: None)
        night(92)
    assert (seen, found) == ([], [(case, Disagreement.NOT_ARCHIVED)])
    found.clear()
    night(93)
    assert (seen, found) == ([(case, Archived.ARCHIVED)], [])
    let_rows_go(table, case, 96)
    # From then on there is nothing more to do.
    night(97)
    assert (seen, found) == ([(case, Archived.ARCHIVED)], [])

    # A hold is followed whatever else is wrong with the case.
    container.get().people.hold(None, case, datetime.now(UTC))
    pk, sk = keys.ledger("A-1")
    ledger = table.get_item(TableName=TABLE_NAME, Key={"pk": {"S": pk}, "sk": {"S": sk}})["Item"]
    table.put_item(TableName=TABLE_NAME, Item=ledger | {"active_dispute_id": {"S": case}})
    night(98)
    assert {kind for _, kind in found} == {Disagreement.LEDGER_DIFFERS}
    assert seen[1:] == [(case, Archived.ARCHIVED)]
    assert not any("expires_at" in row for row in rows_of(table, case).values())
