"""The team's texts for rationales: theirs alone, and changed by one at a time."""

from typing import Any

import pytest

from buyer_protection.application.actions import templates
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import TemplateRequest
from buyer_protection.domain.errors import ForbiddenError, InvalidRequestError, StaleVersionError
from buyer_protection.runtime import incoming
from tests.support.builders import OPENED
from tests.support.fake_system import FixedClock
from tests.support.fake_templates import MemoryTemplates
from tests.unit.application.helpers import BUYER, MANAGER, SELLER, SHOP, call, doc

TEXTS = {"en": "No proof of delivery was given.", "pt-BR": "Nenhum comprovante de entrega foi apresentado."}
OPERATOR = Caller("operator-1", frozenset({"operator"}))


def put(
    store: MemoryTemplates, name: str = "No proof", if_match: int | None = None, caller: Caller = MANAGER
) -> Answer:
    request = TemplateRequest(name, TEXTS)
    return templates.put_template(
        store, FixedClock(OPENED), call(caller, if_match=if_match), "no-proof", request
    )


def listed(store: MemoryTemplates) -> list[dict[str, Any]]:
    found = doc(templates.list_templates(store, FixedClock(OPENED), call(MANAGER)))["items"]
    assert isinstance(found, list)
    return found


def test_r24_a_template_is_put_read_and_changed_under_its_version() -> None:
    store = MemoryTemplates()
    first = put(store)
    assert (first.status, first.version, first.location) == (201, 1, "/v1/mediation/templates/no-proof")
    assert listed(store) == [doc(first)]
    assert doc(first)["texts"] == TEXTS
    again = put(store, if_match=1)
    assert (again.status, again.version) == (200, 1)
    changed = put(store, "Nothing proved", if_match=1)
    assert (changed.status, changed.version, doc(changed)["name"]) == (200, 2, "Nothing proved")
    with pytest.raises(StaleVersionError):
        put(store, "Another", if_match=1)
    assert listed(store) == [doc(changed)]


@pytest.mark.parametrize("caller", [BUYER, SELLER, SHOP, OPERATOR])
def test_r45_only_case_managers_read_and_keep_templates(caller: Caller) -> None:
    store = MemoryTemplates()
    with pytest.raises(ForbiddenError):
        put(store, caller=caller)
    with pytest.raises(ForbiddenError):
        templates.list_templates(store, FixedClock(OPENED), call(caller))
    assert not store.kept


@pytest.mark.parametrize(
    "texts", [{}, {"en": ""}, {"en": " "}, {"English": "x"}, {"en": "x" * 2001}, {"en\n": "x"}]
)
def test_q13_a_template_has_a_text_in_one_language_at_least(texts: dict[str, str]) -> None:
    with pytest.raises(InvalidRequestError):
        incoming.decoded({"name": "No proof", "texts": texts}, TemplateRequest)
