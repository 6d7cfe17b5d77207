"""Puts the stacks of one stage into a CDK app. Nothing here or below reads a clock, the network or git."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import App, CliCredentialsStackSynthesizer, Environment, IStackSynthesizer, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from infra.acknowledge import RAW
from infra.stacks.data import DataStack
from infra.stacks.service import ServiceStack
from infra.stages import from_context

# The CDK's switches for newer behaviour. They stand here, not in cdk.json, so that tests and the CLI see the
# same.
FLAGS: Mapping[str, Any] = {
    "@aws-cdk/aws-apigateway:disableCloudWatchRole": True,
    "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True,
    "@aws-cdk/core:checkSecretUsage": True,
    "@aws-cdk/core:enablePartitionLiterals": True,
    "@aws-cdk/core:stackRelativeExports": True,
}


def build(context: Mapping[str, Any] | None = None, outdir: str | None = None) -> App:
    """The app of the stage that the context names (see `infra.stages.from_context`), not yet synthesised.

    Context beside the stage's own: `aws:cdk:bundling-stacks=[]` leaves the layers unbuilt (tests of
    templates), `nag_raw=true` acknowledges no finding of cdk-nag.
    """
    app = App(context={**FLAGS, **(context or {})}, outdir=outdir)
    stage = from_context(app.node.try_get_context)
    environment = Environment(account=stage.account, region=stage.region)
    data = DataStack(
        app,
        f"{stage.prefix}-Data",
        stage=stage,
        env=environment,
        termination_protection=stage.protected,
        synthesizer=_synthesizer(stage.local),
        description="Buyer protection: cases, evidence, people, events",
    )
    ServiceStack(
        app,
        f"{stage.prefix}-Service",
        stage=stage,
        data=data,
        env=environment,
        synthesizer=_synthesizer(stage.local),
        description="Buyer protection: API, functions, state machine, queues",
    )
    Tags.of(app).add("application", "buyer-protection")
    Tags.of(app).add("stage", stage.name)
    if str(app.node.try_get_context(RAW)).lower() != "true":
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


def _synthesizer(local: bool) -> IStackSynthesizer | None:
    # The emulator checks IAM and knows no bootstrap roles: the CLI's own credentials deploy there.
    return CliCredentialsStackSynthesizer() if local else None
