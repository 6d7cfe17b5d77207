"""Exports signed by KMS: what the function asks it, and that anybody can check the answer (G6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from buyer_protection.adapters.aws.clients import client
from buyer_protection.adapters.aws.signing import KmsPublicKeys, KmsSigner
from buyer_protection.composition import container
from tests.integration import test_handlers
from tests.integration.test_handlers import BUYER, SELLER, call, document, shop
from tests.unit.application.exported_cases import VERIFY

__all__ = ["shop"]


def new_key() -> str:
    made = client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return str(made["KeyMetadata"]["Arn"])


@pytest.fixture
def keys(table: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The key of before, and the present one."""
    arns = [new_key(), new_key()]
    monkeypatch.setenv("SIGNING_KEY_ARN", arns[-1])
    monkeypatch.setenv("SIGNING_KEY_ARNS", ",".join(arns))
    yield arns
    container.get.cache_clear()


@pytest.fixture
def dispute(keys: list[str], shop: None) -> str:
    return str(document(call("open_dispute", BUYER, test_handlers.OPENING))["dispute_id"])


def test_g6_an_export_of_the_deployed_functions_is_proved_by_the_published_keys(dispute: str) -> None:
    call("send_message", SELLER, {"text": "On its way. 在路上"}, dispute_id=dispute)
    published = document(call("list_keys", BUYER))["items"]
    export = document(call("export_case", BUYER, dispute_id=dispute))
    assert VERIFY.first_fault(export, published) is None
    assert export["signature"]["statement"]["key_id"] == published[-1]["key_id"]
    export["messages"][0]["text"] = "Sent."
    assert VERIFY.first_fault(export, published) == "the text of entry 2 was changed"


def test_g6_keys_of_before_stay_published_and_the_last_one_signs(keys: list[str]) -> None:
    published = KmsPublicKeys(keys).all()
    assert [key.key_id for key in published] == [arn.rpartition("/")[2] for arn in keys]
    assert [key.is_current for key in published] == [False, True]
    assert KmsSigner(keys[-1]).key_id == published[-1].key_id
    assert "PRIVATE" not in json.dumps([key.pem for key in published])
