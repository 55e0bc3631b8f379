"""Work that would hold up the window, done in a plain thread while a timer looks whether it is finished."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import numpy as np
from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from facecam.errors import FacecamError, ImageError
from facecam.imageio import read_image
from facecam.types import Image

Told = Callable[[int, int], None]
"""Called by the work with how much is done and how much there is; it does not return once the work is unwanted."""

T = TypeVar("T")

_LOOK_MS = 30


class _UnwantedError(Exception):
    """Nobody waits for this work any more."""


class _Thread(threading.Thread):
    """Does one piece of work. `told` is how far it is; at the end there is `result`, or `error`, or neither if unwanted."""

    def __init__(self, work: Callable[[Told], object]) -> None:
        super().__init__(name="window work", daemon=True)
        self._work = work
        self.unwanted = threading.Event()
        self.told = (0, 0)
        self.done = False
        self.result: object = None
        # Of what dies of something else the traceback goes to the thread's hook, as everywhere.
        self.error: FacecamError | None = FacecamError("this failed inside; please report it with what the terminal says")

    def run(self) -> None:
        try:
            self.result = self._work(self._tell)
            self.done, self.error = True, None
        except _UnwantedError:
            self.error = None
        except FacecamError as error:
            self.error = error
        except OSError as error:
            self.error = FacecamError(f"{error.filename or 'a file'} cannot be used: {error.strerror or error}")

    def _tell(self, done: int, total: int) -> None:
        self.told = done, total
        if self.unwanted.is_set():
            raise _UnwantedError


class _Holder:
    """Holds the running thread for one that is half gone when it is told of its end."""

    def __init__(self) -> None:
        self.thread: _Thread | None = None

    def let_go(self) -> None:
        if self.thread is not None:
            self.thread.unwanted.set()
        self.thread = None


@dataclass(frozen=True, slots=True)
class _Waiting:
    work: Callable[[Told], object]
    then: Callable[[Any], None]
    failed: Callable[[FacecamError], None]


class BackgroundJobs(QObject):
    """Does one piece of work after the other, each in a thread of its own. For the GUI's thread.

    When this object goes, what runs is let go of: it ends with its next `told`, and nothing is called.
    """

    progressed = Signal(int, int)
    """How much of the running work is done, of how much."""
    busy_changed = Signal(bool)
    """Whether something runs or waits."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[_Waiting] = deque()
        self._job: _Waiting | None = None
        self._running = _Holder()
        self._told = (0, 0)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        # Of a bound method Qt would hold its object weakly, and that goes with this one.
        self.destroyed.connect(partial(_Holder.let_go, self._running))

    @property
    def busy(self) -> bool:
        """Whether something runs or waits."""
        return self._running.thread is not None or bool(self._waiting)

    def add(self, work: Callable[[Told], T], then: Callable[[T], None], failed: Callable[[FacecamError], None]) -> None:
        """Have `work` done after what waits already; then `then(result)` or `failed(error)` is called here."""
        was_busy = self.busy
        self._waiting.append(_Waiting(work, then, failed))
        if not was_busy:
            self.busy_changed.emit(True)
            self._next()

    def cancel(self) -> None:
        """Forget what waits, and let go of what runs: neither `then` nor `failed` is called."""
        was_busy = self.busy
        self._waiting.clear()
        self._let_go()
        if was_busy:
            self.busy_changed.emit(False)

    def close(self, patience_s: float = 2.0) -> None:
        """The same, and wait for the thread, at most that long: a file that is being written is finished."""
        thread = self._running.thread
        self.cancel()
        if thread is not None:
            thread.join(patience_s)

    def _let_go(self) -> None:
        self._timer.stop()
        self._running.let_go()
        self._job = None

    def _next(self) -> None:
        self._job = self._waiting.popleft()
        self._running.thread, self._told = _Thread(self._job.work), (0, 0)
        self._running.thread.start()
        self._timer.start()

    def _look(self) -> None:
        thread, job = self._running.thread, self._job
        if thread is None or job is None:
            return
        if thread.told != self._told:
            self._told = thread.told
            self.progressed.emit(*self._told)
        if thread.is_alive():
            return
        self._let_go()
        try:
            if thread.done:
                job.then(thread.result)
            elif thread.error is not None:
                job.failed(thread.error)
        finally:
            self._go_on()

    def _go_on(self) -> None:
        if self._running.thread is not None:  # what was called has asked for more, which has begun
            return
        if self._waiting:
            self._next()
        else:
            self.busy_changed.emit(False)


# MERGED ui.thumbnails: Small pictures of photos, read in a thread of their own while the window goes on, and kept in memory only.

MOST_KEPT = 600
"""At 200 px a side some 90 MB."""

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
        return _shrunk(as_image(read_image(path)), side_px)
    except ImageError:
        return QImage()


def as_image(bgr: Image) -> QImage:
    """A copy of the picture as Qt has it."""
    height, width = bgr.shape[:2]
    block = np.ascontiguousarray(bgr)
    return QImage(block.data, width, height, 3 * width, QImage.Format.Format_BGR888).copy()


def _shrunk(image: QImage, side_px: int) -> QImage:
    if max(image.width(), image.height()) <= side_px:
        return image
    return image.scaled(side_px, side_px, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
