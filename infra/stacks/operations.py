"""What wakes people and what they look at: alarms with their topics, the dashboard, saved queries."""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack
from constructs import Construct

from infra.constructs.alarms import Alarms
from infra.constructs.dashboard import StageDashboard
from infra.constructs.refusals import Refusals
from infra.constructs.saved_queries import SavedQueries
from infra.names import Names
from infra.stages import Stage


class OperationsStack(Stack):
    """`BuyerProtection-<stage>-Operations`."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, **stack: Any) -> None:
        super().__init__(scope, id, **stack)
        names = Names(self, stage)
        Refusals(self, "Refusals", names=names)
        alarms = Alarms(self, "Alarms", names=names)
        StageDashboard(self, "Dashboard", names=names, alarms=list(alarms.made.values()))
        SavedQueries(self, "Queries", names=names)
