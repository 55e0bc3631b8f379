"""Background work for the window: a job queue and a thumbnail loader, each in a plain thread that a Qt timer polls."""

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

ProgressCallback = Callable[[int, int], None]
"""Called by a job with (done, total); it raises once the job has been canceled."""

T = TypeVar("T")

MAX_THUMBNAILS = 600
"""About 90 MB at 200 px a side."""

_POLL_MS = 30
_PIXMAPS_PER_POLL = 24
"""Converting one image to a pixmap takes a tenth of a millisecond of the GUI thread."""


class _CanceledError(Exception):
    """The job was canceled."""


class _JobThread(threading.Thread):
    """Runs one job. It ends with `is_done` and `result`, with `error`, or with neither if it was canceled."""

    def __init__(self, work: Callable[[ProgressCallback], object]) -> None:
        super().__init__(name="window work", daemon=True)
        self._work = work
        self.canceled = threading.Event()
        self.progress = (0, 0)
        self.is_done = False
        self.result: object = None
        # Any other exception leaves this error in place; its traceback goes to the thread's exception hook.
        self.error: FacecamError | None = FacecamError("an internal error occurred; please report it with the terminal output")

    def run(self) -> None:
        try:
            self.result = self._work(self._report_progress)
            self.is_done, self.error = True, None
        except _CanceledError:
            self.error = None
        except FacecamError as error:
            self.error = error
        except OSError as error:
            self.error = FacecamError(f"{error.filename or 'a file'} cannot be used: {error.strerror or error}")

    def _report_progress(self, done: int, total: int) -> None:
        self.progress = done, total
        if self.canceled.is_set():
            raise _CanceledError


class _ThreadSlot:
    """Holds the running thread apart from the QObject, which is half destroyed when `destroyed` is emitted."""

    def __init__(self) -> None:
        self.thread: _JobThread | None = None

    def cancel(self) -> None:
        if self.thread is not None:
            self.thread.canceled.set()
        self.thread = None


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[ProgressCallback], object]
    on_result: Callable[[Any], None]
    on_error: Callable[[FacecamError], None]


class BackgroundJobs(QObject):
    """Queue that runs one job after the other, each in its own thread. For the GUI thread.

    Destroying this object cancels the running job: it stops at its next progress report, and no callback is called.
    """

    progressed = Signal(int, int)
    """(done, total) of the running job."""
    busy_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: deque[_Job] = deque()
        self._job: _Job | None = None
        self._running = _ThreadSlot()
        self._progress = (0, 0)
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)
        # A bound method would hold the slot's owner only weakly, and that is destroyed with this object.
        self.destroyed.connect(partial(_ThreadSlot.cancel, self._running))

    @property
    def is_busy(self) -> bool:
        """True while a job is running or queued."""
        return self._running.thread is not None or bool(self._queue)

    def add(
        self, work: Callable[[ProgressCallback], T], on_result: Callable[[T], None], on_error: Callable[[FacecamError], None]
    ) -> None:
        """Queue a job; `on_result(result)` or `on_error(error)` is called in the GUI thread afterwards."""
        was_busy = self.is_busy
        self._queue.append(_Job(work, on_result, on_error))
        if not was_busy:
            self.busy_changed.emit(True)
            self._start_next()

    def cancel(self) -> None:
        """Drop queued jobs and cancel the running one; their callbacks are not called."""
        was_busy = self.is_busy
        self._queue.clear()
        self._release()
        if was_busy:
            self.busy_changed.emit(False)

    def close(self, timeout_s: float = 2.0) -> None:
        """Cancel, and wait for the thread so that a file being written is completed."""
        thread = self._running.thread
        self.cancel()
        if thread is not None:
            thread.join(timeout_s)

    def _release(self) -> None:
        self._timer.stop()
        self._running.cancel()
        self._job = None

    def _start_next(self) -> None:
        self._job = self._queue.popleft()
        self._running.thread, self._progress = _JobThread(self._job.work), (0, 0)
        self._running.thread.start()
        self._timer.start()

    def _poll(self) -> None:
        thread, job = self._running.thread, self._job
        if thread is None or job is None:
            return
        if thread.progress != self._progress:
            self._progress = thread.progress
            self.progressed.emit(*self._progress)
        if thread.is_alive():
            return
        self._release()
        try:
            if thread.is_done:
                job.on_result(thread.result)
            elif thread.error is not None:
                job.on_error(thread.error)
        finally:
            if self._running.thread is None:  # Otherwise the callback has added a job, which has started.
                if self._queue:
                    self._start_next()
                else:
                    self.busy_changed.emit(False)


