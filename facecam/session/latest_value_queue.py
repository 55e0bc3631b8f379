"""Queue that keeps only the latest value per producer and counts dropped ones."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestValueQueue(Generic[T]):
    """Queue with one slot per producer, so that a slow consumer causes gaps, never a delay. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._slots: dict[int, T] = {}
        self._dropped: Counter[int] = Counter()
        self._closed = False

    def put(self, item: T, slot: int = 0) -> None:
        """Store an item, replacing one that was not taken. A closed queue stores nothing."""
        with self._changed:
            if self._closed:
                return
            # A replaced item keeps its place in the order of slots, so that a fast producer does not delay a slow one.
            self._dropped[slot] += slot in self._slots
            self._slots[slot] = item
            self._changed.notify_all()

    def put_blocking(self, item: T, slot: int = 0) -> bool:
        """Wait until the slot is empty, then store the item. False when the queue was closed instead."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or slot not in self._slots)
            if self._closed:
                return False
            self._slots[slot] = item
            self._changed.notify_all()
            return True

    def take(self, timeout_s: float = 0.0) -> tuple[int, T] | None:
        """Return the slot and item that have waited longest; None after `timeout_s` and when the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._slots), timeout_s)
            if self._closed or not self._slots:
                return None
            slot = next(iter(self._slots))
            item = self._slots.pop(slot)
            self._changed.notify_all()
            return slot, item

    def has_item(self, slot: int = 0) -> bool:
        """Return whether an item waits in the slot."""
        with self._changed:
            return slot in self._slots

    def dropped(self, slot: int = 0) -> int:
        """Return the number of items in the slot that were replaced before they were taken."""
        with self._changed:
            return self._dropped[slot]

    def close(self) -> None:
        """Drop all items and wake waiting threads."""
        with self._changed:
            self._closed = True
            self._slots.clear()
            self._changed.notify_all()
