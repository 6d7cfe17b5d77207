"""How a stage is cut into stacks (findings I10): what outlives code, who refers to whom, how large each may grow."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from infra.names import Export
from infra.stages import STAGES, from_context
from tests.synth.assembly import NAMED, Synthesis

Synthesise = Callable[..., Synthesis]
ALL = tuple(STAGES)
DEPLOYED = ("dev", "prod")
KEPT = ("Data", "Messaging")
# CloudFormation takes 500 resources a stack.
WARNED_AT, REFUSED_AT = 300, 350
STREAM = "arn:aws:dynamodb:eu-central-1:111111111111:table/restored/stream/2026-11-26T00:00:00.000"
RESTORED = {"table_name": "restored", "table_stream_arn": STREAM}
ERA = {"era": "2", "era_from": "2026-03-09T12:00:00Z"}


def _before(synthesis: Synthesis, name: str) -> set[str]:
    """The stacks that are deployed before this one, by their last word."""
    found: set[str] = set()
    for dependency in synthesis.stack(name)["dependencies"]:
        other = dependency.rsplit("-", 1)[1]
        if other in synthesis.templates:
            found |= {other} | _before(synthesis, other)
    return found


@pytest.mark.parametrize("stage", ALL)
def test_i10_no_stack_comes_near_what_cloudformation_takes(synthesise: Synthesise, stage: str) -> None:
    counts = {name: len(it["Resources"]) for name, it in synthesise(stage).templates.items()}

    print(stage, counts)
    for name, count in counts.items():
        assert 0 < count < REFUSED_AT, f"{name} of {stage} has {count} resources: cut it in two"
        if count >= WARNED_AT:
            warnings.warn(f"{name} of {stage} has {count} resources", stacklevel=1)


@pytest.mark.parametrize("stage", ALL)
def test_only_ids_that_aws_makes_up_are_exported_and_always_the_same(
    synthesise: Synthesise, stage: str
) -> None:
    """An export that is read can neither change nor go: only what outlives every deployment has one, and the API,
    without which the pages' distribution leads nowhere."""
    exported = {
        (name, output["Export"]["Name"])
        for name, template in synthesise(stage).templates.items()
        for output in template.get("Outputs", {}).values()
        if "Export" in output
    }

    data = {("Data", f"BuyerProtection-{stage}:{export}") for export in (*Export, "SigningKeyArn1")}
    assert exported == data | {("Edge", f"BuyerProtection-{stage}:ApiId")}


@pytest.mark.parametrize("stage", ALL)
def test_what_a_stack_imports_is_exported(synthesise: Synthesise, stage: str) -> None:
    texts = {name: json.dumps(template) for name, template in synthesise(stage).templates.items()}
    imported = set(re.findall(r'"Fn::ImportValue": "([^"]+)"', "".join(texts.values())))

    assert imported == {
        f"BuyerProtection-{stage}:{export}" for export in (*Export, "SigningKeyArn1", "ApiId")
    }


@pytest.mark.parametrize("stage", ALL)
def test_what_a_stack_refers_to_by_name_is_there_before_it(synthesise: Synthesise, stage: str) -> None:
    """AWS refuses a reader of a queue that does not exist; names that only look right are found by nobody else."""
    synthesis = synthesise(stage)
    owners = {
        it["Properties"][NAMED[it["Type"]]]: name
        for name, template in synthesis.templates.items()
        for it in template["Resources"].values()
        if it["Type"] in NAMED and NAMED[it["Type"]] in it["Properties"]
    }
    own = {
        f"BuyerProtection-{stage}-{name}"
        for name in ("api", "backend-api", "backend", "mail", *synthesis.templates)
    }
    referred = 0
    for name, template in synthesis.templates.items():
        for found in set(re.findall(rf"BuyerProtection-{stage}-[\w-]+", json.dumps(template))) - own:
            assert found in owners, (name, found)
            # A queue's policy names the schedules that may send to it, which come later.
            is_rule = name == "Messaging" and owners[found] == "Workers"
            if owners[found] != name and not is_rule:
                assert owners[found] in _before(synthesis, name), (name, found)
                referred += 1
    assert referred > 20


@pytest.mark.parametrize("stage", DEPLOYED)
def test_queues_bus_and_identity_outlive_the_code(synthesise: Synthesise, stage: str) -> None:
    resources = synthesise(stage).templates["Messaging"]["Resources"].values()
    kinds = {
        "AWS::SQS::Queue",
        "AWS::Events::EventBus",
        "AWS::SES::EmailIdentity",
        "AWS::SES::ConfigurationSet",
    }
    kept = [it for it in resources if it["Type"] in kinds]

    assert {it["Type"] for it in kept} == kinds
    assert {(it["DeletionPolicy"], it["UpdateReplacePolicy"]) for it in kept} == {("Retain", "Retain")}


@pytest.mark.parametrize("stage", DEPLOYED)
def test_logs_outlive_the_code(synthesise: Synthesise, stage: str) -> None:
    groups = synthesise(stage).of("AWS::Logs::LogGroup").values()

    assert {(it["DeletionPolicy"], it["UpdateReplacePolicy"]) for it in groups} == {("Retain", "Retain")}


@pytest.mark.parametrize("stage", ALL)
def test_what_is_kept_cannot_be_deleted_by_mistake(synthesise: Synthesise, stage: str) -> None:
    synthesis = synthesise(stage)
    protected = {name for name in synthesis.templates if synthesis.is_protected(name)}

    assert protected == (set() if stage == "local" else set(KEPT))