class _ThumbnailReader:
    """Reads requested thumbnails, newest request first, in a thread that ends when none are left."""

    def __init__(self) -> None:
        self.ready: SimpleQueue[tuple[Path, QImage]] = SimpleQueue()
        self._requests: list[tuple[Path, int]] = []
        self._lock = threading.Lock()
        self._is_running = False

    def request(self, path: Path, side_px: int) -> None:
        with self._lock:
            self._requests.append((path, side_px))
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._read, name="thumbnails", daemon=True).start()

    def cancel(self) -> None:
        with self._lock:
            self._requests.clear()

    def _read(self) -> None:
        while True:
            with self._lock:
                if not self._requests:
                    self._is_running = False
                    return
                path, side_px = self._requests.pop()
            self.ready.put((path, read_thumbnail(path, side_px)))


class Thumbnails(QObject):
    """In-memory thumbnail cache that loads photos in a background thread."""

    ready = Signal()
    """Some requested thumbnails are available."""

    def __init__(self, side_px: int, parent: QObject | None = None) -> None:
        """`side_px` is the longer side of a thumbnail in device pixels."""
        super().__init__(parent)
        self._side_px = side_px
        self._cache: OrderedDict[Path, QPixmap] = OrderedDict()
        self._requested: set[Path] = set()
        self._reader = _ThumbnailReader()
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)
        # A bound method would hold the reader's owner only weakly, and that is destroyed with this object.
        self.destroyed.connect(partial(_ThumbnailReader.cancel, self._reader))

    def pixmap(self, path: Path) -> QPixmap | None:
        """Return the thumbnail, a null pixmap if the photo cannot be read, or None until `ready` is emitted."""
        if path in self._cache:
            self._cache.move_to_end(path)
            return self._cache[path]
        if path not in self._requested:
            self._requested.add(path)
            self._reader.request(path, self._side_px)
            self._timer.start()
        return None

    def forget(self, paths: Iterable[Path]) -> None:
        """Remove these photos from the cache, so that they are read again."""
        for path in paths:
            self._cache.pop(path, None)

    def _poll(self) -> None:
        received = 0
        try:
            while received < _PIXMAPS_PER_POLL:
                path, image = self._reader.ready.get_nowait()
                self._cache[path] = QPixmap.fromImage(image)
                self._requested.discard(path)
                received += 1
        except Empty:
            pass
        while len(self._cache) > MAX_THUMBNAILS:
            self._cache.popitem(last=False)
        if not self._requested:
            self._timer.stop()
        if received:
            self.ready.emit()


def read_thumbnail(path: Path, side_px: int) -> QImage:
    """Read a photo upright, its longer side at most `side_px`; a null image when it cannot be read. For any thread."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > side_px:
        # The JPEG decoder then works at a fraction of the size: 30 ms for a photo of 12 megapixels.
        reader.setScaledSize(size.scaled(QSize(side_px, side_px), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if not image.isNull():
        return image
    try:
        image = to_qimage(read_image(path))
    except ImageError:
        return QImage()
    if max(image.width(), image.height()) <= side_px:
        return image
    return image.scaled(side_px, side_px, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)


def to_qimage(image: Image, pixel_format: QImage.Format = QImage.Format.Format_BGR888) -> QImage:
    """Return a copy of an image (height, width, 3) as a QImage."""
    height, width = image.shape[:2]
    return QImage(np.ascontiguousarray(image).data, width, height, 3 * width, pixel_format).copy()
