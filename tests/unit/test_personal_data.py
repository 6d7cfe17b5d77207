"""The one table of what is kept of people: every attribute of every row is in it, and erasing follows it (R48)."""

import json
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from buyer_protection.adapters import dynamodb
from buyer_protection.adapters.dynamodb.blanking import TEXT_MEMBERS, stored_answer, taken_away, without_texts
from buyer_protection.adapters.dynamodb.personal_data import IMPERSONAL, PERSONAL
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.stored_responses import deflate, inflate
from buyer_protection.adapters.dynamodb.tables import EvidenceRow, IdempotencyRow, TimelineRow
from buyer_protection.domain.enums import EventType, Role
from buyer_protection.domain.timeline import SaltedText
from tools import personal_data

for _module in iter_modules(dynamodb.__path__, f"{dynamodb.__name__}."):
    import_module(_module.name)
COMMON = set(Row.get_attributes())


def kinds(kind: type[Row] = Row) -> list[type[Row]]:
    return [one for each in kind.__subclasses__() for one in (each, *kinds(each))]


def unknown(kind: type[Row]) -> set[str]:
    """The attributes of a kind that the table says nothing of."""
    return (
        set(kind.get_attributes())
        - COMMON
        - PERSONAL.get(kind, {}).keys()
        - set(IMPERSONAL.get(kind, "").split())
    )


def test_q37_every_attribute_of_every_kind_of_row_is_in_the_table_once() -> None:
    for kind in kinds():
        assert unknown(kind) == set(), (
            f"{kind.__name__}: say in personal_data.py what of it is about a person"
        )
        plain = IMPERSONAL.get(kind, "").split()
        assert len(plain) == len(set(plain))
        assert not PERSONAL.get(kind, {}).keys() & set(plain)
        assert {*PERSONAL.get(kind, {}), *plain} <= set(kind.get_attributes())
    assert PERSONAL.keys() | IMPERSONAL.keys() <= set(kinds())


def test_a_new_attribute_without_a_word_fails() -> None:
    without = {name: held for name, held in PERSONAL[EvidenceRow].items() if name != "text"}
    assert set(EvidenceRow.get_attributes()) - COMMON - without.keys() - set(
        IMPERSONAL[EvidenceRow].split()
    ) == {"text"}


def test_docs_privacy_has_the_table_as_it_is() -> None:
    assert personal_data.table() in Path("docs/privacy.md").read_text(encoding="utf-8")


# Members of answers that are ids, codes, instants, hashes or ours; every other text is one of people.
OURS = frozenset(json.loads(Path("tests/unit/members_without_texts.json").read_text(encoding="utf-8")))


def texts_in(document: Any) -> set[str]:
    """The members of the contract's schemas that are texts without an enumeration or a format."""
    found: set[str] = set()
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("Request"):
            continue
        for member, shape in schema.get("properties", {}).items():
            types = shape.get("type")
            is_text = types == "string" or (isinstance(types, list) and "string" in types)
            if is_text and not {"enum", "format", "const"} & shape.keys():
                found.add(member)
    return found


def test_r48_every_text_of_an_answer_is_blanked_or_known_to_be_none_of_people() -> None:
    document = json.loads(Path("docs/openapi.json").read_text(encoding="utf-8"))
    assert texts_in(document) - TEXT_MEMBERS == OURS
    assert not OURS & TEXT_MEMBERS


def test_r48_an_answer_that_is_kept_loses_its_texts_and_nothing_else() -> None:
    said = {
        "offer_id": "of-2",
        "note": "words",
        "buyer": {"id": "b", "display_name": "Ana"},
        "metadata": {"a": "b"},
    }
    row = IdempotencyRow("IDEM#1", "IDEM")
    blank = stored_answer(deflate(json.dumps(said).encode()), row, Role.BUYER)
    assert json.loads(inflate(blank)) == {
        "offer_id": "of-2",
        "note": "",
        "buyer": {"id": "b", "display_name": ""},
        "metadata": {"a": ""},
    }
    assert stored_answer(blank, row, Role.SELLER) == blank
    assert stored_answer(deflate(b""), row, Role.BUYER) == deflate(b"")


def test_r48_a_document_keeps_numbers_and_lists() -> None:
    assert without_texts({"lines": ["a", "b"], "count": 2, "id": "x"}) == {
        "lines": ["", ""],
        "count": 2,
        "id": "x",
    }


def test_r48_an_entry_loses_the_texts_of_the_side_that_made_it() -> None:
    held = PERSONAL[TimelineRow]
    texts = {"claim_text": SaltedText("words", "salt")}
    row = TimelineRow(actor_role=Role.BUYER, event=EventType.ESCALATED, data={"claim_text": ""}, texts=texts)
    blanks = dict.fromkeys(Role, held["texts"].blank)
    assert blanks[Role.BUYER] is not None
    assert blanks[Role.BUYER](texts, row, Role.BUYER) is None
    assert blanks[Role.BUYER](texts, row, Role.SELLER) == texts


def test_r48_an_entry_of_before_is_marked_where_its_own_text_goes() -> None:
    held, data = PERSONAL[TimelineRow], {"claim_text": "words", "asked_minor": 5}
    row = TimelineRow(actor_role=Role.BUYER, event=EventType.ESCALATED, data=data)
    assert held["data"].blank is not None
    assert held["erased"].blank is not None
    assert held["data"].blank(data, row, Role.BUYER) == {"claim_text": "", "asked_minor": 5}
    assert held["erased"].blank(None, row, Role.BUYER) is True
    assert held["erased"].blank(None, row, Role.SELLER) is None


def test_r48_an_export_takes_what_erasing_would_take() -> None:
    assert taken_away({"buyer": "Ana", "seller": "Shop"}, {"buyer": "", "seller": "Shop"}) == {"buyer": "Ana"}
    assert taken_away({"a": {"b": 1}}, {"a": {"b": 1}}) is None
    assert taken_away(["x"], None) == ["x"]
