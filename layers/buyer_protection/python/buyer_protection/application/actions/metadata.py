"""PUT /disputes/{id}/metadata: the shop's own keys, which the case keeps and no rule looks at."""

from collections.abc import Mapping

from msgspec import Struct

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Command, check_version, require_system
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.instants import At
from buyer_protection.application.schemas.reading import ViewerDocument
from buyer_protection.application.schemas.requests import MetadataRequest
from buyer_protection.domain.enums import Role
from buyer_protection.domain.errors import NotFoundError
from buyer_protection.domain.timeline import instant


class MetadataDocument(Struct, frozen=True):
    """The shop's own keys of a dispute. The shop's backend and the team read them; the parties never do.

    metadata: all of them.
    viewer: as whom the caller reads it.
    as_of: the server's instant.
    """

    dispute_id: str
    metadata: Mapping[str, str]
    viewer: ViewerDocument
    as_of: At


def put_metadata(context: Context, command: Command, dispute_id: str, request: MetadataRequest) -> Answer:
    """200 with what is kept now. It moves no version and is no entry of the timeline; 404 where there is no such case.

    412 where `If-Match` or `If-None-Match` does not allow it.
    """
    require_system(command.caller)
    loaded = context.cases.load(dispute_id)
    if loaded is None:
        raise NotFoundError
    check_version(command, loaded.case)
    if not context.cases.replace_metadata(dispute_id, request.metadata):
        raise NotFoundError
    document = MetadataDocument(
        dispute_id, request.metadata, ViewerDocument(Role.SYSTEM), instant(context.clock.now())
    )
    return answer(200, document)
