"""The ways in: people's API and the backend's, each with its firewall, and their domain."""

from __future__ import annotations

from typing import Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.edge import Edge, api_url
from infra.constructs.firewall import Firewall
from infra.names import Export, Names
from infra.routes import CALLED, Auth, specs_of
from infra.stages import Stage


class EdgeStack(Stack):
    """`BuyerProtection-<stage>-Edge`."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, **stack: Any) -> None:
        super().__init__(scope, id, **stack)
        names = Names(self, stage)
        functions = {row.id: names.live_arn(row.id) for row in specs_of(stage) if row.kind in CALLED}
        pools = [names.imported(pool) for pool in (Export.USER_POOL_ARN, Export.TEAM_POOL_ARN)]
        edge = Edge(self, "Edge", stage=stage, name=names.api, pool_arns=pools, functions=functions)
        backend = Edge(
            self,
            "Backend",
            stage=stage,
            name=names.backend_api,
            pool_arns=(),
            functions=functions,
            caller=Auth.SYSTEM,
        )
        if not stage.local:
            edge.let_the_service_log(backend)
        for name, one, key in (
            ("Firewall", edge, names.imported(Export.CALLER_ID_KEY)),
            ("BackendFirewall", backend, None),
        ):
            if stage.local:
                acknowledge(one, "AwsSolutions-APIG3", "The emulator has no firewall to associate.")
            else:
                arn = one.api.deployment_stage.stage_arn
                Firewall(self, name, stage=stage, resource_arn=arn, pages_key=key)
        if stage.domain is not None:
            served = edge.serve_at(stage.domain)
            if stage.domain.backend_base_path is not None:
                backend.serve_below(served, stage.domain.backend_base_path)
        CfnOutput(self, "ApiUrl", value=api_url(edge.api, stage))
        CfnOutput(self, "ApiId", value=edge.api.rest_api_id, export_name=names.api_id_export)
        CfnOutput(self, "BackendApiUrl", value=api_url(backend.api, stage, Auth.SYSTEM))
        CfnOutput(self, "BackendApiId", value=backend.api.rest_api_id)
