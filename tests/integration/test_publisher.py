"""What publishes the pages: types and cache headers, which files stay, and plain refusals."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.publisher import index

REGION = "us-east-1"
CONFIG = {"pools": {"people": {"client_id": 'a"b<c'}}}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        client = boto3.client("s3", region_name=REGION)
        for bucket in ("pages", "assets"):
            client.create_bucket(Bucket=bucket)
        yield client


def built(*assets: str) -> dict[str, str]:
    page = "".join(f'<script src="/assets/{name}"></script>' for name in assets)
    return {"index.html": f'<meta content="{{{{config}}}}">{page}', "icon.svg": "<svg/>"} | {
        f"assets/{name}": name for name in assets
    }


def publish(s3: Any, files: Mapping[str, str]) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    s3.put_object(Bucket="assets", Key="built.zip", Body=packed.getvalue())
    return index.publish(
        {"Bucket": "pages", "AssetBucket": "assets", "AssetKey": "built.zip", "Config": json.dumps(CONFIG)}
    )


def names(s3: Any) -> set[str]:
    return {item["Key"] for item in s3.list_objects_v2(Bucket="pages").get("Contents", [])}


def test_files_have_their_types_and_only_what_is_hashed_is_kept_for_good(s3: Any) -> None:
    publish(s3, built("main-A.js", "style-A.css", "ar-A.json"))
    heads = {name: s3.head_object(Bucket="pages", Key=name) for name in names(s3)}

    assert {name: head["ContentType"].partition(";")[0] for name, head in heads.items()} == {
        "index.html": "text/html",
        "icon.svg": "image/svg+xml",
        "assets/main-A.js": "text/javascript",
        "assets/style-A.css": "text/css",
        "assets/ar-A.json": "application/json",
    }
    kept = {name for name, head in heads.items() if "immutable" in head["CacheControl"]}
    assert kept == {name for name in heads if name.startswith("assets/")}
    assert heads["index.html"]["CacheControl"] == "no-cache"


def test_what_the_deployment_knows_stands_in_the_page_as_an_attribute(s3: Any) -> None:
    publish(s3, built("main-A.js"))
    page = s3.get_object(Bucket="pages", Key="index.html")["Body"].read().decode()

    assert "{{config}}" not in page
    assert "a\\&quot;b&lt;c" in page


def test_a_page_that_is_open_still_finds_its_files_and_older_ones_go(s3: Any) -> None:
    for version in "ABC":
        publish(s3, built(f"main-{version}.js"))

    assert names(s3) == {"index.html", "icon.svg", "assets/main-B.js", "assets/main-C.js"}


def test_a_version_of_the_element_stays_as_pages_of_shops_name_it_by_its_digest(s3: Any) -> None:
    for version in "ABC":
        publish(s3, {**built(f"main-{version}.js"), f"embed/{version}/case.js": version})

    assert {f"embed/{version}/case.js" for version in "ABC"} <= names(s3)
    assert s3.head_object(Bucket="pages", Key="embed/A/case.js")["CacheControl"].startswith(
        "public, max-age=3153"
    )


def test_the_bucket_is_empty_when_its_stack_goes(s3: Any) -> None:
    publish(s3, built("main-A.js"))
    index.clear({"ResourceProperties": {"Bucket": "pages"}})

    assert names(s3) == set()


@pytest.mark.parametrize(("bucket", "status"), [("pages", "SUCCESS"), ("nowhere", "FAILED")])
def test_cloudformation_gets_an_answer_whatever_happens(s3: Any, bucket: str, status: str) -> None:
    heard: list[dict[str, Any]] = []

    class CloudFormation(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), CloudFormation)
    Thread(target=server.handle_request, daemon=True).start()
    publish(s3, built("main-A.js"))
    ids = {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "Published"}
    properties = {"Bucket": bucket, "AssetBucket": "assets", "AssetKey": "built.zip", "Config": "{}"}
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    index.handler(
        {"RequestType": "Update", "ResourceProperties": properties, "ResponseURL": url, **ids}, None
    )
    server.server_close()

    assert [it["Status"] for it in heard] == [status]
    assert ids.items() <= heard[0].items()
    assert ("NoSuchBucket" in heard[0]["Reason"]) is (status == "FAILED")
