"""What a process remembers of the citizens whom it served lately."""

from concurrent.futures import ThreadPoolExecutor

from aduan.adapters.firestore_hints import Hints


def test_what_was_remembered_is_told_once_for_several_names_of_one_citizen() -> None:
    current = Hints()
    current.remember("c1", "K1")
    current.remember("c2", "K1")
    current.remember("c3", "K3")
    assert current.of(["c1", "c2", "c3", "c4"]) == ("K1", "K3")


def test_the_newest_is_remembered_and_nothing_where_there_is_no_current_one() -> None:
    current = Hints()
    current.remember("c1", "K1")
    current.remember("c1", "K2")
    assert current.of(["c1"]) == ("K2",)
    current.remember("c1", None)
    assert current.of(["c1"]) == ()


def test_no_more_citizens_are_remembered_than_said_and_the_longest_unheard_are_forgotten() -> None:
    current = Hints(size=2)
    for citizen in ("c1", "c2"):
        current.remember(citizen, f"K{citizen}")
    current.remember("c1", "K9")
    current.remember("c3", "K3")
    assert current.of(["c1", "c2", "c3"]) == ("K9", "K3")


def test_sixteen_threads_share_one_memory_of_a_bounded_size() -> None:
    current = Hints(size=8)

    def hear(number: int) -> tuple[str, ...]:
        current.remember(f"c{number % 40}", f"K{number % 40}")
        return current.of([f"c{number % 40}"])

    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(hear, range(4_000)))
    assert all(complaints in ((), (f"K{number % 40}",)) for number, complaints in enumerate(told))
    assert len(current.of([f"c{number}" for number in range(40)])) == 8
