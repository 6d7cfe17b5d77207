"""Q10: who may do what, as a list that a reviewer reads. One role a function, exact actions, exact ARNs.

After an intended change run `python -m tests.synth.regenerate_iam` and review the difference of the golden file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.called import Target, called
from infra.queue_names import READ_BY
from infra.routes import SPECS, Kind, specs_of
from infra.stages import STAGES
from tests.synth.assembly import Synthesis
from tests.synth.kinds_of_rows import kinds_of_rows

GOLDEN = Path(__file__).parent / "golden" / "iam.json"
READING_A_QUEUE = ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
READING_THE_STREAM = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
# Actions without resource types: nothing narrower than * exists for them.
WITHOUT_RESOURCES = {"logs", "xray", "states:SendTaskSuccess"}


def test_the_grants_are_those_of_the_golden_file(prod: Synthesis) -> None:
    golden = [tuple(entry) for entry in json.loads(GOLDEN.read_text(encoding="utf-8"))]

    assert sorted(set(prod.grants())) == golden


@pytest.mark.parametrize("stage", STAGES)
def test_q33_a_role_allows_what_its_function_was_seen_to_call_and_what_lambda_reads_for_it(
    synthesise: Callable[..., Synthesis], stage: str
) -> None:
    """What was seen is in `infra/called.json`, which `tests/crash/test_called.py` holds."""
    synthesis = synthesise(stage)
    functions = {row.id for row in specs_of(STAGES[stage])}
    seen = {(name, action) for name in functions for action in called()[name]}
    reads = {
        *((name, f"sqs:{action}") for name in READ_BY.values() for action in READING_A_QUEUE),
        *(("dispatch_changes", f"dynamodb:{action}") for action in READING_THE_STREAM),
    }
    granted = {
        (function, action)
        for function, action, _ in synthesis.grants()
        if action.split(":")[0] not in ("logs", "xray") and function != "(state machine)"
    }

    assert granted == seen | reads


@pytest.mark.parametrize("stage", STAGES)
def test_q33_g3_a_role_reaches_rows_of_those_kinds_alone_that_its_function_was_seen_to_reach(
    synthesise: Callable[..., Synthesis], stage: str
) -> None:
    targets = set(Target)
    reached = {(name, action): kinds for name, action, kinds in kinds_of_rows(synthesise(stage))}

    assert reached == {
        (row.id, action): kinds
        for row in specs_of(STAGES[stage])
        for action, resources in called()[row.id].items()
        if (kinds := tuple(one for one in resources if one not in targets))
    }


def test_g1_few_functions_write_ledgers_and_none_of_them_only_reads(prod: Synthesis) -> None:
    """A ledger lies beside its order, a refund beside its case: whoever moves money writes both."""
    writing = {"dynamodb:PutItem", "dynamodb:UpdateItem"}
    rows = list(kinds_of_rows(prod))
    orders = {name for name, action, kinds in rows if action in writing and "ORDER#*" in kinds}
    cases = {name for name, action, kinds in rows if action in writing and "CASE#*" in kinds}

    talking = {"send_message", "make_offer", "decline_offer", "add_evidence", "escalate_dispute"}
    assert talking <= cases - orders
    assert not {row.id for row in SPECS if row.kind is Kind.API and row.method == "GET"} & orders
    assert {"accept_offer", "accept_request", "decide_claim", "close_window"} <= orders & cases


def test_dev_grants_what_prod_grants_and_traces(
    prod: Synthesis, synthesise: Callable[..., Synthesis]
) -> None:
    def shape(synthesis: Synthesis) -> list[tuple[str, str, str]]:
        names = ((f"BuyerProtection-{synthesis.stage}", "BuyerProtection"), ("dev.shop", "shop"))
        grants = []
        for function, action, resource in synthesis.grants():
            for old, new in names:
                resource = resource.replace(old, new)  # noqa: PLW2901
            grants.append((function, action, resource))
        return sorted(grants)

    traces = [grant for grant in shape(synthesise("dev")) if grant[1].startswith("xray:")]
    assert {function for function, _, _ in traces} == {"(state machine)", *prod.functions()}
    assert shape(synthesise("dev")) == sorted([*shape(prod), *traces])


def test_every_function_has_a_role_of_its_own(prod: Synthesis) -> None:
    roles = [function["Properties"]["Role"]["Fn::GetAtt"][0] for function in prod.functions().values()]

    assert len(roles) == len(set(roles)) == len(SPECS)


def test_no_action_is_a_wildcard(prod: Synthesis) -> None:
    assert [grant for grant in prod.grants() if "*" in grant[1]] == []


def test_a_wildcard_resource_stands_only_where_an_action_knows_no_resource(prod: Synthesis) -> None:
    for function, action, resource in prod.grants():
        if resource == "*":
            assert {action, action.split(":")[0]} & WITHOUT_RESOURCES, (function, action)
        elif "*" in resource:
            evidence = action.startswith("s3:") and resource.endswith(
                ("/evidence/*", "/copies/*", "/erasures/*", "/cases/*")
            )
            looks = function in ("sweep_deadlines", "get_operated_case")
            assert evidence or (looks and action == "states:DescribeExecution")


def test_evidence_files_are_written_read_and_removed_by_the_functions_that_are_about_them(
    prod: Synthesis,
) -> None:
    given: dict[str, set[str]] = {}
    for function, action, resource in prod.grants():
        if action.startswith("s3:") and not _is_about_archive(resource):
            given.setdefault(function, set()).add(action.removeprefix("s3:"))

    assert given == {
        "add_evidence": {"PutObject"},
        # It signs the form of a file that has not come yet again, for its owner.
        "get_evidence": {"GetObjectVersion", "GetObjectVersionTagging", "PutObject"},
        "get_dispute_page": {"GetObjectVersion", "GetObjectVersionTagging"},
        "export_person": {"GetObjectVersion", "GetObjectVersionTagging"},
        # What it erases of a person (R48), and the note that it does.
        "sweep_deadlines": {"DeleteObjectVersion", "ListBucketVersions", "PutObject"},
        "verify_upload": {
            "DeleteObjectVersion",
            "GetObject",
            "GetObjectTagging",
            "GetObjectVersion",
            "GetObjectVersionTagging",
            # R49: of copies alone, never of what somebody uploaded.
            "PutObject",
        },
    }
    puts = {(function, resource) for function, action, resource in prod.grants() if action == "s3:PutObject"}
    (own,) = (resource for function, resource in puts if function == "verify_upload")
    assert own.endswith("/copies/*")


def test_archived_cases_are_written_by_the_audit_and_an_erasure_and_read_by_who_shows_cases(
    prod: Synthesis,
) -> None:
    """R48: no function deletes an object; versions that an erasure has replaced go by it alone."""
    given: dict[str, set[str]] = {}
    for function, action, resource in prod.grants():
        if action.startswith("s3:") and _is_about_archive(resource):
            given.setdefault(function, set()).add(action.removeprefix("s3:"))

    writing = {"GetObject", "PutObject", "PutObjectTagging"}
    assert given.pop("audit_cases") == writing
    assert given.pop("sweep_deadlines") == writing | {"DeleteObjectVersion", "ListBucketVersions"}
    assert set(map(frozenset, given.values())) == {frozenset({"GetObject"})}


def _is_about_archive(resource: str) -> bool:
    return "ArchiveBucket" in resource


def test_no_policy_is_attached_beside_the_roles_own(prod: Synthesis) -> None:
    assert prod.of("AWS::IAM::Policy") == {}
    assert prod.of("AWS::IAM::ManagedPolicy") == {}


def test_h10_reading_functions_cannot_write(prod: Synthesis) -> None:
    readers = {row.id for row in SPECS if row.kind is Kind.API and row.method == "GET"} | {"preview_policy"}
    reading = {
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "cognito-idp:ListUsersInGroup",
        "sqs:GetQueueAttributes",
        # Archived cases.
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:GetObjectVersionTagging",
        "states:DescribeExecution",
        "kms:DescribeKey",
        "kms:GetPublicKey",
    }

    for function, action, _ in prod.grants():
        if function in readers and action.split(":")[0] not in ("logs", "xray"):
            signs_forms = (function, action) == ("get_evidence", "s3:PutObject")
            # R45: who looks at a party's earlier disputes leaves a row of it, beside the case.
            notes_looks = (function, action) == ("get_person_history", "dynamodb:PutItem")
            signs_exports = (function, action) == ("export_case", "kms:Sign")
            assert action in reading or signs_forms or notes_looks or signs_exports, (function, action)


def test_g6_exports_and_archived_cases_alone_are_signed_and_with_the_last_key_alone(
    own: Synthesis,
) -> None:
    """Whoever could sign could forge; keys of before are there to check what they signed, and sign nothing more."""
    keys = {id: it for id, it in own.of("AWS::KMS::Key").items() if id.startswith("SigningKey")}
    granted = sorted(grant for grant in own.grants() if grant[1].startswith("kms:"))

    assert {it["Properties"]["KeySpec"] for it in keys.values()} == {"ECC_NIST_P256"}
    assert {it["Properties"]["KeyUsage"] for it in keys.values()} == {"SIGN_VERIFY"}
    assert {(it["DeletionPolicy"], it["UpdateReplacePolicy"]) for it in keys.values()} == {
        ("Retain", "Retain")
    }
    assert [(function, action, key[:11]) for function, action, key in granted] == [
        ("audit_cases", "kms:Sign", "SigningKey2"),
        ("export_case", "kms:Sign", "SigningKey2"),
        ("list_keys", "kms:DescribeKey", "SigningKey1"),
        ("list_keys", "kms:DescribeKey", "SigningKey2"),
        ("list_keys", "kms:GetPublicKey", "SigningKey1"),
        ("list_keys", "kms:GetPublicKey", "SigningKey2"),
        # What an erasure changes in the archive is signed anew.
        ("sweep_deadlines", "kms:Sign", "SigningKey2"),
    ]


def test_no_function_deletes_a_row_and_few_check_one_that_they_do_not_write(
    prod: Synthesis,
) -> None:
    """Findings G3: rows leave by their time to live, and few functions need more than to put and to update."""
    writing = {action for _, action, _ in prod.grants() if action.startswith("dynamodb:")} - {
        "dynamodb:BatchGetItem",
        "dynamodb:DescribeStream",
        "dynamodb:GetItem",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        "dynamodb:Query",
        "dynamodb:Scan",
    }

    assert writing == {"dynamodb:ConditionCheckItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
    # An opening is about an order that it does not write (R38, R39).
    checking = {function for function, action, _ in prod.grants() if action == "dynamodb:ConditionCheckItem"}
    # What gets an end, an order or a case's rows, is one that nobody has opened a dispute about, or changed (R48).
    assert checking == {"open_dispute", "audit_cases", "put_order", "receive_events", "sweep_deadlines"}


def test_the_policies_calls_touch_no_table(prod: Synthesis) -> None:
    for function, action, _ in prod.grants():
        if function in ("get_me", "get_policy", "get_guide_before", "preview_policy"):
            assert action.split(":")[0] in ("logs", "xray")


def test_tasks_of_the_machine_neither_know_nor_reach_it(prod: Synthesis) -> None:
    for name in ("close_window", "open_mediation", "notify_parties"):
        assert "STATE_MACHINE_ARN" not in prod.functions()[name]["Properties"]["Environment"]["Variables"]
    starters = {function for function, action, _ in prod.grants() if action.startswith("states:")}
    # An operator looks at an execution, and starts none.
    assert starters == {"dispatch_changes", "sweep_deadlines", "get_operated_case"}
