"""`python -m ops archive …` over moto: what it says of a case, what it refuses, and the trace of who and why (R48)."""

import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from buyer_protection.adapters.aws.case_archive import key_of
from buyer_protection.composition import container
from ops.__main__ import DIFFERS, DONE, IMPOSSIBLE
from tests.integration import test_archive
from tests.integration.operators import WHY, Here, Run, runner, traces
from tests.integration.test_archive import BUCKET, archivist, closed
from tests.integration.test_people import PERSON, disputed, planted
from tests.integration.test_people_commands import said_by
from tests.support.api_events import CONTEXT
from tests.support.in_process import handler_of

shop = test_archive.shop
WORDS = ("run", "hold", "release")
INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"

# Each plays a dispute to its end, with pictures, and archives it.
pytestmark = pytest.mark.verify


class Functions:
    """Lambda: the audit's function itself, so many days after now; it fails where it `fails`."""

    def __init__(self) -> None:
        self.days, self.fails, self.asked = 91.0, False, 0

    def invoke(self, **asked: Any) -> Any:
        assert asked["FunctionName"] == "BuyerProtection-test-audit_cases"
        self.asked += 1
        if self.fails:
            return {"Payload": io.BytesIO(b'{"errorType": "X"}'), "FunctionError": "Unhandled"}
        built = container.get()
        built.auditor = replace(built.auditor, archivist=archivist(self.days))
        answer = handler_of("audit_cases")(json.loads(asked["Payload"]), CONTEXT)
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Functions:
    functions, ours = Functions(), Here.client
    monkeypatch.setattr(
        Here,
        "client",
        lambda self, service, *more: functions if service == "lambda" else ours(self, service, *more),
    )
    return functions


@pytest.fixture
def run(shop: None, functions: Functions, monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch)


