"""The deployed system in one process: the real handlers over moto, called as API Gateway, Lambda and SQS call them.

Time stands still unless a flow moves it on, so that what is done again after a fault is done at the same instant.
"""

import copy
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.retries.quota import RetryQuota
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.ses.models import ses_backends
from moto.sqs.models import sqs_backends

from buyer_protection.adapters.aws import ses_transport
from buyer_protection.adapters.aws.clients import client
from buyer_protection.adapters.aws.system import RandomIds, SystemClock
from buyer_protection.adapters.aws.team import CognitoTeam
from buyer_protection.adapters.dynamodb.row import CONDITION_FAILED, Row, configure
from buyer_protection.adapters.pictures.maker import SeparatePictures
from buyer_protection.application.workers.breaker import Breaker
from buyer_protection.composition import container
from infra.constructs.feeds import ANNOUNCING_ROWS
from tests.crash.machine import Alarm, Execution, Machine
from tests.crash.wire import Died, Fault, Sent, Wire, placed
from tests.integration.conftest import REGION, TABLE_NAME, create_table
from tests.support.api_events import CONTEXT, ENVIRONMENT, document
from tests.support.case_machine import OutdatedAlarmError
from tests.support.in_process import WORKERS, event_for, handler_of, module_of
from tests.support.patterns import matches
from tests.support.pictures import FakePictures

START = datetime(2026, 3, 9, 12, tzinfo=UTC)
LATE_CHANGES = "late-changes"
WEBHOOKS = "webhooks"
BUCKET = ENVIRONMENT["EVIDENCE_BUCKET"]
# Enough to be more than one; each round of the sweeper asks each of them.
FEW_SHARDS = 2
# How often a client, Lambda or SQS tries again before this harness says that it was in vain.
_PATIENCE = 4

Records = list[dict[str, Any]]


class NotRecoveredError(AssertionError):
    """Tried again without any fault, it still failed."""


@dataclass
class Kept:
    """Everything that a fault can touch, to begin from again."""

    items: Any
    now: datetime
    executions: dict[str, Execution]
    parked: int
    pending: Records
    messages: list[str]
    late: list[str]
    effects: list[Sent]
    uploads: dict[str, bytes]
    ids: int


