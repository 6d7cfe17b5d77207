"""Step Functions, EventBridge, SQS and SES over moto, and the machine's own clock and chance."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.dynamodb.models import dynamodb_backends

from buyer_protection.adapters.aws.clients import client
from buyer_protection.adapters.aws.event_bus import EventBridgeBus, EventsRefusedError
from buyer_protection.adapters.aws.executions import StepFunctionsExecutions
from buyer_protection.adapters.aws.notification_queue import SqsNotificationQueue
from buyer_protection.adapters.aws.retry_queue import SqsRetryQueue
from buyer_protection.adapters.aws.ses_transport import SesTransport
from buyer_protection.adapters.aws.system import RandomIds, SystemClock
from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.stream_records import parse, written_at
from buyer_protection.adapters.dynamodb.tables import LedgerRow
from buyer_protection.application.ports.events import OrderEnded, OutboundEvent
from buyer_protection.application.schemas.outbound_events import completed_event
from buyer_protection.domain import negotiation
from buyer_protection.domain.windows import Alarm
from ops.redispatch import records_of, records_of_order
from tests.integration import people
from tests.integration.conftest import REGION, TABLE_NAME
from tests.integration.people import OPENED

ALARM = Alarm("dp-1", 1, 1, "NEGOTIATION", 3, 86_400)
WAITING = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}


@pytest.fixture
def executions(table: Any) -> StepFunctionsExecutions:
    role = "arn:aws:iam::123456789012:role/case"
    machine = boto3.client("stepfunctions", region_name=REGION).create_state_machine(
        name="case", definition=json.dumps(WAITING), roleArn=role
    )
    return StepFunctionsExecutions(machine["stateMachineArn"])


def test_an_execution_is_started_once(executions: StepFunctionsExecutions) -> None:
    assert not executions.is_running("dp-1", 1)
    executions.start(ALARM)
    executions.start(Alarm("dp-1", 1, 1, "NEGOTIATION", 3, 5))
    assert executions.is_running("dp-1", 1)
    assert not executions.is_running("dp-1", 2)
    (found,) = client("stepfunctions").list_executions(stateMachineArn=executions._state_machine_arn)[
        "executions"
    ]
    assert found["name"] == "case-dp-1-g1"
    started = client("stepfunctions").describe_execution(executionArn=found["executionArn"])
    assert json.loads(started["input"]) == {
        "case_id": "dp-1",
        "generation": 1,
        "contract": 1,
        "status": "NEGOTIATION",
        "epoch": 3,
        "seconds": 86_400,
    }


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_waking_who_is_awake_is_a_success(executions: StepFunctionsExecutions, code: str) -> None:
    with Stubber(client("stepfunctions")) as stub:
        stub.add_client_error("send_task_success", code)
        executions.wake("token", ALARM)


def test_other_faults_are_raised(executions: StepFunctionsExecutions) -> None:
    with Stubber(client("stepfunctions")) as stub:
        for call in ("send_task_success", "start_execution", "describe_execution"):
            stub.add_client_error(call, "AccessDeniedException")
        with pytest.raises(ClientError):
            executions.wake("token", ALARM)
        with pytest.raises(ClientError):
            executions.start(ALARM)
        with pytest.raises(ClientError):
            executions.is_running("dp-1", 1)


def events(count: int) -> list[OutboundEvent]:
    return [OutboundEvent(f"e-{n}", "DisputeOpened", OPENED, {"dispute_id": f"dp-{n}"}) for n in range(count)]


def test_events_go_out_in_tens(table: Any) -> None:
    sent: list[dict[str, Any]] = []
    client("events").meta.events.register(
        "provide-client-params.events.PutEvents", lambda params, **_: sent.append(dict(params))
    )
    client("events").create_event_bus(Name="disputes")
    EventBridgeBus("disputes").publish(events(23))
    assert [len(call["Entries"]) for call in sent] == [10, 10, 3]
    entry = sent[0]["Entries"][0]
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == (
        "buyer-protection",
        "DisputeOpened",
        "disputes",
    )
    assert json.loads(entry["Detail"]) == {
        "id": "e-0",
        "schema_version": 1,
        "at": "2026-03-09T12:00:00.123Z",
        "specversion": "1.0",
        "source": "buyer-protection",
        "type": "DisputeOpened",
        "time": "2026-03-09T12:00:00.123Z",
        "subject": "dp-0",
        "dispute_id": "dp-0",
    }


def test_a_change_that_is_moved_to_the_retry_queue_or_sent_again_says_the_same_as_the_streams_own_record(
    table: Any,
) -> None:
    """Through SQS and back: what was committed, to the hash of the entry."""
    change = people.opening()
    PynamoCaseStore().commit(change, now=OPENED)
    url = client("sqs").create_queue(QueueName="late-changes")["QueueUrl"]
    captured = [
        one.to_json() for one in dynamodb_backends[ACCOUNT][REGION].tables[TABLE_NAME].stream_shard.items
    ]
    entries = [one for one in captured if one["dynamodb"]["Keys"]["sk"]["S"].startswith("TL#")]
    written = [{**one["dynamodb"], "ApproximateCreationDateTime": 1_773_057_600} for one in entries]
    late = SqsRetryQueue(url)
    for one, said in zip(entries, written, strict=True):
        late.put({"eventName": one["eventName"], "dynamodb": said})
    for again in records_of(change.after.dispute_id, OPENED):
        late.put(again)

    received = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    records = [json.loads(message["Body"]) for message in received]

    assert [parse(record) for record in records] == [change.entry, change.entry]
    assert [written_at(record) for record in records] == [datetime(2026, 3, 9, 12, tzinfo=UTC), None]
    assert records_of(change.after.dispute_id, OPENED + timedelta(milliseconds=1)) == []
    assert records_of("dp-of-nobody", OPENED) == []


def test_b6_r44_the_end_of_an_order_is_dispatched_again_with_its_case_and_by_itself(table: Any) -> None:
    cases, opened = PynamoCaseStore(), people.opening()
    PynamoOrderStore().put(people.order())
    cases.commit(opened, now=OPENED)
    agreed = negotiation.accept_request(opened.after, people.SELLER, OPENED + timedelta(days=1))
    cases.commit(agreed, now=OPENED + timedelta(days=1))
    order_id, ended_at = opened.after.order_id, OPENED + timedelta(days=1)
    ended = OrderEnded(order_id, ended_at, opened.after.dispute_id)
    assert [parse(it) for it in records_of(opened.after.dispute_id, OPENED)][-1] == ended
    (record,) = records_of_order(order_id, ended_at)
    assert parse(record) == ended
    # What the ledger says of the order later is no other end of it: the event has the same id.
    LedgerRow(*keys.ledger(order_id)).update(actions=[LedgerRow.version.set(99)])
    (again,) = records_of_order(order_id, ended_at)
    assert parse(again) == ended
    assert completed_event(ended).event_id == f"{order_id}-{ended.number}-OrderCompleted"
    assert records_of_order(order_id, ended_at + timedelta(milliseconds=1)) == []
    assert records_of_order("order-of-nobody", OPENED) == []


def test_a_refused_event_is_an_error(table: Any) -> None:
    with Stubber(client("events")) as stub:
        refused = [{"EventId": "1"}, {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}]
        stub.add_response("put_events", {"FailedEntryCount": 1, "Entries": refused})
        with pytest.raises(EventsRefusedError, match="1 of 2: ThrottlingException"):
            EventBridgeBus("disputes").publish(events(2))


def test_a_message_names_a_case(table: Any) -> None:
    url = boto3.client("sqs", region_name=REGION).create_queue(QueueName="notifications")["QueueUrl"]
    SqsNotificationQueue(url).enqueue("dp-1")
    (message,) = client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"case_id": "dp-1"}


def test_a_message_names_the_call_that_it_follows_from(table: Any) -> None:
    url = boto3.client("sqs", region_name=REGION).create_queue(QueueName="notifications")["QueueUrl"]
    SqsNotificationQueue(url).enqueue("dp-1", correlation_id="call-1")
    (message,) = client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"case_id": "dp-1", "correlation_id": "call-1"}


def test_a_message_can_be_held_back_for_a_while(table: Any) -> None:
    held: list[dict[str, Any]] = []
    client("sqs").meta.events.register(
        "provide-client-params.sqs.SendMessage", lambda params, **_: held.append(dict(params))
    )
    url = boto3.client("sqs", region_name=REGION).create_queue(QueueName="notifications")["QueueUrl"]
    SqsNotificationQueue(url).enqueue("dp-1", delay_seconds=900)
    assert [call["DelaySeconds"] for call in held] == [900]
    assert "Messages" not in client("sqs").receive_message(QueueUrl=url)


def test_a_mail_carries_its_headers_and_clean_tags(table: Any) -> None:
    sent: list[dict[str, Any]] = []
    ses = client("sesv2")
    ses.meta.events.register(
        "provide-client-params.sesv2.SendEmail", lambda params, **_: sent.append(dict(params))
    )
    ses.create_email_identity(EmailIdentity="example.com")
    transport = SesTransport("Disputes <disputes@example.com>", "disputes")
    message_id = transport.send(
        to="ana@example.com",
        subject="Olá",
        html="<p>é</p>",
        text="é",
        thread="dp-1.buyer",
        tags={"mail_id": "00000001#BUYER"},
    )
    assert message_id
    (call,) = sent
    assert call["ConfigurationSetName"] == "disputes"
    assert call["Destination"] == {"ToAddresses": ["ana@example.com"]}
    assert call["EmailTags"] == [{"Name": "mail_id", "Value": "00000001_BUYER"}]
    assert {header["Name"]: header["Value"] for header in call["Content"]["Simple"]["Headers"]} == {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "DR, RN, NRN, OOF, AutoReply",
        "List-Id": "Buyer Protection <disputes.example.com>",
        "In-Reply-To": "<dp-1.buyer@example.com>",
        "References": "<dp-1.buyer@example.com>",
    }


def test_all_clients_come_from_one_session(table: Any) -> None:
    assert client("sqs") is client("sqs")
    assert client("sqs")._request_signer._credentials is Row.connection().client._request_signer._credentials


def test_the_clock_counts_milliseconds() -> None:
    now = SystemClock().now()
    assert now.microsecond % 1000 == 0
    assert now.utcoffset() == timedelta(0)


class Ticking:
    """Each look a millisecond later."""

    def __init__(self) -> None:
        self._now = OPENED

    def now(self) -> Any:
        self._now += timedelta(milliseconds=1)
        return self._now


def test_ids_sort_by_time_and_differ() -> None:
    ids = RandomIds(Ticking())
    made = [ids.dispute_id() for _ in range(200)]
    assert made == sorted(made)
    assert len(set(made)) == 200
    assert {len(one) for one in made} == {29}
    assert set("".join(made).replace("dp-", "")) <= set("0123456789abcdefghjkmnpqrstvwxyz")
    assert len({RandomIds().dispute_id() for _ in range(200)}) == 200
