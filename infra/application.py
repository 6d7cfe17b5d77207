"""Puts the stacks of one stage into a CDK app. Nothing here or below reads a clock, the network or git."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import (
    App,
    CliCredentialsStackSynthesizer,
    Environment,
    IStackSynthesizer,
    Stack,
    Tags,
    Validations,
)
from cdk_nag import AwsSolutionsChecks

from infra.acknowledge import RAW
from infra.routes import Home
from infra.stacks.calls import CallsStack
from infra.stacks.data import DataStack
from infra.stacks.edge import EdgeStack
from infra.stacks.messaging import MessagingStack
from infra.stacks.operations import OperationsStack
from infra.stacks.site import SiteStack
from infra.stacks.workers import WorkersStack
from infra.stages import Stage, from_context

# The CDK's switches for newer behaviour. They stand here, not in cdk.json, so that tests and the CLI see the
# same.
FLAGS: Mapping[str, Any] = {
    "@aws-cdk/aws-apigateway:disableCloudWatchRole": True,
    # A function with another version of a layer is another version: without it, callers would keep the old code.
    "@aws-cdk/aws-lambda:recognizeLayerVersion": True,
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
    _add_stacks(app, stage)
    Tags.of(app).add("application", "buyer-protection")
    Tags.of(app).add("stage", stage.name)
    if str(app.node.try_get_context(RAW)).lower() != "true":
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


def _add_stacks(app: App, stage: Stage) -> None:
    """The stacks in the order in which they are deployed: each refers only to those before it, by names."""

    def settings(name: str, text: str, **more: Any) -> dict[str, Any]:
        return {
            "id": f"{stage.prefix}-{name}",
            "stage": stage,
            "env": Environment(account=stage.account, region=stage.region),
            "synthesizer": _synthesizer(stage.local),
            "description": f"Buyer protection: {text}",
            **more,
        }

    kept = {"termination_protection": stage.protected}
    data = DataStack(app, **settings("Data", "cases, evidence, people", **kept))
    messaging = MessagingStack(app, **settings("Messaging", "queues, events, mails", **kept))
    workers = WorkersStack(app, **settings("Workers", "state machine, readers, sweeper, audit"))
    parties = CallsStack(app, **settings("Parties", "calls of the parties and the shop", home=Home.PARTIES))
    desk = CallsStack(app, **settings("Desk", "calls of the team", home=Home.DESK))
    edge = EdgeStack(app, **settings("Edge", "API"))
    site = SiteStack(app, **settings("Site", "pages"))
    needs: dict[Stack, tuple[Stack, ...]] = {
        messaging: (data,),
        workers: (messaging,),
        parties: (messaging,),
        # Operators look at the state machine's executions.
        desk: (messaging, workers),
        edge: (parties, desk),
        site: (edge,),
    }
    if not stage.emulated:
        operations = OperationsStack(app, **settings("Operations", "alarms"))
        needs[operations] = (workers, edge)
    for stack, others in needs.items():
        for other in others:
            stack.add_stack_dependency(other)


def _synthesizer(local: bool) -> IStackSynthesizer | None:
    # The emulator checks IAM and knows no bootstrap roles: the CLI's own credentials deploy there.
    return CliCredentialsStackSynthesizer() if local else None
