"""The document of events: whole, fresh, with an example of each event as it arrives, and names that the code knows."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from standardwebhooks.webhooks import Webhook

from buyer_protection.application.schemas.events import INBOUND, OUTBOUND
from buyer_protection.domain.event_names import WEBHOOK_TEST, EventName
from tools.contract import asyncapi
from tools.contract.pages import DOCS
from tools.event_schemas import schema_of

DOCUMENT: dict[str, Any] = asyncapi.build()
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]


def at(pointer: str) -> Any:
    found: Any = DOCUMENT
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step]
    return found


def refs(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if "$ref" in value else set()
        return own.union(*(refs(item) for item in value.values()))
    return set().union(*(refs(item) for item in value)) if isinstance(value, list) else set()


def test_the_committed_document_is_that_of_the_models() -> None:
    committed = json.loads((DOCS / "asyncapi.json").read_text(encoding="utf-8"))
    assert committed == DOCUMENT, "run make contract"


def test_every_reference_leads_somewhere() -> None:
    found = refs(DOCUMENT)
    assert len(found) > 100
    for pointer in found:
        at(pointer)


def test_the_names_of_events_are_those_of_the_models() -> None:
    assert {name.value for name in EventName} == set(OUTBOUND)


def test_every_event_is_in_the_channels_that_it_comes_by() -> None:
    channels = {name: set(it["messages"]) for name, it in DOCUMENT["channels"].items()}
    hooks = {f"{name}Webhook" for name in (*OUTBOUND, WEBHOOK_TEST)}
    assert channels == {"busOut": set(OUTBOUND), "busIn": set(INBOUND), "webhooks": hooks}
    for operation in DOCUMENT["operations"].values():
        messages = at(operation["channel"]["$ref"])["messages"]
        assert [ref["$ref"].rsplit("/", 1)[1] for ref in operation["messages"]] == list(messages)


@pytest.mark.parametrize("name", MESSAGES)
def test_the_example_of_an_event_fits_its_schema(name: str) -> None:
    (example,) = MESSAGES[name]["examples"]
    schema = at(MESSAGES[name]["payload"]["$ref"])
    whole = json.loads(json.dumps({**schema, "components": DOCUMENT["components"]}))
    Draft202012Validator(whole).validate(example["payload"])
    if "headers" in MESSAGES[name]:
        Draft202012Validator(at(MESSAGES[name]["headers"]["$ref"])).validate(example["headers"])
        assert example["headers"]["webhook-id"] == example["payload"]["id"]


@pytest.mark.parametrize("name", [*OUTBOUND, *INBOUND])
def test_the_schemas_are_those_of_the_files_beside_it(name: str) -> None:
    own = DOCUMENT["components"]["schemas"][name]
    assert own["properties"].keys() == schema_of(name)["properties"].keys()
    assert own["required"] == schema_of(name)["required"]


def test_an_event_is_described_in_words() -> None:
    for name, message in MESSAGES.items():
        assert message["summary"].endswith("."), name


def test_the_receiver_of_the_how_to_verifies_what_is_sent() -> None:
    """The Python of docs/webhooks.md, as it stands there."""
    text = (Path(DOCS) / "webhooks.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    known: dict[str, Any] = {}
    exec(code, known)
    secret, now, body = "whsec_b25lIGFuZCB0d28gYW5kIHRocmVl", datetime.now(UTC), '{"id": "dp-1-1-OrderHeld"}'
    headers = {
        "webhook-id": "dp-1-1-OrderHeld",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("dp-1-1-OrderHeld", now, body),
    }
    assert known["receive"](secret, headers, body.encode()) == (204, {"id": "dp-1-1-OrderHeld"})
    assert known["receive"](secret, headers, body.encode() + b" ") == (401, {})
