"""The two people of a gallery who are nearest to each other: their photos side by side."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QGroupBox, QLabel, QWidget

from facecam.identify.calibrate import ClosestPair
from facecam.identify.gallery import Gallery
from facecam.ui.photo_view import ElidedLabel, PhotoView
from facecam.ui.thumbnails import Thumbnails

_LINES = 6.0
"""Height of a photo in lines of text."""


class ClosestPairView(QGroupBox):
    """Shows the pair, and what a threshold means for them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Closest pair of people"))
        side_px = round(2 * _LINES * self.fontMetrics().height() * self.devicePixelRatioF())
        thumbnails = Thumbnails(side_px, self)
        self._photos = PhotoView(thumbnails, _LINES, self), PhotoView(thumbnails, _LINES, self)
        self._names = ElidedLabel(self), ElidedLabel(self)
        self._told = QLabel(self)
        self._told.setWordWrap(True)
        grid = QGridLayout(self)
        for column, (photo, name) in enumerate(zip(self._photos, self._names, strict=True)):
            name.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            grid.addWidget(photo, 0, column)
            grid.addWidget(name, 1, column)
            grid.setColumnStretch(column, 1)
        grid.addWidget(self._told, 2, 0, 1, 2)
        self._pair: ClosestPair | None = None

    def show_pair(self, pair: ClosestPair | None, gallery: Gallery) -> None:
        """Show another pair; None where there is none."""
        self._pair = pair
        photos = {sample.sample_id: sample.photo for sample in gallery.samples}
        names = pair.names if pair is not None else ("", "")
        ids = pair.sample_ids if pair is not None else ("", "")
        for view, label, name, sample_id in zip(self._photos, self._names, names, ids, strict=True):
            view.show_photo(photos.get(sample_id), self.tr("Photo of {name}").format(name=name))
            label.setText(name)
            view.setVisible(pair is not None)
            label.setVisible(pair is not None)
        if pair is None:
            self._told.setText(
                self.tr("There is nobody else to be mistaken for: enrol a second person to see how far apart they are.")
            )

    def show_threshold(self, threshold_l2: float) -> None:
        """Say what this threshold means for the pair."""
        if self._pair is None:
            return
        distance = self.locale().toString(self._pair.distance_l2, "f", 3)
        if self._pair.distance_l2 <= threshold_l2:
            said = self.tr(
                "{distance} apart: nearer than the threshold. Only the margin keeps one from getting the other's name."
            )
        else:
            said = self.tr("{distance} apart: farther than the threshold.")
        self._told.setText(said.format(distance=distance))
