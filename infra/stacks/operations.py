"""What wakes people: the alarms."""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack
from constructs import Construct

from infra.constructs.alarms import Alarms
from infra.names import Names
from infra.stages import Stage


class OperationsStack(Stack):
    """`BuyerProtection-<stage>-Operations`."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, **stack: Any) -> None:
        super().__init__(scope, id, **stack)
        Alarms(self, "Alarms", names=Names(self, stage))
