"""LatestValueQueue: the latest value wins, drops are counted once, and waiting threads wake."""

from __future__ import annotations

import threading
import time

from hypothesis import given
from hypothesis import strategies as st

from facecam.session.latest_value_queue import LatestValueQueue


def test_a_new_item_replaces_one_that_was_not_taken_and_counts_it() -> None:
    box: LatestValueQueue[str] = LatestValueQueue()
    for word in ("old", "newer", "newest"):
        box.put(word)

    assert box.take() == (0, "newest")
    assert box.take() is None
    assert box.dropped() == 2


def test_a_fast_producer_does_not_delay_a_slow_one() -> None:
    box: LatestValueQueue[int] = LatestValueQueue()
    box.put(1, slot=0)
    box.put(2, slot=1)
    box.put(3, slot=0)

    assert [box.take(), box.take()] == [(0, 3), (1, 2)]


@given(st.lists(st.one_of(st.tuples(st.integers(0, 2), st.integers()), st.none())))
def test_every_item_is_taken_dropped_or_waiting(steps: list[tuple[int, int] | None]) -> None:
    box: LatestValueQueue[int] = LatestValueQueue()
    taken: dict[int, list[int]] = {0: [], 1: [], 2: []}
    put: dict[int, list[int]] = {0: [], 1: [], 2: []}
    for step in steps:
        if step is not None:
            box.put(step[1], step[0])
            put[step[0]].append(step[1])
        elif (item := box.take()) is not None:
            taken[item[0]].append(item[1])
            assert item[1] == put[item[0]][-1]

    for slot, sent in put.items():
        assert len(sent) == len(taken[slot]) + box.dropped(slot) + box.has_item(slot)


def test_a_blocking_producer_loses_nothing() -> None:
    box: LatestValueQueue[int] = LatestValueQueue()
    sender = threading.Thread(target=lambda: [box.put_blocking(number) for number in range(200)])
    sender.start()
    received = [item[1] for _ in range(200) if (item := box.take(2)) is not None]
    sender.join()

    assert received == list(range(200))
    assert box.dropped() == 0


def test_closing_wakes_consumers_and_producers() -> None:
    box: LatestValueQueue[int] = LatestValueQueue()
    box.put(1)
    sent: list[bool] = []
    sender = threading.Thread(target=lambda: sent.append(box.put_blocking(2)))
    empty: LatestValueQueue[int] = LatestValueQueue()
    taker = threading.Thread(target=lambda: empty.take(60))
    for thread in (sender, taker):
        thread.start()
    time.sleep(0.05)
    box.close()
    empty.close()
    for thread in (sender, taker):
        thread.join(2)
        assert not thread.is_alive()

    assert sent == [False]
    assert box.take() is None


def test_take_returns_none_after_the_timeout() -> None:
    begun_s = time.monotonic()

    assert LatestValueQueue[int]().take(0.1) is None
    assert time.monotonic() - begun_s > 0.09
