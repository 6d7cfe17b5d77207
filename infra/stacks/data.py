"""What must outlive every deployment: the table, the evidence, the people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Aws, CfnOutput, Stack
from constructs import Construct

from infra.constructs.archive import ArchiveBucket
from infra.constructs.malware import MalwareScan
from infra.constructs.people import PublicPool, TeamPool
from infra.constructs.signing import SigningKey
from infra.constructs.storage import CaseTable, DataKey, EvidenceBucket
from infra.names import Export, Names, signing_key_export
from infra.stages import Stage


class DataStack(Stack):
    """`BuyerProtection-<stage>-Data`."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, **stack: Any) -> None:
        super().__init__(scope, id, **stack)
        names = Names(self, stage)
        key = None
        if not stage.local:
            key = DataKey(self, "DataKey", stage=stage, region=self.region, account=self.account).key
        stream_arn = stage.table_stream_arn
        if stream_arn is None:
            table = CaseTable(self, "Cases", stage=stage, name=names.table, key=key).table
            stream_arn = str(table.table_stream_arn)
        evidence = EvidenceBucket(self, "Evidence", stage=stage, key=key)
        archive = ArchiveBucket(self, "Archive", stage=stage, key=key, logs=evidence.logs).bucket
        if stage.malware_scanning:
            MalwareScan(self, "MalwareScan", bucket=evidence.bucket, key=key)
        public, team = PublicPool(self, "People", stage=stage), TeamPool(self, "Team", stage=stage)

        CfnOutput(self, "TableName", value=names.table)
        self._export(
            stage,
            {
                Export.TABLE_STREAM_ARN: stream_arn,
                Export.EVIDENCE_BUCKET_NAME: evidence.bucket.bucket_name,
                Export.EVIDENCE_BUCKET_ARN: evidence.bucket.bucket_arn,
                Export.ARCHIVE_BUCKET_NAME: archive.bucket_name,
                Export.ARCHIVE_BUCKET_ARN: archive.bucket_arn,
                Export.USER_POOL_ID: public.pool.user_pool_id,
                Export.USER_POOL_CLIENT_ID: public.client.user_pool_client_id,
                Export.USER_POOL_ARN: public.pool.user_pool_arn,
                Export.TEAM_POOL_ID: team.pool.user_pool_id,
                Export.TEAM_POOL_CLIENT_ID: team.client.user_pool_client_id,
                Export.TEAM_POOL_ARN: team.pool.user_pool_arn,
                # Who may look at the functions' settings can compute pseudonyms anyway.
                Export.CALLER_ID_KEY: Aws.STACK_ID,
            },
        )
        self._export_signing_keys(stage)

    def _export_signing_keys(self, stage: Stage) -> None:
        for number in range(1, stage.signing_keys + 1):
            key = SigningKey(self, f"SigningKey{number}", stage=stage, number=number).key
            name = signing_key_export(stage, number)
            CfnOutput(self, f"SigningKeyArn{number}", value=key.key_arn, export_name=name)

    def _export(self, stage: Stage, values: Mapping[Export, str]) -> None:
        for export, value in values.items():
            CfnOutput(self, export.value, value=value, export_name=export.name_in(stage))
