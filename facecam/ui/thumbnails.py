"""Small pictures of photos, read in a thread of their own while the window goes on, and kept in memory only."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np
from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from facecam.errors import PictureError
from facecam.picture import read_picture
from facecam.types import Picture

MOST_KEPT = 600
"""At 200 px a side some 90 MB."""

_LOOK_MS = 30
_BATCH = 24
"""So many pictures become pixmaps at one look: each takes a tenth of a millisecond of the window's thread."""


class _Reader:
    """Reads what is asked for, the newest wish first, in a thread that ends when there is nothing left."""

    def __init__(self) -> None:
        self.ready: SimpleQueue[tuple[Path, QImage]] = SimpleQueue()
        self._wanted: list[tuple[Path, int]] = []
        self._lock = threading.Lock()
        self._running = False

    def want(self, path: Path, side_px: int) -> None:
        with self._lock:
            self._wanted.append((path, side_px))
            if not self._running:
                self._running = True
                threading.Thread(target=self._read, name="thumbnails", daemon=True).start()

    def forget(self) -> None:
        with self._lock:
            self._wanted.clear()

    def _read(self) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._running = False
                    return
                path, side_px = self._wanted.pop()
            self.ready.put((path, read_small(path, side_px)))


class Thumbnails(QObject):
    """Gives the small picture of a photo, at once or a little later."""

    ready = Signal()
    """Some of the pictures that were asked for are there."""

    def __init__(self, side_px: int, parent: QObject | None = None) -> None:
        """`side_px` is the longer side of what is given, in the screen's own pixels."""
        super().__init__(parent)
        self._side_px = side_px
        self._kept: OrderedDict[Path, QPixmap] = OrderedDict()
        self._asked: set[Path] = set()
        self._reader = _Reader()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        # Of a bound method Qt would hold its object weakly, and that goes with this one.
        self.destroyed.connect(partial(_Reader.forget, self._reader))

    def pixmap(self, path: Path) -> QPixmap | None:
        """The picture; an empty one when the photo cannot be read; None while it is not there yet: `ready` comes then."""
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        if path not in self._asked:
            self._asked.add(path)
            self._reader.want(path, self._side_px)
            self._timer.start()
        return None

    def forget(self, paths: Iterable[Path]) -> None:
        """Read these again when they are asked for."""
        for path in paths:
            self._kept.pop(path, None)

    def _look(self) -> None:
        came = 0
        try:
            while came < _BATCH:
                path, image = self._reader.ready.get_nowait()
                self._kept[path] = QPixmap.fromImage(image)
                self._asked.discard(path)
                came += 1
        except Empty:
            pass
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        if not self._asked:
            self._timer.stop()
        if came:
            self.ready.emit()


def read_small(path: Path, side_px: int) -> QImage:
    """The photo with its longer side at most `side_px`, upright; an empty image when it cannot be read. For any thread."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > side_px:
        # JPEG is decoded at a fraction of its size so: a photo of 12 megapixels in 30 ms.
        reader.setScaledSize(size.scaled(QSize(side_px, side_px), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if not image.isNull():
        return image
    try:
        return _shrunk(as_image(read_picture(path)), side_px)
    except PictureError:
        return QImage()


def as_image(bgr: Picture) -> QImage:
    """A copy of the picture as Qt has it."""
    height, width = bgr.shape[:2]
    block = np.ascontiguousarray(bgr)
    return QImage(block.data, width, height, 3 * width, QImage.Format.Format_BGR888).copy()


def _shrunk(image: QImage, side_px: int) -> QImage:
    if max(image.width(), image.height()) <= side_px:
        return image
    return image.scaled(side_px, side_px, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
