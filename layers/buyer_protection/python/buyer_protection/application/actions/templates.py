"""The team's templates: texts for rationales, which a case manager copies and completes (R24, R45)."""

from collections.abc import Mapping

from msgspec import Struct

from buyer_protection.application.actions.execute import (
    Command,
    check_precondition,
    require_case_manager,
)
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.ports.templates import Template, TemplateStore
from buyer_protection.application.schemas.answers import listed_answer
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.instants import At
from buyer_protection.application.schemas.requests import TemplateRequest
from buyer_protection.domain.enums import Role
from buyer_protection.domain.errors import ContentionError, StaleVersionError
from buyer_protection.domain.texts import check_says_something
from buyer_protection.domain.timeline import instant


class TemplateDocument(Struct, frozen=True):
    """A text for rationales, in several languages.

    template_id: the id that it was put under.
    name: what the team knows it by.
    texts: the text by language (BCP 47).
    version: counts its changes from 1; the ETag of the call that puts it.
    updated_at: when it was last changed.
    """

    template_id: str
    name: str
    texts: Mapping[str, str]
    version: int
    updated_at: At


def list_templates(store: TemplateStore, clock: Clock, command: Command) -> Answer:
    """200 with all templates, by id; for the team."""
    require_case_manager(command.caller)
    items = [_document(template) for template in store.templates()]
    return listed_answer(items, None, Role.CASE_MANAGER, clock.now())


def put_template(
    store: TemplateStore, clock: Clock, command: Command, template_id: str, request: TemplateRequest
) -> Answer:
    """201 the first time, 200 afterwards, with the template as it is from now on; for the team.

    412 where `If-Match` or `If-None-Match` does not allow it; the same again changes nothing.
    """
    require_case_manager(command.caller)
    check_says_something("/name", request.name)
    for text in request.texts.values():
        check_says_something("/texts", text)
    kept = next((one for one in store.templates() if one.template_id == template_id), None)
    version = kept.version if kept else 0
    check_precondition(command, version or None, f"The template is at version {version}.")
    if kept is not None and (kept.name, kept.texts) == (request.name, request.texts):
        return answer(200, _document(kept), version=version)
    template = Template(template_id, request.name, request.texts, version + 1, clock.now())
    if not store.put(template):
        if command.if_match is not None or command.unless is not None:
            raise StaleVersionError("Another member has changed the template meanwhile.")
        raise ContentionError("Another member has changed the template meanwhile; nothing was changed.")
    location = f"/v1/mediation/templates/{template_id}"
    if kept is not None:
        return answer(200, _document(template), version=template.version)
    return answer(201, _document(template), version=template.version, location=location)


def _document(one: Template) -> TemplateDocument:
    return TemplateDocument(one.template_id, one.name, one.texts, one.version, instant(one.updated_at))