@dataclass
class World:
    """`pending` are records of the stream that nobody has read, `messages` what lies in the notification queue, `late`
    and `deliveries` in those of late changes and of webhooks."""

    now: datetime = START
    pending: Records = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    deliveries: list[str] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    ids: int = 0
    waited: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        self.machine = Machine(self._run_task, self._park, lambda: self.now)
        self.wire = Wire(self.machine.answer, self._pass_time)

    @property
    def case(self) -> str:
        """The newest case's id; nobody's where there is none yet."""
        return max(
            (row["pk"]["S"] for row in self.rows() if row["sk"]["S"] == "STATE"), default="#none"
        ).split("#")[1]

    # --- one invocation ----------------------------------------------------------------------------------------

    def invoke(self, function: str, given: Any) -> Any:
        """Run a handler once. A process that died is gone with all that it had loaded; its next one starts anew."""
        try:
            with self.wire.process():
                return handler_of(function)(given, CONTEXT)
        except Died:
            sys.modules.pop(module_of(function), None)
            raise
        finally:
            self._harvest()

    def api(self, function: str, caller: dict[str, Any], body: object, key: str | None, **names: str) -> Any:
        """A client's call, repeated with its key while no answer below 500 comes."""
        asked = event_for(function, caller, body, key=key, **names)
        for _ in range(_PATIENCE):
            try:
                answer = self.invoke(function, asked)
            except Died:
                continue
            if answer["statusCode"] < 500:
                return {
                    "status": answer["statusCode"],
                    "document": document(answer) if answer["body"] else None,
                }
        raise NotRecoveredError(function)

    def batch(self, function: str, given: dict[str, Any]) -> None:
        """Lambda's way with a stream's batch or a schedule: the same again until it ends well."""
        for _ in range(_PATIENCE):
            try:
                self.invoke(function, given)
            except (Exception, Died):  # noqa: BLE001 - Lambda tries again, whatever it was
                continue
            return
        raise NotRecoveredError(function)

    def queue(self, function: str, bodies: list[str]) -> None:
        """SQS's way: what failed, or was in a process that died, comes again."""
        left = {f"m-{number}": body for number, body in enumerate(bodies)}
        for _ in range(_PATIENCE):
            records = [{"messageId": message_id, "body": body} for message_id, body in left.items()]
            try:
                failed = self.invoke(function, {"Records": records})["batchItemFailures"]
            except (Exception, Died):  # noqa: BLE001 - the whole batch comes again
                continue
            left = {one["itemIdentifier"]: left[one["itemIdentifier"]] for one in failed}
            if not left:
                return
        raise NotRecoveredError(f"{function}: {left}")

    # --- what runs by itself -----------------------------------------------------------------------------------

    def dispatch(self) -> None:
        """The stream's reader takes all that is there as one batch."""
        records, self.pending = self.pending, []
        self.batch("dispatch_changes", {"Records": records})

    def notify(self) -> None:
        """The notification function takes all that is queued as one batch."""
        bodies, self.messages = self.messages, []
        self.queue("notify_parties", bodies)

    def sweep(self) -> None:
        """One round of the sweeper; the next one too where this one did not end well."""
        for _ in range(_PATIENCE):
            try:
                done = self.invoke("sweep_deadlines", {})
            except (Exception, Died):  # noqa: BLE001 - the next minute brings the next round
                continue
            if not any(name.startswith("failed_") for name in done):
                return
        raise NotRecoveredError("sweep_deadlines")

    def settle(self) -> None:
        """Until nothing is left to do at this instant."""
        while self.pending or self.messages or self.late or self.machine.go_on():
            if self.pending:
                self.dispatch()
            if self.late:
                bodies, self.late = self.late, []
                self.queue("dispatch_changes", bodies)
            if self.messages:
                self.notify()

    def wait(self, **time: float) -> None:
        """Time passes; executions whose window ends wake."""
        self.now += timedelta(**time)
        while self.machine.time_out():
            self.settle()

    def upload(self, content: bytes) -> None:
        """The newest item's file arrives in the bucket."""
        rows = [row for row in self.rows() if row["sk"].get("S", "").startswith("EVID#")]
        newest = rows[-1]
        key = f"evidence/{newest['pk']['S'].removeprefix('CASE#')}/{newest['evidence_id']['S']}/f-1"
        self.uploads[key] = content
        self._put(key)

    def upload_events(self) -> list[str]:
        """S3's event about each upload, as it lies in the queue."""
        return [
            json.dumps({"source": "aws.s3", "detail": {"object": {"key": key, "version-id": version}}})
            for key, version in self.versions.items()
        ]

    # --- looking -----------------------------------------------------------------------------------------------

    def rows(self) -> Records:
        """All items of the table, raw, in the order of their keys."""
        items = [item for ranges in _table().items.values() for item in ranges.values()]
        found = [item.to_json()["Attributes"] for item in items]
        return sorted(found, key=lambda row: (row["pk"]["S"], row["sk"]["S"]))

    def objects(self) -> dict[str, list[int]]:
        """What lies in the bucket: each key with the sizes of its versions."""
        found: dict[str, list[int]] = {}
        for one in self.object_versions():
            found.setdefault(one["Key"], []).append(one["Size"])
        return found

    def object_versions(self) -> list[dict[str, Any]]:
        """What lies in the bucket. Of copies only what a row names: what a call that was cut off left is replaced by
        the next one's, and ends with the bucket's earlier versions."""
        named = json.dumps(self.rows(), default=str)
        found: list[dict[str, Any]] = client("s3").list_object_versions(Bucket=BUCKET).get("Versions", [])
        return [it for it in found if it["Key"] in self.uploads or it["VersionId"] in named]

    # --- beginning anew ----------------------------------------------------------------------------------------

    def keep(self) -> Kept:
        """A copy of everything."""
        machine = self.machine
        return Kept(
            copy.deepcopy(_table().items),
            self.now,
            copy.deepcopy(machine.executions),
            machine.parked,
            list(self.pending),
            list(self.messages),
            list(self.late),
            list(self.wire.effects),
            dict(self.uploads),
            self.ids,
        )

    def begin(self, kept: Kept, fault: Fault | None = None) -> None:
        """Everything as it was kept, in processes that know of nothing else, and this fault ahead."""
        container.get.cache_clear()
        _table().items = copy.deepcopy(kept.items)
        self.now, self.ids = kept.now, kept.ids
        self.machine.executions, self.machine.parked = copy.deepcopy(kept.executions), kept.parked
        self.pending, self.messages, self.late = list(kept.pending), list(kept.messages), list(kept.late)
        self.deliveries.clear()
        self.wire.begin(kept.effects, fault)
        # Whatever went out is in `effects`; what moto hoards of it would only grow over thousands of beginnings.
        ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages.clear()
        for queue in sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues.values():
            queue._messages.clear()
        if self.uploads or kept.uploads:
            self._empty_bucket()
            self.uploads = dict(kept.uploads)
            for key in self.uploads:
                self._put(key)

    def forget_stream(self) -> None:
        """Empty the stream: no consumer receives what was written so far."""
        _table().stream_shard.items = []

    def _put(self, key: str) -> None:
        answer = client("s3").put_object(Bucket=BUCKET, Key=key, Body=self.uploads[key])
        self.versions[key] = answer["VersionId"]

    def _empty_bucket(self) -> None:
        for one in client("s3").list_object_versions(Bucket=BUCKET).get("Versions", []):
            client("s3").delete_object(Bucket=BUCKET, Key=one["Key"], VersionId=one["VersionId"])
        self.versions.clear()

    # --- what the state machine calls ---------------------------------------------------------------------------

    def _pass_time(self, time: timedelta) -> None:
        self.waited += time

    def _run_task(self, function: str, alarm: Alarm) -> Alarm:
        result: Alarm = self.invoke(function, alarm)
        return result

    def _park(self, asked: dict[str, Any]) -> None:
        try:
            Row.connection().client.update_item(**asked | {"TableName": TABLE_NAME})
        except ClientError as error:
            if error.response["Error"]["Code"] != CONDITION_FAILED:
                raise
            raise OutdatedAlarmError from error
        self._harvest()

    def _harvest(self) -> None:
        """Move what moto's stream holds, and the filter lets through, to `pending`, and the messages that were sent to
        `messages`."""
        shard = _table().stream_shard
        for record in shard.items:
            written = record.to_json()
            # As Lambda writes it, and by this world's clock.
            written["dynamodb"]["ApproximateCreationDateTime"] = self.now.timestamp()
            if any(matches(pattern, written) for pattern in ANNOUNCING_ROWS):
                self.pending.append(written)
        shard.items = []
        sent = [one for one in self.wire.effects if one.operation == "sqs.SendMessage"]
        for one in sent:
            name = one.asked["QueueUrl"].rsplit("/", 1)[1]
            to = {LATE_CHANGES: self.late, WEBHOOKS: self.deliveries}.get(name, self.messages)
            to.append(one.asked["MessageBody"])
        self.wire.effects[:] = [one for one in self.wire.effects if one.operation != "sqs.SendMessage"]


