"""The pictures that guided enrollment has kept: each to be ticked or not, or to be taken again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QIcon,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFrame,
    QGridLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from facecam.enrollment.enroll import ALREADY_THERE, PhotoOutcome, SimilarPerson
from facecam.enrollment.guided import EnrollmentProgress
from facecam.enrollment.pose_capture import LEFT_OUT, Shot
from facecam.enrollment.poses import Pose
from facecam.gallery.gallery import Gallery
from facecam.recognition.face_analyzer import OK, SEVERAL_FACES
from facecam.rendering.annotations import Stroke
from facecam.rendering.renderer import Rectangle
from facecam.types import Box
from facecam.ui.background import Thumbnails
from facecam.ui.enrollment_text import number, outcome_words, pose_words, verdict_words
from facecam.ui.gallery.photo_adding import PhotoFaces
from facecam.ui.icons import StatusSign, drawn, paint_sign
from facecam.ui.video.overlay_painter import ImagePlacement, fitted, paint_stroke
from facecam.ui.video.video_view import BACKDROP
from facecam.ui.widgets import FlowLayout, PhotoView, paint_photo

SHARP_PX = 800
"""The longer side up to which a picture keeps its own size: enough for half a window."""

_KEPT_CROPS_LINES = 12.0


class CropPicture(QWidget):
    """A picture of a face, some lines of text high; a sign without one. Shown as in a mirror when `mirrored`."""

    def __init__(self, parent: QWidget | None = None, *, mirrored: bool = True, lines: float = _KEPT_CROPS_LINES) -> None:
        super().__init__(parent)
        self._mirrored = mirrored
        self._lines = lines
        self._jpeg: bytes | None = None
        self._pixmap: QPixmap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_jpeg(self, jpeg: bytes | None, name: str) -> None:
        """Show a JPEG file's content; `name` is what a screen reader says."""
        self.setAccessibleName(name)
        if jpeg == self._jpeg:
            return
        self._jpeg, self._pixmap = jpeg, None
        if jpeg is not None:
            image = QImage.fromData(QByteArray(jpeg))
            image = image.flipped(Qt.Orientation.Horizontal) if self._mirrored else image
            if max(image.width(), image.height()) > SHARP_PX:
                how = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
                image = image.scaled(SHARP_PX, SHARP_PX, *how)
            self._pixmap = QPixmap.fromImage(image)
        self.update()

    def sizeHint(self) -> QSize:
        side = round(self._lines * self.fontMetrics().height())
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() / 2

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._pixmap is None:
            side = 2.0 * self.fontMetrics().height()
            place = QRectF(0, 0, side, side)
            place.moveCenter(QRectF(self.rect()).center())
            paint_sign(painter, place, StatusSign.SKIPPED, self.palette())
        else:
            painter.setOpacity(1.0 if self.isEnabled() else 0.4)
            paint_photo(painter, self.rect(), self._pixmap, self.palette())


