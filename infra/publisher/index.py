"""Publishes the pages: the custom resource of the stack `Site`. It runs on what the Lambda runtime brings.

A deployment calls it with the archive of the built pages and with what only the deployment knows. It writes the files
with their content types and cache headers, index.html last, and removes what the pages no longer name. A file of
assets/ never changes, so that a page that is open goes on with the files it was loaded with: the present ones and those
of the deployment before stay.
"""

from __future__ import annotations

import html
import http.client
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3  # noqa: TID251 - it runs alone, without the package and its adapters

PAGE = "index.html"
FOREVER, ALWAYS_ASK = "public, max-age=31536000, immutable", "no-cache"
# Pages of shops name a version of the element by its digest: it stays for as long as they do.
KEPT = "embed/"
TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
}


def handler(event: dict[str, Any], _context: Any) -> None:
    """Answer CloudFormation, whatever happens."""
    try:
        published = publish(event["ResourceProperties"]) if event["RequestType"] != "Delete" else clear(event)
        status, reason = "SUCCESS", published
    except Exception as error:  # noqa: BLE001 - CloudFormation shows it, and would wait for an hour otherwise
        status, reason = "FAILED", f"{type(error).__name__}: {error}"
    _answer(event, status, reason)


def publish(properties: dict[str, Any]) -> str:
    """Write the files of the archive, then remove what neither they nor the page of before name."""
    s3, bucket = boto3.client("s3"), properties["Bucket"]
    packed = s3.get_object(Bucket=properties["AssetBucket"], Key=properties["AssetKey"])["Body"].read()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    config = html.escape(json.dumps(json.loads(properties["Config"])))
    files[PAGE] = files[PAGE].replace(b"{{config}}", config.encode())
    before = set(_keys(s3, bucket))
    still_open = _previous(s3, bucket) if PAGE in before else b""
    for name in sorted(files, key=lambda name: name == PAGE):
        s3.put_object(
            Bucket=bucket,
            Key=name,
            Body=files[name],
            ContentType=TYPES[name.rpartition(".")[2]],
            CacheControl=FOREVER if name.startswith(("assets/", KEPT)) else ALWAYS_ASK,
        )
    gone = {key for key in before - files.keys() if not key.startswith(KEPT)}
    stale = [key for key in gone if key.encode() not in still_open]
    _remove(s3, bucket, stale)
    return f"{len(files)} files written, {len(stale)} removed"


def clear(event: dict[str, Any]) -> str:
    """Remove every file, so that the bucket can go with its stack."""
    s3, bucket = boto3.client("s3"), event["ResourceProperties"]["Bucket"]
    keys = list(_keys(s3, bucket))
    _remove(s3, bucket, keys)
    return f"{len(keys)} removed"


def _previous(s3: Any, bucket: str) -> bytes:
    page: bytes = s3.get_object(Bucket=bucket, Key=PAGE)["Body"].read()
    return page


def _keys(s3: Any, bucket: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from (item["Key"] for item in page.get("Contents", []))


def _remove(s3: Any, bucket: str, keys: list[str]) -> None:
    for key in keys:
        s3.delete_object(Bucket=bucket, Key=key)


def _answer(event: dict[str, Any], status: str, reason: str) -> None:
    body = json.dumps(
        {
            "Status": status,
            "Reason": reason[:1_000],
            "PhysicalResourceId": event.get("PhysicalResourceId", "pages"),
            "StackId": event["StackId"],
            "RequestId": event["RequestId"],
            "LogicalResourceId": event["LogicalResourceId"],
        }
    ).encode()
    url = urlsplit(event["ResponseURL"])
    connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = connect(url.netloc, timeout=30)
    try:
        # The address is signed without a content type.
        connection.request("PUT", f"{url.path}?{url.query}", body=body, headers={"content-type": ""})
        connection.getresponse().read()
    finally:
        connection.close()
