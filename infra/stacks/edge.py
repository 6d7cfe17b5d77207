"""The way in: the gateway, its firewall and its domain."""

from __future__ import annotations

from typing import Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.edge import Edge, api_url
from infra.constructs.firewall import Firewall
from infra.names import Export, Names
from infra.routes import CALLED, SPECS
from infra.stages import Stage


class EdgeStack(Stack):
    """`BuyerProtection-<stage>-Edge`."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, **stack: Any) -> None:
        super().__init__(scope, id, **stack)
        names = Names(self, stage)
        edge = Edge(
            self,
            "Edge",
            stage=stage,
            name=names.api,
            pool_arns=[names.imported(pool) for pool in (Export.USER_POOL_ARN, Export.TEAM_POOL_ARN)],
            functions={row.id: names.live_arn(row.id) for row in SPECS if row.kind in CALLED},
        )
        if stage.local:
            acknowledge(edge, "AwsSolutions-APIG3", "The emulator has no firewall to associate.")
        else:
            Firewall(
                self,
                "Firewall",
                stage=stage,
                resource_arn=edge.api.deployment_stage.stage_arn,
                pages_key=names.imported(Export.CALLER_ID_KEY),
            )
        CfnOutput(self, "ApiUrl", value=api_url(edge.api, stage))
        CfnOutput(self, "ApiId", value=edge.api.rest_api_id, export_name=names.api_id_export)
