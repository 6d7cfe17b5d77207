"""Evidence files over moto: the adapter, the rows, and the three functions as they are called (R22, R26)."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from buyer_protection.composition import container
from buyer_protection.domain.enums import MediaType
from tests.integration.test_handlers import BACKEND, BUYER, OPENING, OTHER, SELLER, order_body
from tests.support.api_events import CONTEXT, ENVIRONMENT, document, header
from tests.support.in_process import call, handler_of
from tests.support.pictures import png

BUCKET = ENVIRONMENT["EVIDENCE_BUCKET"]
PNG = png("PLANTED")
SHA = hashlib.sha256(PNG).hexdigest()
KEY = "evidence/dp-1/ev-1/f-1"


@pytest.fixture
def files(bucket: Any) -> Any:
    from buyer_protection.adapters.aws.evidence_files import S3EvidenceFiles

    return S3EvidenceFiles(BUCKET)


@pytest.fixture
def shop(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    container.get.cache_clear()
    assert call("put_order", BACKEND, order_body(), order_id="A-1")["statusCode"] == 201
    yield
    container.get.cache_clear()


# --- the adapter ---------------------------------------------------------------------------------------------------


def test_r26_a_form_is_for_exactly_one_key_type_size_and_checksum(files: Any) -> None:
    url, fields = files.presign_post(
        KEY, name="a b.png", media_type=MediaType.PNG, size=len(PNG), sha256=SHA, seconds=300
    )
    conditions = json.loads(base64.b64decode(fields["policy"]))["conditions"]
    exact = {name: value for it in conditions if isinstance(it, dict) for name, value in it.items()}
    assert BUCKET in url
    assert exact["key"] == KEY
    assert exact["Content-Type"] == "image/png"
    assert exact["Content-Disposition"] == "attachment; filename=\"a b.png\"; filename*=UTF-8''a%20b.png"
    assert base64.b64decode(exact["x-amz-checksum-sha256"]).hex() == SHA
    assert ["content-length-range", len(PNG), len(PNG)] in conditions
    assert (
        not [it for it in conditions if it[0] == "starts-with"] if isinstance(conditions[0], list) else True
    )
    assert set(exact) - {"bucket", "key"} <= set(fields)


def test_r26_a_download_is_an_attachment_of_a_fixed_type_and_version(files: Any) -> None:
    url = files.presign_get(KEY, "v7", name="照片.png", media_type=MediaType.PNG, seconds=300)
    assert "versionId=v7" in url
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    assert "X-Amz-Expires=300" in url
    assert "response-content-type=image%2Fpng" in url
    assert "response-content-disposition=attachment%3B" in url
    assert "照" not in url


def test_an_object_is_read_by_its_version_or_its_newest(files: Any, bucket: Any) -> None:
    first = bucket.put_object(Bucket=BUCKET, Key=KEY, Body=PNG)["VersionId"]
    second = bucket.put_object(Bucket=BUCKET, Key=KEY, Body=b"other")["VersionId"]
    seen = files.inspect(KEY, first)
    assert (seen.version_id, seen.size, seen.sha256, seen.head) == (first, len(PNG), SHA, PNG[:16])
    assert files.inspect(KEY, None).version_id == second
    assert files.newest_version(KEY) == second
    files.delete(KEY, second)
    files.delete(KEY, second)
    assert files.newest_version(KEY) == first
    assert files.inspect(KEY, second) is None
    assert files.newest_version("evidence/none") is None


def test_the_scanners_tag_is_the_only_thing_that_says_clean(files: Any, bucket: Any) -> None:
    version = bucket.put_object(Bucket=BUCKET, Key=KEY, Body=PNG)["VersionId"]
    assert files.scan_status(KEY, version) is None
    tags = [{"Key": "a", "Value": "b"}, {"Key": "GuardDutyMalwareScanStatus", "Value": "NO_THREATS_FOUND"}]
    bucket.put_object_tagging(Bucket=BUCKET, Key=KEY, VersionId=version, Tagging={"TagSet": tags})
    assert files.scan_status(KEY, version) == "NO_THREATS_FOUND"


# --- the functions -------------------------------------------------------------------------------------------------


def opened() -> str:
    return str(document(call("open_dispute", BUYER, OPENING))["dispute_id"])


def submitted(case: str, **changes: Any) -> dict[str, Any]:
    stated = {"name": "a.png", "media_type": "image/png", "size": len(PNG), "sha256": SHA, **changes}
    answer = call("add_evidence", BUYER, {"type": "PHOTO", "files": [stated]}, dispute_id=case)
    assert answer["statusCode"] == 201, answer
    item = document(answer)
    place = f"../../../v1/disputes/{case}/evidence/{item['evidence_id']}"
    assert header(answer, "Location") == place
    return dict(item)


def arrive(bucket: Any, item: dict[str, Any], content: bytes = PNG, times: int = 1) -> None:
    """The upload, and the message about it, so many times."""
    key = item["files"][0]["upload"]["fields"]["key"]
    version = bucket.put_object(Bucket=BUCKET, Key=key, Body=content)["VersionId"]
    event = {"source": "aws.s3", "detail": {"object": {"key": key, "version-id": version}}}
    message = {"messageId": "m-1", "body": json.dumps(event)}
    handler = handler_of("verify_upload")
    for _ in range(times):
        assert handler({"Records": [message]}, CONTEXT) == {"batchItemFailures": []}


@pytest.mark.usefixtures("shop")
def test_r22_r26_an_upload_counts_once_however_often_it_is_announced(bucket: Any) -> None:
    case = opened()
    item = submitted(case)
    names = {"dispute_id": case, "evidence_id": item["evidence_id"]}
    assert call("get_evidence", SELLER, **names)["statusCode"] == 404
    arrive(bucket, item, times=3)
    answer = call("get_evidence", SELLER, **names)
    seen = document(answer)
    assert (answer["statusCode"], seen["status"], seen["counts"]) == (200, "ACCEPTED", True)
    assert seen["files"][0]["download"]["url"].startswith("https://")
    assert "upload" not in seen["files"][0]
    assert call("get_evidence", OTHER, **names)["statusCode"] == 404
    entries = document(call("get_timeline", BUYER, dispute_id=case))["items"]
    assert [it["type"] for it in entries] == ["DISPUTE_OPENED", "EVIDENCE_SUBMITTED", "EVIDENCE_ADDED"]


@pytest.mark.usefixtures("shop")
def test_r26_a_refused_upload_is_gone_and_its_owner_sees_why(bucket: Any) -> None:
    case = opened()
    item = submitted(case, media_type="application/pdf")
    arrive(bucket, item, times=2)
    seen = document(call("get_evidence", BUYER, dispute_id=case, evidence_id=item["evidence_id"]))
    assert (seen["status"], seen["files"][0]["refusal"]) == ("REFUSED", "WRONG_TYPE")
    assert bucket.list_object_versions(Bucket=BUCKET).get("Versions", []) == []


@pytest.mark.usefixtures("shop")
def test_a_double_click_gets_the_same_item_and_the_same_forms() -> None:
    case = opened()
    body = {
        "type": "PHOTO",
        "files": [{"name": "a.png", "media_type": "image/png", "size": len(PNG), "sha256": SHA}],
    }
    first, second = (
        call("add_evidence", BUYER, body, dispute_id=case, key="the-very-same-key-0001") for _ in range(2)
    )
    assert first["body"] == second["body"]
    assert len(document(call("list_evidence", BUYER, dispute_id=case))["items"]) == 1


@pytest.mark.usefixtures("shop")
def test_a_message_that_cannot_be_read_comes_back_alone() -> None:
    handler = handler_of("verify_upload")
    other = {"source": "aws.s3", "detail": {"object": {"key": "elsewhere/x"}}}
    records = [{"messageId": "bad", "body": "{"}, {"messageId": "good", "body": json.dumps(other)}]
    assert handler({"Records": records}, CONTEXT) == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
