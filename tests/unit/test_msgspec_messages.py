"""Every public code that is read from msgspec's English, held by the sentence that this version really says.

`incoming` reads pointer and code from the library's messages (docs/decisions/0032): a sentence that is worded otherwise
in another version would change a code of the contract without any error. Here it fails a test.
"""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

from buyer_protection.domain.errors import FieldError, InvalidRequestError
from buyer_protection.runtime import incoming


class Colour(StrEnum):
    """Some enum."""

    RED = "RED"


class Inner(Struct, forbid_unknown_fields=True):
    """Something nested."""

    n: int


class Model(Struct, forbid_unknown_fields=True):
    """One field for each constraint that the request models use."""

    inner: list[Inner] = []
    enum: Colour | None = None
    literal: Literal["a", "b"] | None = None
    text: Annotated[str, Meta(min_length=2, max_length=3)] = "ab"
    pattern: Annotated[str, Meta(pattern="^a+$")] = "a"
    array: Annotated[list[int], Meta(min_length=1, max_length=2)] | None = None
    object: Annotated[dict[str, int], Meta(min_length=1, max_length=2)] | None = None
    integer: Annotated[int, Meta(ge=1, le=5)] = 1
    number: Annotated[float, Meta(ge=1, le=5)] = 1.0
    instant: Annotated[datetime, Meta(tz=True)] | None = None
    flag: bool = False


SENTENCES = [
    ({"inner": [{}]}, "Object missing required field `n` - at `$.inner[0]`", "/inner/0/n", "REQUIRED"),
    ({"other": 1}, "Object contains unknown field `other`", "/other", "UNKNOWN_FIELD"),
    (
        {"inner": [{"n": 1, "a/b": 1}]},
        "Object contains unknown field `a/b` - at `$.inner[0]`",
        "/inner/0/a~1b",
        "UNKNOWN_FIELD",
    ),
    ({"a `b`\nc": 1}, "Object contains unknown field `a `b`\nc`", "/a `b`\nc", "UNKNOWN_FIELD"),
    ({"enum": "x"}, "Invalid enum value 'x' - at `$.enum`", "/enum", "NOT_ALLOWED"),
    ({"literal": "x"}, "Invalid enum value 'x' - at `$.literal`", "/literal", "NOT_ALLOWED"),
    ({"text": "a"}, "Expected `str` of length >= 2 - at `$.text`", "/text", "TOO_SHORT"),
    ({"text": "aaaa"}, "Expected `str` of length <= 3 - at `$.text`", "/text", "TOO_LONG"),
    ({"array": []}, "Expected `array` of length >= 1 - at `$.array`", "/array", "TOO_SHORT"),
    ({"array": [1, 2, 3]}, "Expected `array` of length <= 2 - at `$.array`", "/array", "TOO_LONG"),
    ({"object": {}}, "Expected `object` of length >= 1 - at `$.object`", "/object", "TOO_SHORT"),
    (
        {"object": {"a": 1, "b": 2, "c": 3}},
        "Expected `object` of length <= 2 - at `$.object`",
        "/object",
        "TOO_LONG",
    ),
    ({"integer": 0}, "Expected `int` >= 1 - at `$.integer`", "/integer", "TOO_SMALL"),
    ({"integer": 6}, "Expected `int` <= 5 - at `$.integer`", "/integer", "TOO_LARGE"),
    ({"integer": 10**30}, "Expected `int` <= 5 - at `$.integer`", "/integer", "TOO_LARGE"),
    ({"number": 0.5}, "Expected `float` >= 1.0 - at `$.number`", "/number", "TOO_SMALL"),
    ({"number": 5.5}, "Expected `float` <= 5.0 - at `$.number`", "/number", "TOO_LARGE"),
    ({"pattern": "b"}, "Expected `str` matching regex '^a+$' - at `$.pattern`", "/pattern", "INVALID_FORMAT"),
    ({"instant": "noon"}, "Invalid RFC3339 encoded datetime - at `$.instant`", "/instant", "INVALID_FORMAT"),
    (
        {"instant": "2026-03-09T12:00:00"},
        "Expected `datetime` with a timezone component - at `$.instant`",
        "/instant",
        "INVALID_FORMAT",
    ),
    ({"flag": 1}, "Expected `bool`, got `int` - at `$.flag`", "/flag", "WRONG_TYPE"),
    ({"inner": {}}, "Expected `array`, got `object` - at `$.inner`", "/inner", "WRONG_TYPE"),
    ({"inner": [1]}, "Expected `object`, got `int` - at `$.inner[0]`", "/inner/0", "WRONG_TYPE"),
]
# What is said of a number without bounds, which no request has; read alike, should one ever get there.
UNBOUNDED = "Integer value out of range"


@pytest.mark.parametrize(("document", "sentence", "pointer", "code"), SENTENCES, ids=lambda it: str(it)[:40])
def test_the_library_says_this_sentence_and_it_is_read_as_this_code(
    document: dict[str, Any], sentence: str, pointer: str, code: str
) -> None:
    with pytest.raises(msgspec.ValidationError) as said:
        msgspec.convert(document, Model)
    assert str(said.value) == sentence
    with pytest.raises(InvalidRequestError) as refused:
        incoming.decoded(document, Model)
    assert refused.value.fields == (FieldError(pointer, code),)


def test_a_value_of_an_object_without_named_fields_has_no_step_of_its_own() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        incoming.decoded({"object": {"a": "x"}}, Model)
    assert refused.value.fields == (FieldError("/object", "WRONG_TYPE"),)


def test_every_expression_is_needed_for_a_sentence() -> None:
    sentences = [sentence for _, sentence, _, _ in SENTENCES]
    for pattern, code in incoming._CODES:
        assert any(re.match(pattern, sentence) for sentence in sentences), code
    assert re.match({code: pattern for pattern, code in incoming._CODES}["TOO_LARGE"], UNBOUNDED)


def test_every_code_that_is_read_from_a_sentence_is_held_here() -> None:
    held = {code for *_, code in SENTENCES}
    assert held == {code for _, code in incoming._CODES} | {"REQUIRED", "UNKNOWN_FIELD", "WRONG_TYPE"}