def shown(run: Run, case: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert run("archive", "show", case) == DONE
    return said_by(capsys)


def is_held(case: str) -> bool:
    return container.get().people.is_any_held({PERSON}, {case})


def test_r48_it_is_shown_where_a_case_is(run: Run, bucket: Any, capsys: pytest.CaptureFixture[str]) -> None:
    case = disputed(bucket)
    assert shown(run, case, capsys) == f"{case}: open  in the table\n"
    test_archive.cancelled(case)
    in_table = shown(run, case, capsys)
    assert re.fullmatch(rf"{case}: closed {INSTANT}  in the table\n", in_table)
    assert run("archive", "run", case, *WHY) == DONE
    kept = bucket.get_object(Bucket=BUCKET, Key=key_of(case))["Body"].read()
    archived = shown(run, case, capsys)
    before, digest = in_table.removesuffix("in the table\n"), sha256(kept).hexdigest()
    assert re.fullmatch(rf"{re.escape(before)}in the archive since {INSTANT}, {digest}\n", archived)
    assert traces() == [(f"archive run {case}", "on-call-2", "a test")], "whoever looks leaves no trace"


@pytest.mark.parametrize("person", [None, PERSON, "seller-1"])
def test_r48_a_hold_is_shown_whomever_it_is_on(
    run: Run, bucket: Any, person: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    case = closed(bucket)
    people, about = container.get().people, (person, None if person else case)
    people.hold(*about, datetime.now(UTC))
    assert shown(run, case, capsys).endswith("  in the table  held\n")
    people.lift(*about, datetime.now(UTC))
    assert shown(run, case, capsys).endswith("  in the table\n")


def test_r48_a_run_says_what_became_of_the_case(
    run: Run, bucket: Any, functions: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    case = closed(bucket)
    said = []
    for days in (89, 91, 92):
        functions.days = days
        capsys.readouterr()
        assert run("archive", "run", case, *WHY) == DONE
        said.append(said_by(capsys))
    assert said == [f"{case}: {result}\n" for result in ("NOT_YET", "ARCHIVED", "UNCHANGED")]
    assert traces() == [(f"archive run {case}", "on-call-2", "a test")] * 3


def test_r48_a_hold_is_set_once_and_lifted_once_and_followed_at_once(
    run: Run, bucket: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    case = closed(bucket)
    capsys.readouterr()
    assert run("archive", "hold", case, *WHY) == DONE
    assert said_by(capsys) == f"{case}: held; HELD\n"
    assert run("archive", "hold", case, *WHY) == DIFFERS
    assert said_by(capsys) == f"{case}: held already\n{case}: held; HELD\n"
    assert is_held(case)
    assert run("archive", "run", case, *WHY) == DONE
    assert said_by(capsys) == f"{case}: HELD\n"
    assert run("archive", "release", case, *WHY) == DONE
    assert said_by(capsys) == f"{case}: released; ARCHIVED\n"
    assert run("archive", "release", case, *WHY) == DIFFERS
    assert said_by(capsys) == f"{case}: no hold is set\n{case}: released; UNCHANGED\n"
    assert not is_held(case)
    given = ("hold", "hold", "run", "release", "release")
    assert traces() == [(f"archive {word} {case}", "on-call-2", "a test") for word in given]


def test_r48_a_hold_reaches_a_case_that_is_in_the_archive(
    run: Run, bucket: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    case = closed(bucket)
    run("archive", "run", case, *WHY)
    tags = []
    for word in ("hold", "release"):
        capsys.readouterr()
        assert run("archive", word, case, *WHY) == DONE
        assert said_by(capsys).endswith("; ARCHIVED\n")
        tags.append(bucket.get_object_tagging(Bucket=BUCKET, Key=key_of(case))["TagSet"][0]["Value"])
        assert shown(run, case, capsys).endswith("  held\n") is (word == "hold")
    assert tags == ["held", "1020"]


def test_a_hold_whose_second_half_failed_is_set_and_followed_by_the_same_command(
    run: Run, bucket: Any, functions: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    case = closed(bucket)
    functions.fails = True
    assert run("archive", "hold", case, *WHY) == IMPOSSIBLE
    assert "error: BuyerProtection-test-audit_cases failed; its log says where" in capsys.readouterr().err
    assert is_held(case)
    functions.fails = False
    assert run("archive", "hold", case, *WHY) == DIFFERS
    assert said_by(capsys) == f"{case}: held already\n{case}: held; HELD\n"


@pytest.mark.parametrize("word", ["show", "run", "hold"])
def test_an_id_of_no_case_is_refused(
    run: Run, functions: Functions, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("archive", word, "dp-mistyped", *(() if word == "show" else WHY)) == IMPOSSIBLE
    assert capsys.readouterr().err == "error: dp-mistyped: no such case, or its time is over\n"
    assert (functions.asked, traces(), is_held("dp-mistyped")) == (0, [], False)


def test_r48_a_hold_of_a_case_that_has_left_can_be_lifted(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    container.get().people.hold(None, "dp-gone", datetime.now(UTC))
    assert run("archive", "release", "dp-gone", *WHY) == DONE
    assert said_by(capsys) == "dp-gone: released; NOT_YET\n"
    assert not is_held("dp-gone")


@pytest.mark.parametrize("word", WORDS)
def test_a_dry_run_changes_nothing_and_leaves_no_trace(
    run: Run, bucket: Any, functions: Functions, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    case = closed(bucket)
    if word == "release":
        container.get().people.hold(None, case, datetime.now(UTC))
    capsys.readouterr()
    assert run("archive", word, case, *WHY, "--dry-run") == DONE
    assert said_by(capsys) == f"would: archive {word} {case}\n"
    assert (functions.asked, traces(), is_held(case)) == (0, [], word == "release")


@pytest.mark.parametrize("word", WORDS)
def test_nobody_and_nothing_said_is_refused(
    run: Run, functions: Functions, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = "dp-of-nobody"
    for said in ((), ("--why", " ")):
        with pytest.raises(SystemExit) as refused:
            run("archive", word, case, *said)
        assert refused.value.code == IMPOSSIBLE
    monkeypatch.setenv("OPERATOR", "")
    assert run("archive", word, case, *WHY) == IMPOSSIBLE
    assert (functions.asked, traces(), is_held(case)) == (0, [], False)


def test_words_of_people_are_in_no_answer_of_the_commands(
    run: Run, bucket: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    case = closed(bucket)
    capsys.readouterr()
    for word in ("run", "show", "hold", "release"):
        assert run("archive", word, case, *(() if word == "show" else WHY)) == DONE
    assert planted(said_by(capsys)) == set()
