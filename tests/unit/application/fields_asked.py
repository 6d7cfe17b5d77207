"""Bodies of actions made of what `available_actions[].fields` says: those within, and those just outside."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from buyer_protection.domain.timeline import instant

Json = dict[str, Any]
MS = timedelta(milliseconds=1)
# What the JSON schemas ask for by themselves. A member that the case decides is not here.
PLAIN: dict[str, Json] = {
    "OfferRequest": {"note": "Take it."},
    "EscalateRequest": {"claim_reason": "SELLER_NOT_RESPONDING"},
    "ChangeReasonRequest": {},
    "CancelRequest": {},
    "EvidenceRequest": {"type": "STATEMENT", "text": "So it was."},
    "MessageRequest": {"text": "Hello."},
    "NoteRequest": {"text": "Look at the label."},
    "EvidenceWindowRequest": {},
    "EvidenceQuestionRequest": {"party": "BUYER", "types": ["PHOTO"], "question": "Where?"},
    "DecisionRequest": {"reasons": ["OTHER"], "rationale": "Nothing was shown."},
    "AssignRequest": {"assignee": "manager-1"},
    "ReturnAddressRequest": {"address": {"lines": ["9 Quay"], "country": "CN"}},
    "ReturnShipmentRequest": {"carrier": "Post", "tracking_number": "RT-1"},
    "AcknowledgeReturnRequest": {"condition": "ITEM_RECEIVED"},
}
FILE = {"name": "a.jpg", "media_type": "image/jpeg", "size": 10, "sha256": "0" * 64}
# What a required member is sent as where `fields` does not say which value it has.
FILLED = {"/text": "Words.", "/files": [FILE]}
# A value of another member on which a rule depends that `fields` leaves to the schema.
CHOICES = {"/claim_reason": ("OTHER",), "/type": ("STATEMENT", "PHOTO"), "/condition": ("ITEM_RECEIVED",)}


def within(fields: Json, now: datetime) -> Iterator[Json]:
    """Bodies that are to be taken: each value that may choose others, with each end of each range."""
    allowed = fields["allowed"]
    name = fields["schema"].rpartition("/")[2]
    for chosen in _choices(allowed):
        bodies = [_with(PLAIN[name], chosen)]
        for pointer, rule in allowed.items():
            if pointer not in chosen:
                values = list(_values(pointer, _ruling(rule, chosen), now))
                bodies = [_with(body, {pointer: value}) for body in bodies for value in values]
        # The schema of an amount asks for both of its members.
        yield from (body for body in bodies if len(body.get("refund", "--")) == 2)


def outside(fields: Json, now: datetime) -> Iterator[Json]:
    """Bodies that are within but for one member, which is just outside."""
    allowed = fields["allowed"]
    for body in within(fields, now):
        chosen = {pointer: _at(body, pointer) for pointer in _deciding(allowed)}
        for pointer, rule in allowed.items():
            for wrong in _wrong(pointer, _ruling(rule, chosen), now):
                yield _with(body, {pointer: wrong})


def _deciding(allowed: Json) -> list[str]:
    return list(dict.fromkeys(rule["depends_on"] for rule in allowed.values() if "depends_on" in rule))


def _choices(allowed: Json) -> list[Json]:
    found: list[Json] = [{}]
    for pointer in _deciding(allowed):
        values = allowed.get(pointer, {}).get("values", CHOICES.get(pointer, ()))
        found = [{**one, pointer: value} for one in found for value in values]
    return found


def _ruling(rule: Json, chosen: Json) -> Json:
    by = rule.get("by", {})
    value = chosen.get(rule.get("depends_on"))
    return (
        by[value]
        if value in by
        else {name: it for name, it in rule.items() if name not in ("by", "depends_on")}
    )


_LEFT_OUT = object()


def _values(pointer: str, rule: Json, now: datetime) -> Iterator[Any]:
    if rule.get("absent"):
        yield _LEFT_OUT
        return
    if not rule.get("required"):
        yield _LEFT_OUT
    if "values" in rule:
        yield from rule["values"]
    elif "minimum" in rule:
        ends = dict.fromkeys((rule["minimum"], rule["maximum"]))
        yield from (it for it in ends if it not in rule.get("excluded", ()))
    elif "earliest_in" in rule:
        yield from (instant(now + timedelta(seconds=rule[end])) for end in ("earliest_in", "latest_in"))
    elif rule.get("required"):
        yield FILLED.get(pointer, "manager-1")


def _wrong(pointer: str, rule: Json, now: datetime) -> Iterator[Any]:
    if rule.get("absent") and pointer == "/description":
        yield "Other words."
    if rule.get("required"):
        yield _LEFT_OUT
    if "minimum" in rule:
        yield from (it for it in (rule["minimum"] - 1, rule["maximum"] + 1) if it >= 0)
    if "earliest_in" in rule:
        yield instant(now + timedelta(seconds=rule["earliest_in"]) - MS)
        yield instant(now + timedelta(seconds=rule["latest_in"]) + MS)
    yield from rule.get("excluded", ())
    others = {
        "/type": ("REFUND", "REFUND_WITH_RETURN", "NO_REFUND"),
        "/reason": ("NOT_RECEIVED", "NOT_AS_DESCRIBED"),
        "/sub_reason": ("IN_TRANSIT", "NO_TRACKING", "DAMAGED", "MISSING_PARTS"),
        "/outcome": ("BUYER_FAVOUR", "SELLER_FAVOUR", "PARTIAL"),
        "/return_required": (True,),
        "/refund/currency": ("EUR",),
        "/address_id": ("ra-9",),
        "/acknowledge_consequences": (False,),
        "/confirm_no_agreement": (False,),
    }
    if "values" in rule:
        yield from (it for it in others.get(pointer, ()) if it not in rule["values"])


def _at(body: Json, pointer: str) -> Any:
    found: Any = body
    for step in pointer[1:].split("/"):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _with(body: Json, values: Json) -> Json:
    """A copy of the body with these members, by their pointers."""
    made = {name: dict(it) if isinstance(it, dict) else it for name, it in body.items()}
    for pointer, value in values.items():
        *steps, last = pointer[1:].split("/")
        place = made
        for step in steps:
            place = place.setdefault(step, {})
        if value is _LEFT_OUT:
            place.pop(last, None)
        else:
            place[last] = value
    return {name: it for name, it in made.items() if it != {}}
