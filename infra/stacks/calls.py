"""What people and the shop's backend call: one stack for the parties' functions, one for the team's desk."""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack
from constructs import Construct

from infra.constructs.release import GradualRelease
from infra.constructs.runtime import actions_of
from infra.routes import Home
from infra.stages import Stage


class CallsStack(Stack):
    """`BuyerProtection-<stage>-Parties` and `BuyerProtection-<stage>-Desk`."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, home: Home, **stack: Any) -> None:
        super().__init__(scope, id, **stack)
        actions = actions_of(self, stage, home)
        if not stage.emulated:
            GradualRelease(self, f"{home}Release", stage=stage, actions=actions.values())
