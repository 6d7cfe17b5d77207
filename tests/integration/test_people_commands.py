"""`python -m ops person …` over moto: what is shown, asked for, stopped, held and replayed, and the trace it leaves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.person_tables import ErasureRow
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.composition import container
from buyer_protection.domain.archive import OrderRetention, Retention
from buyer_protection.domain.erasure import ErasureStatus
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC
from ops import order_ends
from ops.__main__ import DIFFERS, DONE, IMPOSSIBLE
from tests.integration import test_people
from tests.integration.operators import WHY, Run, runner, traces
from tests.integration.test_evidence_files import BUCKET
from tests.integration.test_people import PERSON, WORDS, cancelled, disputed, ordered, planted, stored, swept

shop = test_people.shop


@pytest.fixture
def run(shop: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    kept = order_ends.Kept(OrderRetention(ALIEXPRESS_CLASSIC, 180), Retention(90, 1_095))
    monkeypatch.setattr(order_ends, "kept_by", lambda _: kept)
    return runner(monkeypatch)


def said_by(capsys: pytest.CaptureFixture[str]) -> str:
    """What the command printed, without the logs of the functions that were called in between."""
    lines = capsys.readouterr().out.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("{"))


def said_of(named: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the commands said of a person or a case; what became of orders is said in other lines."""
    parts = (line.split(": ") for line in said_by(capsys).splitlines())
    return [said for about, said in parts if about == named]


