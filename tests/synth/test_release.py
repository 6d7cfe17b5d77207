"""A second deployment is safe: callers have a version with a way back, and what changes a case changes step by step."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra import bundling
from infra.constructs.release import changes_cases
from infra.emulated import LEFT_OUT
from infra.routes import CALLED, SPECS, FunctionSpec, Kind, specs_of
from infra.stages import STAGES
from tests.synth.assembly import Synthesis, readable

Synthesise = Callable[..., Synthesis]
ALL = tuple(STAGES)
DEPLOYED = ("dev", "prod")
GRADUAL = {row.id for row in SPECS if changes_cases(row)}


def _title(row: FunctionSpec) -> str:
    return row.id.title().replace("_", "")


@pytest.mark.parametrize("stage", ALL)
def test_everything_that_is_called_has_a_version_that_callers_get(synthesise: Synthesise, stage: str) -> None:
    synthesis = synthesise(stage)
    aliases = [it["Properties"] for it in synthesis.of("AWS::Lambda::Alias").values()]
    versions = synthesis.of("AWS::Lambda::Version")

    assert {it["Name"] for it in aliases} == {"live"}
    assert {readable(it["FunctionName"]) for it in aliases} == {
        f"{_title(row)}Function" for row in specs_of(STAGES[stage]) if row.kind in CALLED
    }
    for it in aliases:
        version = versions[it["FunctionVersion"]["Fn::GetAtt"][0]]
        assert version["Properties"]["FunctionName"] == it["FunctionName"]


@pytest.mark.parametrize("stage", ALL)
def test_versions_are_kept_for_the_way_back(synthesise: Synthesise, stage: str) -> None:
    versions = synthesise(stage).of("AWS::Lambda::Version").values()

    assert versions
    assert {(it["DeletionPolicy"], it["UpdateReplacePolicy"]) for it in versions} == {("Retain", "Retain")}


@pytest.mark.parametrize("stage", ALL)
def test_the_machine_and_the_queues_call_the_newest_code(synthesise: Synthesise, stage: str) -> None:
    """The code of today ends the cases that the code of before began."""
    synthesis = synthesise(stage)
    workers = {_title(row) for row in SPECS if row.kind not in CALLED}
    (machine,) = synthesis.of("AWS::StepFunctions::StateMachine").values()
    mappings = [it["Properties"] for it in synthesis.of("AWS::Lambda::EventSourceMapping").values()]

    assert ":live" not in readable(machine["Properties"]["DefinitionString"])
    assert {readable(it["FunctionName"]).removesuffix("Function") for it in mappings} <= workers


def test_people_change_cases_with_these_functions() -> None:
    assert {
        row.id for row in SPECS if row.kind is Kind.API and row.is_for_people and row.method != "GET"
    } - GRADUAL == {"preview_policy"}
    assert all(row.method != "GET" for row in SPECS if row.id in GRADUAL)


@pytest.mark.parametrize("stage", DEPLOYED)
def test_what_changes_a_case_takes_over_step_by_step_and_is_rolled_back_by_its_alarm(
    synthesise: Synthesise, stage: str
) -> None:
    synthesis = synthesise(stage)
    groups = synthesis.of("AWS::CodeDeploy::DeploymentGroup")
    alarms = synthesis.of("AWS::CloudWatch::Alarm")
    updated = {}
    for id, alias in synthesis.of("AWS::Lambda::Alias").items():
        if update := alias.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate"):
            updated[update["DeploymentGroupName"]["Ref"]] = id.removesuffix(id[-8:])

    assert set(updated) == set(groups)
    assert {name.removesuffix("Live") for name in updated.values()} == {
        _title(row) for row in SPECS if row.id in GRADUAL
    }
    for group in (it["Properties"] for it in groups.values()):
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
        assert group["DeploymentStyle"]["DeploymentOption"] == "WITH_TRAFFIC_CONTROL"
        events = group["AutoRollbackConfiguration"]["Events"]
        assert {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"} <= set(events)
        (alarm,) = group["AlarmConfiguration"]["Alarms"]
        _watches_a_live_version(alarms[alarm["Name"]["Ref"]]["Properties"], stage)


def _watches_a_live_version(alarm: dict[str, Any], stage: str) -> None:
    metrics = {it["Id"]: it for it in alarm["Metrics"]}
    crashed, failed = (metrics[id]["MetricStat"]["Metric"] for id in ("crashed", "failed"))
    dimensions = {it["Name"]: it["Value"] for it in failed["Dimensions"]}
    resource = {it["Name"]: readable(it["Value"]) for it in crashed["Dimensions"]}["Resource"]

    assert (crashed["Namespace"], crashed["MetricName"]) == ("AWS/Lambda", "Errors")
    assert resource.endswith(":live")
    assert (failed["Namespace"], failed["MetricName"]) == ("BuyerProtection", "Actions")
    assert dimensions["action"] in GRADUAL
    assert (dimensions["outcome"], dimensions["stage"]) == ("INTERNAL", stage)
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == (1, "notBreaching")


def test_a_changed_layer_is_a_new_version_of_every_function(
    local: Synthesis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise callers would keep the version with the layer of before.

    That the same layer is no new version is shown where all templates are always alike (`test_synthesis.py`).
    """
    monkeypatch.setattr(bundling, "BUNDLER_VERSION", "another")
    before = set(local.of("AWS::Lambda::Version"))
    changed = set(Synthesis.written(tmp_path, stage="local").of("AWS::Lambda::Version"))

    assert before.isdisjoint(changed)
    assert len(before) == len(changed)


def test_what_the_emulator_lacks_is_left_out_and_nothing_else(synthesise: Synthesise) -> None:
    def types(stage: str) -> set[str]:
        return {it["Type"] for it in synthesise(stage).resources.values()}

    # Without TLS, nothing has a policy that asks for it; the queues' and the bucket's others are there.
    tls_only = {"AWS::S3::BucketPolicy"}
    assert types("prod") - types("local") - tls_only == set(LEFT_OUT)
    assert types("local") <= types("prod")
    assert all(re.fullmatch(r"[A-Z].+\.", reason) for reason in LEFT_OUT.values())
