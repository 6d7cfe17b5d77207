"""The templates: what must not be lost is protected, what fails is kept, and nothing is reachable in the open."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from infra.constructs.action import HANDLER
from infra.routes import CALLED, SPECS, Auth, specs_of
from infra.stages import STAGES
from tests.synth.assembly import BACKENDS_API, PEOPLES_API, Synthesis, readable

OUTPUTS = {
    "ApiUrl",
    "ApiId",
    "BackendApiUrl",
    "BackendApiId",
    "UserPoolId",
    "UserPoolClientId",
    "TeamPoolId",
    "TeamPoolClientId",
    "TableName",
    "StateMachineArn",
    "EventBusName",
    "EvidenceBucketName",
    "NotificationQueueUrl",
}
ALL = tuple(STAGES)
# The emulator has no alarms.
OPERATED = {"dev": {"Operations"}, "prod": {"Operations"}}
DEPLOYED = ("dev", "prod")
Synthesise = Callable[..., Synthesis]


@pytest.mark.parametrize("stage", ALL)
def test_stacks_and_outputs_have_the_names_that_others_rely_on(synthesise: Synthesise, stage: str) -> None:
    synthesis = synthesise(stage)
    names = synthesis.stacks.keys()
    outputs = {name for template in synthesis.templates.values() for name in template.get("Outputs", {})}

    stacks = {"Data", "Messaging", "Workers", "Parties", "Desk", "Edge", "Site"}
    assert names == {f"BuyerProtection-{stage}-{stack}" for stack in stacks | OPERATED.get(stage, set())}
    assert outputs >= OUTPUTS


@pytest.mark.parametrize("stage", DEPLOYED)
def test_data_outlives_the_stack(synthesise: Synthesise, stage: str) -> None:
    synthesis = synthesise(stage)
    for type in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Cognito::UserPool", "AWS::KMS::Key"):
        # The pages' bucket is made anew from the repository.
        in_data = synthesis.template("Data")["Resources"].values()
        resources = [it for it in in_data if it["Type"] == type]
        assert resources
        assert {(it["DeletionPolicy"], it["UpdateReplacePolicy"]) for it in resources} == {
            ("Retain", "Retain")
        }
    (table,) = synthesis.of("AWS::DynamoDB::Table").values()
    pools = synthesis.of("AWS::Cognito::UserPool").values()
    assert table["Properties"]["DeletionProtectionEnabled"] is True
    assert {pool["Properties"]["DeletionProtection"] for pool in pools} == {"ACTIVE"}


@pytest.mark.parametrize("stage", ALL)
def test_the_table_can_go_back_in_time_forgets_by_ttl_and_streams_both_images(
    synthesise: Synthesise, stage: str
) -> None:
    (table,) = (it["Properties"] for it in synthesise(stage).of("AWS::DynamoDB::Table").values())

    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_table_and_evidence_are_encrypted_with_a_rotating_key_of_our_own(prod: Synthesis) -> None:
    (key,) = (it for it in prod.of("AWS::KMS::Key").values() if "KeySpec" not in it["Properties"])
    (table,) = prod.of("AWS::DynamoDB::Table").values()
    in_data = prod.template("Data")["Resources"].values()
    encryptions = [readable_algorithm(it["Properties"]) for it in in_data if it["Type"] == "AWS::S3::Bucket"]

    assert key["Properties"]["EnableKeyRotation"] is True
    assert table["Properties"]["SSESpecification"]["SSEType"] == "KMS"
    assert sorted(encryptions) == ["AES256", "aws:kms", "aws:kms"]


def readable_algorithm(properties: dict[str, object]) -> str:
    """The algorithm of a bucket's default encryption."""
    encryption = properties["BucketEncryption"]
    assert isinstance(encryption, dict)
    (rule,) = encryption["ServerSideEncryptionConfiguration"]
    return str(rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"])


def test_no_bucket_is_public_and_none_answers_without_tls(prod: Synthesis) -> None:
    buckets = prod.of("AWS::S3::Bucket")
    policies = prod.of("AWS::S3::BucketPolicy").values()

    for bucket in buckets.values():
        blocked = bucket["Properties"]["PublicAccessBlockConfiguration"]
        assert len(blocked) == 4
        assert all(blocked.values())
    denied = [
        statement
        for policy in policies
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    ]
    assert len(denied) == len(buckets)


def test_the_evidence_takes_uploads_from_the_shops_pages_only(prod: Synthesis) -> None:
    rules = [
        rule
        for bucket in prod.of("AWS::S3::Bucket").values()
        for rule in bucket["Properties"].get("CorsConfiguration", {}).get("CorsRules", [])
    ]

    assert [rule["AllowedOrigins"] for rule in rules] == [list(STAGES["prod"].allowed_origins)]


@pytest.mark.parametrize("stage", ALL)
def test_uploads_reach_their_queue_over_the_default_bus(synthesise: Synthesise, stage: str) -> None:
    synthesis = synthesise(stage)
    rules = [
        it["Properties"]
        for it in synthesis.of("AWS::Events::Rule").values()
        if readable(it["Properties"]["Targets"][0]["Arn"]) == "UploadsQueue.Arn"
    ]
    (evidence,) = (
        it["Properties"]
        for it in synthesis.of("AWS::S3::Bucket").values()
        if "NotificationConfiguration" in it["Properties"]
    )

    assert evidence["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert {it["EventPattern"]["source"][0] for it in rules} == (
        {"aws.s3"} if stage == "local" else {"aws.s3", "aws.guardduty"}
    )
    assert all("EventBusName" not in it for it in rules)
    assert all(
        readable(it["Targets"][0]["DeadLetterConfig"]["Arn"]) == "UploadsFailedQueue.Arn" for it in rules
    )


@pytest.mark.parametrize("stage", ALL)
def test_files_are_scanned_for_malware_but_on_ones_own_machine(synthesise: Synthesise, stage: str) -> None:
    synthesis = synthesise(stage)
    plans = list(synthesis.of("AWS::GuardDuty::MalwareProtectionPlan").values())
    settings = {
        name: it["Properties"]["Environment"]["Variables"]["MALWARE_SCANNING"]
        for name, it in synthesis.functions().items()
        if "MALWARE_SCANNING" in it["Properties"]["Environment"]["Variables"]
    }

    assert settings == dict.fromkeys(
        (
            "add_evidence",
            "get_evidence",
            "get_dispute_page",
            "verify_upload",
            "export_person",
            "sweep_deadlines",
        ),
        "off" if stage == "local" else "on",
    )
    assert len(plans) == (0 if stage == "local" else 1)
    for plan in plans:
        assert plan["Properties"]["Actions"] == {"Tagging": {"Status": "ENABLED"}}
        assert plan["Properties"]["ProtectedResource"]["S3Bucket"]["ObjectPrefixes"] == ["evidence/"]


@pytest.mark.parametrize("stage", ALL)
def test_every_log_group_has_a_retention(synthesise: Synthesise, stage: str) -> None:
    groups = [
        it
        for it in synthesise(stage).of("AWS::Logs::LogGroup").values()
        # A month, since they hold addresses: test_firewall.py.
        if not it["Properties"]["LogGroupName"].startswith("aws-waf-logs-")
    ]

    assert {group["Properties"]["RetentionInDays"] for group in groups} == {STAGES[stage].log_days}
    # A function each, the publisher of the pages, the APIs' access logs, the state machine's.
    assert len(groups) == len(specs_of(STAGES[stage])) + 4


@pytest.mark.parametrize("stage", ALL)
def test_every_function_runs_its_row(synthesise: Synthesise, stage: str) -> None:
    functions = synthesise(stage).functions()

    assert set(functions) == {row.id for row in specs_of(STAGES[stage])}
    for row in specs_of(STAGES[stage]):
        properties = functions[row.id]["Properties"]
        assert properties["Handler"] == HANDLER
        assert len(properties["Layers"]) == (3 if row.makes_copies else 2)
        assert properties.get("TracingConfig") == ({"Mode": "Active"} if STAGES[stage].tracing else None)
        assert (properties["Timeout"], properties["MemorySize"]) == (row.timeout, row.memory)
        assert properties["Environment"]["Variables"]["STAGE"] == stage


@pytest.mark.parametrize("stage", DEPLOYED)
def test_deployed_functions_run_a_python_that_tests_run_on_and_arm(
    synthesise: Synthesise, stage: str
) -> None:
    for function in synthesise(stage).functions().values():
        assert function["Properties"]["Runtime"] == "python3.13"
        assert function["Properties"]["Architectures"] == ["arm64"]


def test_a_day_of_production_is_a_day_in_every_function(prod: Synthesis) -> None:
    functions = prod.functions()

    assert {it["Properties"]["Environment"]["Variables"]["DAY_SECONDS"] for it in functions.values()} == {
        "86400"
    }


@pytest.mark.parametrize("stage", ALL)
def test_only_those_who_need_them_know_machine_bus_queue_and_mail(synthesise: Synthesise, stage: str) -> None:
    readers: dict[str, set[str]] = {}
    for name, function in synthesise(stage).functions().items():
        for variable in function["Properties"]["Environment"]["Variables"]:
            readers.setdefault(variable, set()).add(name)
    starters = {"dispatch_changes", "sweep_deadlines"}
    # Q31: whom nobody waits for is not patient with a service that says nothing.
    assert readers["IN_BACKGROUND"] == {row.id for row in SPECS if row.kind not in CALLED}

    assert readers["EVENT_BUS_NAME"] == starters
    assert readers["STATE_MACHINE_ARN"] == starters | {"get_operated_case"}
    assert readers["LATE_CHANGES_QUEUE_URL"] == {"dispatch_changes"}
    # The mails' own function puts back what SES does not take yet.
    assert readers["NOTIFICATION_QUEUE_URL"] == starters | {"notify_parties"}
    asking = {"test_webhook", "replay_webhook_delivery"}
    assert readers["WEBHOOK_QUEUE_URL"] == starters | asking | {"deliver_webhooks"}
    assert readers["QUEUES_URL"] == readers["DEAD_LETTER_QUEUES"] == {"get_operations_summary"}
    assert readers["WEBHOOK_ADDRESSES"] == {"put_webhook", "rotate_webhook", "deliver_webhooks"}
    assert readers["MAIL_SENDER"] == readers["MAIL_CONFIGURATION_SET"] == {"notify_parties"}


def test_nothing_that_fails_is_lost(prod: Synthesis) -> None:
    mappings = [it["Properties"] for it in prod.of("AWS::Lambda::EventSourceMapping").values()]
    (stream,) = (it for it in mappings if "StartingPosition" in it)
    queues = {prod.readable(it["EventSourceArn"]): it for it in mappings if it is not stream}
    rules = [it["Properties"] for it in prod.of("AWS::Events::Rule").values()]
    schedules = {
        prod.readable(it["Targets"][0]["Arn"]): it["ScheduleExpression"]
        for it in rules
        if "ScheduleExpression" in it
    }

    assert stream["BisectBatchOnFunctionError"] is True
    # The reader sets poison aside by itself; what is left, its own absence, is waited for as long as the stream keeps.
    assert "MaximumRetryAttempts" not in stream
    assert 20 * 3_600 <= stream["MaximumRecordAgeInSeconds"] < 24 * 3_600
    assert prod.readable(stream["DestinationConfig"]["OnFailure"]["Destination"]) == "StreamFailuresQueue.Arn"
    assert prod.readable(stream["FunctionName"]) == "DispatchChangesFunction"
    assert prod.readable(queues["LateChangesQueue.Arn"]["FunctionName"]) == "DispatchChangesFunction"
    assert all(it["FunctionResponseTypes"] == ["ReportBatchItemFailures"] for it in queues.values())
    assert all("DeadLetterConfig" in it["Targets"][0] for it in rules)
    assert schedules == {
        "SweepDeadlinesFunction.Arn": "rate(1 minute)",
        "AuditCasesFunction.Arn": "cron(0/5 1-5 * * ? *)",
    }


def test_the_sweeper_and_the_audit_end_before_they_are_called_again(prod: Synthesis) -> None:
    functions = {name: it["Properties"] for name, it in prod.functions().items()}

    assert functions["sweep_deadlines"]["Timeout"] < 60
    assert functions["audit_cases"]["Timeout"] < 5 * 60
    assert "SWEEP_CONCURRENCY" in functions["sweep_deadlines"]["Environment"]["Variables"]


@pytest.mark.parametrize("stage", ALL)
def test_no_stage_reserves_concurrency_that_a_fresh_account_lacks(synthesise: Synthesise, stage: str) -> None:
    """Findings I2: an account has ten concurrent executions at first, and keeps them all unreserved."""
    reserving = [
        name
        for name, it in synthesise(stage).functions().items()
        if "ReservedConcurrentExecutions" in it["Properties"]
    ]

    assert reserving == []


def test_what_only_a_person_can_put_right_has_an_alarm_on_what_the_functions_count(prod: Synthesis) -> None:
    counted = set()
    for alarm in prod.of("AWS::CloudWatch::Alarm").values():
        if alarm["Properties"].get("MetricName") == "Actions":
            assert alarm["Properties"]["Namespace"] == "BuyerProtection"
            dimensions = {it["Name"]: it["Value"] for it in alarm["Properties"]["Dimensions"]}
            assert dimensions.keys() == {"service", "stage", "action", "outcome"}
            assert (dimensions["service"], dimensions["stage"]) == ("buyer-protection", "prod")
            counted.add((dimensions["action"], dimensions["outcome"]))

    assert counted == {
        ("refund", "NEEDS_OPERATOR"),
        ("refund", "UNANSWERED"),
        ("decision", "OVERDUE"),
        ("refund", "HELD"),
        ("refund", "ANSWER_REFUSED"),
        ("refund", "ABOVE_WHAT_IS_LEFT"),
        ("refund", "HELD_OVER_LEDGER"),
        ("refund", "NOT_OF_CASE"),
        ("audit", "DISAGREES"),
        ("clock", "HELD"),
        ("open_dispute", "BUSY"),
        ("webhook", "GIVEN_UP"),
        ("webhook", "SWITCHED_OFF"),
        ("audit", "ENDED"),
        ("row", "UNREADABLE"),
        ("sweep", "UNFINISHED"),
        ("sweep", "CASE_FAILED"),
        ("sweep", "UNWATCHED"),
        ("mail", "DEFERRED"),
        ("mail", "FAILED"),
        ("mail", "GIVEN_UP"),
        ("mail", "MESSAGE_REFUSED"),
        ("mail_event", "REJECT"),
        ("mail_event", "RENDERING_FAILURE"),
        ("decide_claim", "ACCEPTED"),
    }


@pytest.mark.parametrize(
    ("feeding", "consumer"),
    [
        ("NotificationsQueue", "notify_parties"),
        ("InboundQueue", "receive_events"),
        ("UploadsQueue", "verify_upload"),
        ("MailEventsQueue", "receive_mail_events"),
        ("LateChangesQueue", "dispatch_changes"),
    ],
)
def test_a_work_queue_waits_for_its_consumer_and_gives_up_to_a_dead_letter_queue(
    prod: Synthesis, feeding: str, consumer: str
) -> None:
    queues = prod.of("AWS::SQS::Queue")
    (queue,) = (it["Properties"] for id, it in queues.items() if id.startswith(feeding))
    timeout = prod.functions()[consumer]["Properties"]["Timeout"]

    assert queue["VisibilityTimeout"] >= 6 * timeout
    # A change that waits for a service is brought again for hours; whatever else fails soon needs a person.
    waits_for_outages = feeding in {"LateChangesQueue", "UploadsQueue", "NotificationsQueue"}
    assert queue["RedrivePolicy"]["maxReceiveCount"] == (450 if waits_for_outages else 5)
    # Q31: what waited for a service is done within five minutes of its return, and waits for a day and more.
    assert not waits_for_outages or queue["VisibilityTimeout"] in {180, 240}
    assert all(it["Properties"]["SqsManagedSseEnabled"] for it in queues.values())
    for it in queues.values():
        if "RedrivePolicy" not in it["Properties"]:
            assert it["Properties"]["MessageRetentionPeriod"] == 14 * 86_400


@pytest.mark.parametrize("stage", DEPLOYED)
def test_a_firewall_stands_before_the_api_and_alarms_behind_it(synthesise: Synthesise, stage: str) -> None:
    synthesis = synthesise(stage)

    assert len(synthesis.of("AWS::WAFv2::WebACLAssociation")) == 2
    assert len(synthesis.of("AWS::CloudWatch::Alarm")) >= 6


@pytest.mark.parametrize("api", [PEOPLES_API, BACKENDS_API])
def test_each_api_logs_ids_only_and_limits_its_callers(prod: Synthesis, api: str) -> None:
    (stage,) = (
        it
        for it in prod.of("AWS::ApiGateway::Stage").values()
        if readable(it["Properties"]["RestApiId"]) == api
    )
    limits = {
        PEOPLES_API: STAGES["prod"].rate_per_second,
        BACKENDS_API: STAGES["prod"].backend_rate_per_second,
    }
    settings = stage["Properties"]["MethodSettings"][0]
    log_format = stage["Properties"]["AccessLogSetting"]["Format"]

    assert settings["DataTraceEnabled"] is False
    assert settings["ThrottlingRateLimit"] == limits[api]
    assert stage["Properties"]["StageName"] == "prod"
    # Of who calls an id alone, as the gateway verified it: neither an address nor a claim of a name.
    verified = {
        PEOPLES_API: ["$context.authorizer.claims.sub", "$context.authorizer.claims.iss"],
        BACKENDS_API: ["$context.identity.userArn"],
    }
    named = re.findall(r"\$context\.(?:identity|authorizer)[\w.]*", log_format)
    assert named == verified[api]
    for private in ("path}", "querystring"):
        assert private not in log_format


def test_the_api_functions_are_called_by_these_apis_only(prod: Synthesis) -> None:
    permissions = [it["Properties"] for it in prod.of("AWS::Lambda::Permission").values()]
    by_gateway = [it for it in permissions if it["Principal"] == "apigateway.amazonaws.com"]

    assert len(by_gateway) == sum(1 + sum(row.is_at(caller) for row in SPECS) for caller in Auth)
    assert all("SourceArn" in it for it in permissions)
