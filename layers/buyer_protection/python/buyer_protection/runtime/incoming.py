"""Reads what a caller sent, strictly: JSON bodies, query parameters, ids in paths, keys and versions in headers.

Everything that is wrong raises `InvalidRequestError` with the field and a code: REQUIRED, UNKNOWN_FIELD, WRONG_TYPE,
NOT_ALLOWED, INVALID_FORMAT, OUT_OF_RANGE, TOO_SHORT, TOO_LONG, TOO_SMALL, TOO_LARGE, REPEATED; for a body as a whole
INVALID_ENCODING, INVALID_JSON, TOO_DEEP, TOO_LARGE. A JSON pointer names a field of the body; `/` and the name, a
parameter or header, which the error says (`fields_in`).
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn, TypeVar
from urllib.parse import unquote

import msgspec

from buyer_protection.application.actions.execute import Unless
from buyer_protection.application.schemas.queries import FLAGS, NUMBERS, lists_of
from buyer_protection.domain.errors import FieldError, InvalidRequestError, NotFoundError, Place

T = TypeVar("T")

MAX_BODY_BYTES = 64 * 1024
# An order of a thousand lines.
MAX_ORDER_BYTES = 256 * 1024
MAX_DEPTH = 16
# What an order or a deadline can be about; beyond, sums of dates would leave the calendar.
_FIRST_YEAR, _LAST_YEAR = 2000, 2999
# A pointer may name what the caller sent; it need not repeat all of it.
_MAX_POINTER = 200

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_VERSION = re.compile(r'(?:W/)?"(\d{1,15})(?:-[0-9a-f]{1,64})?"|(\d{1,15})', re.ASCII)
_INTEGER = re.compile(r"-?[0-9]{1,9}")
# What is wrong is looked up when something is: patterns cost every start that compiles them.
_AT = r" - at `(\$[^`]*)`$"
_STEP = r"\.([^.\[\]]+)|\[(\d+)\]"
_NAMED = r"(?s)^Object (missing required|contains unknown) field `(.*?)`(?: - at `\$[^`]*`)?$"
_CODES = (
    (r"^Invalid enum value", "NOT_ALLOWED"),
    (r"^Expected `(?:str|array|object)` of length >=", "TOO_SHORT"),
    (r"^Expected `(?:str|array|object)` of length <=", "TOO_LONG"),
    (r"^Expected `(?:int|float)` >", "TOO_SMALL"),
    (r"^(?:Expected `(?:int|float)` <|Integer value out of range)", "TOO_LARGE"),
    (r"^Expected `str` matching regex|^Invalid |^Expected `datetime` with", "INVALID_FORMAT"),
)


def refuse(pointer: str, code: str, detail: str) -> NoReturn:
    """400: one field is wrong."""
    raise InvalidRequestError(detail, fields=[FieldError(pointer, code)])


def path_id(text: str) -> str:
    """An id from the path; what cannot be one is as absent as any other (404)."""
    decoded = unquote(text)
    if not _ID.fullmatch(decoded):
        raise NotFoundError
    return decoded


def is_id(value: object) -> bool:
    """Whether this has the form of an id: what has not may be anything, and is not logged."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def idempotency_key(value: str | None) -> str:
    """The `Idempotency-Key`: 16 to 64 characters of `[A-Za-z0-9_-]`; 400 otherwise."""
    if value is not None and _KEY.fullmatch(value):
        return value
    raise InvalidRequestError(
        "Send an Idempotency-Key of 16 to 64 characters: letters, digits, _ and -.",
        code="IDEMPOTENCY_KEY_REQUIRED",
        fields=[FieldError("/Idempotency-Key", "REQUIRED" if value is None else "INVALID_FORMAT")],
        fields_in=Place.HEADER,
    )


def correlation_id(value: str | None) -> str | None:
    """The caller's own `X-Correlation-Id`, where it has the form of a key; None otherwise, which refuses nothing."""
    return value if value is not None and _KEY.fullmatch(value) else None


def if_match(value: str | None) -> int | None:
    """The version in `If-Match`: the part of an ETag before its dash, `"7-5f1c"`, `W/"7-5f1c"`, `"7"` or `7`.

    None for `*` (`must_exist`) and where it is absent.
    """
    if value is None or value.strip() == "*":
        return None
    found = _VERSION.fullmatch(value.strip())
    if found is None:
        raise InvalidRequestError(
            "If-Match takes the ETag of one version of the dispute, or *.",
            fields=[FieldError("/If-Match", "INVALID_FORMAT")],
            fields_in=Place.HEADER,
        )
    return int(found[1] or found[2])


