"""The faces of the gallery's photos as they are compared, found beside the window's thread and kept for a while."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Self

from PySide6.QtCore import QObject, Signal

from facecam.runtime.account import photo_crop
from facecam.types import Picture
from facecam.ui.background import Jobs
from facecam.ui.live import Live

_KEPT = 64


class PhotoCrops(QObject):
    """One per Live: what one page has asked for is there when the next one asks."""

    ready = Signal()
    """What was asked for is there, or is known to be unreadable."""

    def __init__(self, live: Live) -> None:
        super().__init__(live)
        self._live = live
        self._jobs = Jobs(self)
        self._asked: set[Path] = set()
        self._crops: OrderedDict[Path, Picture | None] = OrderedDict()
        # A photo that was replaced has the same path.
        live.gallery_changed.connect(self._crops.clear)

    @classmethod
    def of(cls, live: Live) -> Self:
        """The one of this Live."""
        return live.findChild(cls) or cls(live)

    def knows(self, photo: Path) -> bool:
        """Whether `crop` has an answer; asks for one otherwise: `ready` comes then."""
        if photo in self._crops:
            return True
        if photo not in self._asked:
            self._asked.add(photo)
            settings = self._live.wish.settings
            self._jobs.add(
                lambda _: photo_crop(photo, settings), lambda crop: self._keep(photo, crop), lambda _: self._keep(photo, None)
            )
        return False

    def crop(self, photo: Path) -> Picture | None:
        """The face (96, 96, 3) RGB; None when there is no single one, the photo cannot be read, or nothing is known yet."""
        return self._crops.get(photo)

    def _keep(self, photo: Path, crop: Picture | None) -> None:
        self._asked.discard(photo)
        self._crops[photo] = crop
        while len(self._crops) > _KEPT:
            self._crops.popitem(last=False)
        self.ready.emit()
