"""Adding photo files to a person in a background thread, as `facecam enroll` does, and the view of the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from facecam.enrollment.enroll import AddPhotosOptions, AddPhotosResult, add_photos, expand_photo_paths
from facecam.enrollment.samples import SelectionRule
from facecam.errors import ImageError
from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.imageio import read_image
from facecam.recognition.face_analyzer import OK, open_face_analyzer
from facecam.recognition.matching import decision_rule, network_threshold_l2
from facecam.settings import Settings
from facecam.types import Box, FaceObservation
from facecam.ui.background import ProgressCallback, read_thumbnail
from facecam.ui.enrollment_text import addition_text, outcome_text
from facecam.ui.widgets import wrapped_label

_MAX_IMAGE_PX = 1600
"""Longer side of a photo whose faces are shown: sharp on any screen, and 10 MB at most."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoRequest:
    """Photos, or folders of them, to add to a person in the gallery at `root`.

    `force` adds photos that look like another person, too. `consent` is stored with a new person. `chosen` has the face to use in
    photos with several.
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
    """A photo and its usable faces; boxes are in pixels of the full-size photo, whose size is `size_wh`."""

    path: Path
    size_wh: tuple[int, int]
    image: QImage
    boxes: tuple[Box, ...]


def single_threaded(settings: Settings) -> Settings:
    """Return settings with one inference thread, which leaves the other cores to the live recognition."""
    return settings.replace({"detect.threads": 1, "identify.threads": 1})


def add_requested_photos(request: PhotoRequest, report_progress: ProgressCallback) -> AddPhotosResult:
    """Check the photos and save the good ones. Raises GalleryError when the gallery cannot be read or written."""
    settings = request.settings
    with open_face_analyzer(single_threaded(settings)) as analyzer:
        gallery = Gallery.load(
            request.root, analyzer, lambda _done, _total: report_progress(0, 0), conditions=analysis_conditions(settings)
        )
        options = AddPhotosOptions(
            decision_rule(settings.identify, gallery.samples).threshold_l2,
            SelectionRule.for_threshold(network_threshold_l2(settings.identify.network)),
            request.force,
            request.consent,
            lambda path, observations: _face_at(request.chosen.get(path), observations),
        )
        return add_photos(gallery, request.name, expand_photo_paths(request.paths), analyzer, options, progress=report_progress)


def find_faces(paths: Sequence[Path], settings: Settings, report_progress: ProgressCallback) -> list[PhotoFaces]:
    """Return the usable faces of each photo; a photo that cannot be read or has none is left out."""
    found: list[PhotoFaces] = []
    with open_face_analyzer(single_threaded(settings)) as analyzer:
        for number, path in enumerate(paths, start=1):
            try:
                bgr = read_image(path)
            except ImageError:
                continue
            boxes = tuple(observation.face.box for observation in analyzer.analyze(bgr) if observation.gate is None)
            if boxes:
                found.append(PhotoFaces(path, (bgr.shape[1], bgr.shape[0]), read_thumbnail(path, _MAX_IMAGE_PX), boxes))
            report_progress(number, len(paths))
    return found


def _face_at(box: Box | None, observations: Sequence[FaceObservation]) -> FaceObservation | None:
    """Return the face nearest to the box, None without a box."""
    if box is None:
        return None
    x, y = box.x + box.w / 2, box.y + box.h / 2

    def distance_px(observation: FaceObservation) -> float:
        other = observation.face.box
        return abs(other.x + other.w / 2 - x) + abs(other.y + other.h / 2 - y)

    return min(observations, key=distance_px, default=None)


_MAX_ROWS = 5


class PhotoResultsView(QFrame):
    """Result of each added photo, hidden until there is one. Photos that look like another person can be added anyway."""

    force_requested = Signal(object)
    """The AddPhotosResult to repeat with `force`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self._result: AddPhotosResult | None = None
        self.summary = wrapped_label(self)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Result for each photo"))
        self.list.setUniformItemSizes(True)
        self._force = QPushButton(self.tr("Add anyway"), self)
        self._close = QPushButton(self.tr("Close"), self)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._force)
        buttons.addWidget(self._close)
        column = QVBoxLayout(self)
        column.addWidget(self.summary)
        column.addWidget(self.list)
        column.addLayout(buttons)
        self._force.clicked.connect(self._request_force)
        self._close.clicked.connect(self.hide)
        self.hide()

    def show_result(self, result: AddPhotosResult) -> None:
        """Show the result of each photo."""
        self._result = result
        self.summary.setText(addition_text(result))
        self.list.clear()
        for outcome in sorted(result.outcomes, key=lambda outcome: outcome.reason == OK):
            item = QListWidgetItem(outcome_text(outcome, saved=result.similar_person is None), self.list)
            item.setToolTip(str(outcome.path))
        shown = min(max(self.list.count(), 1), _MAX_ROWS)
        self.list.setFixedHeight(round((shown + 0.5) * max(self.list.sizeHintForRow(0), self.fontMetrics().height())))
        self._force.setVisible(result.similar_person is not None)
        self.show()

    def _request_force(self) -> None:
        self.hide()
        self.force_requested.emit(self._result)
