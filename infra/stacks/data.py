"""What must outlive every deployment: the table, the evidence, the people, and the event bus."""

from __future__ import annotations

from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_events as events
from constructs import Construct

from infra.constructs.feeds import LetOthersPut
from infra.constructs.malware import MalwareScan
from infra.constructs.people import PublicPool, TeamPool
from infra.constructs.storage import CaseTable, DataKey, EvidenceBucket
from infra.stages import Stage


class DataStack(Stack):
    """`BuyerProtection-<stage>-Data`."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, **stack: Any) -> None:
        super().__init__(scope, id, **stack)
        key = None
        if not stage.local:
            key = DataKey(self, "DataKey", stage=stage, region=self.region, account=self.account).key
        self.table = CaseTable(self, "Cases", stage=stage, key=key).table
        self.evidence = EvidenceBucket(self, "Evidence", stage=stage, key=key).bucket
        if stage.malware_scanning:
            MalwareScan(self, "MalwareScan", bucket=self.evidence, key=key)
        self.public, self.team = PublicPool(self, "People", stage=stage), TeamPool(self, "Team", stage=stage)
        self.bus = events.EventBus(
            self, "Bus", description="Out: what happened to disputes and orders. In: the shop."
        )

        if stage.bus_accounts:
            LetOthersPut(self, "BusPolicy", stage=stage, bus=self.bus)

        CfnOutput(self, "TableName", value=self.table.table_name)
        CfnOutput(self, "EvidenceBucketName", value=self.evidence.bucket_name)
        CfnOutput(self, "UserPoolId", value=self.public.pool.user_pool_id)
        CfnOutput(self, "UserPoolClientId", value=self.public.client.user_pool_client_id)
        CfnOutput(self, "TeamPoolId", value=self.team.pool.user_pool_id)
        CfnOutput(self, "TeamPoolClientId", value=self.team.client.user_pool_client_id)
        CfnOutput(self, "EventBusName", value=self.bus.event_bus_name)
