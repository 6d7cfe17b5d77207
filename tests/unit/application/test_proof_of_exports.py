"""What an export proves of texts, files and entries, also once texts are erased, and how the script says so (G6)."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from buyer_protection.domain.enums import EventType
from buyer_protection.domain.proof import OWN_TEXTS, digest_of
from buyer_protection.domain.timeline import first_break
from tests.unit.application.exported_cases import (
    KEYS,
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
from tests.unit.application.helpers import BUYER, CASE, MANAGER, SELLER

# The texts and files that an entry of each type is about.
SEALED = {
    "DISPUTE_OPENED": {"description", "how"},
    "REASON_CHANGED": {"description"},
    "MESSAGE_SENT": {"text"},
    "EVIDENCE_SUBMITTED": {"text", "f-1"},
    "EVIDENCE_ADDED": {"text", "f-1_copy"},
    "OFFER_MADE": {"note"},
    "PROPOSAL_MADE": {"note"},
    "ESCALATED": {"claim_text"},
    "EVIDENCE_REQUESTED": {"question"},
    "DECIDED": {"rationale"},
    "RETURN_SHIPPED": {"carrier", "tracking_number"},
    "RETURN_PROBLEM": {"note"},
}


# --- what is there ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", [BUYER, SELLER, MANAGER])
def test_g6_an_export_is_signed_and_every_text_in_it_is_proved(reader: Any) -> None:
    export = exported(rich(), reader)
    assert fault_of(export) is None
    assert {text["state"] for text in export["texts"]} == {"SHOWN", "WITHHELD", "REPLACED"}


def test_g6_each_kind_of_entry_has_the_digests_of_its_texts_and_files() -> None:
    export = file()
    sealed: dict[str, set[str]] = {}
    for entry in export["timeline"]:
        if "digests" in entry["data"]:
            sealed.setdefault(entry["type"], set()).update(entry["data"]["digests"])
    assert sealed == SEALED
    salts = [text["salt"] for text in export["texts"] if text["state"] == "SHOWN"]
    assert len(set(salts)) == len(salts), "each has a salt of its own"


def test_g6_no_text_and_no_salt_is_in_an_entry() -> None:
    of = rich()
    said = json.dumps([entry.data for entry in of.timeline[CASE]], ensure_ascii=False)
    for text in exported(of)["texts"]:
        assert not text["salt"] or text["salt"] not in said
    for words in (
        "cracked",
        "Où est-il",
        "half of it",
        "any more",
        "Since when",
        "middle",
        "shows it",
        "RT-1",
        "brick",
    ):
        assert words not in said
    assert first_break(of.timeline[CASE]) is None


def test_g6_people_read_the_texts_of_entries_as_before() -> None:
    export = file()
    assert entry_of(export, "ESCALATED")["data"]["claim_text"] == "He does not answer any more."
    assert entry_of(export, "EVIDENCE_REQUESTED")["data"]["question"] == "Since when is it cracked?"
    assert entry_of(export, "RETURN_PROBLEM")["data"]["note"] == "A brick was in it."
    shipped = entry_of(export, "RETURN_SHIPPED")["data"]
    assert (shipped["carrier"], shipped["tracking_number"]) == ("Post", "RT-1")


def test_g6_the_digest_of_a_file_is_about_the_original_as_its_owner_uploaded_it() -> None:
    export = file()
    shown, text = export["evidence"][0]["files"][0], text_of(export, "EVIDENCE_SUBMITTED", "f-1")
    value = {name: shown[name] for name in ("media_type", "name", "sha256", "size")}
    assert digest_of(value, text["salt"]) == entry_of(export, "EVIDENCE_SUBMITTED")["data"]["digests"]["f-1"]


# --- erasing ------------------------------------------------------------------------------------------------


def test_g6_erased_texts_leave_the_chain_and_every_signature_as_good_as_they_were() -> None:
    """In a file that was signed before, as in our rows: the digests stay, the salts go with the texts."""
    export = file()
    for text in export["texts"]:
        for path in text["paths"] if text["state"] == "SHOWN" else ():
            for place in VERIFY.members(path):
                parent, _, name = place.rpartition("/")
                VERIFY.at(export, parent)[name] = None
            text |= {"salt": None, "state": "ERASED"}
    assert "cracked" not in json.dumps(export)
    assert fault_of(export) is None
    assert "erased" in VERIFY.summary(export)


def test_g6_a_text_that_is_erased_in_our_rows_is_shown_as_erased() -> None:
    of = rich()
    of.messages[CASE][0] = replace(of.messages[CASE][0], text="", salt="")
    escalated = next(one for one in of.timeline[CASE] if one.type is EventType.ESCALATED)
    put(of, replace(escalated, texts={}))
    export = exported(of)
    assert fault_of(export) is None
    assert text_of(export, "MESSAGE_SENT", "text")["state"] == "ERASED"
    assert text_of(export, "ESCALATED", "claim_text")["state"] == "ERASED"
    assert entry_of(export, "ESCALATED")["data"]["claim_text"] == ""


# --- the script ---------------------------------------------------------------------------------------------


def _run(tmp_path: Path, export: Json, *more: str, keys: bool = True) -> int:
    kept, known = tmp_path / "export.json", tmp_path / "keys.json"
    kept.write_text(json.dumps(export), encoding="utf-8")
    known.write_text(json.dumps({"items": KEYS}), encoding="utf-8")
    found: int = VERIFY.main([str(kept), *(("--keys", str(known)) if keys else ()), *more])
    return found


def test_g6_the_script_says_what_it_found_and_answers_by_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = file()
    assert _run(tmp_path, export, "--head", export["chain"]["head"]) == 0
    entries, signed = len(export["timeline"]), export["signature"]["statement"]
    shown = sum(1 for text in export["texts"] if text["state"] == "SHOWN")
    assert capsys.readouterr().out == (
        f"{entries} entries, unbroken, {shown} texts and files, unchanged, 1 withheld, 1 replaced\n"
        f"signed by {signed['key_id']} at {signed['exported_at']}\n"
    )
    assert _run(tmp_path, export, keys=False) == 2
    assert "SIGNATURE NOT CHECKED" in capsys.readouterr().out
    assert _run(tmp_path, export, "--head", "f" * 64) == 1
    export["messages"][0]["text"] = "I have it."
    assert _run(tmp_path, export) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "the text of entry 3 was changed"


def test_g6_an_export_of_before_is_checked_as_what_it_is_and_said_to_be_unsigned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Entries of contract 1 hold their texts themselves; nothing was signed."""
    export = file()
    del export["signature"], export["texts"]
    for entry in export["timeline"]:
        entry["data"].pop("digests", None)
        entry["data"].pop("address_sha256", None)
    rechain(export)
    assert _run(tmp_path, export) == 2
    assert "NOT SIGNED" in capsys.readouterr().out
    entry_of(export, "ESCALATED")["data"]["claim_text"] = "All is well."
    assert fault_of(export) == "entry 9 was changed"


def test_g6_every_text_that_only_an_entry_has_is_named_in_the_shapes_of_entries() -> None:
    from buyer_protection.application.schemas.timeline_data import DATA

    for kind, names in OWN_TEXTS.items():
        assert {*names, "digests"} <= set(DATA[kind].__struct_fields__)
