"""What the functions of a stack share: layers, settings, and the ARNs that targets of grants stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from aws_cdk import Stack, Token
from aws_cdk import aws_lambda as lambda_

from infra.acknowledge import acknowledge
from infra.bundling import Target as Build
from infra.bundling import compiler, dependencies, own_code, pictures, target_of
from infra.called import INDEXES
from infra.constructs.action import NAMESPACE, SERVICE, SERVICE_DATA, Action, Runtime
from infra.constructs.archive import ARCHIVE_KEYS
from infra.constructs.feeds import COPY_KEYS, ERASURE_NOTES, EVIDENCE_KEYS
from infra.constructs.mail import mail_arns
from infra.constructs.people import USER_ID
from infra.grants import Target, targets_of
from infra.names import Export, Names
from infra.queue_names import DEAD_LETTERS, READ_BY, QueueName
from infra.routes import CALLED, FunctionSpec, Home, Kind, specs_of
from infra.stages import Stage


def runtime_of(stack: Stack, stage: Stage) -> Runtime:
    """The shared part of every function of `stack`. Each stack has versions of the layers of its own: a reference to
    those of another one would lock them."""
    names = Names(stack, stage)
    build = target_of(stage)
    if stack.bundling_required:
        # Before the first layer is built, and in plain words: from inside the build they come out wrapped.
        compiler(build)
    layers = [
        _layer(stack, "OwnCode", own_code(build), build, "buyer_protection"),
        _layer(stack, "Dependencies", dependencies(build), build, "third-party packages and service data"),
    ]
    return Runtime(
        stage=stage,
        build=build,
        layers=layers,
        environment=_environment(names, stage),
        arns=_arns(names, stage),
    )


def _layer(stack: Stack, id: str, code: lambda_.Code, build: Build, text: str) -> lambda_.LayerVersion:
    return lambda_.LayerVersion(
        stack,
        id,
        code=code,
        compatible_runtimes=[build.runtime],
        compatible_architectures=[build.architecture],
        description=text,
    )


def _environment(names: Names, stage: Stage) -> dict[str, str]:
    return {
        "STAGE": stage.name,
        "TABLE_NAME": names.table,
        "DAY_SECONDS": f"{stage.day_seconds:.12g}",
        "ALLOWED_ORIGINS": ",".join(stage.allowed_origins),
        "SITE_URL": stage.site_url,
        "ORDER_RETENTION_DAYS": str(stage.retention.order_retention_days),
        "DUE_SHARDS": str(stage.load.due_shards),
        "DUE_SHARDS_READ": str(stage.load.due_shards_read),
        "LOG_LEVEL": stage.log_level,
        "POWERTOOLS_SERVICE_NAME": SERVICE,
        "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
        "CALLER_ID_KEY": names.imported(Export.CALLER_ID_KEY),
        "AWS_DATA_PATH": SERVICE_DATA,
        **_era(stage),
        **({"REDRESS": stage.redress} if stage.redress else {}),
    }


def _era(stage: Stage) -> dict[str, str]:
    """Nothing for a table that was never restored."""
    return {"ERA": stage.era, "ERA_FROM": stage.era_from} if stage.era and stage.era_from else {}


def _arns(names: Names, stage: Stage) -> dict[Target, Sequence[str]]:
    keys = names.signing_key_arns
    single = {target: (arn,) for target, arn in _single_arns(names, stage).items()}
    return {
        **single,
        Target.SIGNING_KEY: keys[-1:],
        Target.SIGNING_KEYS: keys,
        Target.QUEUES: names.queue_arns,
    }


def _single_arns(names: Names, stage: Stage) -> dict[Target, str]:
    stack = Stack.of(names.scope)
    identity, configuration = mail_arns(stack, stage, names.mails)
    return {
        Target.TABLE: names.table_arn,
        **{index: f"{names.table_arn}/index/{index.value}" for index in INDEXES},
        Target.STREAM: names.table_stream_arn,
        Target.MACHINE: names.machine_arn,
        Target.EXECUTIONS: names.executions_arn,
        Target.TASK_TOKENS: "*",
        Target.NOTIFICATIONS: names.queue_arn(QueueName.NOTIFICATIONS),
        Target.INBOUND: names.queue_arn(QueueName.INBOUND),
        Target.MAIL_EVENTS: names.queue_arn(QueueName.MAIL_EVENTS),
        Target.UPLOADS: names.queue_arn(QueueName.UPLOADS),
        Target.EVIDENCE_FILES: f"{names.imported(Export.EVIDENCE_BUCKET_ARN)}/{EVIDENCE_KEYS}*",
        Target.EVIDENCE_COPIES: f"{names.imported(Export.EVIDENCE_BUCKET_ARN)}/{COPY_KEYS}*",
        Target.EVIDENCE_LIST: names.imported(Export.EVIDENCE_BUCKET_ARN),
        Target.ERASURE_NOTES: f"{names.imported(Export.EVIDENCE_BUCKET_ARN)}/{ERASURE_NOTES}*",
        Target.LATE_CHANGES: names.queue_arn(QueueName.LATE_CHANGES),
        Target.WEBHOOKS: names.queue_arn(QueueName.WEBHOOKS),
        Target.ARCHIVED_CASES: f"{names.imported(Export.ARCHIVE_BUCKET_ARN)}/{ARCHIVE_KEYS}*",
        Target.ARCHIVE_LIST: names.imported(Export.ARCHIVE_BUCKET_ARN),
        Target.STREAM_FAILURES: names.queue_arn(QueueName.STREAM_FAILURES),
        Target.BUS: names.bus_arn,
        Target.TEAM_POOL: names.imported(Export.TEAM_POOL_ARN),
        Target.MAIL_IDENTITY: identity,
        Target.MAIL_CONFIGURATION: configuration,
    }


# The queues that a function may send to or read from, and by which setting it knows each.
_QUEUES = (
    (Target.NOTIFICATIONS, "NOTIFICATION_QUEUE_URL", QueueName.NOTIFICATIONS),
    (Target.LATE_CHANGES, "LATE_CHANGES_QUEUE_URL", QueueName.LATE_CHANGES),
    (Target.WEBHOOKS, "WEBHOOK_QUEUE_URL", QueueName.WEBHOOKS),
)


# Who takes the addresses of webhooks, or calls them.
_TO_ADDRESSES = ("put_webhook", "rotate_webhook", "deliver_webhooks")


def settings_of(row: FunctionSpec, names: Names) -> dict[str, str]:
    """What the function of a row reads beside what all of them read: only what its grants are about."""
    targets = targets_of(row.id)
    settings = _by_kind(row, names)
    if Target.MAIL_IDENTITY in targets:
        settings["MAIL_SENDER"] = names.stage.mail_sender
        settings["MAIL_CONFIGURATION_SET"] = names.mails
    settings |= _queues(targets, names)
    if Target.EVIDENCE_FILES in targets:
        settings["EVIDENCE_BUCKET"] = names.imported(Export.EVIDENCE_BUCKET_NAME)
        settings["MALWARE_SCANNING"] = "on" if names.stage.malware_scanning else "off"
    settings |= _archive(row, targets, names)
    if Target.TEAM_POOL in targets:
        settings["TEAM_POOL_ID"] = names.imported(Export.TEAM_POOL_ID)
        settings["CONFIRM_ABOVE"] = ",".join(names.stage.confirm_above)
    if row.id in _TO_ADDRESSES:
        settings["WEBHOOK_ADDRESSES"] = "any" if names.stage.emulated else "public"
    settings |= _keys(targets, names)
    if Target.BUS in targets:
        settings["EVENT_BUS_NAME"] = names.bus
    if not targets.isdisjoint({Target.MACHINE, Target.EXECUTIONS}):
        settings["STATE_MACHINE_ARN"] = names.machine_arn
    if row.kind is Kind.SCHEDULE:
        settings["SWEEP_CONCURRENCY"] = str(names.stage.load.sweep_concurrency)
        settings["SWEEP_PAGE"] = str(names.stage.load.sweep_page)
    return settings


def _archive(row: FunctionSpec, targets: frozenset[Target], names: Names) -> dict[str, str]:
    """Where archived cases lie, and for how long they do for who writes them."""
    if Target.ARCHIVED_CASES not in targets:
        return {}
    settings = {"ARCHIVE_BUCKET": names.imported(Export.ARCHIVE_BUCKET_NAME)}
    if row.kind in (Kind.SCHEDULE, Kind.NIGHTLY):
        days = names.stage.retention
        settings["ARCHIVE_AFTER_DAYS"] = str(days.archive_after_days)
        settings["CASE_RETENTION_DAYS"] = str(days.case_retention_days)
    return settings


def _queues(targets: frozenset[Target], names: Names) -> dict[str, str]:
    """The URLs of queues that it sends to or reads from, and the names of all for who says how full they are."""
    urls = {setting: names.queue_url(queue) for target, setting, queue in _QUEUES if target in targets}
    if Target.QUEUES not in targets:
        return urls
    all_of_them = {"WORK_QUEUES": ",".join(READ_BY), "DEAD_LETTER_QUEUES": ",".join(DEAD_LETTERS)}
    return urls | all_of_them | {"QUEUES_URL": names.queues_url}


def _keys(targets: frozenset[Target], names: Names) -> dict[str, str]:
    """The keys of exports: the present one for who signs, all for who publishes them."""
    arns = names.signing_key_arns
    present = {"SIGNING_KEY_ARN": arns[-1]} if Target.SIGNING_KEY in targets else {}
    return {**present, "SIGNING_KEY_ARNS": ",".join(arns)} if Target.SIGNING_KEYS in targets else present


def _by_kind(row: FunctionSpec, names: Names) -> dict[str, str]:
    """Whose tokens it takes where people call it; that nobody waits for it where only AWS does."""
    if row.kind is Kind.API:
        return _issuers(names)
    return {} if row.kind in CALLED else {"IN_BACKGROUND": "on"}


def _issuers(names: Names) -> dict[str, str]:
    """Whose tokens the functions behind the API take, and which claim of the public's says who somebody is."""
    return {
        "PUBLIC_POOL_ID": names.imported(Export.USER_POOL_ID),
        "PUBLIC_CLIENT_ID": names.imported(Export.USER_POOL_CLIENT_ID),
        "TEAM_POOL_ID": names.imported(Export.TEAM_POOL_ID),
        "TEAM_CLIENT_ID": names.imported(Export.TEAM_POOL_CLIENT_ID),
        "USER_ID_CLAIM": f"custom:{USER_ID}" if names.stage.sign_in.federated else "sub",
    }


