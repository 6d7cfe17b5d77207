"""What AWS lets an account have in a region by default: each quota's own name, and the page it was read from. Pure.

`as_of` dates the copy of the page that was read: ask Service Quotas in the account before a decision rests on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_DOCS = "https://docs.aws.amazon.com"
_STEP_FUNCTIONS = f"{_DOCS}/step-functions/latest/dg/service-quotas.html"
_DYNAMODB = f"{_DOCS}/amazondynamodb/latest/developerguide/ServiceQuotas.html"


@dataclass(frozen=True, slots=True)
class Quota:
    """The default of the largest regions (us-east-1, us-west-2, eu-west-1)."""

    name: str
    number: float
    unit: str
    source: str
    as_of: str


QUOTAS: Mapping[str, Quota] = {
    "open": Quota("Step Functions: maximum open executions", 1_000_000, "executions", _STEP_FUNCTIONS, "2025-06"),
    "starts": Quota("Step Functions: StartExecution", 300, "a second", _STEP_FUNCTIONS, "2023-06"),
    "wakes": Quota("Step Functions: SendTaskSuccess", 500, "a second", _STEP_FUNCTIONS, "2023-06"),
    "transitions": Quota("Step Functions: StateTransition", 1_500, "a second", _STEP_FUNCTIONS, "2023-06"),
    "looks": Quota("Step Functions: DescribeExecution", 15, "a second", _STEP_FUNCTIONS, "2023-06"),
    "table": Quota("DynamoDB: table-level write throughput", 40_000, "units a second", _DYNAMODB, "2025-06"),
    "partition": Quota(
        "DynamoDB: write units of one partition", 1_000, "units a second",
        f"{_DOCS}/amazondynamodb/latest/developerguide/bp-partition-key-design.html", "2025-06",
    ),
    "lambda": Quota(
        "Lambda: concurrent executions", 1_000, "at once",
        f"{_DOCS}/lambda/latest/dg/gettingstarted-limits.html", "2025-06",
    ),
    "events": Quota(
        "EventBridge: PutEvents", 10_000, "a second",
        f"{_DOCS}/eventbridge/latest/userguide/eb-quota.html", "2025-06",
    ),
    "gateway": Quota(
        "API Gateway: throttle rate", 10_000, "a second",
        f"{_DOCS}/apigateway/latest/developerguide/limits.html", "2025-06",
    ),
    "mails": Quota(
        "SES: sending rate", 14, "a second", f"{_DOCS}/ses/latest/dg/manage-sending-quotas.html", "2025-06",
    ),
}  # fmt: skip
# What is ours, not AWS's: cases that the nightly audit reaches in one night (decision 0020).
AUDIT_CASES = 750_000