def must_exist(value: str | None) -> bool:
    """Whether `If-Match` is `*`: any version, but there has to be one (RFC 9110)."""
    return value is not None and value.strip() == "*"


def unless(value: str | None) -> Unless | None:
    """What a PUT is not to overwrite, by `If-None-Match`: `*`, or ETags, of which the versions count; 400 otherwise."""
    if value is None:
        return None
    if value.strip() == "*":
        return Unless(anything=True)
    found = [_VERSION.fullmatch(one.strip()) for one in value.split(",")]
    if not all(found):
        raise InvalidRequestError(
            "If-None-Match takes ETags, or *.",
            fields=[FieldError("/If-None-Match", "INVALID_FORMAT")],
            fields_in=Place.HEADER,
        )
    return Unless(versions=frozenset(int(one[1] or one[2]) for one in found if one is not None))


def check_media_type(content_type: str | None) -> None:
    """415 for anything but JSON: `application/json` or a type that ends in `+json`, in UTF-8. None is taken as JSON."""
    if content_type is None:
        return
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    is_json = media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
    charsets = [
        text.removeprefix("charset=").strip('"') for text in parameters if text.startswith("charset=")
    ]
    if not is_json or any(charset not in ("utf-8", "utf8") for charset in charsets):
        from buyer_protection.runtime.problems import UnsupportedMediaTypeError

        raise UnsupportedMediaTypeError("Send JSON in UTF-8: application/json, or a type that ends in +json.")


def is_known(value: str | None, etag: str) -> bool:
    """Whether `If-None-Match` names this ETag, weak or not: the client has the very document that it would get."""
    named = [] if value is None else [one.strip().removeprefix("W/") for one in value.split(",")]
    return etag in named or named == ["*"]


def body_bytes(body: str | None, is_base64: bool, limit: int = MAX_BODY_BYTES) -> bytes:
    """The body as it was sent; 400 where it is too large or not what it says it is."""
    if not body:
        return b""
    try:
        raw = base64.b64decode(body, validate=True) if is_base64 else body.encode()
    except (binascii.Error, ValueError):
        refuse("", "INVALID_ENCODING", "The body is not valid UTF-8.")
    if len(raw) > limit:
        refuse("", "TOO_LARGE", f"The body must not be larger than {limit} bytes.")
    return raw


def json_object(raw: bytes) -> dict[str, Any]:
    """The body's one JSON object, each name once, not deeper than `MAX_DEPTH`. No body is an empty object."""
    return strict(parsed(raw)) if raw.strip() else {}


def parsed(raw: bytes) -> dict[str, Any]:
    """One JSON object, whatever is in it: `strict` refuses what is ambiguous or cannot be written again."""
    try:
        value = json.loads(
            raw.decode(),
            object_pairs_hook=_each_name_once,
            parse_constant=_no_constant,
            parse_float=_number,
        )
    except UnicodeError:
        refuse("", "INVALID_ENCODING", "The body is not valid UTF-8.")
    except RecursionError:
        _too_deep()
    except (OverflowError, ValueError):
        refuse("", "INVALID_JSON", "The body is not valid JSON.")
    if not isinstance(value, dict):
        refuse("", "WRONG_TYPE", "The body must be a JSON object.")
    return value


def strict(document: dict[str, Any]) -> dict[str, Any]:
    """The document, in which each name stands once, nothing lies too deep, and every text is UTF-8; 400 otherwise."""
    try:
        # JSON can spell half of a character (a lone surrogate), which no UTF-8 can hold.
        msgspec.json.encode(document)
    except UnicodeError:
        refuse("", "INVALID_ENCODING", "The body is not valid UTF-8.")
    except RecursionError:
        _too_deep()
    except (OverflowError, ValueError):
        refuse("", "INVALID_JSON", "The body is not valid JSON.")
    _check_tree(document)
    return document


def body_hash(document: Mapping[str, Any]) -> str:
    """The same for the same content, however it is spaced and ordered."""
    return hashlib.sha256(msgspec.json.encode(document, order="sorted")).hexdigest()