class CropCard(QFrame):
    """One pose: its picture, a box that keeps it, why it is not kept, and a button that takes it again."""

    keep_changed = Signal(Pose, bool)
    retake_wanted = Signal(Pose)

    def __init__(self, pose: Pose, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pose = pose
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._picture = CropPicture(self)
        self.box = QCheckBox(pose_words(pose), self)
        self.box.clicked.connect(lambda on: self.keep_changed.emit(self.pose, on))
        self._reason = QLabel(self)
        self._reason.setWordWrap(True)
        self._reason.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self._reason.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        self.retake = QPushButton(self)
        self.retake.clicked.connect(lambda: self.retake_wanted.emit(self.pose))
        column = QVBoxLayout(self)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        for part in (self.box, self._reason, self.retake):
            column.addWidget(part)
        column.addStretch(1)

    @property
    def reason(self) -> str:
        """Why it is not kept."""
        return self._reason.text()

    def show_shot(self, shot: Shot | None) -> None:
        """Show what was collected of the pose; None when it was skipped."""
        name = pose_words(self.pose)
        self._picture.show_jpeg(None if shot is None else shot.jpeg, name)
        self._picture.setEnabled(shot is not None and shot.verdict == OK)
        self.box.setChecked(shot is not None and shot.verdict == OK)
        self.box.setEnabled(shot is not None and shot.verdict in (OK, LEFT_OUT))
        reason = self.tr("Skipped") if shot is None else verdict_words(shot.verdict)
        self._reason.setText(reason)
        self.box.setAccessibleDescription(reason)
        self.retake.setText(self.tr("Take") if shot is None else self.tr("Retake"))
        words = self.tr("Take a picture: {pose}") if shot is None else self.tr("Take this picture again: {pose}")
        self.retake.setAccessibleName(words.format(pose=name))

    def sizeHint(self) -> QSize:
        """As wide as the picture, or the longest of its words that must not be cut."""
        margins = self.contentsMargins()
        column = self.layout()
        assert column is not None
        sides = margins.left() + margins.right() + column.contentsMargins().left() + column.contentsMargins().right()
        wide = sides + max(self._picture.sizeHint().width(), self.box.sizeHint().width(), self.retake.sizeHint().width())
        return QSize(wide, max(column.totalHeightForWidth(wide), column.sizeHint().height()))


class KeptCrops(QWidget):
    """All poses side by side; what does not fit goes into the next row."""

    keep_changed = Signal(Pose, bool)
    retake_wanted = Signal(Pose)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Pictures"))
        self.cards = {pose: CropCard(pose, self) for pose in Pose}
        flow = FlowLayout(self)
        for card in self.cards.values():
            card.keep_changed.connect(self.keep_changed)
            card.retake_wanted.connect(self.retake_wanted)
            flow.addWidget(card)

    def show_progress(self, progress: EnrollmentProgress) -> None:
        """Show these pictures. Cards stay, so that the focus does."""
        shots = {shot.pose: shot for shot in progress.shots}
        for pose, card in self.cards.items():
            card.show_shot(shots.get(pose))

    def kept(self) -> Iterator[Pose]:
        """The poses that are ticked."""
        yield from (pose for pose, card in self.cards.items() if card.box.isChecked())


# MERGED ui.conflict_view: Who is to be enrolled beside somebody who is enrolled already and looks almost the same.

_CONFLICT_VIEW_LINES, _HIGHEST_LINES = 13.0, 26.0


class _Square(QWidget):
    """Keeps its pictures as high as they are wide, as long as that is not too high for a window."""

    def __init__(self, pictures: Sequence[QWidget], parent: QWidget) -> None:
        super().__init__(parent)
        self._pictures = pictures
        for picture in pictures:
            picture.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return min(width, round(_HIGHEST_LINES * self.fontMetrics().height()))

    def sizeHint(self) -> QSize:
        return self._pictures[0].sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() / 2

    def resizeEvent(self, event: QResizeEvent) -> None:
        for picture in self._pictures:  # a layout would ask for a height of its own
            picture.setGeometry(self.rect())


class ConflictView(QWidget):
    """Both pictures side by side, and how far apart they are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        thumbnails = Thumbnails(SHARP_PX, self)
        self._new, self._new_photo = (
            CropPicture(self, mirrored=False, lines=_CONFLICT_VIEW_LINES),
            PhotoView(thumbnails, _CONFLICT_VIEW_LINES, self),
        )
        self._photo = PhotoView(thumbnails, _CONFLICT_VIEW_LINES, self)
        self._captions = QLabel(self), QLabel(self)
        self.distance = QLabel(self)
        grid = QGridLayout(self)
        squares = _Square((self._new, self._new_photo), self), _Square((self._photo,), self)
        for column, (square, caption) in enumerate(zip(squares, self._captions, strict=True)):
            caption.setWordWrap(True)
            caption.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            grid.addWidget(square, 1, column)
            grid.addWidget(caption, 2, column)
            grid.setColumnStretch(column, 1)
        self.distance.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.distance.setWordWrap(True)
        grid.addWidget(self.distance, 3, 0, 1, 2)
        grid.setRowStretch(0, 1)
        grid.setRowStretch(4, 2)
        line = self.fontMetrics().height()
        grid.setContentsMargins(line, line, line, line)
        grid.setSpacing(line)

    def show_conflict(self, new: bytes | Path | None, rival: SimilarPerson, gallery: Gallery | None) -> None:
        """Show the new picture, a JPEG file's content or a photo's path, and one of the person who is enrolled."""
        is_photo = isinstance(new, Path)
        self._new.setVisible(not is_photo)
        self._new_photo.setVisible(is_photo)
        self._new.show_jpeg(new if isinstance(new, bytes) else None, self.tr("The new picture"))
        self._new_photo.show_photo(new if isinstance(new, Path) else None, self.tr("The new picture"))
        self._photo.show_photo(_photo_of(rival.name, gallery), rival.name)
        self._captions[0].setText(self.tr("The new picture"))
        self._captions[1].setText(self.tr("{name}, enrolled").format(name=rival.name))
        said = self.tr("Distance {distance}: the smaller, the more alike; 0 is the same picture.")
        self.distance.setText(said.format(distance=number(rival.distance_l2, self.locale())))

    def captions(self) -> tuple[str, str]:
        """The words below the pictures."""
        return self._captions[0].text(), self._captions[1].text()


def _photo_of(name: str, gallery: Gallery | None) -> Path | None:
    samples = gallery.samples if gallery is not None else ()
    return next((sample.photo for sample in samples if sample.name == name), None)


# MERGED ui.face_choice: A photo with several faces: one of them is clicked, or chosen with the arrow keys.

_CHOSEN, _OTHER = (66, 228, 240), (233, 180, 86)
"""Blue, green, red: the chosen face also has a broad whole frame, the others have corners."""


class FaceChoice(QWidget):
    """Shows a photo's faces with numbers, from left to right."""

    chosen = Signal(Box)
    """This face is meant."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photo: PhotoFaces | None = None
        self._boxes: tuple[Box, ...] = ()
        self._at = 0
        self._fit: ImagePlacement | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setProperty("types", True)  # its keys are its own, not the window's
        self.setAccessibleName(self.tr("Faces in this photo"))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    @property
    def current(self) -> Box | None:
        """The face that is marked."""
        return self._boxes[self._at] if self._boxes else None

    def show_photo(self, photo: PhotoFaces) -> None:
        """Show another photo."""
        self._photo = photo
        self._boxes = tuple(sorted(photo.boxes, key=lambda box: box.x))
        self._mark(0)

    def take(self) -> None:
        """The marked face is meant."""
        if self.current is not None:
            self.chosen.emit(self.current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = event.key() - Qt.Key.Key_1
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._boxes:
            self._mark((self._at + (1 if event.key() == Qt.Key.Key_Right else -1)) % len(self._boxes))
        elif event.key() == Qt.Key.Key_Space:
            self.take()
        elif 0 <= digit < len(self._boxes):
            self._mark(digit)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._hit(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if at is None else Qt.CursorShape.PointingHandCursor)
        if at is not None and at != self._at:
            self._mark(at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._hit(event.position())
        if at is not None:
            self._mark(at)
            self.take()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), BACKDROP)
        if self._photo is None:
            return
        fit = self._fit = fitted(QRectF(self.rect()), self._photo.size_wh)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(fit.rect, self._photo.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(fit.rect.topLeft())
        for position, box in enumerate(self._boxes):
            self._paint_face(painter, position, fit.to_picture(Rectangle(box.x, box.y, box.w, box.h)))

    def _paint_face(self, painter: QPainter, number: int, place: Rectangle) -> None:
        marked = number == self._at
        width = max(2.0, self.fontMetrics().height() / 8)
        look = (Stroke.SOLID, _CHOSEN) if marked else (Stroke.CORNERS, _OTHER)
        paint_stroke(painter, look, place, 2 * width if marked else width)
        font = QFont(self.font())
        font.setBold(True)
        text, metrics = str(number + 1), QFontMetricsF(font)
        wide = max(metrics.height(), metrics.horizontalAdvance(text) + 0.8 * metrics.height())
        plate = QRectF(place.x, place.y - metrics.height(), wide, metrics.height())
        plate.moveTop(max(0.0, plate.top()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(BACKDROP)
        painter.drawRoundedRect(plate, 3, 3)
        painter.setFont(font)
        painter.setPen(Qt.GlobalColor.white)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)

    def _mark(self, at: int) -> None:
        self._at = at
        said = self.tr("Face {number} of {count}, from left to right")
        self.setAccessibleDescription(said.format(number=at + 1, count=len(self._boxes)))
        self.update()

    def _hit(self, place: QPointF) -> int | None:
        if self._fit is None:
            return None
        x, y = self._fit.to_frame(place)
        inside = [n for n, box in enumerate(self._boxes) if box.x <= x <= box.x + box.w and box.y <= y <= box.y + box.h]
        return min(inside, key=lambda n: self._boxes[n].w * self._boxes[n].h, default=None)


# MERGED ui.photo_list: Photos that were dropped or chosen, and what became of each.

_PHOTO_LIST_LINES = 3.2
_PATH = Qt.ItemDataRole.UserRole
_SIGN = Qt.ItemDataRole.UserRole + 1


class PhotoList(QListWidget):
    """A line for each photo: small picture, sign and sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        side = round(_PHOTO_LIST_LINES * self.fontMetrics().height())
        self.setIconSize(QSize(side, side))
        self.setAccessibleName(self.tr("Photos"))
        self.setWordWrap(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setSpacing(self.fontMetrics().height() // 5)
        self._thumbnails = Thumbnails(round(side * self.devicePixelRatioF()), self)
        self._thumbnails.ready.connect(self._draw)

    def lines(self) -> list[str]:
        """What stands there."""
        return [self.item(row).text() for row in range(self.count())]

    def show_given(self, paths: Sequence[Path]) -> None:
        """Photos, or folders, that nobody has looked at yet."""
        self.clear()
        for path in paths:
            self._add(path, path.name, "")

    def show_outcomes(self, outcomes: Sequence[PhotoOutcome], *, saved: bool) -> None:
        """What became of each, or would if they were saved; what was refused stands first."""
        self.clear()
        for outcome in sorted(outcomes, key=lambda outcome: outcome.reason == OK):
            good = outcome.reason in (OK, ALREADY_THERE)
            words = outcome_words(outcome, saved=saved)
            if outcome.reason == SEVERAL_FACES:  # no reason to crop it: here one can be chosen
                words = self.tr("{file}: several faces").format(file=outcome.path.name)
            self._add(outcome.path, words, StatusSign.DONE if good else StatusSign.WRONG)

    def _add(self, path: Path, words: str, sign: str) -> None:
        item = QListWidgetItem(words, self)
        item.setToolTip(str(path))
        item.setData(_PATH, str(path))
        item.setData(_SIGN, sign)
        self._draw_item(item)

    def _draw(self) -> None:
        for row in range(self.count()):
            self._draw_item(self.item(row))

    def _draw_item(self, item: QListWidgetItem) -> None:
        path, ratio = Path(item.data(_PATH)), self.devicePixelRatioF()
        picture = QPixmap(self.iconSize() * ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        side = picture.width()
        if path.is_dir():
            painter.drawPixmap(0, 0, drawn("folder", self.palette().text().color(), side))
        else:
            paint_photo(painter, picture.rect(), self._thumbnails.pixmap(path), self.palette())
        if item.data(_SIGN):
            small = side * 0.42
            paint_sign(painter, QRectF(side - small, side - small, small, small), StatusSign(item.data(_SIGN)), self.palette())
        painter.end()
        picture.setDevicePixelRatio(ratio)
        item.setIcon(QIcon(picture))
