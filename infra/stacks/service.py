"""All that can be built anew: the API, functions, the state machine, queues, the schedule, mails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import ArnFormat, Aws, CfnOutput, Token
from aws_cdk import Stack as CdkStack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.bundling import compiler, dependencies, own_code, target_of
from infra.constructs.action import NAMESPACE, SERVICE, SERVICE_DATA, Action, Runtime
from infra.constructs.alarms import Alarms
from infra.constructs.case_machine import CaseMachine
from infra.constructs.edge import Edge, api_url
from infra.constructs.feeds import (
    EVIDENCE_KEYS,
    EveryMinute,
    EveryNight,
    FromSes,
    FromTheBucket,
    FromTheBus,
    KeepOurName,
    feed_from_queue,
    feed_from_stream,
)
from infra.constructs.firewall import Firewall
from infra.constructs.mail import TROUBLES, Mail
from infra.constructs.messaging import DeadLetters, WorkQueue
from infra.constructs.people import USER_ID
from infra.grants import PROFILES, PUBLISH, Target
from infra.routes import SPECS, FunctionSpec, Kind
from infra.stacks.data import DataStack
from infra.stages import Stage

_BY_ID = {row.id: row for row in SPECS}
_STARTERS = (Kind.STREAM, Kind.SCHEDULE)
# Rows that the sweeper processes at once: most of a row's time is waiting for answers.
_SWEEP_CONCURRENCY = 8
# Every six minutes: the outage of a service that a change needs may last a day before a person must help.
_OUTAGE = 300
_TASKS = ("close_window", "open_mediation", "notify_parties")


class ServiceStack(CdkStack):
    """`BuyerProtection-<stage>-Service`."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, data: DataStack, **stack: Any) -> None:
        super().__init__(scope, id, **stack)
        self._stage, self._data = stage, data
        self.mail = Mail(self, "Mail", stage=stage)
        self.notifications = WorkQueue(
            self, "Notifications", stage=stage, consumer_timeout=_BY_ID["notify_parties"].timeout
        )
        self.inbound = WorkQueue(
            self, "Inbound", stage=stage, consumer_timeout=_BY_ID["receive_events"].timeout
        )
        self.uploads = WorkQueue(
            self, "Uploads", stage=stage, consumer_timeout=_BY_ID["verify_upload"].timeout
        )
        self.mail_events = WorkQueue(
            self, "MailEvents", stage=stage, consumer_timeout=_BY_ID["receive_mail_events"].timeout
        )
        self.late_changes = WorkQueue(
            self,
            "LateChanges",
            stage=stage,
            consumer_timeout=_BY_ID["dispatch_changes"].timeout,
            receives=_OUTAGE,
        )
        self.stream_failures = DeadLetters(self, "StreamFailures", stage=stage).queue
        self.missed_sweeps = DeadLetters(self, "MissedSweeps", stage=stage).queue
        for queue in (self.stream_failures, self.missed_sweeps):
            acknowledge(
                queue, "AwsSolutions-SQS3", "It is where a stream or a schedule puts its dead letters."
            )
        runtime = self._runtime()
        # Tasks before the machine, its starters after it: a task that knew the machine would close a cycle.
        functions = {
            row.id: Action(
                self,
                _title(row),
                row=row,
                runtime=runtime,
                environment=self._task_environment(row),
                reserved_concurrency=stage.audit_concurrency if row.kind is Kind.NIGHTLY else None,
            )
            for row in SPECS
            if row.kind not in _STARTERS
        }
        self._acknowledge_evidence(functions)
        self.machine = CaseMachine(
            self,
            "Case",
            stage=stage,
            table_name=data.table.table_name,
            table_arn=data.table.table_arn,
            functions={name: functions[name].function.function_arn for name in _TASKS},
        )
        starters = {row.id: self._starter(row, runtime) for row in SPECS if row.kind in _STARTERS}
        self.functions = {name: action.function for name, action in (functions | starters).items()}

        feed_from_stream(self.functions["dispatch_changes"], data.table, self.stream_failures)
        feed_from_queue(self.functions["dispatch_changes"], self.late_changes.queue)
        feed_from_queue(self.functions["notify_parties"], self.notifications.queue)
        feed_from_queue(self.functions["receive_events"], self.inbound.queue)
        FromTheBus(
            self,
            "FromTheBus",
            stage=stage,
            bus=data.bus,
            queue=self.inbound.queue,
            failures=self.inbound.failed,
        )
        if not stage.local:
            publishers = [
                action.role for action in starters.values() if PUBLISH in PROFILES[action.row.grants]
            ]
            KeepOurName(self, "KeepOurName", bus=data.bus, publishers=publishers)
        feed_from_queue(self.functions["verify_upload"], self.uploads.queue)
        FromTheBucket(
            self,
            "FromTheBucket",
            bucket=data.evidence,
            queue=self.uploads.queue,
            failures=self.uploads.failed,
            scanning=stage.malware_scanning,
        )
        feed_from_queue(self.functions["receive_mail_events"], self.mail_events.queue)
        FromSes(
            self,
            "FromSes",
            configuration_set=self.mail.configuration_set_name,
            detail_types=list(TROUBLES.values()),
            queue=self.mail_events.queue,
            failures=self.mail_events.failed,
        )
        EveryMinute(self, "Minute", function=self.functions["sweep_deadlines"], failures=self.missed_sweeps)
        EveryNight(self, "Night", function=self.functions["audit_cases"], failures=self.missed_sweeps)
        pools = (data.public.pool, data.team.pool)
        called = {name: function.function_arn for name, function in self.functions.items()}
        self.edge = Edge(self, "Edge", stage=stage, pools=pools, functions=called)
        self._guards()
        self._outputs()

    def _runtime(self) -> Runtime:
        stage, table = self._stage, self._data.table
        build = target_of(stage)
        if self.bundling_required:
            # Before the first layer is built, and in plain words: from inside the build they come out wrapped.
            compiler(build)
        layers = [
            lambda_.LayerVersion(
                self,
                id,
                code=code(build),
                compatible_runtimes=[build.runtime],
                compatible_architectures=[build.architecture],
                description=text,
            )
            for id, code, text in (
                ("OwnCode", own_code, "buyer_protection"),
                ("Dependencies", dependencies, "third-party packages and service data"),
            )
        ]
        indexes = (Target.BY_BUYER, Target.BY_SELLER, Target.BY_QUEUE, Target.BY_DUE)
        return Runtime(
            stage=stage,
            build=build,
            layers=layers,
            environment={
                "STAGE": stage.name,
                "TABLE_NAME": table.table_name,
                "DAY_SECONDS": f"{stage.day_seconds:.12g}",
                "ALLOWED_ORIGINS": ",".join(stage.allowed_origins),
                "SITE_URL": stage.site_url,
                "LOG_LEVEL": stage.log_level,
                "POWERTOOLS_SERVICE_NAME": SERVICE,
                "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
                # The key of pseudonyms in logs. Who may look at the functions' settings can compute them anyway.
                "CALLER_ID_KEY": Aws.STACK_ID,
                "AWS_DATA_PATH": SERVICE_DATA,
            },
            arns={
                Target.TABLE: table.table_arn,
                **{index: f"{table.table_arn}/index/{index.value}" for index in indexes},
                Target.STREAM: str(table.table_stream_arn),
                Target.TASK_TOKENS: "*",
                Target.NOTIFICATIONS: self.notifications.queue.queue_arn,
                Target.INBOUND: self.inbound.queue.queue_arn,
                Target.MAIL_EVENTS: self.mail_events.queue.queue_arn,
                Target.UPLOADS: self.uploads.queue.queue_arn,
                Target.EVIDENCE_FILES: self._data.evidence.arn_for_objects(f"{EVIDENCE_KEYS}*"),
                Target.LATE_CHANGES: self.late_changes.queue.queue_arn,
                Target.STREAM_FAILURES: self.stream_failures.queue_arn,
                Target.BUS: self._data.bus.event_bus_arn,
                Target.TEAM_POOL: self._data.team.pool.user_pool_arn,
                Target.MAIL_IDENTITY: self.mail.identity_arn,
                Target.MAIL_CONFIGURATION: self.mail.configuration_arn,
            },
        )

    def _task_environment(self, row: FunctionSpec) -> dict[str, str]:
        targets = {target for grant in PROFILES[row.grants] for target in grant.targets}
        environment = self._issuers() if row.kind is Kind.API else {}
        if Target.MAIL_IDENTITY in targets:
            environment["MAIL_SENDER"] = self._stage.mail_sender
            environment["MAIL_CONFIGURATION_SET"] = self.mail.configuration_set_name
            environment["NOTIFICATION_QUEUE_URL"] = self.notifications.queue.queue_url
        if Target.EVIDENCE_FILES in targets:
            environment["EVIDENCE_BUCKET"] = self._data.evidence.bucket_name
            environment["MALWARE_SCANNING"] = "on" if self._stage.malware_scanning else "off"
        return environment

    def _issuers(self) -> dict[str, str]:
        """Whose tokens the functions behind the API take, and which claim of the public's says who somebody is."""
        public, team = self._data.public, self._data.team
        return {
            "PUBLIC_POOL_ID": public.pool.user_pool_id,
            "PUBLIC_CLIENT_ID": public.client.user_pool_client_id,
            "TEAM_POOL_ID": team.pool.user_pool_id,
            "TEAM_CLIENT_ID": team.client.user_pool_client_id,
            "USER_ID_CLAIM": f"custom:{USER_ID}" if self._stage.sign_in.federated else "sub",
        }

    def _acknowledge_evidence(self, functions: Mapping[str, Action]) -> None:
        exported = self.resolve(self._data.export_value(self._data.evidence.bucket_arn))["Fn::ImportValue"]
        for row in SPECS:
            if any(Target.EVIDENCE_FILES in grant.targets for grant in PROFILES[row.grants]):
                acknowledge(
                    functions[row.id].role,
                    f"AwsSolutions-IAM5[Resource::{exported}/{EVIDENCE_KEYS}*]",
                    "A file's key is made of its case, item and number: any of them below this one prefix.",
                )

    def _starter(self, row: FunctionSpec, runtime: Runtime) -> Action:
        machine = self.machine.machine
        executions = self.format_arn(
            service="states",
            resource="execution",
            resource_name=f"{self.machine.name}:case-*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        sweeper = row.kind is Kind.SCHEDULE
        own = (
            {"SWEEP_CONCURRENCY": str(_SWEEP_CONCURRENCY)}
            if sweeper
            else {"LATE_CHANGES_QUEUE_URL": self.late_changes.queue.queue_url}
        )
        action = Action(
            self,
            _title(row),
            row=row,
            runtime=runtime,
            environment={
                "STATE_MACHINE_ARN": machine.state_machine_arn,
                "EVENT_BUS_NAME": self._data.bus.event_bus_name,
                "NOTIFICATION_QUEUE_URL": self.notifications.queue.queue_url,
                **own,
            },
            arns={Target.MACHINE: machine.state_machine_arn, Target.EXECUTIONS: executions},
            reserved_concurrency=self._stage.sweeper_concurrency if sweeper else None,
        )
        if sweeper:
            acknowledge(
                action.role,
                f"AwsSolutions-IAM5[Resource::{self._readable_executions()}]",
                "Executions are named by their case: the sweeper asks after any of this one machine's.",
            )
        return action

    def _readable_executions(self) -> str:
        """The executions' ARN as cdk-nag spells it: `<AWS::Region>` for what only the deployment knows."""
        words = (("Partition", self.partition), ("Region", self.region), ("AccountId", self.account))
        partition, region, account = (
            f"<AWS::{word}>" if Token.is_unresolved(it) else it for word, it in words
        )
        return f"arn:{partition}:states:{region}:{account}:execution:{self.machine.name}:case-*"

    def _guards(self) -> None:
        if self._stage.local:
            acknowledge(self.edge, "AwsSolutions-APIG3", "The emulator has no firewall to associate.")
            return
        Firewall(self, "Firewall", stage=self._stage, resource_arn=self.edge.api.deployment_stage.stage_arn)
        Alarms(
            self,
            "Alarms",
            stage=self._stage,
            api=self.edge.api,
            machine=self.machine.machine,
            dispatcher=self.functions["dispatch_changes"],
            late_changes=self.late_changes.queue,
            sweeper=self.functions["sweep_deadlines"],
            configuration_set=self.mail.configuration_set_name,
            auditor=self.functions["audit_cases"],
            dead_letters={
                "Notifications": self.notifications.failed,
                "Inbound": self.inbound.failed,
                "Uploads": self.uploads.failed,
                "MailEvents": self.mail_events.failed,
                "LateChanges": self.late_changes.failed,
                "Stream": self.stream_failures,
                "Sweeps": self.missed_sweeps,
            },
        )

    def _outputs(self) -> None:
        CfnOutput(self, "ApiUrl", value=api_url(self.edge.api, self._stage))
        CfnOutput(self, "ApiId", value=self.edge.api.rest_api_id)
        CfnOutput(self, "StateMachineArn", value=self.machine.machine.state_machine_arn)
        CfnOutput(self, "LateChangesQueueUrl", value=self.late_changes.queue.queue_url)
        CfnOutput(self, "NotificationQueueUrl", value=self.notifications.queue.queue_url)


def _title(row: FunctionSpec) -> str:
    """`open_dispute` as `OpenDispute`: construct ids, hence logical ids, in CloudFormation's style."""
    return row.id.title().replace("_", "")
