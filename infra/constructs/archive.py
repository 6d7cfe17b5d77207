"""The bucket of archived cases (R48)."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.storage import guarded_bucket
from infra.stages import Stage

ARCHIVE_KEYS = "cases/"
# By which tag an object ends, and in which steps of days (`adapters/aws/case_archive.py`).
DAYS_TAG = "days"
STEP_DAYS = 30
LONGEST_DAYS = 3_660
# A table can be restored to an instant so many days ago, and then names objects of then.
BACKUP_DAYS = 35


class ArchiveBucket(Construct):
    """Where closed cases lie that have left the table: private, TLS only, versioned, logged. Each object goes after the
    days of its tag; one that a legal hold keeps has a tag that no rule names."""

    def __init__(
        self, scope: Construct, id: str, *, stage: Stage, key: kms.IKey | None, logs: s3.IBucket
    ) -> None:
        super().__init__(scope, id)
        self.bucket = guarded_bucket(
            self,
            stage=stage,
            key=key,
            logs=logs,
            prefix="archive/",
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="versions",
                    noncurrent_version_expiration=Duration.days(BACKUP_DAYS),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                ),
                # Every number of days that an object can be written with, whatever the setting is later.
                *(_rule(days) for days in range(STEP_DAYS, LONGEST_DAYS + 1, STEP_DAYS)),
            ],
        )
        if stage.local:
            acknowledge(
                self.bucket, "AwsSolutions-S10", "The emulator listens on the loopback address without TLS."
            )


def _rule(days: int) -> s3.LifecycleRule:
    return s3.LifecycleRule(
        id=f"after-{days}-days",
        prefix=ARCHIVE_KEYS,
        tag_filters={DAYS_TAG: str(days)},
        expiration=Duration.days(days),
    )
