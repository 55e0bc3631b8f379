"""Background work for the window: a job queue and a cache of photos, each in a plain thread that a Qt timer polls."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

import numpy as np
from PySide6.QtCore import QBuffer, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from facecam.errors import FacecamError, ImageError
from facecam.gallery.files import read_gallery_file
from facecam.imageio import MAX_FILE_BYTES, decode_image
from facecam.messages import TranslatableText
from facecam.types import Image

ProgressCallback = Callable[[int, int], None]
"""Called by a job with (done, total); it raises once the job has been canceled."""

T = TypeVar("T")

_log = logging.getLogger(__name__)

MAX_PHOTOS = 600
"""About 90 MB at 200 px a side."""

_POLL_MS = 30


class _CanceledError(Exception):
    """The job was canceled."""


class _JobThread(threading.Thread):
    """Runs one job, which ends with `result` or `error`. It must not keep the callbacks, and so closed pages, alive."""

    def __init__(self, work: Callable[[ProgressCallback], object]) -> None:
        super().__init__(name="window work", daemon=True)
        self._work = work
        self.canceled = threading.Event()
        self.progress = (0, 0)
        self.result: object = None
        # Any other exception leaves this error in place; its traceback goes to the thread's exception hook.
        self.error: FacecamError | None = FacecamError("an internal error occurred; please report it with the terminal output")

    def run(self) -> None:
        try:
            self.result = self._work(self._report_progress)
            self.error = None
        except _CanceledError:
            pass
        except FacecamError as error:
            self.error = error
        except OSError as error:
            self.error = FacecamError(
                "{path} cannot be used: {error}", path=error.filename or TranslatableText("a file"), error=error
            )

    def _report_progress(self, done: int, total: int) -> None:
        self.progress = done, total
        if self.canceled.is_set():
            raise _CanceledError


_Job = tuple[_JobThread, Callable[[Any], None], Callable[[FacecamError], None]]


class BackgroundJobs(QObject):
    """Queue that runs one job after the other, each in its own thread. For the GUI thread.

    Destroying this object cancels the running job: it stops at its next progress report, and no callback is called.
    """

    progressed = Signal(int, int)
    """(done, total) of the running job."""
    busy_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: deque[_Job] = deque()
        self._progress = (0, 0)
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self._poll)
        # The function must not refer to this object, which is half destroyed when it is called.
        self.destroyed.connect(partial(_cancel, self._jobs))

    @property
    def is_busy(self) -> bool:
        """True while a job is running or queued."""
        return bool(self._jobs)

    def add(
        self, work: Callable[[ProgressCallback], T], on_result: Callable[[T], None], on_error: Callable[[FacecamError], None]
    ) -> None:
        """Queue a job; `on_result(result)` or `on_error(error)` is called in the GUI thread afterwards."""
        self._jobs.append((_JobThread(work), on_result, on_error))
        if len(self._jobs) == 1:
            self.busy_changed.emit(True)
            self._start_next()

    def cancel(self) -> None:
        """Drop queued jobs and cancel the running one; their callbacks are not called."""
        if self._jobs:
            self._timer.stop()
            _cancel(self._jobs)
            self.busy_changed.emit(False)

    def close(self, timeout_s: float = 2.0) -> None:
        """Cancel, and wait for the thread so that a file being written is completed."""
        threads = [thread for thread, *_ in self._jobs if thread.is_alive()]
        self.cancel()
        for thread in threads:
            thread.join(timeout_s)

    def _start_next(self) -> None:
        self._progress = (0, 0)
        self._jobs[0][0].start()
        self._timer.start()

    def _poll(self) -> None:
        thread, on_result, on_error = self._jobs[0]
        is_running = thread.is_alive()  # Read before the progress, whose last change is announced too.
        if thread.progress != self._progress:
            self._progress = thread.progress
            self.progressed.emit(*self._progress)
        if is_running or thread.canceled.is_set():
            return
        self._timer.stop()
        self._jobs.popleft()
        try:
            if thread.error is None:
                on_result(thread.result)
            else:
                on_error(thread.error)
        finally:
            if not self._jobs:
                self.busy_changed.emit(False)
            elif self._jobs[0][0].ident is None:  # Otherwise the callback has added a job, which has started.
                self._start_next()


def _cancel(jobs: deque[_Job]) -> None:
    for thread, *_ in jobs:
        thread.canceled.set()
    jobs.clear()


class PhotoCache(QObject):
    """In-memory cache of images made from photos in the background, newest request first."""

    ready = Signal()
    """Some requested images are available."""

    def __init__(self, read: Callable[[Path], QImage], parent: QObject | None = None) -> None:
        """`read` is called in a thread; a null image or an exception marks a photo as unreadable."""
        super().__init__(parent)
        self._cache: OrderedDict[Path, QPixmap] = OrderedDict()
        self._requested: set[Path] = set()
        self._waiting: list[Path] = []
        self._images: SimpleQueue[tuple[Path, QImage]] = SimpleQueue()
        self._work = partial(_read_photos, read, self._waiting, self._images)
        self._jobs = BackgroundJobs(self)
        self._jobs.progressed.connect(self._store_images)

    def pixmap(self, path: Path) -> QPixmap | None:
        """Return the image, a null pixmap if the photo cannot be read, or None until `ready` is emitted."""
        if path in self._cache:
            self._cache.move_to_end(path)
            return self._cache[path]
        if path not in self._requested:
            self._requested.add(path)
            self._waiting.append(path)
            self._read_waiting()
        return None

    def forget(self, paths: Iterable[Path]) -> None:
        """Remove these photos from the cache, so that they are read again."""
        for path in paths:
            self._cache.pop(path, None)

    def clear(self) -> None:
        """Remove all photos from the cache."""
        self._cache.clear()

    def _read_waiting(self) -> None:
        if self._waiting and not self._jobs.is_busy:
            self._jobs.add(self._work, lambda _: self._read_waiting(), lambda _: None)

    def _store_images(self) -> None:
        while not self._images.empty():
            path, image = self._images.get()
            self._cache[path] = QPixmap.fromImage(image)
            self._requested.discard(path)
        while len(self._cache) > MAX_PHOTOS:
            self._cache.popitem(last=False)
        self.ready.emit()


def _read_photos(
    read: Callable[[Path], QImage],
    waiting: list[Path],
    images: SimpleQueue[tuple[Path, QImage]],
    report_progress: ProgressCallback,
) -> None:
    """Read all waiting photos. For any thread."""
    done = 0
    while waiting:
        path = waiting.pop()
        try:
            image = read(path)
        except Exception as error:  # noqa: BLE001 - an unreadable photo must not stop the others
            _log.info("%s cannot be shown: %s", path, error)
            image = QImage()
        images.put((path, image))
        done += 1
        report_progress(done, 0)


class Thumbnails(PhotoCache):
    """Photos scaled down to `side_px`, the longer side in device pixels."""

    def __init__(self, side_px: int, parent: QObject | None = None) -> None:
        super().__init__(partial(read_thumbnail, side_px=side_px), parent)


def read_thumbnail(path: Path, side_px: int) -> QImage:
    """Read a photo upright, its longer side at most `side_px`; a null image when it cannot be read. For any thread."""
    try:
        data = read_gallery_file(path, MAX_FILE_BYTES)
    except OSError:
        return QImage()
    buffer = QBuffer()
    buffer.setData(data)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > side_px:
        # The JPEG decoder then works at a fraction of the size: 30 ms for a photo of 12 megapixels.
        reader.setScaledSize(size.scaled(QSize(side_px, side_px), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    del reader  # It closes its decoder, which must not outlive the buffer.
    if not image.isNull():
        return image
    try:
        image = to_qimage(decode_image(np.frombuffer(data, np.uint8), path))
    except ImageError:
        return QImage()
    if max(image.width(), image.height()) <= side_px:
        return image
    return image.scaled(side_px, side_px, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)


def to_qimage(image: Image, pixel_format: QImage.Format = QImage.Format.Format_BGR888) -> QImage:
    """Return a copy of an image (height, width, 3) as a QImage."""
    height, width = image.shape[:2]
    return QImage(np.ascontiguousarray(image).data, width, height, 3 * width, pixel_format).copy()
