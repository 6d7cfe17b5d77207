"""Physical names: each is free, or is that of this stage's own resource."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from ops.preflight.finding import Account, Finding, Level, Plan, code_of
from ops.preflight.stacks import owned_by

_GONE = {
    "404", "NotFound", "NotFoundException", "ResourceNotFoundException", "StateMachineDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "NoSuchEntity", "NoSuchBucket",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lookup:
    """`property` holds the name of a resource of this type; `exists` asks the account for it."""

    property: str
    exists: Callable[[Account, str], bool]


def _call(service: str, operation: str, parameter: str) -> Callable[[Account, str], bool]:
    """Whether a call that names the resource finds it."""

    def exists(on: Account, name: str) -> bool:
        try:
            getattr(on.client(service), operation)(**{parameter: name})
        except ClientError as error:
            if code_of(error) not in _GONE:
                raise
            return False
        return True

    return exists


def _listed(
    service: str, operation: str, key: str, name_of: str, **fixed: Any
) -> Callable[[Account, str], bool]:
    """Whether a list of all has the name."""

    def exists(on: Account, name: str) -> bool:
        pages = on.client(service).get_paginator(operation).paginate(**fixed)
        return any(it[name_of] == name for page in pages for it in page[key])

    return exists


def _log_group(on: Account, name: str) -> bool:
    found = on.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return any(it["logGroupName"] == name for it in found)


def _sign_in_domain(on: Account, name: str) -> bool:
    # Of anybody's account, as the prefix is part of an address. An unknown one is answered by an empty description.
    found = on.client("cognito-idp").describe_user_pool_domain(Domain=name)
    return bool(found.get("DomainDescription"))


def _firewall(on: Account, name: str) -> bool:
    found = on.client("wafv2").list_web_acls(Scope="REGIONAL", Limit=100)["WebACLs"]
    return any(it["Name"] == name for it in found)


LOOKUPS: Mapping[str, Lookup] = {
    "AWS::ApiGateway::DomainName": Lookup("DomainName", _call("apigateway", "get_domain_name", "domainName")),
    "AWS::Cognito::UserPoolDomain": Lookup("Domain", _sign_in_domain),
    "AWS::DynamoDB::Table": Lookup("TableName", _call("dynamodb", "describe_table", "TableName")),
    "AWS::Events::EventBus": Lookup("Name", _call("events", "describe_event_bus", "Name")),
    "AWS::Events::Rule": Lookup("Name", _call("events", "describe_rule", "Name")),
    "AWS::IAM::Role": Lookup("RoleName", _call("iam", "get_role", "RoleName")),
    "AWS::Lambda::Function": Lookup(
        "FunctionName", _call("lambda", "get_function_configuration", "FunctionName")
    ),
    "AWS::Logs::LogGroup": Lookup("LogGroupName", _log_group),
    "AWS::S3::Bucket": Lookup("BucketName", _call("s3", "head_bucket", "Bucket")),
    "AWS::SES::ConfigurationSet": Lookup(
        "Name", _call("sesv2", "get_configuration_set", "ConfigurationSetName")
    ),
    "AWS::SQS::Queue": Lookup("QueueName", _call("sqs", "get_queue_url", "QueueName")),
    "AWS::StepFunctions::StateMachine": Lookup(
        "StateMachineName", _listed("stepfunctions", "list_state_machines", "stateMachines", "name")
    ),
    "AWS::WAFv2::WebACL": Lookup("Name", _firewall),
}


def are_free(on: Account, plan: Plan) -> Iterator[Finding]:
    """No name of a resource that is to be made is somebody else's."""
    looked_at, taken = 0, 0
    for stack in plan.templates:
        owned = owned_by(on, stack)
        for type, name in _names(on, plan, stack):
            looked_at += 1
            if _is_own(name, owned) or not LOOKUPS[type].exists(on, name):
                continue
            taken += 1
            yield Finding(
                Level.REFUSED,
                f"{type} {name}",
                f"exists already, and not as a resource of {stack}",
                "Remove or rename it, take another stage name, or import it into the stack (docs/deploy.md).",
            )
    if taken == 0:
        yield Finding(Level.OK, "names", f"{looked_at} names are free or this stage's own")


def _is_own(name: str, owned: set[str]) -> bool:
    """Physical ids are names, ARNs, URLs or end with the name, by type."""
    return any(
        it == name or it.endswith((f":{name}", f"/{name}")) or it.startswith(f"{name}|") for it in owned
    )


def _names(on: Account, plan: Plan, stack: str) -> Iterator[tuple[str, str]]:
    caller = str(on.client("sts").get_caller_identity()["Account"])
    known = {"AWS::AccountId": caller, "AWS::Region": on.region, "AWS::Partition": "aws"}
    for resource in plan.templates[stack]["Resources"].values():
        lookup = LOOKUPS.get(resource["Type"])
        value = resource.get("Properties", {}).get(lookup.property) if lookup else None
        name = resolved(value, known)
        if name:
            yield resource["Type"], name


def resolved(value: Any, known: Mapping[str, str]) -> str | None:
    """The text of a template's value; None where it is not known before the deployment."""
    match value:
        case str():
            return value
        case {"Ref": str(name)} if name in known:
            return known[name]
        case {"Fn::Join": [str(between), [*parts]]}:
            texts = [resolved(part, known) for part in parts]
            return None if None in texts else between.join(it for it in texts if it is not None)
        case _:
            return None