def _with_pictures(stack: Stack, runtime: Runtime) -> Runtime:
    """With the layer that makes copies of pictures, which nobody else loads (R49)."""
    text = "what makes copies of pictures"
    own = _layer(stack, "Pictures", pictures(runtime.build), runtime.build, text)
    return replace(runtime, layers=[*runtime.layers, own])


def actions_of(
    stack: Stack, stage: Stage, home: Home, reserved: Mapping[Kind, int | None] | None = None
) -> dict[str, Action]:
    """The functions that live in `stack`, by id. `reserved` is the concurrency that a kind of them reserves."""
    runtime, names = runtime_of(stack, stage), Names(stack, stage)
    actions = {
        row.id: Action(
            stack,
            row.id.title().replace("_", ""),
            row=row,
            runtime=_with_pictures(stack, runtime) if row.makes_copies else runtime,
            environment=settings_of(row, names),
            reserved_concurrency=(reserved or {}).get(row.kind),
        )
        for row in specs_of(stage)
        if row.home is home
    }
    for row in specs_of(stage):
        if row.id in actions and Target.EVIDENCE_FILES in targets_of(row.id):
            acknowledge(
                actions[row.id].role,
                f"AwsSolutions-IAM5[Resource::{Export.EVIDENCE_BUCKET_ARN.name_in(stage)}/{EVIDENCE_KEYS}*]",
                "A file's key is made of its case, item and number: any of them below this one prefix.",
            )
        if row.id in actions and Target.EVIDENCE_COPIES in targets_of(row.id):
            acknowledge(
                actions[row.id].role,
                f"AwsSolutions-IAM5[Resource::{Export.EVIDENCE_BUCKET_ARN.name_in(stage)}/{COPY_KEYS}*]",
                "A copy's key is made of its case, item and number: any of them below this one prefix.",
            )
        if row.id in actions and Target.ERASURE_NOTES in targets_of(row.id):
            acknowledge(
                actions[row.id].role,
                f"AwsSolutions-IAM5[Resource::{Export.EVIDENCE_BUCKET_ARN.name_in(stage)}/{ERASURE_NOTES}*]",
                "A note's key is the id of a person: any of them below this one prefix.",
            )
        if row.id in actions and Target.ARCHIVED_CASES in targets_of(row.id):
            acknowledge(
                actions[row.id].role,
                f"AwsSolutions-IAM5[Resource::{Export.ARCHIVE_BUCKET_ARN.name_in(stage)}/{ARCHIVE_KEYS}*]",
                "An object's key is the id of its case: any of them below this one prefix.",
            )
        if row.id in actions and Target.EXECUTIONS in targets_of(row.id):
            acknowledge(
                actions[row.id].role,
                f"AwsSolutions-IAM5[Resource::{_readable_executions(stack, names)}]",
                "Executions are named by their case: any of this one machine's is asked after.",
            )
    return actions


def _readable_executions(stack: Stack, names: Names) -> str:
    """The executions' ARN as cdk-nag spells it: `<AWS::Region>` for what only the deployment knows."""
    words = (("Partition", stack.partition), ("Region", stack.region), ("AccountId", stack.account))
    partition, region, account = (f"<AWS::{word}>" if Token.is_unresolved(it) else it for word, it in words)
    return f"arn:{partition}:states:{region}:{account}:execution:{names.machine}:case-*"
