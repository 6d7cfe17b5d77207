"""What generators of clients and people need of the document: meanings, open answers, closed requests (Q35)."""

import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from buyer_protection.application.schemas.timeline_data import DATA
from buyer_protection.domain.enums import EventType
from tests.support.timeline_shapes import misfit
from tools.contract import meanings, schemas
from tools.contract.field_meanings import FIELDS
from tools.contract.openapi import build
from tools.contract.value_meanings import VALUES

DOCUMENT = build()
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
CALLS: list[dict[str, Any]] = [call for methods in DOCUMENT["paths"].values() for call in methods.values()]
FIXTURES = sorted((Path(__file__).parents[1] / "fixtures" / "contract-1").glob("*.json"))


def below(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of the document below a node, itself included."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from below(inner)


def reached(node: Any) -> set[str]:
    """The names of the schemas that a node refers to, directly or not."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        for inner in below(waiting.pop()):
            _, _, kind, name = str(inner.get("$ref", "///")).split("/")
            if kind == "schemas" and name not in found:
                found.add(name)
                waiting.append(SCHEMAS[name])
            elif kind in {"parameters", "headers"}:
                waiting.append(DOCUMENT["components"][kind][name])
    return found


def test_every_schema_and_every_property_is_described() -> None:
    missing = [name for name, schema in SCHEMAS.items() if not schema.get("description")]
    missing += [
        f"{name}.{field}"
        for name, schema in SCHEMAS.items()
        for field, of in schema.get("properties", {}).items()
        if not of.get("description")
    ]

    assert missing == [], "say it in the class docstring, as a line `field: meaning`"


def test_every_parameter_and_header_is_described() -> None:
    own = [p for call in CALLS for p in call["parameters"]]
    shared = [*DOCUMENT["components"]["parameters"].values(), *DOCUMENT["components"]["headers"].values()]

    assert [p for p in [*own, *shared] if "$ref" not in p and not p.get("description")] == []


def test_every_value_of_an_enumeration_is_described() -> None:
    found = [node for node in below(DOCUMENT) if isinstance(node.get("enum"), list)]
    # What is always the same is said by the field's own words.
    constants = [node for node in found if len(node["enum"]) == 1 and "x-enumDescriptions" not in node]
    enumerations = [node for node in found if node not in constants]

    for node in enumerations:
        assert node["type"] == "string"
        assert set(node["x-enumDescriptions"]) == set(node["enum"])
    assert len(enumerations) > len(VALUES)


def test_each_shared_meaning_is_of_something() -> None:
    fields = {field for schema in SCHEMAS.values() for field in schema.get("properties", {})}
    fields |= set(DOCUMENT["components"]["parameters"])
    queries = {
        p["name"]
        for m in DOCUMENT["paths"].values()
        for c in m.values()
        for p in c["parameters"]
        if "name" in p
    }

    unknown = {name.rpartition(".")[2] for name in FIELDS} - fields - queries

    assert unknown == set()


def test_no_schema_has_a_default() -> None:
    """A generator of clients would make the field one that has to be given."""
    assert [node for node in below([SCHEMAS, CALLS]) if "default" in node] == []


def test_in_answers_an_enumeration_is_open_and_in_requests_closed() -> None:
    taken = reached([[call["parameters"], call.get("requestBody")] for call in CALLS])
    given = reached([call["responses"] for call in CALLS])
    open_ones = {name.removeprefix("Known") for name in given if name.startswith("Known")}

    assert {"Status", "Role", "OfferType"} <= open_ones
    for name in open_ones:
        assert SCHEMAS[name]["anyOf"] == [schemas.ref(f"Known{name}"), {"type": "string"}]
    assert not taken & open_ones
    assert {"KnownReason", "KnownOfferType"} <= taken


def test_objects_are_open_in_answers_and_closed_in_requests() -> None:
    taken = reached([call.get("requestBody") for call in CALLS])
    given = reached([call["responses"] for call in CALLS])

    assert all(
        SCHEMAS[name].get("additionalProperties") is False for name in taken if "properties" in SCHEMAS[name]
    )
    assert all(SCHEMAS[name].get("additionalProperties") is not False for name in given)


def test_one_role_has_one_spelling() -> None:
    (role,) = [p for p in DOCUMENT["paths"]["/v1/disputes"]["get"]["parameters"] if p.get("name") == "role"]

    assert role["schema"]["enum"] == ["BUYER", "CASE_MANAGER", "SELLER"]


def test_the_timeline_is_any_of_its_types_and_then_anything() -> None:
    names = [choice["$ref"].rpartition("/")[2] for choice in SCHEMAS["TimelineDocument"]["anyOf"]]
    typed = [SCHEMAS[name]["properties"]["type"].get("enum") for name in names]

    assert typed == [*([kind.value] for kind in EventType), None]
    assert DATA.keys() == set(EventType)


def test_each_problem_names_the_codes_of_its_answer() -> None:
    refused = [a for call in CALLS for status, a in call["responses"].items() if int(status) >= 400]

    for answer in refused:
        content = answer["content"]["application/problem+json"]
        name = content["schema"]["$ref"].rpartition("/")[2]
        codes = SCHEMAS[name]["properties"]["code"]["anyOf"][0]["enum"]
        assert codes == list(content["examples"])
        assert set(codes) == {problem["code"] for problem in answer["x-problems"]}
    assert refused


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_entries_of_before_have_the_shapes_of_the_document(path: Path) -> None:
    rows = [row for row in json.loads(path.read_text(encoding="utf-8"))["rows"] if "prev_hash" in row]

    wrong = [misfit(EventType(row["event"]["S"]), json.loads(row["data"]["S"])) for row in rows]

    assert wrong == [None] * len(rows)
    assert rows


@pytest.mark.parametrize(
    "data", [{"offer_id": 1}, {}, {"offer_id": "of-1", "by": "SELLER"}], ids=["type", "missing", "unknown"]
)
def test_an_entry_of_another_shape_is_noticed(data: dict[str, Any]) -> None:
    assert misfit(EventType.OFFER_DECLINED, {"offer_id": "of-1"}) is None
    assert misfit(EventType.OFFER_DECLINED, data) is not None


class Colour(StrEnum):
    """Of a thing.

    RED: like a rose
    """

    RED = "RED"
    BLUE = "BLUE"


class Thing(Struct):
    """A thing, and R1: a rule that is no field.

    colour: how it looks, null where
      nobody looked. mass: in grams
    width, height: in metres

    More about it.
    """

    colour: Colour | None
    mass: int
    width: int
    height: int
    depth: int


def test_a_docstring_line_says_what_a_field_means() -> None:
    own, said = meanings.of_struct(Thing)

    assert own == "A thing, and R1: a rule that is no field.\n\n\nMore about it."
    assert said == {
        "colour": "How it looks, null where nobody looked.",
        "mass": "In grams.",
        "width": "In metres.",
        "height": "In metres.",
    }


def test_a_docstring_line_says_what_a_value_means() -> None:
    assert meanings.of_enum(Colour) == ("Of a thing.", {"RED": "Like a rose."})
