"""A case file that was tampered with is found out, whoever did it: who holds it, or who can write our rows (G6)."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from buyer_protection.domain.enums import EventType
from buyer_protection.domain.money import Money
from buyer_protection.domain.proof import digest_of
from buyer_protection.domain.timeline import GENESIS, TimelineEntry, next_entry
from tests.support.fake_signer import FakeSigner
from tests.support.fakes import World
from tests.unit.application.exported_cases import (
    VERIFY,
    Json,
    entry_of,
    exported,
    fault_of,
    file,
    put,
    rechain,
    rich,
    text_of,
)
from tests.unit.application.helpers import CASE, SELLER, case_of

# --- what who holds the file can do -------------------------------------------------------------------------


def _text(export: Json) -> None:
    export["messages"][0]["text"] = "I have it."


def _text_and_digest(export: Json) -> None:
    """The digest made to fit, in the list and in the entry: the entry's own hash gives it away."""
    text = text_of(export, "MESSAGE_SENT", "text")
    export["messages"][0]["text"] = "I have it."
    text["sha256"] = digest_of("I have it.", text["salt"])
    entry_of(export, "MESSAGE_SENT")["data"]["digests"]["text"] = text["sha256"]


def _text_of_an_entry(export: Json) -> None:
    entry_of(export, "EVIDENCE_REQUESTED")["data"]["question"] = "Is it cracked?"


def _amount_of_an_offer(export: Json) -> None:
    next(one for one in export["offers"] if one["offer_id"] == "of-2")["refund"]["amount_minor"] = 70_000


def _amount_of_the_outcome(export: Json) -> None:
    export["dispute"]["outcome"]["refund"]["amount_minor"] = 1


def _amount_of_a_line(export: Json) -> None:
    export["dispute"]["items"][0]["amount"]["amount_minor"] += 1


def _file_of_evidence(export: Json) -> None:
    export["evidence"][0]["files"][0]["sha256"] = "0" * 64


def _name_of_a_file(export: Json) -> None:
    export["evidence"][0]["files"][0]["name"] = "whole.png"


def _order_of_entries(export: Json) -> None:
    lines = export["timeline"]
    lines[1], lines[2] = lines[2], lines[1]


def _order_of_entries_recounted(export: Json) -> None:
    _order_of_entries(export)
    rechain(export)


def _removed_entry(export: Json) -> None:
    del export["timeline"][2]


def _removed_message(export: Json) -> None:
    """The message, its entry and its line of the list, and the chain made anew."""
    seq = entry_of(export, "MESSAGE_SENT")["seq"]
    del export["messages"][0], export["timeline"][seq - 1]
    export["texts"] = [one for one in export["texts"] if one["seq"] != seq]
    for one in export["texts"]:
        one["seq"] -= one["seq"] > seq
        one["paths"] = [_one_less(path, seq) for path in one["paths"]]
    rechain(export)


def _one_less(path: str, seq: int) -> str:
    """The same place once the entry before it is gone."""
    parts = path.split("/")
    if parts[1] == "timeline" and int(parts[2]) >= seq:
        parts[2] = str(int(parts[2]) - 1)
    return "/".join(parts)


def _last_entries(export: Json) -> None:
    """The case as it was before the last ruling, with a chain that ends there."""
    last = export["timeline"].pop()
    export["texts"] = [one for one in export["texts"] if one["seq"] != last["seq"]]
    export["dispute"]["outcome"] = None
    rechain(export)


def _instant(export: Json) -> None:
    export["dispute"]["closed_at"] = "2026-01-01T00:00:00.000Z"


def _owner_of_evidence(export: Json) -> None:
    export["evidence"][0]["party"] = "SELLER"


def _name_of_a_party(export: Json) -> None:
    export["dispute"]["seller"]["display_name"] = "Somebody else"


def _erased_in_name(export: Json) -> None:
    """Another text under the mark of an erased one, which the signature would let pass."""
    text = text_of(export, "MESSAGE_SENT", "text")
    text |= {"salt": None, "state": "ERASED"}
    export["messages"][0]["text"] = "I have it."


def _withheld_in_name(export: Json) -> None:
    text = text_of(export, "MESSAGE_SENT", "text")
    text |= {"salt": None, "state": "WITHHELD", "paths": []}
    export["messages"][0]["text"] = "I have it."


