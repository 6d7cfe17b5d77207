"""Acknowledged findings of cdk-nag: each stands beside the construct it concerns and says why.

With the context `nag_raw=true` nothing is acknowledged; the tests compare both runs and refuse an
acknowledgement that no finding needs.
"""

from __future__ import annotations

from aws_cdk import Acknowledgment, Validations
from constructs import Construct

RAW = "nag_raw"


def acknowledge(construct: Construct, rule: str, reason: str) -> None:
    """Accept the finding `rule` (as `AwsSolutions-IAM5[Resource::*]`) on the construct and all below it."""
    if str(construct.node.try_get_context(RAW)).lower() != "true":
        Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))
