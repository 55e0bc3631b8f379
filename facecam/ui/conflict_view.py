"""Who is to be enrolled beside somebody who is enrolled already and looks almost the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from facecam.identify.enrol import Rival
from facecam.identify.gallery import Gallery
from facecam.ui.enrol_words import number
from facecam.ui.kept_crops import SHARP_PX, CropPicture
from facecam.ui.photo_view import PhotoView
from facecam.ui.thumbnails import Thumbnails

_LINES, _HIGHEST_LINES = 13.0, 26.0


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
        self._new, self._new_photo = CropPicture(self, mirrored=False, lines=_LINES), PhotoView(thumbnails, _LINES, self)
        self._photo = PhotoView(thumbnails, _LINES, self)
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

    def show_conflict(self, new: bytes | Path | None, rival: Rival, gallery: Gallery | None) -> None:
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