def _hidden_place(export: Json) -> None:
    """A place that no text has, named as one, so that it would be left out of what was signed."""
    text_of(export, "MESSAGE_SENT", "text")["paths"] = ["/messages/0/text", "/dispute/closed_at"]
    export["dispute"]["closed_at"] = export["messages"][0]["text"]


def _other_salt(export: Json) -> None:
    text_of(export, "MESSAGE_SENT", "text")["salt"] = "0" * 32


def _later_than_it_was(export: Json) -> None:
    export["exported_at"] = "2027-01-01T00:00:00.000Z"


def _later_than_it_was_and_stated(export: Json) -> None:
    _later_than_it_was(export)
    statement = export["signature"]["statement"]
    statement |= {"exported_at": export["exported_at"], "document_sha256": VERIFY.document_digest(export)}


def _signed_by_another(export: Json) -> None:
    """Everything forged and signed well, by a key that says that it is ours."""
    _text_and_digest(export)
    rechain(export)
    statement = export["signature"]["statement"]
    statement |= {"head": export["chain"]["head"], "document_sha256": VERIFY.document_digest(export)}
    signature = FakeSigner().sign(VERIFY.canonical(statement))
    export["signature"]["value"] = base64.b64encode(signature).decode()


def _signed_by_an_unknown_key(export: Json) -> None:
    export["signature"]["statement"]["key_id"] = "another"


def _of_another_case(export: Json) -> None:
    export["dispute"]["dispute_id"] = "dp-2"


def _signature_of_another_export(export: Json) -> None:
    export["signature"] = exported(rich(), SELLER)["signature"]


def _no_signature(export: Json) -> None:
    del export["signature"]


def _another_format(export: Json) -> None:
    export["signature"]["statement"]["format"] = "buyer-protection-export/1"


FORGERIES: dict[Callable[[Json], None], str] = {
    _text: "the text of entry 3 was changed",
    _text_and_digest: "entry 3 was changed",
    _text_of_an_entry: "the question of entry 11 was changed",
    _amount_of_an_offer: "the amount of offer of-2 is not that of its entry",
    _amount_of_the_outcome: "the amount of the outcome is not that of its entry",
    _amount_of_a_line: "what was signed has another document_sha256",
    _file_of_evidence: "the f-1 of entry 4 was changed",
    _name_of_a_file: "the f-1 of entry 4 was changed",
    _order_of_entries: "entry 2 is missing",
    _order_of_entries_recounted: "the list of texts is not that of the entries' digests",
    _removed_entry: "entry 3 is missing",
    _removed_message: "what was signed has another head",
    _last_entries: "what was signed has another head",
    _instant: "what was signed has another document_sha256",
    _owner_of_evidence: "what was signed has another document_sha256",
    _name_of_a_party: "the seller_name was changed",
    _erased_in_name: "the text of entry 3 is marked as erased, and is there",
    _withheld_in_name: "what was signed has another document_sha256",
    _hidden_place: "what was signed has another document_sha256",
    _other_salt: "the text of entry 3 was changed",
    _later_than_it_was: "what was signed has another exported_at",
    _later_than_it_was_and_stated: "the signature is not that of the key",
    _signed_by_another: "the signature is not that of the key",
    _signed_by_an_unknown_key: "the key another is none of ours",
    _of_another_case: "entry 1 was changed",
    _signature_of_another_export: "what was signed has another document_sha256",
    _no_signature: "the signature was taken away",
    _another_format: "what was signed has another format",
}


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__.strip("_"))
def test_g6_a_forged_export_is_found_out(forge: Callable[[Json], None]) -> None:
    export = file()
    forge(export)
    assert (fault_of(export) or "") == FORGERIES[forge]


# --- what who can write our rows can do ---------------------------------------------------------------------


def _row_text(of: World) -> None:
    of.messages[CASE][0] = replace(of.messages[CASE][0], text="I have it.")


def _row_text_and_salt(of: World) -> None:
    of.messages[CASE][0] = replace(of.messages[CASE][0], text="I have it.", salt="0" * 32)


def _row_note(of: World) -> None:
    of.offers[CASE]["of-2"] = replace(of.offers[CASE]["of-2"], note="Nothing more.")


def _row_amount(of: World) -> None:
    of.offers[CASE]["of-2"] = replace(of.offers[CASE]["of-2"], refund=Money(70_000, "USD"))


def _row_outcome(of: World) -> None:
    case = case_of(of)
    assert case.outcome is not None
    of.cases_kept[CASE] = replace(case, outcome=replace(case.outcome, refund=Money(99, "USD")))


