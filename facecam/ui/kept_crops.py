"""The pictures that guided enrolment has kept: each to be ticked or not, or to be taken again."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QCheckBox, QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from facecam.identify.choice import LEFT_OUT, Shot
from facecam.identify.poses import Pose
from facecam.identify.progress import Progress
from facecam.identify.verdict import OK
from facecam.ui.enrol_words import pose_words, verdict_words
from facecam.ui.flow_layout import FlowLayout
from facecam.ui.photo_view import paint_photo
from facecam.ui.signs import Sign, paint_sign

SHARP_PX = 800
"""The longer side up to which a picture keeps its own size: enough for half a window."""

_LINES = 12.0


class CropPicture(QWidget):
    """A picture of a face, some lines of text high; a sign without one. Shown as in a mirror when `mirrored`."""

    def __init__(self, parent: QWidget | None = None, *, mirrored: bool = True, lines: float = _LINES) -> None:
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
            paint_sign(painter, place, Sign.SKIPPED, self.palette())
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

    def show_progress(self, progress: Progress) -> None:
        """Show these pictures. Cards stay, so that the focus does."""
        shots = {shot.pose: shot for shot in progress.shots}
        for pose, card in self.cards.items():
            card.show_shot(shots.get(pose))

    def kept(self) -> Iterator[Pose]:
        """The poses that are ticked."""
        yield from (pose for pose, card in self.cards.items() if card.box.isChecked())
