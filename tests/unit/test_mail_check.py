"""The operators' commands: what SES says of account, identity and addresses, in words that say what to do."""

import copy
import io
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from buyer_protection.application.ports.mail_transport import address_id
from infra.stages import STAGES
from ops import mail_address, mail_check
from ops.mail_check import REPORTED, Level, findings

PROD = STAGES["prod"]
READY: dict[str, Any] = {
    "account": {
        "EnforcementStatus": "HEALTHY",
        "SendingEnabled": True,
        "ProductionAccessEnabled": True,
        "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 1_200.0},
    },
    "identity": {"VerifiedForSendingStatus": True, "DkimAttributes": {"Status": "SUCCESS"}},
    "configuration": {
        "SendingOptions": {"SendingEnabled": True},
        "SuppressionOptions": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
    },
    "destinations": [{"Enabled": True, "MatchingEventTypes": sorted(REPORTED), "EventBridgeDestination": {}}],
}


class FakeSes:
    """SES's client as far as the check asks."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.state = state

    def _known(self, name: str) -> Any:
        if self.state[name] is None:
            raise ClientError({"Error": {"Code": "NotFoundException"}}, name)
        return self.state[name]

    def get_account(self) -> Any:
        return self._known("account")

    def get_email_identity(self, EmailIdentity: str) -> Any:  # noqa: N803 - SES's own name
        assert EmailIdentity == PROD.mail_domain
        return self._known("identity")

    def get_configuration_set(self, ConfigurationSetName: str) -> Any:  # noqa: N803 - SES's own name
        assert ConfigurationSetName == "BuyerProtection-prod-mail"
        return self._known("configuration")

    def get_configuration_set_event_destinations(self, ConfigurationSetName: str) -> Any:  # noqa: N803
        return {"EventDestinations": self.state["destinations"]}


def with_changes(**changes: Any) -> FakeSes:
    """All is ready but what is changed: `account__SendingEnabled=False`."""
    state = copy.deepcopy(READY)
    for path, value in changes.items():
        *steps, last = path.split("__")
        part = state
        for step in steps:
            part = part[step]
        part[last] = value
    return FakeSes(state)


def found(ses: FakeSes, level: Level, *, deployed: bool = True) -> list[str]:
    return [one.text for one in findings(ses, PROD, deployed=deployed) if one.level is level]


def test_where_all_is_as_it_must_be_nothing_is_to_mend() -> None:
    assert found(with_changes(), Level.FAILED) == found(with_changes(), Level.WARNING) == []
    assert len(found(with_changes(), Level.OK)) == 5


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"account__ProductionAccessEnabled": False}, "sandbox"),
        ({"account__SendingEnabled": False}, "paused"),
        ({"account__EnforcementStatus": "SHUTDOWN"}, "paused"),
        ({"identity": None}, "shop.example.com is no identity"),
        ({"identity__VerifiedForSendingStatus": False}, "CNAME"),
        ({"configuration": None}, "deploy the stage first"),
        ({"configuration__SendingOptions": {"SendingEnabled": False}}, "switched off"),
        ({"configuration__SuppressionOptions": {"SuppressedReasons": ["BOUNCE"]}}, "COMPLAINT"),
        ({"destinations": []}, "DELIVERY_DELAY"),
        ({"destinations": [{**READY["destinations"][0], "Enabled": False}]}, "BOUNCE"),
    ],
)
def test_what_keeps_mails_from_arriving_is_said_with_what_to_do(changes: dict[str, Any], words: str) -> None:
    (text,) = found(with_changes(**changes), Level.FAILED)
    assert words in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"account__EnforcementStatus": "PROBATION"}, "under review"),
        ({"account__SendQuota__SentLast24Hours": 40_000.0}, "larger quota"),
        ({"identity__DkimAttributes": {"Status": "PENDING"}}, "DKIM"),
    ],
)
def test_what_may_become_a_trouble_is_a_warning(changes: dict[str, Any], words: str) -> None:
    assert found(with_changes(**changes), Level.FAILED) == []
    (text,) = found(with_changes(**changes), Level.WARNING)
    assert words in text


def test_before_the_first_deployment_only_the_account_is_asked_about() -> None:
    assert found(with_changes(identity=None, configuration=None), Level.FAILED, deployed=False) == []


@pytest.mark.parametrize(("changes", "code"), [({}, 0), ({"account__SendingEnabled": False}, 1)])
def test_the_command_ends_with_1_where_mails_would_not_arrive(
    changes: dict[str, Any], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session = SimpleNamespace(client=lambda _service: with_changes(**changes))
    monkeypatch.setattr("boto3.session.Session", lambda **_: session)
    assert mail_check.main(["--stage", "prod"]) == code
    assert ("FAILED" in capsys.readouterr().out) is bool(code)


class FakeTable:
    """The table as far as the command asks."""

    def __init__(self, row: dict[str, Any] | None) -> None:
        self.row = row
        self.asked: list[dict[str, str]] = []

    def get_item(self, *, Key: dict[str, str], ConsistentRead: bool) -> dict[str, Any]:  # noqa: N803
        assert ConsistentRead
        self.asked.append(Key)
        return {} if self.row is None else {"Item": self.row}

    def delete_item(self, *, Key: dict[str, str]) -> None:  # noqa: N803
        assert Key in self.asked
        self.row = None


class SuppressionList:
    """SES's own list with one address at most."""

    def __init__(self, address: str | None) -> None:
        self.address = address

    def get_suppressed_destination(self, *, EmailAddress: str) -> dict[str, Any]:  # noqa: N803
        if self.address != EmailAddress:
            raise ClientError({"Error": {"Code": "NotFoundException"}}, "GetSuppressedDestination")
        since = datetime(2026, 3, 11, tzinfo=UTC)
        return {"SuppressedDestination": {"Reason": "BOUNCE", "LastUpdateTime": since}}

    def delete_suppressed_destination(self, *, EmailAddress: str) -> None:  # noqa: N803
        assert self.address == EmailAddress
        self.address = None


@pytest.mark.parametrize("lifting", [False, True])
def test_an_address_is_looked_up_and_lifted_on_both_sides(
    lifting: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = FakeTable({"trouble": "MAIL_STOPPED", "at": "2026-03-11T12:00:00.000Z", "dispute_id": "dp-1"})
    ses = SuppressionList("ana@example.com")
    session = SimpleNamespace(
        client=lambda _service: ses, resource=lambda _service: SimpleNamespace(Table=lambda _name: table)
    )
    monkeypatch.setattr("boto3.session.Session", lambda **_: session)
    monkeypatch.setattr("sys.stdin", io.StringIO("ana@example.com\n"))
    assert mail_address.main(["--table", "t", *(["--lift"] if lifting else [])]) == 0
    assert table.asked[0]["pk"] == f"ADDRESS#{address_id('ana@example.com')}"
    assert (table.row is None, ses.address is None) == (lifting, lifting)
    out = capsys.readouterr().out
    assert "MAIL_STOPPED since 2026-03-11" in out
    assert "BOUNCE since 2026-03-11" in out
    assert "ana@example.com" not in out


def test_an_address_that_nobody_marked_is_said_to_be_free() -> None:
    table: Any = FakeTable(None)
    assert mail_address.state_of(table, SuppressionList(None), "ana@example.com") == {}
    mail_address.lift(table, SuppressionList(None), "ana@example.com")
