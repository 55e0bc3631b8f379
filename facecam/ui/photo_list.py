"""Photos that were dropped or chosen, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from facecam.identify.add_photos import ALREADY_THERE, Outcome
from facecam.identify.verdict import OK, SEVERAL_FACES
from facecam.ui.icons import drawn
from facecam.ui.photo_view import paint_photo
from facecam.ui.signs import Sign, paint_sign
from facecam.ui.thumbnails import Thumbnails
from facecam.ui.verdict_words import outcome_words

_LINES = 3.2
_PATH = Qt.ItemDataRole.UserRole
_SIGN = Qt.ItemDataRole.UserRole + 1


class PhotoList(QListWidget):
    """A line for each photo: small picture, sign and sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        side = round(_LINES * self.fontMetrics().height())
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

    def show_outcomes(self, outcomes: Sequence[Outcome], *, saved: bool) -> None:
        """What became of each, or would if they were saved; what was refused stands first."""
        self.clear()
        for outcome in sorted(outcomes, key=lambda outcome: outcome.reason == OK):
            good = outcome.reason in (OK, ALREADY_THERE)
            words = outcome_words(outcome, saved=saved)
            if outcome.reason == SEVERAL_FACES:  # no reason to crop it: here one can be chosen
                words = self.tr("{file}: several faces").format(file=outcome.path.name)
            self._add(outcome.path, words, Sign.DONE if good else Sign.WRONG)

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
            paint_sign(painter, QRectF(side - small, side - small, small, small), Sign(item.data(_SIGN)), self.palette())
        painter.end()
        picture.setDevicePixelRatio(ratio)
        item.setIcon(QIcon(picture))
