"""`python -m ops bootstrap` as docs/deploy.md describes it: which command it runs, on which account, and when none.

AWS is not asked: what `cdk bootstrap` itself does is AWS's own.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ops import __main__ as ops
from ops import deployment

SETTINGS = {"account": "111111111111", "region": "eu-central-1"}


class Ran:
    """Stands in the place of the CDK's command."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.commands: list[list[str]] = []
        self.environments: list[dict[str, str]] = []

    def __call__(self, command: list[str], *, env: dict[str, str], **_: Any) -> Any:
        self.commands.append(command)
        self.environments.append(env)
        return SimpleNamespace(returncode=self.code)


@pytest.fixture
def settings(tmp_path: Path) -> str:
    file = tmp_path / "prod.json"
    file.write_text(json.dumps(SETTINGS), encoding="utf-8")
    return str(file)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ran:
    cdk = tmp_path / "cdk"
    cdk.touch()
    runner = Ran()
    monkeypatch.setattr(deployment, "_CDK", cdk)
    monkeypatch.setattr(deployment.subprocess, "run", runner)
    return runner


def test_i3_it_bootstraps_the_account_and_region_of_the_settings(ran: Ran, settings: str) -> None:
    assert ops.main(["bootstrap", "--stage", "prod", "--settings", settings]) == 0

    ((command,), (environment,)) = ran.commands, ran.environments
    assert command[1:4] == ["bootstrap", "aws://111111111111/eu-central-1", "--no-notices"]
    # With an account and a region, the CDK asks no app for them: nothing is synthesised.
    assert not any(word.startswith("--app") for word in command)
    assert {environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"]} == {"eu-central-1"}


def test_i3_without_an_account_in_the_settings_it_is_the_callers_own(
    ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = SimpleNamespace(get_caller_identity=lambda: {"Account": "222222222222"})
    monkeypatch.setattr(deployment.Account, "client", lambda _account, _service: caller)

    assert ops.main(["bootstrap", "--stage", "dev", "-c", "region=eu-west-1"]) == 0
    assert ran.commands[0][2] == "aws://222222222222/eu-west-1"


def test_i3_what_the_cdk_could_not_do_is_no_success(ran: Ran, settings: str) -> None:
    ran.code = 1

    assert ops.main(["bootstrap", "--stage", "prod", "--settings", settings]) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--stage", "prod", "-c", "regoin=eu-west-1"], "regoin"),
        (["--stage", "prod", "--settings", "no-such-file.json"], "no-such-file.json"),
        (["--stage", "dev"], "no region"),
    ],
)
def test_i3_with_wrong_settings_nothing_is_run(
    ran: Ran,
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)

    assert ops.main(["bootstrap", *arguments]) == 2
    assert ran.commands == []
    assert said in capsys.readouterr().err


def test_i3_without_the_cdk_the_command_says_how_to_get_it(
    ran: Ran, settings: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(deployment, "_CDK", deployment.ROOT / "no-such-folder" / "cdk")

    assert ops.main(["bootstrap", "--stage", "prod", "--settings", settings]) == 2
    assert ran.commands == []
    assert "no-such-folder/cdk is missing" in capsys.readouterr().err