def _table() -> Any:
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[TABLE_NAME]


@contextmanager
def world_over_moto(patch: pytest.MonkeyPatch, due_shards: int = FEW_SHARDS) -> Iterator[World]:
    """Table, bucket, bus, queue and mail identity in moto; the world's clock in the place of the system's.

    What becomes due is written into, and looked for in, `due_shards` shards."""
    world = World()

    def next_id(_: RandomIds) -> str:
        world.ids += 1
        return f"dp-01jp2n8k7q{world.ids:016d}"

    def seconds() -> float:
        return world.now.timestamp()

    patch.setattr(SystemClock, "now", lambda _: world.now)
    # moto's Cognito needs one more library; what asks it is tested in tests/integration/test_team.py.
    patch.setattr(CognitoTeam, "has_member", lambda *_: True)
    patch.setattr(CognitoTeam, "names", lambda _: {})
    patch.setattr(RandomIds, "dispute_id", next_id)
    patch.setattr(RandomIds, "team_row_id", lambda _, prefix: f"{prefix}-1")
    patch.setattr(RandomIds, "salt", lambda _: "5a17" * 8)
    patch.setattr("time.sleep", lambda _seconds: None)
    # What a silent service costs is seen by who measures it; what is compared is dated as if nobody had waited.
    patch.setattr(Breaker, "_now", lambda _: world.now + world.waited)
    # How long SES is not asked again after it was silent: the world's time, too.
    patch.setattr(ses_transport, "time", SimpleNamespace(monotonic=seconds))
    # Links are signed with the instant of their making.
    for module in ("signers", "auth"):
        patch.setattr(f"botocore.{module}.get_current_datetime", lambda *_, **__: START.replace(tzinfo=None))
    # A client's budget of retries, enough for any one invocation, would run out over hundreds of them.
    patch.setattr(RetryQuota, "acquire", lambda *_: True)
    # Of the flows about a confirmation alone (R47): all others are in another currency.
    for name, value in {**ENVIRONMENT, **WORKERS, "CONFIRM_ABOVE": "CHF=0"}.items():
        patch.setenv(name, value)
    for name in ("DUE_SHARDS", "DUE_SHARDS_READ"):
        patch.setenv(name, str(due_shards))
    client.cache_clear()
    container.get.cache_clear()
    # As the workers are: whatever people's own calls ask of other services is repeated by them.
    patch.setenv("IN_BACKGROUND", "on")
    configure(TABLE_NAME, REGION, in_background=True, due_shards=(due_shards, due_shards))
    create_table()
    _make_services(patch)
    with placed(world.wire):
        yield world
    client.cache_clear()
    container.get.cache_clear()


def _make_services(patch: pytest.MonkeyPatch) -> None:
    s3 = client("s3")
    for bucket in (BUCKET, ENVIRONMENT["ARCHIVE_BUCKET"]):
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    client("events").create_event_bus(Name=WORKERS["EVENT_BUS_NAME"])
    url = client("sqs").create_queue(QueueName="notifications")["QueueUrl"]
    patch.setenv("NOTIFICATION_QUEUE_URL", url)
    for queue, setting in ((LATE_CHANGES, "LATE_CHANGES_QUEUE_URL"), (WEBHOOKS, "WEBHOOK_QUEUE_URL")):
        patch.setenv(setting, client("sqs").create_queue(QueueName=queue)["QueueUrl"])
    client("sesv2").create_email_identity(EmailIdentity=WORKERS["MAIL_SENDER"])
    # The libraries have tests of their own; a process for each picture would only cost time.
    patch.setattr(SeparatePictures, "clean", FakePictures().clean)
