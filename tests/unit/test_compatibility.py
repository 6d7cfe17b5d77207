"""What may change in the contract's documents without breaking a client, and that the comparison notices the rest."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.compatibility import releases
from tools.compatibility.documents import compare

Json = dict[str, Any]
DOCUMENT: Json = json.loads((releases.DOCS / "openapi.json").read_text(encoding="utf-8"))
SCHEMAS = "components", "schemas"


def at(document: Json, *names: str) -> Any:
    found: Any = document
    for name in names:
        found = found[name]
    return found


def schema(document: Json, name: str) -> Json:
    found: Json = at(document, *SCHEMAS, name)
    return found


def call(document: Json, path: str, method: str) -> Json:
    found: Json = at(document, "paths", path, method)
    return found


def changed(edit: Callable[[Json], object]) -> list[tuple[bool, str, str]]:
    """What the comparison says of the document after an edit."""
    after = copy.deepcopy(DOCUMENT)
    edit(after)
    return [(change.is_breaking, change.place, change.text) for change in compare(DOCUMENT, after)]


def add_member(document: Json) -> None:
    schema(document, "DisputeDocument")["properties"]["mood"] = {"type": "string"}
    schema(document, "DisputeDocument")["required"].append("mood")


def add_entry(document: Json) -> None:
    schemas = at(document, *SCHEMAS)
    schemas["PraisedEntry"] = copy.deepcopy(schemas["EscalatedEntry"])
    schemas["TimelineDocument"]["anyOf"].insert(0, {"$ref": "#/components/schemas/PraisedEntry"})


def add_to_request(document: Json) -> None:
    schema(document, "OfferRequest")["properties"]["mood"] = {"type": "string"}


def add_call(document: Json) -> None:
    document["paths"]["/v1/praise"] = {
        "get": call(document, "/v1/disputes", "get") | {"operationId": "praise"}
    }


def add_parameter(document: Json, *, required: bool = False) -> None:
    mood = {"name": "mood", "in": "query", "required": required, "schema": {"type": "string"}}
    call(document, "/v1/disputes", "get")["parameters"].append(mood)


COMPATIBLE: dict[str, tuple[Callable[[Json], object], str]] = {
    "a member in an answer": (add_member, "DisputeDocument.mood"),
    "a value in an answer": (lambda d: schema(d, "KnownStatus")["enum"].append("PAUSED"), "KnownStatus"),
    "an action": (lambda d: schema(d, "KnownAction")["enum"].append("PRAISE"), "KnownAction"),
    "a type of entry in the timeline": (add_entry, "TimelineDocument"),
    "an optional member in a request": (add_to_request, "OfferRequest.mood"),
    "a value in a request": (
        lambda d: schema(d, "KnownEvidenceType")["enum"].append("MAP"),
        "KnownEvidenceType",
    ),
    "a longer text in a request": (
        lambda d: schema(d, "OfferRequest")["properties"]["note"].update(maxLength=5000),
        "OfferRequest.note",
    ),
    "a call": (add_call, "GET /v1/praise"),
    "an optional parameter": (add_parameter, "GET /v1/disputes"),
    "a member that is no longer required in a request": (
        lambda d: schema(d, "OpenDisputeRequest")["required"].remove("description"),
        "OpenDisputeRequest.description",
    ),
    "a refusal with another status": (
        lambda d: call(d, "/v1/disputes", "get")["responses"].update({"410": {"description": "Gone"}}),
        "GET /v1/disputes",
    ),
    "a code": (
        lambda d: schema(d, "ProblemForbidden")["properties"]["code"]["anyOf"][0]["enum"].append("NOT_NOW"),
        "ProblemForbidden.code",
    ),
}

BREAKING: dict[str, tuple[Callable[[Json], object], str]] = {
    "a member of an answer is gone": (
        lambda d: schema(d, "DisputeDocument")["properties"].pop("reason"),
        "DisputeDocument.reason",
    ),
    "a member of an answer may be absent": (
        lambda d: schema(d, "DisputeDocument")["required"].remove("reason"),
        "DisputeDocument.reason",
    ),
    "a member of an answer has another type": (
        lambda d: schema(d, "MoneyDocument")["properties"]["amount_minor"].update(type="string"),
        "MoneyDocument.amount_minor",
    ),
    "a member of an answer may be null": (
        lambda d: schema(d, "DisputeDocument")["properties"].update(
            closed_at={
                "anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}, {"type": "integer"}]
            }
        ),
        "DisputeDocument.closed_at",
    ),
    "an open enumeration closes": (
        lambda d: schema(d, "Status").update(anyOf=[{"$ref": "#/components/schemas/KnownStatus"}]),
        "Status",
    ),
    "a value is gone": (lambda d: schema(d, "KnownStatus")["enum"].remove("DECIDED"), "KnownStatus"),
    "a value of a request is gone": (
        lambda d: schema(d, "KnownEvidenceType")["enum"].remove("PHOTO"),
        "KnownEvidenceType",
    ),
    "a type of entry is gone": (lambda d: schema(d, "TimelineDocument")["anyOf"].pop(0), "TimelineDocument"),
    "the generic entry is gone": (lambda d: schema(d, "TimelineDocument")["anyOf"].pop(), "TimelineDocument"),
    "a member of a request is gone": (
        lambda d: schema(d, "OfferRequest")["properties"].pop("note"),
        "OfferRequest.note",
    ),
    "a member of a request is required": (
        lambda d: schema(d, "OfferRequest")["required"].append("note"),
        "OfferRequest.note",
    ),
    "a new member of a request is required": (
        lambda d: (add_to_request(d), schema(d, "OfferRequest")["required"].append("mood")),
        "OfferRequest.mood",
    ),
    "a shorter text in a request": (
        lambda d: schema(d, "OfferRequest")["properties"]["note"].update(maxLength=10),
        "OfferRequest.note",
    ),
    "another pattern in a request": (
        lambda d: schema(d, "MoneyModel")["properties"]["currency"].update(pattern="^[A-Z]{4}$"),
        "MoneyModel.currency",
    ),
    "a call is gone": (lambda d: d["paths"].pop("/v1/disputes"), "GET /v1/disputes"),
    "a required parameter": (lambda d: add_parameter(d, required=True), "GET /v1/disputes"),
    "a parameter is gone": (lambda d: call(d, "/v1/disputes", "get")["parameters"].pop(), "GET /v1/disputes"),
    "another name of the operation": (
        lambda d: call(d, "/v1/disputes", "get").update(operationId="all_disputes"),
        "GET /v1/disputes",
    ),
    "another success": (
        lambda d: call(d, "/v1/disputes", "post")["responses"].update(
            {"202": call(d, "/v1/disputes", "post")["responses"].pop("201")}
        ),
        "POST /v1/disputes",
    ),
    "a header of an answer is gone": (
        lambda d: call(d, "/v1/disputes", "post")["responses"]["201"]["headers"].pop("Location"),
        "POST /v1/disputes",
    ),
    "a call wants other credentials": (
        lambda d: call(d, "/v1/disputes", "get").update(security=[{"SigV4": []}]),
        "GET /v1/disputes",
    ),
}


def test_the_same_document_has_no_change() -> None:
    assert changed(lambda _: None) == []


def test_words_for_people_are_no_change() -> None:
    assert changed(lambda d: schema(d, "Status").update(description="Another.")) == []


@pytest.mark.parametrize("name", COMPATIBLE)
def test_it_is_compatible_to_add(name: str) -> None:
    edit, place = COMPATIBLE[name]

    found = changed(edit)

    assert (False, place) in {(is_breaking, where) for is_breaking, where, _ in found}
    assert not any(is_breaking for is_breaking, _, _ in found)


@pytest.mark.parametrize("name", BREAKING)
def test_it_breaks_clients_when(name: str) -> None:
    edit, place = BREAKING[name]

    assert (True, place) in {(is_breaking, where) for is_breaking, where, _ in changed(edit)}


def test_since_the_last_release_nothing_breaks_and_every_change_has_a_line_in_the_changelog() -> None:
    found = releases.changes()

    assert [str(change) for change in found if change.is_breaking] == []
    assert releases.unnamed(found, releases.CHANGELOG.read_text(encoding="utf-8")) == []


def test_a_change_without_a_line_in_the_changelog_is_noticed() -> None:
    after = copy.deepcopy(DOCUMENT)
    add_member(after)
    found = compare(DOCUMENT, after)
    elsewhere = (
        "# Changelog\n\n## Unreleased\n- More `DisputeList`.\n\n## 1.0.0\n- `mood` of a `DisputeDocument`.\n"
    )

    assert [change.place for change in releases.unnamed(found, elsewhere)] == ["DisputeDocument.mood"]
    assert releases.unnamed(found, elsewhere.replace("`DisputeList`", "`DisputeDocument.mood`")) == []


def test_a_candidate_is_todays_document_until_it_is_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RELEASES", "DOCS", "PROJECT"):
        monkeypatch.setattr(releases, name, tmp_path / name)
    (tmp_path / "DOCS").mkdir()
    (tmp_path / "DOCS" / "openapi.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "RELEASES" / "1.0.0").mkdir(parents=True)
    (tmp_path / "PROJECT").write_text('[project]\nname = "x"\nversion = "0.1.0"\n')
    assert [folder.name for folder in releases.candidates()] == ["1.0.0"]

    releases.release("1.0.0")

    assert releases.candidates() == []
    assert releases.released() == (1, 0, 0)
    assert releases.changes() == []
    add = copy.deepcopy(DOCUMENT)
    add_member(add)
    (tmp_path / "DOCS" / "openapi.json").write_text(json.dumps(add))
    assert [change.place for change in releases.changes()] == ["DisputeDocument.mood"]


def message(action: str, payload: Json) -> Json:
    """An AsyncAPI document with one message."""
    return {
        "asyncapi": "3.0.0",
        "channels": {"bus": {"messages": {"Opened": {"$ref": "#/components/messages/Opened"}}}},
        "operations": {"it": {"action": action, "channel": {"$ref": "#/channels/bus"}}},
        "components": {"messages": {"Opened": {"payload": payload}}},
    }


@pytest.mark.parametrize(("action", "breaks"), [("send", False), ("receive", True)])
def test_an_event_that_we_send_may_gain_what_one_that_we_receive_may_not_ask_for(
    action: str, breaks: bool
) -> None:
    old: Json = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
    new: Json = {
        "type": "object",
        "properties": {**old["properties"], "at": {"type": "string"}},
        "required": ["id", "at"],
    }

    found = compare(message(action, old), message(action, new))

    assert [(change.is_breaking, change.place) for change in found] == [(breaks, "Opened.at")]


def test_an_event_that_is_gone_breaks_who_hears_it() -> None:
    old = message("send", {"type": "object"})
    gone = old | {"channels": {"bus": {"messages": {}}}}

    assert [change.is_breaking for change in compare(old, gone)] == [True]
