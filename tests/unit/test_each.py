"""Cases that share a test: every one is tried, and each failure is named."""

import pytest

from tests.support.each import check_each


def is_even(number: int) -> None:
    assert number % 2 == 0, f"{number} is odd"


def raises_for_seven(number: int) -> None:
    with pytest.raises(ZeroDivisionError):
        _ = 1 / (number - 7)


def test_all_cases_are_tried_and_those_that_fail_are_named() -> None:
    tried: list[int] = []

    def check(number: int) -> None:
        tried.append(number)
        is_even(number)

    with pytest.raises(ExceptionGroup, match=r"2 of 4 cases fail: 1; 3") as failed:
        check_each(check, [(0,), (1,), (2,), (3,)])

    assert tried == [0, 1, 2, 3]
    assert [error.__notes__ for error in failed.value.exceptions] == [["case: 1"], ["case: 3"]]


def test_an_error_that_does_not_come_fails_its_case() -> None:
    check_each(raises_for_seven, [(7,)])
    with pytest.raises(ExceptionGroup, match=r"1 of 2 cases fail: 8"):
        check_each(raises_for_seven, [(7,), (8,)])


def test_an_error_of_another_kind_names_its_case_too() -> None:
    with pytest.raises(TypeError) as raised:
        check_each(is_even, [(0,), ("no number",)])
    assert raised.value.__notes__ == ["case: no number"]


def test_no_cases_at_all_are_a_failure() -> None:
    with pytest.raises(AssertionError, match="no case"):
        check_each(is_even, [])
