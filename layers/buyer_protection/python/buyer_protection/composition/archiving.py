"""The archive of closed cases (R48), wired apart from the rest: who has no right to it has no setting of it either."""

from functools import cache
from typing import TYPE_CHECKING

from buyer_protection.domain.archive import OrderRetention
from buyer_protection.domain.policy import Policy
from buyer_protection.runtime import settings

if TYPE_CHECKING:
    from buyer_protection.application.ports.archive import CaseArchive
    from buyer_protection.application.ports.cases import CaseStore
    from buyer_protection.application.workers.archive import Archivist
    from buyer_protection.composition.container import Container


def archive() -> "CaseArchive | None":
    """The objects of archived cases; None for a function that has no right to them. Its client is made on first use."""
    bucket = settings.archive_bucket()
    return None if bucket is None else _archive_in(bucket)


@cache
def _archive_in(bucket: str) -> "CaseArchive":
    from buyer_protection.adapters.aws.case_archive import S3CaseArchive

    return S3CaseArchive(bucket)


def case_store() -> "CaseStore":
    """Cases, from the table and the archive; of a restored table, in its era."""
    from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore

    cases: CaseStore = PynamoCaseStore(archive())
    if (era := settings.era()) is not None:
        from buyer_protection.application.changes import in_era

        cases = in_era(cases, era)
    return cases


def order_retention(policy: Policy) -> OrderRetention:
    """How long orders stay that were never disputed."""
    return OrderRetention(policy, settings.order_retention_days())


def archivist(of: "Container") -> "Archivist | None":
    """What archiving, and erasing in the archive, work with."""
    from buyer_protection.adapters.dynamodb.archive_store import PynamoArchiveRows
    from buyer_protection.application.workers.archive import Archivist

    objects = archive()
    if objects is None:
        return None
    it = of.context
    rows, retention = PynamoArchiveRows(objects), settings.retention()
    return Archivist(rows, objects, it.cases, of.people, of.signer, it.clock, retention, it.ids.salt)
