"""Who loses a race tries again from what stands then, after a pause of their own."""

import pytest

from aduan.service.ports import Conflict
from aduan.service.retrying import pause, until_settled


def test_what_meets_no_conflict_is_tried_once() -> None:
    tried = iter((1, 2))
    assert until_settled(lambda: next(tried)) == 1
    assert next(tried) == 2


def test_who_loses_twice_reads_and_writes_a_third_time() -> None:
    stands = iter((1, 2, 3))

    def attempt() -> int:
        read = next(stands)
        if read < 3:
            raise Conflict
        return read

    assert until_settled(attempt) == 3


def test_any_other_error_is_not_tried_again() -> None:
    tried: list[int] = []

    def broken() -> None:
        tried.append(1)
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        until_settled(broken)
    assert tried == [1]


@pytest.mark.parametrize(("lost", "longest"), [(0, 0.02), (1, 0.04), (2, 0.08), (5, 0.64), (6, 0.8), (10, 0.8)])
def test_a_pause_is_any_up_to_one_that_doubles_and_ends_below_a_second(lost: int, longest: float) -> None:
    pauses = [pause(lost) for _ in range(1000)]
    assert all(0 <= one <= longest for one in pauses)
    assert min(pauses) < longest / 4  # each of a thousand would miss such a quarter once in 10^125
    assert max(pauses) > longest * 3 / 4
