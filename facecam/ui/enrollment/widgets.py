"""Views of the enrollment page: shots to review, a conflict with a similar person, faces to choose from, photo results."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QIcon,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFrame,
    QGridLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from facecam.enrollment.enroll import ALREADY_THERE, PhotoVerdict, SimilarPerson
from facecam.enrollment.guided import EnrollmentProgress
from facecam.enrollment.pose_capture import LEFT_OUT, Shot
from facecam.enrollment.poses import Pose
from facecam.enrollment.samples import MixedSamples, NewSample
from facecam.gallery.gallery import Gallery
from facecam.recognition.face_analyzer import OK, SEVERAL_FACES
from facecam.rendering.annotations import FaceAnnotation, Overlay, Stroke
from facecam.types import Box
from facecam.ui.background import Thumbnails
from facecam.ui.enrollment_text import outcome_text, pose_text, verdict_text
from facecam.ui.gallery.photo_adding import PhotoFaces
from facecam.ui.icons import StatusIcon, paint_status_icon, render_icon
from facecam.ui.language import caption_text, format_number
from facecam.ui.video.overlay_painter import ImagePlacement, OverlayPainter, fit_frame
from facecam.ui.video.video_view import BACKDROP
from facecam.ui.widgets import FlowLayout, ImageView, PhotoView, paint_photo, wrapped_label

MAX_IMAGE_PX = 800
"""Larger images are scaled down to this longer side, enough for half a window."""

_SHOT_LINES = 12.0
_MAX_TILES = 4


def _read_jpeg(jpeg: bytes, *, mirrored: bool = False) -> QPixmap:
    image = QImage.fromData(QByteArray(jpeg))
    image = image.flipped(Qt.Orientation.Horizontal) if mirrored else image
    if max(image.width(), image.height()) > MAX_IMAGE_PX:
        options = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        image = image.scaled(MAX_IMAGE_PX, MAX_IMAGE_PX, *options)
    return QPixmap.fromImage(image)


def _read_jpegs(jpegs: Sequence[bytes]) -> QPixmap:
    """Return the first few images as the tiles of a square."""
    columns = math.ceil(math.sqrt(min(len(jpegs), _MAX_TILES)))
    side = MAX_IMAGE_PX // columns
    tiles = QPixmap(columns * side, math.ceil(min(len(jpegs), _MAX_TILES) / columns) * side)
    tiles.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tiles)
    for number, jpeg in enumerate(jpegs[:_MAX_TILES]):
        tile = QRect(number % columns * side, number // columns * side, side, side)
        paint_photo(painter, tile, _read_jpeg(jpeg), QPalette())
    painter.end()
    return tiles


class ShotImage(ImageView):
    """Mirrored image of a shot; an icon stands in for a missing one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_SHOT_LINES, parent)
        self._jpeg: bytes | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_jpeg(self, jpeg: bytes | None, name: str) -> None:
        """Show encoded JPEG data; `name` is for screen readers."""
        self.setAccessibleName(name)
        if jpeg != self._jpeg:
            self._jpeg = jpeg
            self.show_pixmap(None if jpeg is None else _read_jpeg(jpeg, mirrored=True), name)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.pixmap is None:
            side = 2.0 * self.fontMetrics().height()
            rect = QRectF(0, 0, side, side)
            rect.moveCenter(QRectF(self.rect()).center())
            paint_status_icon(painter, rect, StatusIcon.SKIPPED, self.palette())
        else:
            painter.setOpacity(1.0 if self.isEnabled() else 0.4)
            paint_photo(painter, self.rect(), self.pixmap, self.palette())