def _row_rationale(of: World) -> None:
    case = case_of(of)
    assert case.outcome is not None
    of.cases_kept[CASE] = replace(case, outcome=replace(case.outcome, rationale="We think so."))


def _row_file(of: World) -> None:
    item = of.evidence[CASE]["ev-1"]
    of.evidence[CASE]["ev-1"] = replace(item, files=(replace(item.files[0], sha256="0" * 64),))


def _row_address(of: World) -> None:
    case = case_of(of)
    other = replace(case.return_addresses[0], lines=("1 Elsewhere",))
    of.cases_kept[CASE] = replace(case, return_addresses=(other,))


def _row_of_the_entry(of: World) -> None:
    found = next(one for one in of.timeline[CASE] if one.type is EventType.ESCALATED)
    other = replace(found.texts["claim_text"], text="All is well.")
    put(of, replace(found, texts={"claim_text": other}))


def _row_gone(of: World) -> None:
    del of.evidence[CASE]["ev-1"]


def _message_gone(of: World) -> None:
    of.messages[CASE].clear()


def _entry_amount(of: World) -> None:
    found = next(one for one in of.timeline[CASE] if one.type is EventType.OFFER_MADE)
    put(of, replace(found, data={**found.data, "refund_minor": 70_000}))


ROWS: dict[Callable[[World], None], str] = {
    _row_text: "the text of entry 3 was changed",
    _row_text_and_salt: "the text of entry 3 was changed",
    _row_note: "the note of entry 8 was changed",
    _row_amount: "the amount of offer of-2 is not that of its entry",
    _row_outcome: "the amount of the outcome is not that of its entry",
    _row_rationale: "the rationale of entry 21 was changed",
    _row_file: "the f-1 of entry 4 was changed",
    _row_address: "the address_sha256 of entry 15 was changed",
    _row_of_the_entry: "the claim_text of entry 9 was changed",
    _row_gone: "the text of entry 4 is gone, and was not erased",
    _message_gone: "the text of entry 3 is gone, and was not erased",
    _entry_amount: "entry 8 was changed",
}


@pytest.mark.parametrize("forge", ROWS, ids=lambda forge: forge.__name__.strip("_"))
def test_g6_a_forged_row_is_found_out_in_an_export_that_we_sign(forge: Callable[[World], None]) -> None:
    of = rich()
    forge(of)
    assert (fault_of(exported(of)) or "") == ROWS[forge]


def _rechained(entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    previous, made = GENESIS, list[TimelineEntry]()
    for seq, one in enumerate(entries, start=1):
        new = next_entry(one.dispute_id, seq, previous, one.at, one.actor, one.type, one.data)
        made.append(replace(new, texts=one.texts))
        previous = new.hash
    return made


def _recomputed(of: World) -> list[TimelineEntry]:
    """An offer that never was, in its row and in the chain."""
    of.offers[CASE]["of-2"] = replace(of.offers[CASE]["of-2"], refund=Money(1, "USD"))
    changed = [
        replace(one, data={**one.data, "refund_minor": 1}) if one.type is EventType.OFFER_MADE else one
        for one in of.timeline[CASE]
    ]
    return _rechained(changed)


def _left_out(of: World) -> list[TimelineEntry]:
    """The message, in its row and in the chain."""
    of.messages[CASE].clear()
    return _rechained([one for one in of.timeline[CASE] if one.type is not EventType.MESSAGE_SENT])


def _in_another_order(of: World) -> list[TimelineEntry]:
    one, two, three, *rest = of.timeline[CASE]
    return _rechained([one, three, two, *rest])


@pytest.mark.parametrize("forge", [_recomputed, _left_out, _in_another_order])
def test_g6_a_chain_made_anew_in_our_rows_is_not_the_one_that_the_mails_name(
    forge: Callable[[World], list[TimelineEntry]],
) -> None:
    """What we sign then holds in itself: only the head that both parties have by mail gives it away."""
    of = rich()
    head = case_of(of).timeline_hash
    assert fault_of(exported(of), head) is None
    made = forge(of)
    of.timeline[CASE][:] = made
    of.cases_kept[CASE] = replace(case_of(of), timeline_seq=len(made), timeline_hash=made[-1].hash)
    export = exported(of)
    assert fault_of(export) is None
    assert fault_of(export, head) == f"no entry has the hash {head}"
