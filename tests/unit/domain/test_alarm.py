"""The alarm that a step of the state machine is given, of whichever contract."""

import pytest

from buyer_protection.domain.windows import CONTRACT, Alarm

ALARM = Alarm("dp-1", 3, CONTRACT, "NEGOTIATION", 7, 86_400)


def test_an_alarm_is_read_as_it_was_written_and_what_a_later_contract_adds_is_left_aside() -> None:
    assert Alarm.from_event(ALARM.to_event()) == ALARM
    later = {**ALARM.to_event(), "contract": CONTRACT + 1, "shard": "s-1"}
    assert Alarm.from_event(later) == Alarm("dp-1", 3, CONTRACT + 1, "NEGOTIATION", 7, 86_400)


def test_the_call_that_woke_an_execution_is_named_where_it_was_one() -> None:
    woken = Alarm("dp-1", 3, CONTRACT, "NEGOTIATION", 7, 86_400, "call-1")
    assert woken.to_event() == {**ALARM.to_event(), "correlation_id": "call-1"}
    assert Alarm.from_event(woken.to_event()) == woken
    assert "correlation_id" not in ALARM.to_event()


def test_beside_its_identity_nothing_of_an_alarm_must_be_there() -> None:
    assert Alarm.from_event({"case_id": "dp-1", "generation": 3}) == Alarm("dp-1", 3, CONTRACT, "", 0, 1)


@pytest.mark.parametrize("missing", ["case_id", "generation"])
def test_without_its_identity_it_is_refused(missing: str) -> None:
    incomplete = {name: value for name, value in ALARM.to_event().items() if name != missing}
    with pytest.raises(KeyError, match=missing):
        Alarm.from_event(incomplete)