class ShotCard(QFrame):
    """One pose: the image, a checkbox to keep it, the reason when it is not kept, and a retake button."""

    keep_changed = Signal(Pose, bool)
    retake_requested = Signal(Pose)

    def __init__(self, pose: Pose, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pose = pose
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._image = ShotImage(self)
        self.box = QCheckBox(pose_text(pose), self)
        self.box.clicked.connect(lambda on: self.keep_changed.emit(self.pose, on))
        self.reason = wrapped_label(self)
        self.reason.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.reason.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        self.retake = QPushButton(self)
        self.retake.setAutoDefault(True)  # Enter presses it while it has the focus.
        self.retake.clicked.connect(lambda: self.retake_requested.emit(self.pose))
        column = QVBoxLayout(self)
        column.addWidget(self._image, 0, Qt.AlignmentFlag.AlignHCenter)
        for part in (self.box, self.reason, self.retake):
            column.addWidget(part)
        column.addStretch(1)

    def show_shot(self, shot: Shot | None) -> None:
        """Show the shot of the pose, None when the pose was skipped."""
        name = pose_text(self.pose)
        self._image.show_jpeg(None if shot is None else shot.jpeg, name)
        self._image.setEnabled(shot is not None and shot.verdict == OK)
        self.box.setChecked(shot is not None and shot.verdict == OK)
        self.box.setEnabled(shot is not None and shot.verdict in (OK, LEFT_OUT))
        reason = self.tr("Skipped") if shot is None else verdict_text(shot.verdict)
        self.reason.setText(reason)
        self.box.setAccessibleDescription(reason)
        self.retake.setText(self.tr("Take") if shot is None else self.tr("Retake"))
        text = self.tr("Take a photo: {pose}") if shot is None else self.tr("Retake this photo: {pose}")
        self.retake.setAccessibleName(text.format(pose=name))

    def sizeHint(self) -> QSize:
        """Return a width that fits the image and the longest text that must not be cut off."""
        margins = self.contentsMargins()
        column = self.layout()
        assert column is not None
        sides = margins.left() + margins.right() + column.contentsMargins().left() + column.contentsMargins().right()
        width = sides + max(self._image.sizeHint().width(), self.box.sizeHint().width(), self.retake.sizeHint().width())
        return QSize(width, max(column.totalHeightForWidth(width), column.sizeHint().height()))


class ShotList(QWidget):
    """Cards of all poses in a flow layout."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Photos"))
        self.cards = {pose: ShotCard(pose, self) for pose in Pose}
        flow = FlowLayout(self)
        for card in self.cards.values():
            flow.addWidget(card)

    def show_progress(self, progress: EnrollmentProgress) -> None:
        """Update the cards in place, so that the focus stays."""
        shots = {shot.pose: shot for shot in progress.shots}
        for pose, card in self.cards.items():
            card.show_shot(shots.get(pose))


_CONFLICT_LINES, _MAX_CONFLICT_LINES = 13.0, 26.0


class ConflictImage(PhotoView):
    """JPEG images or a photo file, as high as wide, up to _MAX_CONFLICT_LINES so that it fits a window."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(thumbnails, _CONFLICT_LINES, parent, max_lines=_MAX_CONFLICT_LINES)

    def show_image(self, image: bytes | Path | None, name: str) -> None:
        """Show JPEG data or a photo; `name` is for screen readers."""
        self._path = image if isinstance(image, Path) else None
        self.show_pixmap(_read_jpeg(image) if isinstance(image, bytes) else None, name)
        self._load()

    def show_samples(self, samples: Sequence[NewSample], name: str) -> None:
        """Show the faces of these samples; `name` is for screen readers."""
        self._path = None
        self.show_pixmap(_read_jpegs([sample.jpeg for sample in samples]), name)

    def _load(self) -> None:
        if self._path is not None:
            super()._load()


class ConflictView(QWidget):
    """Photos of two people, who may be one, side by side, with the distance between the faces."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        thumbnails = Thumbnails(MAX_IMAGE_PX, self)
        self._images = ConflictImage(thumbnails, self), ConflictImage(thumbnails, self)
        self.captions = wrapped_label(self), wrapped_label(self)
        self.distance = wrapped_label(self)
        grid = QGridLayout(self)
        for column, (image, caption) in enumerate(zip(self._images, self.captions, strict=True)):
            caption.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            grid.addWidget(image, 1, column)
            grid.addWidget(caption, 2, column)
            grid.setColumnStretch(column, 1)
        self.distance.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        grid.addWidget(self.distance, 3, 0, 1, 2)
        grid.setRowStretch(0, 1)
        grid.setRowStretch(4, 2)
        line = self.fontMetrics().height()
        grid.setContentsMargins(line, line, line, line)
        grid.setSpacing(line)

    def show_conflict(self, new: bytes | Path | None, rival: SimilarPerson, gallery: Gallery | None) -> None:
        """Show the new photo, as JPEG data or a path, next to one of the person already enrolled."""
        samples = gallery.samples if gallery is not None else ()
        enrolled = next((sample.photo for sample in samples if sample.name == rival.name), None)
        self._images[0].show_image(new, self.tr("New photo"))
        self._images[1].show_image(enrolled, rival.name)
        self.captions[0].setText(self.tr("New photo"))
        self.captions[1].setText(self.tr("{name}, enrolled").format(name=rival.name))
        text = self.tr("Distance: {distance}. Smaller means more alike; 0 is the same photo.")
        self.distance.setText(text.format(distance=format_number(rival.distance_l2)))

    def show_mixed(self, mixed: MixedSamples, name: str, gallery: Gallery | None) -> None:
        """Show the photos of the first person, an enrolled one if there is one, next to those of the others."""
        samples = gallery.samples if gallery is not None else ()
        enrolled = next((sample.photo for sample in samples if sample.name == name), None)
        captions = [self._caption(mixed.groups[0]), self._caption(mixed.others)]
        if mixed.enrolled:
            captions[0] = self.tr("{name}, enrolled").format(name=name)
            self._images[0].show_image(enrolled, captions[0])
        else:
            self._images[0].show_samples(mixed.groups[0], captions[0])
        self._images[1].show_samples(mixed.others, captions[1])
        for label, caption in zip(self.captions, captions, strict=True):
            label.setText(caption)
        text = self.tr("Distance: {distance}. Photos of one person are at most {limit} apart.")
        self.distance.setText(text.format(distance=format_number(mixed.distance_l2), limit=format_number(mixed.max_l2)))

    def _caption(self, samples: Sequence[NewSample]) -> str:
        names = [Path(sample.origin).name for sample in samples if sample.origin]
        listed = ", ".join(names[:_MAX_TILES]) + ("…" if len(names) > _MAX_TILES else "")
        text = self.tr("New photos: {count}").format(count=len(samples))
        return f"{text}\n{listed}" if listed else text


_CHOSEN_STYLE, _OTHER_STYLE = (Stroke.SOLID, (66, 228, 240)), (Stroke.CORNERS, (233, 180, 86))


class FaceSelector(QWidget):
    """Photo with numbered faces, one of which is chosen by mouse or keyboard."""

    chosen = Signal(Box)

    accessible_role = QAccessible.Role.Graphic

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photo: PhotoFaces | None = None
        self._boxes: tuple[Box, ...] = ()
        self._selected = 0
        self._fit: ImagePlacement | None = None
        self._painter = OverlayPainter()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setProperty("types", True)  # keeps its keys from the window's shortcuts
        self.setAccessibleName(self.tr("Faces in this photo"))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    @property
    def selected_face(self) -> Box | None:
        return self._boxes[self._selected] if self._boxes else None

    def show_photo(self, photo: PhotoFaces) -> None:
        self._photo = photo
        self._boxes = tuple(sorted(photo.boxes, key=lambda box: box.x))
        self._select(0)

    def confirm(self) -> None:
        """Emit the selected face as the chosen one."""
        if self.selected_face is not None:
            self.chosen.emit(self.selected_face)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = event.key() - Qt.Key.Key_1
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._boxes:
            self._select((self._selected + (1 if event.key() == Qt.Key.Key_Right else -1)) % len(self._boxes))
        elif event.key() == Qt.Key.Key_Space:
            self.confirm()
        elif 0 <= digit < len(self._boxes):
            self._select(digit)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self._face_at(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if index is None else Qt.CursorShape.PointingHandCursor)
        if index is not None and index != self._selected:
            self._select(index)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._face_at(event.position())
        if index is not None:
            self._select(index)
            self.confirm()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), BACKDROP)
        if self._photo is None:
            return
        fit = self._fit = fit_frame(QRectF(self.rect()), self._photo.size_wh)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(fit.rect, self._photo.image)
        styles = [_CHOSEN_STYLE if index == self._selected else _OTHER_STYLE for index in range(len(self._boxes))]
        marks = [
            FaceAnnotation(box, str(index + 1), "", *style, index)
            for index, (box, style) in enumerate(zip(self._boxes, styles, strict=True))
        ]
        overlay = Overlay(self._photo.size_wh, tuple(marks))
        self._painter.paint(painter, fit, overlay, self.font(), selected=self._selected)

    def _select(self, index: int) -> None:
        self._selected = index
        text = self.tr("Face {number} of {count}, from left to right")
        self.setAccessibleDescription(text.format(number=index + 1, count=len(self._boxes)))
        self.update()

    def _face_at(self, position: QPointF) -> int | None:
        if self._fit is None:
            return None
        x, y = self._fit.to_frame(position)
        inside = [n for n, box in enumerate(self._boxes) if box.x <= x <= box.x + box.w and box.y <= y <= box.y + box.h]
        return min(inside, key=lambda n: self._boxes[n].w * self._boxes[n].h, default=None)


_THUMBNAIL_LINES = 3.2
_PATH = Qt.ItemDataRole.UserRole
_STATUS = Qt.ItemDataRole.UserRole + 1


class PhotoList(QListWidget):
    """List of photos with thumbnail, status icon and result."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        side = round(_THUMBNAIL_LINES * self.fontMetrics().height())
        self.setIconSize(QSize(side, side))
        self.setAccessibleName(self.tr("Photos"))
        self.setWordWrap(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setSpacing(self.fontMetrics().height() // 5)
        self._thumbnails = Thumbnails(round(side * self.devicePixelRatioF()), self)
        self._thumbnails.ready.connect(self._draw)

    def show_paths(self, paths: Sequence[Path]) -> None:
        """Show photos or folders that are still to be checked."""
        self.clear()
        for path in paths:
            self._add(path, path.name, "")

    def show_outcomes(self, outcomes: Sequence[PhotoVerdict]) -> None:
        """Show the result of each photo, refused ones first."""
        self.clear()
        for outcome in sorted(outcomes, key=lambda outcome: outcome.reason == OK):
            good = outcome.reason in (OK, ALREADY_THERE)
            text = outcome_text(outcome)
            if outcome.reason == SEVERAL_FACES:  # not refused yet: the user can choose a face
                text = f"{outcome.path.name}: {caption_text(outcome.reason)}"
            self._add(outcome.path, text, StatusIcon.DONE if good else StatusIcon.WRONG)

    def _add(self, path: Path, text: str, status: str) -> None:
        item = QListWidgetItem(text, self)
        item.setToolTip(str(path))
        item.setData(_PATH, str(path))
        item.setData(_STATUS, status)
        self._draw_item(item)

    def _draw(self) -> None:
        for row in range(self.count()):
            self._draw_item(self.item(row))

    def _draw_item(self, item: QListWidgetItem) -> None:
        path, ratio = Path(item.data(_PATH)), self.devicePixelRatioF()
        pixmap = QPixmap(self.iconSize() * ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        side = pixmap.width()
        if path.is_dir():
            painter.drawPixmap(0, 0, render_icon("folder", self.palette().text().color(), side))
        else:
            paint_photo(painter, pixmap.rect(), self._thumbnails.pixmap(path), self.palette())
        if item.data(_STATUS):
            small = side * 0.42
            corner = QRectF(side - small, side - small, small, small)
            paint_status_icon(painter, corner, StatusIcon(item.data(_STATUS)), self.palette())
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        item.setIcon(QIcon(pixmap))
