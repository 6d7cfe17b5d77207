"""The stage's stacks as they are now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from ops.preflight.finding import Account, Finding, Level, Plan, code_of

# CloudFormation updates no stack in these states.
_MUST_GO = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}
_STUCK = {"UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"}


def can_be_updated(on: Account, plan: Plan) -> Iterator[Finding]:
    """Each stack is not there yet, or is in a state from which it can be updated."""
    for name in plan.templates:
        subject, status = f"stack {name}", status_of(on, name)
        if status is None:
            yield Finding(Level.OK, subject, "will be made")
        elif status in _MUST_GO:
            cure = f"Look at its events, then: aws cloudformation delete-stack --stack-name {name}"
            yield Finding(Level.REFUSED, subject, f"{status}: its first deployment failed", cure)
        elif status in _STUCK:
            cure = f"aws cloudformation continue-update-rollback --stack-name {name}"
            yield Finding(Level.REFUSED, subject, status, cure)
        elif status.endswith("_IN_PROGRESS"):
            yield Finding(Level.REFUSED, subject, status, "Wait until the other deployment has ended.")
        else:
            yield Finding(Level.OK, subject, f"{status}: will be updated")


def status_of(on: Account, name: str) -> str | None:
    """CloudFormation's word for the stack's state; None where there is no such stack."""
    try:
        found: list[dict[str, Any]] = on.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if code_of(error) != "ValidationError":
            raise
        return None
    return str(found[0]["StackStatus"]) if found else None


def owned_by(on: Account, stack: str) -> set[str]:
    """The physical ids of the stack's resources; empty where there is no such stack."""
    if status_of(on, stack) is None:
        return set()
    pages = on.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    return {
        it["PhysicalResourceId"]
        for page in pages
        for it in page["StackResourceSummaries"]
        if it.get("PhysicalResourceId")
    }
