"""The names by which stacks refer to each other: built from the stage's prefix, so that no export locks an update.

Only what AWS names itself, in the data stack, is exported: the ids of what outlives every deployment. These exports are
always there, whether a stack reads them or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aws_cdk import ArnFormat, Fn, Stack
from constructs import Construct

from infra.queue_names import DEAD_LETTERS, READ_BY, QueueName
from infra.stages import Stage

# The alias of the version that people call.
LIVE = "live"


# The schedules, by the function that each calls.
SCHEDULES = ("sweep_deadlines", "audit_cases")


class Export(StrEnum):
    """What the data stack says of itself."""

    TABLE_STREAM_ARN = "TableStreamArn"
    EVIDENCE_BUCKET_NAME = "EvidenceBucketName"
    EVIDENCE_BUCKET_ARN = "EvidenceBucketArn"
    ARCHIVE_BUCKET_NAME = "ArchiveBucketName"
    ARCHIVE_BUCKET_ARN = "ArchiveBucketArn"
    USER_POOL_ID = "UserPoolId"
    USER_POOL_CLIENT_ID = "UserPoolClientId"
    USER_POOL_ARN = "UserPoolArn"
    TEAM_POOL_ID = "TeamPoolId"
    TEAM_POOL_CLIENT_ID = "TeamPoolClientId"
    TEAM_POOL_ARN = "TeamPoolArn"
    # The key of pseudonyms in logs, the same for all functions.
    CALLER_ID_KEY = "CallerIdKey"

    def name_in(self, stage: Stage) -> str:
        """The export's name, which an account has once in a region."""
        return f"{stage.prefix}:{self.value}"


def signing_key_export(stage: Stage, number: int) -> str:
    """The export of the ARN of a key of exports: each has its own, as none that is in use may change."""
    return f"{stage.prefix}:SigningKeyArn{number}"


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a stage's resources, and their ARNs as `scope` writes them."""

    scope: Construct
    stage: Stage

    def of(self, name: str) -> str:
        """The physical name of what is called `name` within the stage."""
        return f"{self.stage.prefix}-{name}"

    def imported(self, export: Export) -> str:
        """What the data stack exports."""
        return Fn.import_value(export.name_in(self.stage))

    @property
    def signing_key_arns(self) -> tuple[str, ...]:
        """The ARNs of the keys of exports, oldest first, which the data stack exports one by one."""
        return tuple(
            Fn.import_value(signing_key_export(self.stage, number))
            for number in range(1, self.stage.signing_keys + 1)
        )

    def queue_arn(self, queue: QueueName, *, failed: bool = False) -> str:
        """The ARN of a queue, or of the one for what it gave up."""
        return self._arn("sqs", self.of(f"{queue}-failed" if failed else queue))

    def queue_url(self, queue: QueueName) -> str:
        """The URL of a queue."""
        return f"{self.queues_url}{queue}"

    @property
    def queues_url(self) -> str:
        """What the URL of every queue begins with."""
        stack = Stack.of(self.scope)
        return f"https://sqs.{stack.region}.{stack.url_suffix}/{stack.account}/{self.of('')}"

    @property
    def queue_arns(self) -> tuple[str, ...]:
        """The ARNs of all queues of the stage."""
        return tuple(self._arn("sqs", self.of(name)) for name in (*READ_BY, *DEAD_LETTERS))

    def live_arn(self, id: str) -> str:
        """The ARN of the version of a row's function that people call."""
        return f"{self._arn('lambda', 'function', self.of(id))}:{LIVE}"

    def _arn(self, service: str, resource: str, name: str | None = None) -> str:
        return Stack.of(self.scope).format_arn(
            service=service,
            resource=resource,
            resource_name=name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME if name else ArnFormat.NO_RESOURCE_NAME,
        )

    def _path_arn(self, service: str, resource: str, name: str) -> str:
        return Stack.of(self.scope).format_arn(service=service, resource=resource, resource_name=name)

    def schedule(self, id: str, number: int = 1) -> str:
        """A rule that calls a function by schedule."""
        return self.of(f"{id}-schedule" if number == 1 else f"{id}-schedule-{number}")

    def schedule_arn(self, id: str, number: int = 1) -> str:
        """Its ARN."""
        return self._path_arn("events", "rule", self.schedule(id, number))

    @property
    def bus(self) -> str:
        """The event bus."""
        return self.of("bus")

    @property
    def bus_arn(self) -> str:
        """Its ARN."""
        return self._path_arn("events", "event-bus", self.bus)

    @property
    def table(self) -> str:
        """The table; one that was restored under another name can be adopted by a setting."""
        return self.stage.table_name or self.of("cases")

    @property
    def table_arn(self) -> str:
        """Its ARN."""
        return self._path_arn("dynamodb", "table", self.table)

    @property
    def table_stream_arn(self) -> str:
        """The ARN of its stream, of which AWS makes a part up."""
        return self.stage.table_stream_arn or self.imported(Export.TABLE_STREAM_ARN)

    @property
    def machine(self) -> str:
        """The state machine."""
        return self.of("case")

    @property
    def machine_arn(self) -> str:
        """Its ARN."""
        return self._arn("states", "stateMachine", self.machine)

    @property
    def executions_arn(self) -> str:
        """The ARNs of its executions of cases."""
        return self._arn("states", "execution", f"{self.machine}:case-*")

    @property
    def api(self) -> str:
        """The API."""
        return self.of("api")

    @property
    def backend_api(self) -> str:
        """The API of the shop's backend."""
        return self.of("backend-api")

    @property
    def api_id_export(self) -> str:
        """The export of the API's id, which AWS makes up: the pages' distribution leads to it."""
        return f"{self.stage.prefix}:ApiId"

    @property
    def mails(self) -> str:
        """SES's configuration set."""
        return self.of("mail")
