"""Taught labels before ImageNet's: what was taught a moment ago counts at once."""

from __future__ import annotations

from pathlib import Path

from facecam.errors import TeachError
from facecam.objects.classifier import ObjectNamer
from facecam.objects.features import FeatureReader, base_sha256, guide_crop
from facecam.objects.taught_head import Head
from facecam.objects.taught_store import INDEX, read_taught
from facecam.types import Label, Picture

TOP = 3


class TaughtNames:
    """The taught label that a picture surely shows. Looks at the folder's index before each picture, and reads it when it is new.

    Owned by the thread that calls it first. TeachError when what was taught is damaged.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        self._folder = folder
        self._threads = threads
        self._stamp: tuple[int, int] | None = None
        self._head: Head | None = None
        self._reader: FeatureReader | None = None

    def classify(self, bgr: Picture) -> tuple[Label, ...]:
        """At most one label: of the whole picture or of its guide box, whichever is surer; none when neither is sure."""
        self._refresh()
        if self._head is None:
            return ()
        self._reader = self._reader or FeatureReader(self._threads)
        found, shares = self._head.sure(self._reader([bgr, guide_crop(bgr)]))
        sure = sorted((float(share), int(number)) for number, share in zip(found, shares, strict=True) if number >= 0)
        return tuple(Label(self._head.labels[number], "", share) for share, number in sure[-1:])

    def _refresh(self) -> None:
        stamp = self._seen()
        while stamp != self._stamp:
            try:
                self._head = read_taught(self._folder, base_sha256()).head
            except TeachError:
                if stamp == self._seen():
                    raise
            self._stamp, stamp = stamp, self._seen()  # taught anew while it was read: once more

    def _seen(self) -> tuple[int, int] | None:
        """Which index lies there; None when there is none."""
        try:
            stat = (self._folder / INDEX).stat()
        except FileNotFoundError:
            return None
        return stat.st_mtime_ns, stat.st_ino


class WithTaught:
    """A namer that lets the taught labels speak first, and where they say nothing is what it was."""

    def __init__(self, taught: TaughtNames, others: ObjectNamer) -> None:
        self._taught = taught
        self._others = others

    def classify(self, bgr: Picture) -> tuple[Label, ...]:
        """The taught label if there is a sure one, with the others after it at what is left; else the others unchanged."""
        sure, others = self._taught.classify(bgr), self._others.classify(bgr)
        if not sure:
            return others
        left = 1 - sure[0].probability
        rest = [Label(label.name, label.label_id, label.probability * left) for label in others if label.name != sure[0].name]
        return (*sure, *rest)[:TOP]
