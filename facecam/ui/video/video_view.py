"""The live picture: every source as large as fits, its faces marked. A face may be clicked, or chosen with the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QSizePolicy, QWidget

from facecam.rendering.annotations import FaceAnnotation
from facecam.session.status import SourceState
from facecam.types import Frame
from facecam.ui.language import words
from facecam.ui.session_controller import SessionController
from facecam.ui.video.heatmap_layer import HeatmapLayer
from facecam.ui.video.overlay_painter import ImagePlacement, OverlayPainter, VideoTile, fitted, grid, tiled

BACKDROP = QColor(17, 18, 20)
"""Behind the picture in light and dark themes alike: beside white, a dim room looks black."""

VEIL = QColor(17, 18, 20, 170)
"""Over a picture that is no longer live."""

_GAP = 4.0


class VideoView(QWidget):
    """Shows what `live` has. `mirrors(slot)` says whether a source is shown like a mirror."""

    face_clicked = Signal(int, QPoint)
    """Somebody wants to do something with the face of this track; the place is the screen's."""

    double_clicked = Signal()

    def __init__(self, live: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._tiles: dict[int, VideoTile] = {}
        self._chosen: int | None = None
        self._ringed = False
        self.mirrors: Callable[[int], bool] = lambda slot: False
        self.marked = True
        """Whether faces are marked."""
        self.heats: HeatmapLayer | None = None
        """What decided, to be laid over the picture."""
        self._blur = False
        self._words = words()
        self.setObjectName("video")
        self.setMinimumSize(QSize(240, 180))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Live picture"))
        self.setAccessibleDescription(self.tr("The arrow keys choose a face, Enter opens its menu."))
        live.pictured.connect(self._pictured)
        live.recognized.connect(self._recognized)
        live.wish_changed.connect(self._begin_anew)
        live.status_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(960, 720)

    @property
    def blur(self) -> bool:
        """Whether only known people can be told."""
        return self._blur

    @blur.setter
    def blur(self, on: bool) -> None:
        self._blur = on
        self.update()

    @property
    def waits_for_blur(self) -> bool:
        """Whether there is a picture that is not shown, since strangers were not looked for in it yet."""
        return self._blur and any(tile.frame is not None and tile.shown(blur=True) is None for tile in self._tiles.values())

    def show_figures(self, on: bool) -> None:
        """Whether distances and percentages stand beside the faces."""
        self._words = words(figures=on)
        for slot, (frame, result) in self._live.results.items():
            self._tile(slot).see(frame, result, self._words)
        self.update()

    def tiles(self) -> Iterator[tuple[int, VideoTile]]:
        """What is shown, by slot."""
        yield from sorted(self._tiles.items())

    def marks(self) -> list[FaceAnnotation]:
        """The faces that are marked now, from left to right as they are seen."""
        found: list[tuple[float, float, FaceAnnotation]] = []
        for _, tile in self.tiles():
            if tile.fit is None or tile.overlay is None or tile.frame is None or not tile.opacity(tile.frame):
                continue
            for mark in tile.overlay.marks:
                x = mark.box.x + mark.box.w / 2
                found.append((tile.fit.rect.y(), -x if tile.fit.mirrored else x, mark))
        return [mark for *_, mark in sorted(found, key=lambda entry: entry[:2])]

    def _tile(self, slot: int) -> VideoTile:
        return self._tiles.setdefault(slot, VideoTile())

    def _begin_anew(self) -> None:
        count = len(self._live.wish.sources)
        self._tiles = {slot: tile for slot, tile in self._tiles.items() if slot < count and self._live.frames.get(slot)}
        self.update()

    def _pictured(self, slot: int) -> None:
        self._tile(slot).frame = self._live.frames[slot]
        if not self._blur:
            self.update()

    def _recognized(self, slot: int) -> None:
        tile = self._tile(slot)
        frame, result = self._live.results[slot]
        tile.see(frame, result, self._words)
        # The next picture brings the marks along; only a last one, or a blurred one, has to be painted for their sake.
        if self._blur or tile.frame is frame:
            self.update()

    def picture(self) -> QImage | None:
        """What is shown, in the size in which it was taken and as others see it, not mirrored; None without a picture."""
        shown = [(slot, tile, frame) for slot, tile in self.tiles() if (frame := tile.kept(blur=self._blur)) is not None]
        if not shown:
            return None
        wide, high = shown[0][2].size_wh
        columns, rows = grid(len(shown))
        image = QImage(columns * wide, rows * high, QImage.Format.Format_RGB32)
        image.fill(BACKDROP)
        painter = QPainter(image)
        for (slot, tile, frame), room in zip(shown, tiled(QRectF(image.rect()), len(shown), 0), strict=True):
            fit = fitted(room, frame.size_wh)
            painter.drawImage(fit.rect, tile.image(frame, blur=self._blur))
            if self.marked and tile.overlay is not None and tile.opacity(frame):
                self._paint_heats(painter, slot, tile, fit)
                OverlayPainter().paint(painter, fit, tile.overlay, self.font())
        painter.end()
        return image

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = list(self._fitted())
        beside = QRegion(self.rect())
        for _, _, _, fit in shown:
            beside -= QRegion(fit.rect.toRect())
        painter.setClipRegion(beside)
        painter.fillRect(self.rect(), BACKDROP)
        painter.setClipping(False)
        for slot, tile, frame, fit in shown:
            self._paint_picture(painter, tile.image(frame, blur=self._blur), fit)
            if self._is_lost(slot):
                painter.fillRect(fit.rect, VEIL)
            elif self.marked:
                self._paint_marks(painter, slot, frame, fit)
        if self._ringed and self.hasFocus() and self._chosen is None:
            painter.setPen(QPen(self.palette().highlight().color(), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _fitted(self) -> Iterator[tuple[int, VideoTile, Frame, ImagePlacement]]:
        """What is to be painted, and where."""
        tiles = list(self.tiles())
        for (slot, tile), room in zip(tiles, tiled(QRectF(self.rect()), len(tiles), _GAP), strict=True):
            frame = tile.shown(blur=self._blur)
            if frame is not None:
                tile.fit = fitted(room, frame.size_wh, mirrored=self.mirrors(slot))
                yield slot, tile, frame, tile.fit

    def _paint_picture(self, painter: QPainter, image: QImage, fit: ImagePlacement) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if fit.mirrored:
            painter.translate(2 * fit.rect.x() + fit.rect.width(), 0)
            painter.scale(-1, 1)
        painter.drawImage(fit.rect, image)
        painter.restore()

    def _paint_marks(self, painter: QPainter, slot: int, frame: Frame, fit: ImagePlacement) -> None:
        tile = self._tiles[slot]
        opacity = tile.opacity(frame)
        if tile.overlay is not None and opacity > 0:
            painter.setOpacity(opacity)
            self._paint_heats(painter, slot, tile, fit)
            tile.painter.paint(painter, fit, tile.overlay, self.font(), chosen=self._chosen)
            painter.setOpacity(1.0)

    def _paint_heats(self, painter: QPainter, slot: int, tile: VideoTile, fit: ImagePlacement) -> None:
        if self.heats is not None and tile.result is not None:
            self.heats.paint(painter, slot, fit, tile.result)

    def _is_lost(self, slot: int) -> bool:
        """Whether the picture of a source is an old one, since nothing comes any more."""
        sources = self._live.status.sources
        return slot < len(sources) and sources[slot].state in (SourceState.RECONNECTING, SourceState.FAILED)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._at(event) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        mark = self._at(event)
        if mark is not None and mark.track_id is not None:
            self._chosen = mark.track_id
            self.face_clicked.emit(mark.track_id, event.globalPosition().toPoint())
            self.update()
        else:
            self._choose(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._at(event) is None:
            self.double_clicked.emit()

    def _at(self, event: QMouseEvent) -> FaceAnnotation | None:
        found = (tile.mark_at(event.position()) for _, tile in self.tiles() if self.marked)
        return next((mark for mark in found if mark is not None), None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Right | Qt.Key.Key_Left:
                self._step(1 if event.key() == Qt.Key.Key_Right else -1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Menu if self._chosen is not None:
                self.face_clicked.emit(self._chosen, self.mapToGlobal(self._place_of_chosen()))
            case Qt.Key.Key_Escape if self._chosen is not None:
                self._choose(None)
            case _:
                super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        """Choose the next face to the right or left, round and round."""
        tracks = [mark.track_id for mark in self.marks() if mark.track_id is not None]
        if not tracks:
            self._choose(None)
        elif self._chosen in tracks:
            self._choose(tracks[(tracks.index(self._chosen) + by) % len(tracks)])
        else:
            self._choose(tracks[0 if by > 0 else -1])

    def _choose(self, track_id: int | None) -> None:
        if track_id != self._chosen:
            self._chosen = track_id
            title = next((mark.title for mark in self.marks() if mark.track_id == track_id), "")
            self.setAccessibleDescription(title or self.tr("The arrow keys choose a face, Enter opens its menu."))
            self.update()

    def _place_of_chosen(self) -> QPoint:
        for _, tile in self.tiles():
            for mark in tile.overlay.marks if tile.overlay and tile.fit else ():
                if mark.track_id == self._chosen and tile.fit is not None:
                    x = mark.box.x + mark.box.w / 2
                    x = tile.fit.size_wh[0] - x if tile.fit.mirrored else x
                    factor = tile.fit.factor
                    return (tile.fit.rect.topLeft().toPoint()) + QPoint(
                        round(x * factor), round((mark.box.y + mark.box.h) * factor)
                    )
        return self.rect().center()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame that shows where the focus is helps whoever goes by the tabulator; others it would only disturb."""
        self._ringed = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._choose(None)
        super().focusOutEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._words = words()
        super().changeEvent(event)