def test_r48_a_persons_erasure_is_asked_for_shown_and_stopped(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    ordered()
    assert run("person", "show", PERSON) == DONE
    assert said_by(capsys) == "no erasure was asked for\nkept from it by: nothing\n"
    assert run("person", "erase", PERSON, *WHY) == DONE
    asked_for = said_by(capsys)
    assert asked_for.startswith(f"{PERSON}: WAITING  asked for ")
    assert run("person", "show", PERSON) == DONE
    assert said_by(capsys) == f"{asked_for}kept from it by: nothing\n"
    waiting = container.get().people.erasure(PERSON)
    assert waiting is not None
    assert waiting.effective_at - waiting.requested_at == timedelta(days=7)

    assert run("person", "stop", PERSON, *WHY) == DONE
    assert said_by(capsys).startswith(f"{PERSON}: STOPPED")
    assert swept() == {}
    assert traces() == [(f"person {word} {PERSON}", "on-call-2", "a test") for word in ("erase", "stop")]


def test_r48_an_erasure_begins_after_days_of_the_stage(run: Run) -> None:
    ordered()
    assert run("person", "erase", PERSON, "--day-seconds", "2", *WHY) == DONE
    waiting = container.get().people.erasure(PERSON)
    assert waiting is not None
    assert waiting.effective_at - waiting.requested_at == timedelta(seconds=14)


@pytest.mark.parametrize("seconds", ["0", "-86400", "nan"])
def test_a_day_of_no_length_is_refused_before_anything_begins_at_once(run: Run, seconds: str) -> None:
    ordered()
    assert run("person", "erase", PERSON, "--day-seconds", seconds, *WHY) == IMPOSSIBLE
    assert container.get().people.erasure(PERSON) is None
    assert traces() == []


def test_r48_what_cannot_be_asked_for_is_refused_by_its_code(
    run: Run, bucket: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("person", "erase", "nobody", *WHY) == DIFFERS
    assert "refused: NOT_FOUND" in said_by(capsys)
    assert run("person", "stop", "nobody", *WHY) == DIFFERS
    assert "refused: NOT_FOUND" in said_by(capsys)
    case = disputed(bucket)
    assert run("person", "erase", PERSON, *WHY) == DIFFERS
    assert "refused: DISPUTES_OPEN" in said_by(capsys)
    assert run("person", "show", PERSON) == DONE
    shown = said_by(capsys)
    assert "kept from it by: DISPUTES_OPEN" in shown
    assert planted(shown) == set()
    cancelled(case)
    assert run("person", "erase", PERSON, *WHY) == DONE
    assert swept() == {"people_erased": 1}
    assert run("person", "stop", PERSON, *WHY) == DIFFERS
    assert "refused: TOO_LATE" in said_by(capsys)


@pytest.mark.parametrize("about", ["person", "dispute"])
def test_r48_a_legal_hold_is_set_once_and_lifted_once(
    run: Run, bucket: Any, about: str, capsys: pytest.CaptureFixture[str]
) -> None:
    case = disputed(bucket)
    cancelled(case)
    named = PERSON if about == "person" else case
    option = (f"--{about}", named)
    assert run("person", "hold", *option, *WHY) == DONE
    assert run("person", "hold", *option, *WHY) == DIFFERS
    assert said_of(named, capsys) == ["held", "held already"]
    assert run("person", "show", PERSON) == DONE
    assert "kept from it by: LEGAL_HOLD" in said_by(capsys)
    assert run("person", "erase", PERSON, *WHY) == DIFFERS
    assert "refused: LEGAL_HOLD" in said_by(capsys)
    assert run("person", "lift", *option, *WHY) == DONE
    assert run("person", "lift", *option, *WHY) == DIFFERS
    assert said_of(named, capsys) == ["the hold is lifted", "no hold is set"]
    assert run("person", "erase", PERSON, *WHY) == DONE


def test_r48_a_hold_on_a_case_that_is_not_there_is_refused(run: Run) -> None:
    assert run("person", "hold", "--dispute", "dp-mistyped", *WHY) == IMPOSSIBLE
    assert (traces(), container.get().people.is_any_held(set(), {"dp-mistyped"})) == ([], False)
    # A lift may outlive its case.
    container.get().people.hold(None, "dp-gone", datetime.now(UTC))
    assert run("person", "lift", "--dispute", "dp-gone", *WHY) == DONE


def test_a_hold_is_about_one_of_a_person_and_a_case(run: Run) -> None:
    for words in ((), ("--person", PERSON, "--dispute", "dp-1")):
        with pytest.raises(SystemExit):
            run("person", "hold", *words, *WHY)


def test_r48_after_a_restore_what_was_erased_is_erased_again(
    run: Run, table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ordered()
    assert run("person", "erase", PERSON, *WHY) == DONE
    swept()
    capsys.readouterr()
    assert run("person", "replay", "--bucket", BUCKET, *WHY) == DONE
    assert said_by(capsys) == f"{PERSON}: erased\n", "nothing to do where nothing was restored"

    restore(table)
    assert planted(stored(table)), "the restored table has the words again"
    assert run("person", "replay", "--bucket", BUCKET, *WHY, "--dry-run") == DONE
    assert said_by(capsys) == "would: person replay: 1 noted\n"
    assert container.get().people.erasure(PERSON) is None
    assert run("person", "replay", "--bucket", BUCKET, *WHY) == DONE
    assert said_by(capsys) == f"{PERSON}: erased by the sweeper's next round\n"
    assert swept() == {"people_erased": 1}
    assert planted(stored(table)) == set()


def restore(table: Any) -> None:
    """The order as it was, and no erasure: as a table is that was restored to an instant before it was asked for."""
    table.delete_item(TableName=test_people.TABLE_NAME, Key=_key(keys.erasure(PERSON)))
    for pk_sk in (keys.order("A-1"), keys.ledger("A-1"), keys.listed_order("A-1")):
        table.delete_item(TableName=test_people.TABLE_NAME, Key=_key(pk_sk))
    ordered()


def _key(key: tuple[str, str]) -> dict[str, Any]:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def test_r48_a_replay_that_meets_a_change_says_so(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ordered()
    assert run("person", "erase", PERSON, *WHY) == DONE
    swept()
    early = datetime.fromisoformat("2020-01-01T00:00:00Z")
    row = ErasureRow(*keys.erasure(PERSON))
    row.change_if(ErasureRow.pk.exists(), [ErasureRow.ended_at.set(early)])

    def changed_meanwhile(*_: Any) -> None:
        raise ConflictingWriteError

    monkeypatch.setattr("ops.people.PynamoPersonStore.keep_erasure", changed_meanwhile)
    capsys.readouterr()
    assert run("person", "replay", "--bucket", BUCKET, *WHY) == DIFFERS
    assert "changed meanwhile" in said_by(capsys)
    kept = container.get().people.erasure(PERSON)
    assert kept is not None
    assert kept.status is ErasureStatus.DONE


@pytest.mark.parametrize("word", ["erase", "stop"])
def test_a_dry_run_changes_nothing_and_leaves_no_trace(
    run: Run, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ordered()
    assert run("person", word, PERSON, *WHY, "--dry-run") == DONE
    assert said_by(capsys) == f"would: person {word} {PERSON}\n"
    assert container.get().people.erasure(PERSON) is None
    assert traces() == []


def test_words_are_in_no_answer_of_the_commands(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    ordered()
    for words in (("erase", PERSON, *WHY), ("show", PERSON), ("stop", PERSON, *WHY)):
        assert run("person", *words) == DONE
    assert not [word for word in WORDS.values() if word in said_by(capsys)]
