"""Photos of files for one person, judged and saved beside the window's thread, as `facecam enroll` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from facecam.enrollment.enroll import AddingRule, PhotoAddition, add_photos, photos_below
from facecam.enrollment.samples import SelectionRule
from facecam.errors import ImageError
from facecam.gallery.gallery import Gallery, reading_conditions
from facecam.imageio import read_image
from facecam.recognition.face_analyzer import OK, FaceObservation, open_face_analyzer
from facecam.recognition.matching import decision_rule, own_threshold_l2
from facecam.settings import Settings
from facecam.types import Box
from facecam.ui.background import Told, read_small
from facecam.ui.enrollment_text import addition_words, outcome_words

_SHOWN_PX = 1600
"""The longer side of a photo whose faces are shown: sharp on any screen, and 10 MB at most."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotosWanted:
    """Photos, or folders of them, for the person of that name in the gallery at `root`.

    `chosen` are the faces that are meant in photos with several. With `force` somebody who looks like another person is added,
    too. `consent` is what is written down for a person who is new.
    """

    root: Path
    name: str
    paths: Sequence[Path]
    settings: Settings
    force: bool = False
    consent: str = ""
    chosen: Mapping[Path, Box] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class PhotoFaces:
    """A photo with the faces in it that could be compared; boxes are in pixels of the whole photo, of `size_wh`."""

    path: Path
    size_wh: tuple[int, int]
    image: QImage
    boxes: tuple[Box, ...]


def calm(settings: Settings) -> Settings:
    """The settings for reading photos while the picture runs: one thread is enough beside a recognizer that wants both."""
    return settings.replace({"detect.threads": 1, "identify.threads": 1})


def add_wanted(wanted: PhotosWanted, told: Told) -> PhotoAddition:
    """Judge the photos and save the good ones; what came of each. GalleryError when the gallery cannot be read or written."""
    settings = wanted.settings
    with open_face_analyzer(calm(settings)) as reader:
        gallery = Gallery.load(wanted.root, reader, lambda _done, _total: told(0, 0), conditions=reading_conditions(settings))
        rule = AddingRule(
            decision_rule(settings.identify, gallery.samples).threshold_l2,
            SelectionRule.for_threshold(own_threshold_l2(settings.identify.network)),
            wanted.force,
            wanted.consent,
            lambda path, readings: _meant(wanted.chosen.get(path), readings),
        )
        return add_photos(gallery, wanted.name, photos_below(wanted.paths), reader, rule, told=told)


def faces_in(paths: Sequence[Path], settings: Settings, told: Told) -> list[PhotoFaces]:
    """The faces of each photo; a photo that cannot be read, or has no usable face, is left out."""
    found: list[PhotoFaces] = []
    with open_face_analyzer(calm(settings)) as reader:
        for number, path in enumerate(paths, start=1):
            try:
                bgr = read_image(path)
            except ImageError:
                continue
            boxes = tuple(reading.face.box for reading in reader.analyze(bgr) if reading.gate is None)
            if boxes:
                found.append(PhotoFaces(path, (bgr.shape[1], bgr.shape[0]), read_small(path, _SHOWN_PX), boxes))
            told(number, len(paths))
    return found


def _meant(box: Box | None, readings: Sequence[FaceObservation]) -> FaceObservation | None:
    """The face that stands where the box is, None without a box."""
    if box is None:
        return None
    x, y = box.x + box.w / 2, box.y + box.h / 2

    def away(reading: FaceObservation) -> float:
        other = reading.face.box
        return abs(other.x + other.w / 2 - x) + abs(other.y + other.h / 2 - y)

    return min(readings, key=away, default=None)


# MERGED ui.verdicts_view: What became of each photo that was to be added.

_LINES = 5


class VerdictsView(QFrame):
    """Hidden until photos were judged. With a rival it asks whether they are to be added all the same."""

    force_wanted = Signal(object)
    """The Addition that is to be made all the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self._addition: PhotoAddition | None = None
        self.summary = QLabel(self)
        self.summary.setWordWrap(True)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("What became of each photo"))
        self.list.setUniformItemSizes(True)
        self._force = QPushButton(self.tr("Add all the same"), self)
        self._close = QPushButton(self.tr("Close"), self)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._force)
        buttons.addWidget(self._close)
        column = QVBoxLayout(self)
        column.addWidget(self.summary)
        column.addWidget(self.list)
        column.addLayout(buttons)
        self._force.clicked.connect(self._ask_for_force)
        self._close.clicked.connect(self.hide)
        self.hide()

    def show_addition(self, addition: PhotoAddition) -> None:
        """Tell of these photos."""
        self._addition = addition
        self.summary.setText(addition_words(addition, self.locale()))
        self.list.clear()
        for outcome in sorted(addition.outcomes, key=lambda outcome: outcome.reason == OK):
            item = QListWidgetItem(outcome_words(outcome, saved=addition.rival is None), self.list)
            item.setToolTip(str(outcome.path))
        shown = min(max(self.list.count(), 1), _LINES)
        self.list.setFixedHeight(round((shown + 0.5) * max(self.list.sizeHintForRow(0), self.fontMetrics().height())))
        self._force.setVisible(addition.rival is not None)
        self.show()

    def _ask_for_force(self) -> None:
        self.hide()
        self.force_wanted.emit(self._addition)
