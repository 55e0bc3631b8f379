"""What stands between two threads: one slot per sender. What was not taken yet is replaced and counted; the newest wins."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestValueQueue(Generic[T]):
    """Holds at most one item for each sender's slot, so a slow taker makes gaps, never a delay. Usable from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._slots: dict[int, T] = {}
        self._dropped: Counter[int] = Counter()
        self._closed = False

    def put(self, item: T, slot: int = 0) -> None:
        """Leave an item; one that still lies there is dropped. A closed mailbox takes nothing."""
        with self._changed:
            if self._closed:
                return
            # A replaced item keeps its place in the queue of slots: a fast sender does not push a slow one back.
            self._dropped[slot] += slot in self._slots
            self._slots[slot] = item
            self._changed.notify_all()

    def put_when_taken(self, item: T, slot: int = 0) -> bool:
        """Wait until the slot is empty, then leave the item: nothing is dropped. False when the mailbox was closed instead."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or slot not in self._slots)
            if self._closed:
                return False
            self._slots[slot] = item
            self._changed.notify_all()
            return True

    def take(self, timeout_s: float = 0.0) -> tuple[int, T] | None:
        """The slot and item that have waited longest; None when none comes in time, or when the mailbox is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._slots), timeout_s)
            if self._closed or not self._slots:
                return None
            slot = next(iter(self._slots))
            item = self._slots.pop(slot)
            self._changed.notify_all()
            return slot, item

    def holds(self, slot: int = 0) -> bool:
        """Whether an item of this sender waits."""
        with self._changed:
            return slot in self._slots

    def dropped(self, slot: int = 0) -> int:
        """How many items of this sender were replaced before anybody took them."""
        with self._changed:
            return self._dropped[slot]

    def close(self) -> None:
        """Wake everybody who waits; what lies there is let go."""
        with self._changed:
            self._closed = True
            self._slots.clear()
            self._changed.notify_all()
