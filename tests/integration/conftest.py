"""The table in moto, made from the PynamoDB models themselves, and stores over it."""

import os
import random
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from local import emulator
from local.workspace import HOST, Workspace
from tests.support import api_events, called, in_process
from tests.support.quick_moto import mocked_aws

# moto's streams of tables need the old endpoint form, and its waits the one time zone; both before botocore is asked.
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_SESSION_TOKEN="testing",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_ACCOUNT_ID_ENDPOINT_MODE="disabled",
    TZ="UTC",
)

# Before the first client is made.
called.listen()

REGION = "us-east-1"
TABLE_NAME = "buyer-protection-test"


def _free_port() -> int:
    """A port that is free with the one after it, below those that the system gives to everybody who asks for any."""
    while True:
        port = random.randrange(20_000, 30_000, 2)
        with socket.socket() as first, socket.socket() as second, suppress(OSError):
            first.bind((HOST, port))
            second.bind((HOST, port + 1))
            return port


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A folder and two free ports (the emulator's, and the next for the pages) of the test's own; nothing of it is left
    behind."""
    own = Workspace(_free_port())
    yield own
    emulator.stop(own)
    shutil.rmtree(own.folder, ignore_errors=True)


@pytest.fixture
def aws() -> Iterator[None]:
    """Every AWS call of the test goes to moto."""
    with mocked_aws():
        yield


@pytest.fixture
def table(aws: None) -> Iterator[Any]:
    """The table with its indexes and its stream; answers botocore's client for looking at raw items."""
    from buyer_protection.adapters.aws.clients import client
    from buyer_protection.adapters.dynamodb.row import Row, configure

    client.cache_clear()
    configure(TABLE_NAME, REGION)
    create_table()
    yield Row.connection().client
    client.cache_clear()


def create_table() -> None:
    """The table with its stream, as infra declares it too."""
    stream = {"stream_enabled": True, "stream_view_type": "NEW_AND_OLD_IMAGES"}
    in_process.create_table(TABLE_NAME, stream_specification=stream)


@pytest.fixture
def cases(table: Any) -> Any:
    """The case store."""
    from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore

    return PynamoCaseStore()


@pytest.fixture
def orders(table: Any) -> Any:
    """The order store."""
    from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore

    return PynamoOrderStore()


@pytest.fixture
def bucket(table: Any) -> Any:
    """The versioned buckets of evidence files and of archived cases; answers the client."""
    from buyer_protection.adapters.aws.clients import client

    s3 = client("s3")
    for setting in ("EVIDENCE_BUCKET", "ARCHIVE_BUCKET"):
        name = api_events.ENVIRONMENT[setting]
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return s3
