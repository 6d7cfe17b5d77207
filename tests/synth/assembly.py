"""Reading a synthesised app: resources by type, and templates' references in words that a person can read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.application import build

Resource = dict[str, Any]
_HASH = re.compile(r"[0-9A-F]{8}")
# What stacks refer to by its name, and the property that has it.
NAMED = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::CompositeAlarm": "AlarmName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
PUBLISHER = "publish_site"
_BY_NAME = re.compile(
    r"arn:(?:<AWS::Partition>|aws):\w+:(?:<AWS::Region>|[\w-]+):(?:<AWS::AccountId>|\d+):(?:function:|stateMachine:|table/|event-bus/|rule/)?(BuyerProtection-[\w-]+)"
)


@dataclass(frozen=True)
class Synthesis:
    """What the app of one stage wrote into a folder. Reading it starts no kernel of the CDK."""

    stage: str
    folder: Path

    @classmethod
    def written(cls, folder: Path, *, stage: str, **context: Any) -> Synthesis:
        """Synthesise a stage into a folder without building the layers, with what `-c` would set."""
        build({"aws:cdk:bundling-stacks": [], "stage": stage, **context}, str(folder)).synth()
        return cls(stage, folder)

    @cached_property
    def stacks(self) -> dict[str, dict[str, Any]]:
        """What the assembly says of each stack, by the stack's whole name."""
        manifest = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        return {
            id: artifact
            for id, artifact in manifest["artifacts"].items()
            if artifact["type"] == "aws:cloudformation:stack"
        }

    def stack(self, name: str) -> dict[str, Any]:
        """What the assembly says of the stack with this last word, such as `Data`."""
        return self.stacks[f"BuyerProtection-{self.stage}-{name}"]

    def is_protected(self, name: str) -> bool:
        """Whether the stack with this last word cannot be deleted by one command."""
        return bool(self.stack(name)["properties"].get("terminationProtection"))

    def template(self, name: str) -> dict[str, Any]:
        """The template of the stack with this last word, such as `Data`."""
        return self.templates[name]

    @cached_property
    def templates(self) -> dict[str, dict[str, Any]]:
        """All templates by their stack's last word."""
        return {
            id.rsplit("-", 1)[1]: json.loads((self.folder / it["properties"]["templateFile"]).read_text())
            for id, it in self.stacks.items()
        }

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """All resources of all stacks by logical id. Only layers, of which each stack has its own, share ids."""
        found: dict[str, Resource] = {}
        for template in self.templates.values():
            for id, it in template["Resources"].items():
                assert found.setdefault(id, it)["Type"] in (it["Type"], "AWS::Lambda::LayerVersion"), id
                assert found[id] is it or it["Type"] == "AWS::Lambda::LayerVersion", id
        return found

    @cached_property
    def by_name(self) -> dict[str, str]:
        """The resources by which stacks refer to each other: logical ids without hashes, by physical name."""
        return {
            it["Properties"][NAMED[it["Type"]]]: plain(id)
            for id, it in self.resources.items()
            if it["Type"] in NAMED and NAMED[it["Type"]] in it["Properties"]
        }

    def readable(self, value: Any) -> str:
        """A reference as words, also over stacks: what is named or imported as what it is, `NotificationsQueue.Arn`."""
        return _BY_NAME.sub(
            lambda found: f"{self.by_name[found[1]]}.Arn" if found[1] in self.by_name else found[0],
            readable(self._in_place(value)),
        )

    @cached_property
    def exports(self) -> dict[str, Any]:
        """What stacks export, by the exports' names."""
        outputs = [it for template in self.templates.values() for it in template.get("Outputs", {}).values()]
        return {it["Export"]["Name"]: it["Value"] for it in outputs if "Export" in it}

    def _in_place(self, value: Any) -> Any:
        """The value with what is exported instead of its imports."""
        if isinstance(value, list):
            return [self._in_place(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "Fn::ImportValue" in value:
            return self._in_place(self.exports[value["Fn::ImportValue"]])
        return {name: self._in_place(item) for name, item in value.items()}

    def of(self, type: str) -> dict[str, Resource]:
        """The resources of one type by logical id."""
        return {id: it for id, it in self.resources.items() if it["Type"] == type}

    def functions(self) -> dict[str, Resource]:
        """The functions of the table of rows by their id, which is the last part of the physical name.

        What publishes the pages is none of them: `test_site.py` looks at it.
        """
        found = self.of("AWS::Lambda::Function").values()
        named = {it["Properties"]["FunctionName"].rsplit("-", 1)[1]: it for it in found}
        return {name: it for name, it in named.items() if name != PUBLISHER}

    def grants(self) -> Iterator[tuple[str, str, str]]:
        """Every (function, action, resource) that a function's role allows, and those of the state machine."""
        owners = {name: it["Properties"]["Role"] for name, it in self.functions().items()}
        (machine,) = self.of("AWS::StepFunctions::StateMachine").values()
        owners["(state machine)"] = machine["Properties"]["RoleArn"]
        for owner, role in owners.items():
            properties = self.resources[role["Fn::GetAtt"][0]]["Properties"]
            assert "ManagedPolicyArns" not in properties, owner
            for policy in properties["Policies"]:
                for statement in policy["PolicyDocument"]["Statement"]:
                    assert statement["Effect"] == "Allow", owner
                    for action in listed(statement["Action"]):
                        for resource in listed(statement["Resource"]):
                            yield owner, action, self.readable(resource)


PEOPLES_API, BACKENDS_API = "EdgeApi", "BackendApi"


def api_of(synthesis: Synthesis, name: str = PEOPLES_API) -> tuple[str, Resource]:
    """An API's logical id and resource."""
    apis = {plain(id): (id, it) for id, it in synthesis.of("AWS::ApiGateway::RestApi").items()}
    assert set(apis) == {PEOPLES_API, BACKENDS_API}
    return apis[name]


def body_of(synthesis: Synthesis, api: str = PEOPLES_API) -> dict[str, Any]:
    """The document that an API is made of, with its references as words."""
    found: dict[str, Any] = _in_words(api_of(synthesis, api)[1]["Properties"]["Body"], synthesis)
    return found


def _in_words(value: Any, synthesis: Synthesis) -> Any:
    if isinstance(value, list):
        return [_in_words(item, synthesis) for item in value]
    if isinstance(value, str):
        return synthesis.readable(value)
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
        return synthesis.readable(value)
    return {name: _in_words(item, synthesis) for name, item in value.items()}


def listed(value: Any) -> list[Any]:
    """A template's value that is one or several, as several."""
    return value if isinstance(value, list) else [value]


def readable(value: Any) -> str:
    """A reference as words: `{"Fn::GetAtt": ["CasesTable7FA77C7D", "Arn"]}` is `CasesTable.Arn`."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Ref":
        return f"<{argument}>" if argument.startswith("AWS::") else plain(argument)
    if function == "Fn::GetAtt":
        return ".".join(plain(part) for part in argument)
    if function == "Fn::Join":
        separator, parts = argument
        return str(separator.join(readable(part) for part in parts))
    raise AssertionError(f"unexpected reference {value}")


def plain(name: str) -> str:
    """A logical id without its hashes."""
    return _HASH.sub("", name)