@pytest.mark.parametrize("stage", ALL)
def test_queues_and_tables_that_lose_their_stack_are_nowhere_else(synthesise: Synthesise, stage: str) -> None:
    for name, template in synthesise(stage).templates.items():
        kinds = {it["Type"] for it in template["Resources"].values()}
        if name not in KEPT:
            kept = {"AWS::SQS::Queue", "AWS::Events::EventBus", "AWS::DynamoDB::Table", "AWS::S3::Bucket"}
            # The pages' files are in the repository.
            assert kinds & kept == ({"AWS::S3::Bucket"} if name == "Site" else set())


# --- stages of any name -----------------------------------------------------------------------------------------------


def test_a_stage_of_any_name_is_like_one_of_ours(synthesise: Synthesise, prod: Synthesis) -> None:
    cell = synthesise("cell-2", like="prod")

    def renamed(template: dict[str, Any]) -> str:
        text = json.dumps(template, sort_keys=True).replace("cell-2", "prod").replace("cell2", "prod")
        # Logical ids of what is new with each document.
        return re.sub(r"[0-9A-Fa-f]{8,}", "", text)

    assert {name: renamed(it) for name, it in cell.templates.items()} == {
        name: renamed(it) for name, it in prod.templates.items()
    }


@pytest.mark.parametrize(
    ("context", "refusal"),
    [
        ({"stage": "cell-2"}, "unknown stage 'cell-2': .*like="),
        ({"stage": "cell-2", "like": "cell-1"}, "unknown stage 'cell-1'"),
        ({"stage": "Cell_2", "like": "prod"}, "cannot name a stage"),
        ({"stage": "a" * 21, "like": "prod"}, "cannot name a stage"),
        ({"stage": "dev", "like": "prod"}, "cannot name a stage"),
        ({"stage": "cell-2", "like": "prod", "day_seconds": "60"}, "86,400"),
    ],
)
def test_a_name_that_cannot_work_is_refused(context: dict[str, str], refusal: str) -> None:
    with pytest.raises(ValueError, match=refusal):
        from_context(context.get)


# --- a table that was restored ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def adopted(synthesise: Synthesise) -> Synthesis:
    """Production over a restored table."""
    return synthesise("prod", **RESTORED, **ERA)


def test_a_restored_table_is_adopted_by_its_name(adopted: Synthesis) -> None:
    functions = adopted.functions().values()
    (stream,) = (
        it["Properties"]
        for it in adopted.of("AWS::Lambda::EventSourceMapping").values()
        if "StartingPosition" in it["Properties"]
    )

    assert adopted.of("AWS::DynamoDB::Table") == {}
    assert {it["Properties"]["Environment"]["Variables"]["TABLE_NAME"] for it in functions} == {"restored"}
    assert stream["EventSourceArn"] == STREAM
    table = "arn:<AWS::Partition>:dynamodb:<AWS::Region>:<AWS::AccountId>:table/restored"
    rights = [(action, resource) for _, action, resource in adopted.grants() if action.startswith("dynamodb")]
    indexes = {f"{table}/index/{name}" for name in ("by_buyer", "by_seller", "by_queue", "by_due")}
    assert {resource for _, resource in rights} == {table, STREAM, *indexes}
    assert "BuyerProtection-prod-cases" not in json.dumps(adopted.templates)


@pytest.mark.parametrize("setting", RESTORED)
def test_a_table_without_its_stream_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="go together"):
        from_context({"stage": "prod", setting: RESTORED[setting]}.get)


def _known(synthesis: Synthesis, *names: str) -> set[tuple[str | None, ...]]:
    """What the functions know of these variables."""
    variables = [it["Properties"]["Environment"]["Variables"] for it in synthesis.functions().values()]
    return {tuple(it.get(name) for name in names) for it in variables}


def test_f7_functions_know_the_era_of_a_restored_table_and_of_no_other(
    prod: Synthesis, adopted: Synthesis
) -> None:
    assert _known(prod, "ERA", "ERA_FROM") == {(None, None)}
    assert _known(adopted, "ERA", "ERA_FROM") == {("2", "2026-03-09T12:00:00Z")}


def test_functions_know_whom_a_decision_names_where_a_stage_says_so(prod: Synthesis, own: Synthesis) -> None:
    assert _known(prod, "REDRESS") == {(None,)}
    assert _known(own, "REDRESS") == {("Ombud of the Market",)}


@pytest.mark.parametrize("text", ["https://odr.example.eu", "www.example.eu", "x" * 81, " ", "a\nb"])
def test_what_mails_would_leave_out_cannot_be_named(text: str) -> None:
    with pytest.raises(ValueError, match="redress is a name"):
        from_context({"stage": "prod", "redress": text}.get)


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"era": "2"}, "go together"),
        ({"era_from": ERA["era_from"]}, "go together"),
        ({**ERA, "era": "after-the-flood"}, "ten small letters"),
        ({**ERA, "era": ""}, "ten small letters"),
        ({**ERA, "era_from": "2026-03-09T12:00:00"}, "an instant"),
        ({**ERA, "era_from": "noon"}, "an instant"),
    ],
)
def test_f7_an_era_is_a_short_word_and_an_instant(settings: dict[str, str], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        from_context({"stage": "prod", **settings}.get)