def decoded(document: Mapping[str, Any], model: type[T]) -> T:
    """The document as the model; 400 that names every wrong field, a hundred at most."""
    try:
        value = msgspec.convert(document, model)
    except msgspec.ValidationError:
        from buyer_protection.runtime.wrong_fields import allowed_at, wrong_fields

        wrong = wrong_fields(document, model, _field)
        error = _malformed([FieldError(_pointer(steps), code) for steps, code in wrong])
        error.allowed = {
            _pointer(steps): allowed for steps, _ in wrong if (allowed := allowed_at(model, steps))
        }
        raise error from None
    if impossible := list(_impossible_instants(value, "")):
        raise _malformed(impossible)
    return value


def _malformed(wrong: Sequence[FieldError]) -> InvalidRequestError:
    first, more = wrong[0], len(wrong) - 1
    others = f", and {more} more" if more else ""
    detail = f"The request is malformed: {first.code} at {first.pointer or 'the body'}{others}."
    return InvalidRequestError(detail, fields=wrong)


def query(parameters: Mapping[str, Sequence[str]], model: type[T]) -> T:
    """The query parameters as the model: each once, but for lists, and none that it does not know."""
    values: dict[str, Any] = {}
    repeated: list[FieldError] = []
    lists = lists_of(model)
    for name, texts in parameters.items():
        if name in lists:
            values[name] = list(texts)
        elif len(texts) == 1:
            values[name] = _typed(name, texts[0])
        else:
            repeated.append(FieldError(_pointer([name]), "REPEATED"))
    try:
        if repeated:
            raise _malformed(repeated)
        return decoded(values, model)
    except InvalidRequestError as error:
        error.fields_in = Place.QUERY
        raise


def _typed(name: str, text: str) -> Any:
    if name in NUMBERS and _INTEGER.fullmatch(text):
        return int(text)
    if name in FLAGS:
        return {"true": True, "false": False}.get(text, text)
    return text


class Ambiguous(dict[str, Any]):
    """An object in which names stand twice; kept until it is known where it lies, and whether they matter."""

    twice: list[str]


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    ambiguous = Ambiguous(found)
    ambiguous.twice = [name for name in found if names.count(name) > 1]
    return ambiguous


def _number(text: str) -> int | float:
    """JSON knows one kind of number: `5.0` is the integer 5, as JSON Schema has it."""
    whole, _, fraction = text.partition(".")
    return int(whole) if fraction and not fraction.strip("0") else float(text)


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _check_tree(value: Any, path: tuple[str, ...] = ()) -> None:
    """Refuse what is nested too deep, and objects in which a name stands twice."""
    if not isinstance(value, dict | list):
        return
    if len(path) == MAX_DEPTH:
        _too_deep()
    if isinstance(value, Ambiguous):
        refuse(
            _pointer([*path, value.twice[0]]), "REPEATED", "A name stands twice in one object of the body."
        )
    for step, item in value.items() if isinstance(value, dict) else enumerate(value):
        _check_tree(item, (*path, str(step)))


def _too_deep() -> NoReturn:
    refuse("", "TOO_DEEP", f"The body must not be nested deeper than {MAX_DEPTH} levels.")


def _impossible_instants(value: Any, pointer: str) -> Iterator[FieldError]:
    """Dates that no order has: adding a window to them would fail where nobody expects it."""
    if isinstance(value, datetime):
        if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
            yield FieldError(pointer, "OUT_OF_RANGE")
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _impossible_instants(getattr(value, name), f"{pointer}/{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _impossible_instants(item, f"{pointer}/{index}")


def _field(message: str) -> tuple[tuple[str, ...], str]:
    """Steps of the pointer and code, from a sentence such as "Expected `int`, got `str` - at `$.items[0].quantity`"."""
    at = re.search(_AT, message)
    steps = [name or index for name, index in re.findall(_STEP, at[1])] if at else []
    named = re.match(_NAMED, message)
    if named:
        return (*steps, named[2]), "REQUIRED" if named[1].startswith("missing") else "UNKNOWN_FIELD"
    code = next((code for pattern, code in _CODES if re.match(pattern, message)), "WRONG_TYPE")
    return tuple(steps), code


def _pointer(steps: Sequence[str]) -> str:
    """RFC 6901: `~` and `/` within a name are escaped."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)[:_MAX_POINTER]
