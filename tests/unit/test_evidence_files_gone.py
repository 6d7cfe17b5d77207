"""Findings I7: "gone" in S3 is 404 to who may list the bucket and 403 to everybody else, which our functions are."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from buyer_protection.adapters.aws import evidence_files
from buyer_protection.adapters.aws.evidence_files import S3EvidenceFiles

KEY = "evidence/dp-1/ev-1/f-1"
_REFUSED = (
    "User: arn:aws:sts::111111111111:assumed-role/verify is not authorized to perform: {right} on resource: x"
)
NOT_LISTED = _REFUSED.format(right="s3:ListBucket")
NO_KEY = _REFUSED.format(right="kms:Decrypt")
NO_READ = _REFUSED.format(right="s3:GetObject")


class RefusingS3:
    """Answers every call with one error."""

    def __init__(self, code: str, message: str) -> None:
        self._code, self._message = code, message

    def __getattr__(self, operation: str) -> Any:
        def call(**_: str) -> None:
            raise ClientError({"Error": {"Code": self._code, "Message": self._message}}, operation)

        return call


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> S3EvidenceFiles:
    """The adapter before an S3 that refuses as the test's parameter says."""
    monkeypatch.setattr(evidence_files, "client", lambda name: RefusingS3(*request.param))
    return S3EvidenceFiles("bucket")


@pytest.mark.parametrize(
    "files",
    [
        ("404", "Not Found"),
        ("NoSuchKey", "The specified key does not exist."),
        ("NoSuchVersion", "The specified version does not exist."),
        # An answer to HEAD has no body, hence no code and no message of S3's own.
        ("403", "Forbidden"),
        ("AccessDenied", "Access Denied"),
        ("AccessDenied", NOT_LISTED),
    ],
    indirect=True,
)
def test_r26_a_file_that_is_gone_is_nothing_with_and_without_the_right_to_list(
    files: S3EvidenceFiles,
) -> None:
    assert files.inspect(KEY, None) is None
    assert files.newest_version(KEY) is None
    assert files.scan_status(KEY, "v1") is None


@pytest.mark.parametrize(
    "files",
    [("AccessDenied", NO_KEY), ("AccessDenied", NO_READ), ("SlowDown", "Reduce your request rate.")],
    indirect=True,
)
def test_a_right_that_is_missing_is_not_taken_for_a_file_that_is_gone(files: S3EvidenceFiles) -> None:
    for call in (files.inspect, files.scan_status):
        with pytest.raises(ClientError):
            call(KEY, "v1")


@pytest.mark.parametrize("files", [("AccessDenied", "Access Denied"), ("403", "Forbidden")], indirect=True)
def test_a_forbidden_removal_never_passes_for_a_removal(files: S3EvidenceFiles) -> None:
    with pytest.raises(ClientError):
        files.delete(KEY, "v1")
