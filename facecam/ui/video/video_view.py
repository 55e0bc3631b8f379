"""Live video widget: all sources as tiles, with annotated faces that can be chosen by mouse or keyboard, and heatmaps.

A worker thread computes the explanation heatmaps; it is created when they are first switched on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTransform,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from facecam.rendering.annotations import FaceAnnotation, Overlay
from facecam.rendering.figures import colorize_heatmap
from facecam.session.status import SourceState
from facecam.settings import Mode
from facecam.types import DecisionStatus, Floats, Frame, Image, Result
from facecam.ui.accessibility import announce
from facecam.ui.language import caption_texts, error_text
from facecam.ui.session_controller import SessionController
from facecam.ui.video.overlay_painter import ImagePlacement, OverlayPainter, VideoTile, fit_frame, grid_shape, tile_rects

if TYPE_CHECKING:
    from facecam.session.explanation_worker import Explanation, ExplanationWorker


_POLL_MS = 150
_JOIN_TIMEOUT_S = 3.0


class HeatmapLayer(QObject):
    """Heatmaps of the controller's results. A face's heatmap follows the face; only its content lags behind."""

    changed = Signal()
    """Heatmaps are switched on or off, or may have changed."""
    failed = Signal(str)

    def __init__(self, controller: SessionController, parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self._worker: ExplanationWorker | None = None
        self._ending: list[ExplanationWorker] = []
        self._settings = controller.settings.identify
        controller.recognized.connect(self._submit)
        controller.started.connect(self._restart)
        controller.settings_changed.connect(self._on_settings_changed)
        controller.gallery_changed.connect(self._submit_all)
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def is_on(self) -> bool:
        return self._worker is not None

    @property
    def is_loading(self) -> bool:
        """True while the worker loads its networks."""
        return self._worker is not None and self._worker.loading

    def set_enabled(self, on: bool) -> None:
        """Start or stop computing heatmaps."""
        if on is self.is_on:
            return
        self._stop()
        if on:
            self._settings = self._controller.settings.identify
            # Imported here, because it is not needed before the first frame.
            from facecam.session.explanation_worker import ExplanationWorker

            self._worker = ExplanationWorker(self._settings)
            self._worker.start()
            self._timer.start()
            self._submit_all()
        self.changed.emit()

    def close(self) -> None:
        """Stop, and wait for the explanation in progress."""
        self._stop()
        for worker in self._ending:
            worker.join(_JOIN_TIMEOUT_S)

    def heatmaps_for(self, slot: int, result: Result) -> list[tuple[Explanation, Floats]]:
        """Return the heatmaps of a result and the transforms (2, 3) that map them to its frame."""
        return [] if self._worker is None else self._worker.explanations(slot, result)

    def paint(self, painter: QPainter, slot: int, fit: ImagePlacement, result: Result, *, known_only: bool = False) -> None:
        """Paint the heatmaps of a source's newest result over its frame at `fit`; `known_only` leaves out strangers' faces."""
        if known_only:
            known = (item for item in result.sightings if item.track_decision.decision.status is DecisionStatus.KNOWN)
            result = replace(result, sightings=tuple(known))
        for explanation, to_frame in self.heatmaps_for(slot, result):
            (a, b, x), (c, d, y) = to_frame.tolist()
            painter.save()
            painter.setClipRect(fit.rect)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setTransform(fit.transform, combine=True)
            # The transform maps pixel centers; Qt paints from upper left corners.
            painter.translate(0.5, 0.5)
            painter.setTransform(QTransform(a, c, b, d, x, y), combine=True)
            painter.translate(-0.5, -0.5)
            painter.drawImage(0, 0, _heatmap_image(explanation))
            painter.restore()

    def draw_heatmaps(self, bgr: Image, result: Result, slot: int) -> None:
        """Draw heatmaps into a recognized frame for a recording. For any thread."""
        worker = self._worker
        if worker is not None:
            worker.draw_heatmaps(bgr, result, slot)

    def _submit(self, slot: int) -> None:
        if self._worker is not None and slot in self._controller.results:
            self._worker.submit(slot, *self._controller.results[slot], self._controller.gallery)

    def _submit_all(self) -> None:
        """Request heatmaps of the newest results, also while paused: after a start the gallery arrives later than they do."""
        for slot in self._controller.results:
            self._submit(slot)

    def _on_settings_changed(self) -> None:
        if self._controller.settings.identify != self._settings:
            self._restart()

    def _restart(self) -> None:
        """Discard heatmaps that belong to other sources or another network."""
        if self.is_on:
            self.set_enabled(False)
            self.set_enabled(True)

    def _stop(self) -> None:
        self._timer.stop()
        self._ending = [worker for worker in self._ending if worker.is_alive()]
        if self._worker is not None:
            self._worker.stop()
            self._ending.append(self._worker)
        self._worker = None

    def _poll(self) -> None:
        worker = self._worker
        if worker is not None and worker.error is not None:
            self.set_enabled(False)
            self.failed.emit(error_text(worker.error))
        else:
            self.changed.emit()


@lru_cache(maxsize=32)
def _heatmap_image(explanation: Explanation) -> QImage:
    bgra = colorize_heatmap(explanation.heatmap)
    image = QImage(bgra.data, bgra.shape[1], bgra.shape[0], bgra.strides[0], QImage.Format.Format_ARGB32)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


BACKDROP = QColor(17, 18, 20)
"""Behind the video in light and dark themes alike: next to white, a dim room looks black."""

VEIL = QColor(17, 18, 20, 170)
"""Over the last frame of an interrupted source."""

_GAP_PX = 4.0


class VideoView(QWidget):
    """Paints the controller's frames and results; `is_mirrored(slot)` tells whether a source is mirrored."""

    face_clicked = Signal(int, QPoint)
    """Track of a face that was clicked or opened by key, and the screen position for its menu."""

    double_clicked = Signal()

    accessible_role = QAccessible.Role.Graphic

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._tiles: dict[int, VideoTile] = {}
        self._selected: int | None = None
        self._shows_focus_frame = False
        self.is_mirrored: Callable[[int], bool] = lambda slot: False
        self.shows_annotations = True
        self.heatmaps: HeatmapLayer | None = None
        self.texts = caption_texts()
        self.setObjectName("video")
        self.setMinimumSize(QSize(240, 180))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Live video"))
        self.setAccessibleDescription(self.tr("Choose a face with the arrow keys and open its menu with Enter."))
        controller.frame_received.connect(self._on_frame)
        controller.recognized.connect(self._on_result)
        controller.request_changed.connect(self._remove_old_tiles)
        controller.covering_changed.connect(self.update)
        controller.status_changed.connect(self.update)
        for slot, frame in controller.frames.items():  # a window may be created while a session runs
            self._tile(slot).frame = frame
        for slot in controller.results:
            self._take_result(slot)

    def sizeHint(self) -> QSize:
        return QSize(960, 720)

    @property
    def covers_strangers(self) -> bool:
        """True if strangers are covered: then only frames that were searched for faces are shown."""
        return self._controller.covers_strangers and self._controller.request.mode is Mode.FACES

    @property
    def selected_track(self) -> int | None:
        """The track of the chosen face, None without one."""
        return self._selected

    @property
    def is_waiting_for_cover(self) -> bool:
        """True while a frame is held back because it has not been searched for strangers yet."""
        tiles = self._tiles.values()
        return self.covers_strangers and any(tile.frame is not None and tile.visible_frame(covers=True) is None for tile in tiles)

    def show_figures(self, on: bool) -> None:
        """Show or hide distances and percentages next to the faces."""
        self.texts = caption_texts(figures=on)
        for slot in self._controller.results:
            self._take_result(slot)
        self.update()

    def tiles(self) -> Iterator[tuple[int, VideoTile]]:
        """Yield (slot, tile) in the order of the slots."""
        yield from sorted(self._tiles.items())

    def visible_faces(self) -> list[FaceAnnotation]:
        """Return the annotated faces from left to right as they are displayed."""
        found: list[tuple[float, float, FaceAnnotation]] = []
        for _, tile in self.tiles():
            overlay = self._overlay(tile)
            if tile.fit is not None and overlay is not None and tile.frame is not None and tile.opacity(tile.frame):
                for mark in overlay.marks:
                    middle = tile.fit.transform.map(QPointF(mark.box.x + mark.box.w / 2, mark.box.y))
                    found.append((tile.fit.rect.y(), middle.x(), mark))
        return [mark for *_, mark in sorted(found, key=lambda entry: entry[:2])]

    def _overlay(self, tile: VideoTile) -> Overlay | None:
        """Return the annotations of a tile, None without any in the chosen mode: those of a session that has ended stay."""
        is_current = tile.result is not None and tile.result.mode is self._controller.request.mode
        return tile.overlay if is_current else None

    def _tile(self, slot: int) -> VideoTile:
        return self._tiles.setdefault(slot, VideoTile())

    def _remove_old_tiles(self) -> None:
        count = len(self._controller.request.sources)
        self._tiles = {slot: tile for slot, tile in self._tiles.items() if slot < count and self._controller.frames.get(slot)}
        self.update()

    def _on_frame(self, slot: int) -> None:
        self._tile(slot).frame = self._controller.frames[slot]
        if not self.covers_strangers:
            self.update()

    def _on_result(self, slot: int) -> None:
        self._take_result(slot)
        # The next frame's paint includes the annotations; only the last frame, or a covered one, needs a paint of its own.
        if self.covers_strangers or self._tile(slot).frame is self._controller.results[slot][0]:
            self.update()

    def _take_result(self, slot: int) -> None:
        controller = self._controller
        self._tile(slot).set_result(*controller.results[slot], self.texts, controller.covered_frames.get(slot))

    def snapshot(self) -> QImage | None:
        """Return the view in the frames' own resolution and not mirrored; None without a frame."""
        covers = self.covers_strangers
        frames = [(slot, tile, frame) for slot, tile in self.tiles() if (frame := tile.snapshot_frame(covers=covers)) is not None]
        if not frames:
            return None
        width, height = frames[0][2].size_wh
        columns, rows = grid_shape(len(frames))
        image = QImage(columns * width, rows * height, QImage.Format.Format_RGB32)
        image.fill(BACKDROP)
        painter = QPainter(image)
        for (slot, tile, frame), rect in zip(frames, tile_rects(QRectF(image.rect()), len(frames), 0), strict=True):
            fit = fit_frame(rect, frame.size_wh)
            painter.drawImage(fit.rect, tile.image(frame, covers=covers))
            if tile.opacity(frame):
                self._paint_annotations(painter, slot, fit, OverlayPainter())
        painter.end()
        return image

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), BACKDROP)
        for slot, tile, frame, fit in self._fit_tiles():
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setTransform(fit.transform, combine=True)
            painter.drawImage(0, 0, tile.image(frame, covers=self.covers_strangers))
            painter.restore()
            if self._is_lost(slot):
                painter.fillRect(fit.rect, VEIL)
            elif (opacity := tile.opacity(frame)) > 0:
                painter.setOpacity(opacity)
                self._paint_annotations(painter, slot, fit, tile.painter, selected=self._selected)
                painter.setOpacity(1.0)
        if self._shows_focus_frame and self.hasFocus() and self._selected is None:
            painter.setPen(QPen(self.palette().highlight().color(), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _fit_tiles(self) -> Iterator[tuple[int, VideoTile, Frame, ImagePlacement]]:
        """Place each tile's frame and yield what is to be painted."""
        tiles = list(self.tiles())
        for (slot, tile), rect in zip(tiles, tile_rects(QRectF(self.rect()), len(tiles), _GAP_PX), strict=True):
            frame = tile.visible_frame(covers=self.covers_strangers)
            if frame is not None:
                tile.fit = fit_frame(rect, frame.size_wh, mirrored=self.is_mirrored(slot))
                yield slot, tile, frame, tile.fit

    def _paint_annotations(
        self, painter: QPainter, slot: int, fit: ImagePlacement, overlay_painter: OverlayPainter, selected: int | None = None
    ) -> None:
        tile = self._tiles[slot]
        overlay = self._overlay(tile)
        if self.shows_annotations and overlay is not None and tile.result is not None:
            if self.heatmaps is not None:
                self.heatmaps.paint(painter, slot, fit, tile.result, known_only=self.covers_strangers)
            overlay_painter.paint(painter, fit, overlay, self.font(), selected=selected)

    def _is_lost(self, slot: int) -> bool:
        """Return whether a source's frame is old because the source is interrupted."""
        sources = self._controller.status.sources
        return slot < len(sources) and sources[slot].state in (SourceState.RECONNECTING, SourceState.FAILED)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        is_over_face = self._face_at(event) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if is_over_face else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        face = self._face_at(event)
        if face is not None and face.track_id is not None:
            self._selected = face.track_id
            self.face_clicked.emit(face.track_id, event.globalPosition().toPoint())
            self.update()
        else:
            self._select(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._face_at(event) is None:
            self.double_clicked.emit()

    def _face_at(self, event: QMouseEvent) -> FaceAnnotation | None:
        tiles = (tile for _, tile in self.tiles() if self.shows_annotations and self._overlay(tile) is not None)
        faces = (tile.face_at(event.position()) for tile in tiles)
        return next((face for face in faces if face is not None), None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Right | Qt.Key.Key_Left:
                self._select_next(1 if event.key() == Qt.Key.Key_Right else -1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Menu if self._selected is not None:
                self.face_clicked.emit(self._selected, self.mapToGlobal(self._selected_position()))
            case Qt.Key.Key_Escape if self._selected is not None:
                self._select(None)
            case _:
                super().keyPressEvent(event)

    def _select_next(self, step: int) -> None:
        """Select the next face to the right (1) or left (-1), wrapping around."""
        tracks = [face.track_id for face in self.visible_faces() if face.track_id is not None]
        if not tracks:
            self._select(None)
        elif self._selected in tracks:
            self._select(tracks[(tracks.index(self._selected) + step) % len(tracks)])
        else:
            self._select(tracks[0 if step > 0 else -1])

    def _select(self, track_id: int | None) -> None:
        if track_id != self._selected:
            self._selected = track_id
            title = next((face.title for face in self.visible_faces() if face.track_id == track_id), "")
            help_text = self.tr("Choose a face with the arrow keys and open its menu with Enter.")
            self.setAccessibleDescription(title or help_text)
            announce(self, title)
            self.update()

    def accessible_details(self) -> str:
        """Return the selected face, or who is visible and how to choose a face."""
        if self._selected is not None or not self.shows_annotations:
            return self.accessibleDescription()
        titles = ", ".join(face.title for face in self.visible_faces() if face.title)
        in_view = self.tr("In view: {names}.").format(names=titles) if titles else self.tr("No one is in view.")
        return f"{in_view} {self.accessibleDescription()}".strip()

    def _selected_position(self) -> QPoint:
        """Return the middle of the lower edge of the selected face."""
        for _, tile in self.tiles():
            for mark in tile.overlay.marks if tile.overlay and tile.fit else ():
                if mark.track_id == self._selected and tile.fit is not None:
                    bottom = QPointF(mark.box.x + mark.box.w / 2, mark.box.y + mark.box.h)
                    return tile.fit.transform.map(bottom).toPoint()
        return self.rect().center()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show a focus frame only to keyboard users."""
        self._shows_focus_frame = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._select(None)
        super().focusOutEvent(event)
