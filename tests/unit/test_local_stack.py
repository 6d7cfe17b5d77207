"""`make up PERSIST=1`, `make down`: what is kept, what is forgotten, with an emulator that only pretends."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from local import deploy, emulator, people, stack, state, workspace
from local.sign_in import totp
from local.state import Backend, Person, StackInfo
from local.workspace import LocalStackError, Workspace

PORT = 4999
OUTPUTS = {
    "ApiId": "api",
    "BackendApiId": "backend-api",
    "UserPoolId": "pool",
    "UserPoolClientId": "client",
    "TeamPoolId": "team pool",
    "TeamPoolClientId": "team client",
    "TableName": "table",
    "StateMachineArn": "machine",
    "EventBusName": "bus",
    "EvidenceBucketName": "bucket",
    "LateChangesQueueUrl": "late",
}


class Pretended:
    """An emulator and a deployment that leave only the traces that `stack` looks at."""

    def __init__(self) -> None:
        self.runs = False
        self.created = 0
        self.origins: list[tuple[str, ...]] = []

    def start(self, own: Workspace, *, persist: bool = False) -> int:
        own.ensure()
        if persist:
            own.persist_mark.touch()
            (own.folder / "state" / "saved").touch()
        else:
            emulator.forget_state(own)
        self.runs = True
        return 1

    def stop(self, _own: Workspace, *, gently: bool = True) -> bool:
        was_running, self.runs = self.runs, False
        return was_running

    def deploy(
        self, _own: Workspace, _day: int, origins: tuple[str, ...], settings: Mapping[str, str] | None
    ) -> dict[str, str]:
        self.origins.append(origins)
        return OUTPUTS | ({"TableName": settings["table_name"]} if settings else {})

    def create_people(self, _own: Workspace, _outputs: Mapping[str, str]) -> dict[str, Person]:
        self.created += 1
        return {"buyer": Person("buyer", f"password {self.created}", "sub")}


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Pretended:
    made = Pretended()
    monkeypatch.setattr(workspace, "LOCAL", tmp_path)
    monkeypatch.setattr(emulator, "start", made.start)
    monkeypatch.setattr(emulator, "stop", made.stop)
    monkeypatch.setattr(emulator, "running_pid", lambda _own: 1 if made.runs else None)
    monkeypatch.setattr(deploy, "deploy", made.deploy)
    monkeypatch.setattr(people, "verify_sender", lambda _own, _sender: None)
    monkeypatch.setattr(people, "create_people", made.create_people)
    team = {"case_manager": Person("case_manager", "password", "sub", "JBSWY3DPEHPK3PXP")}
    monkeypatch.setattr(people, "create_team", lambda *_: team)
    monkeypatch.setattr(people, "create_backend", lambda *_: Backend("id", "secret"))
    monkeypatch.setattr(people, "allow_backend", lambda *_: None)
    return made


def up(*, persist: bool) -> StackInfo:
    return stack.up(Workspace(PORT), day_seconds=2, persist=persist, report=lambda _line: None)


def test_h3_the_pages_that_may_call_are_a_setting(pretended: Pretended) -> None:
    origins = ["http://localhost:3000", "http://127.0.0.1:5173"]
    given = ["--origins", f"{origins[0]}, {origins[1]}"]

    assert stack.main(["up", f"--port={PORT}", *given]) == 0
    assert stack.main(["up", f"--port={PORT}"]) == 0

    assert pretended.origins == [tuple(origins), ()]


def test_f7_a_stack_that_runs_adopts_a_table_that_was_restored(pretended: Pretended) -> None:
    first = up(persist=False)
    settings = {"table_name": "restored", "table_stream_arn": "arn"}
    adopted = stack.up(Workspace(PORT), day_seconds=2, settings=settings, report=lambda _line: None)
    assert (first.table_name, adopted.table_name) == ("table", "restored")


@pytest.mark.parametrize("wrong", ["http://localhost:3000/", "localhost:3000", "*", "http://LOCALHOST:3000"])
def test_h3_what_no_browser_sends_as_an_origin_is_refused(
    pretended: Pretended, capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    assert stack.main(["up", f"--port={PORT}", "--origins", f"http://localhost:3000,{wrong}"]) == 1
    assert "ORIGINS are like http://localhost:3000" in capsys.readouterr().err
    assert pretended.origins == []


def password(info: StackInfo) -> str:
    return info.people["buyer"].password


def saved(own: Workspace) -> bool:
    return (own.folder / "state" / "saved").exists()


@pytest.mark.usefixtures("pretended")
def test_a_stack_that_persists_goes_on_with_its_state_and_its_people() -> None:
    own = Workspace(PORT)
    first = up(persist=True)
    assert stack.down(own)
    assert not own.state_file.exists()
    assert saved(own)
    assert up(persist=True) == first
    assert state.load(own) == first
    assert own.state_file.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("pretended")
def test_a_stack_that_does_not_persist_forgets_everything_at_down() -> None:
    own = Workspace(PORT)
    up(persist=False)
    assert stack.down(own)
    assert not own.state_file.exists()
    assert not (own.folder / "state").exists()


@pytest.mark.usefixtures("pretended")
def test_up_without_persist_forgets_what_was_saved() -> None:
    own = Workspace(PORT)
    first = up(persist=True)
    stack.down(own)
    assert password(up(persist=False)) != password(first)
    assert not saved(own)
    stack.down(own)
    assert password(up(persist=True)) not in {password(first), "password 2"}


def test_a_stack_that_ended_unsaved_goes_on_from_what_was_saved_before(pretended: Pretended) -> None:
    own = Workspace(PORT)
    first = up(persist=True)
    stack.down(own)
    up(persist=True)
    pretended.runs = False
    assert up(persist=True) == first
    stack.down(own)
    assert up(persist=True) == first


def test_a_first_stack_that_ended_unsaved_begins_anew(pretended: Pretended) -> None:
    first = up(persist=True)
    pretended.runs = False
    assert password(up(persist=True)) != password(first)


def test_what_was_saved_outlives_a_deployment_that_fails(
    pretended: Pretended, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Workspace(PORT)
    first = up(persist=True)
    stack.down(own)

    def failing(*_: object) -> dict[str, str]:
        raise LocalStackError("no")

    with monkeypatch.context() as patch:
        patch.setattr(deploy, "deploy", failing)
        with pytest.raises(LocalStackError):
            up(persist=True)
    assert not pretended.runs
    assert not own.state_file.exists()
    assert up(persist=True) == first


@pytest.mark.usefixtures("pretended")
def test_a_stack_that_an_older_version_saved_gets_its_team() -> None:
    own = Workspace(PORT)
    up(persist=True)
    saved_then = json.loads(own.state_file.read_text())
    for name in ("team_pool_id", "team_pool_client_id"):
        del saved_then[name]
    own.state_file.write_text(json.dumps(saved_then))
    info = up(persist=True)
    assert (info.team_pool_id, info.team_pool_client_id) == ("team pool", "team client")
    assert info.people["case_manager"].is_of_the_team
    assert not info.people["buyer"].is_of_the_team
    assert state.load(own) == info


@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2e9, "279037")]
)
def test_a_second_factors_code_is_that_of_rfc_6238(at: float, code: str) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert totp(secret, at) == totp(secret.rstrip("="), at) == code
