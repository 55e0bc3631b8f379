"""Adding photo files to a person in a background thread, and the views of its results and of a gallery check's findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QImage, QPainter, QPalette, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from facecam.enrollment.enroll import AddPhotosResult, EnrollmentOptions, add_photos, expand_photo_paths
from facecam.errors import ImageError
from facecam.gallery.audit import AuditResult, GalleryFigures, PhotoFinding
from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.imageio import read_image
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings
from facecam.types import Box, FaceObservation
from facecam.ui.background import ProgressCallback, Thumbnails, read_thumbnail
from facecam.ui.enrollment_text import addition_text, outcome_text
from facecam.ui.language import caption_text, error_words, format_number
from facecam.ui.widgets import FlowLayout, paint_photo, vertical_layout, wrapped_label

_MAX_IMAGE_PX = 1600
"""Longer side of a photo whose faces are shown: sharp on any screen, and 10 MB at most."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoRequest:
    """Photos, or folders of them, to add to a person in the gallery at `root`.

    `force` adds photos that look like another person, too, `allow_mixed` photos of different people. `consent` is stored with a
    new person. `chosen` has the face to use in photos with several.
    """

    root: Path
    name: str
    paths: Sequence[Path]
    settings: Settings
    force: bool = False
    consent: str = ""
    chosen: Mapping[Path, Box] = field(default_factory=dict)
    allow_mixed: bool = False


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
        options = EnrollmentOptions.for_network(
            settings.identify.network, lambda path, observations: _face_at(request.chosen.get(path), observations)
        )
        options = replace(options, force=request.force, consent=request.consent, allow_mixed=request.allow_mixed)
        return add_photos(gallery, request.name, expand_photo_paths(request.paths), analyzer, options, progress=report_progress)


def find_faces(paths: Sequence[Path], settings: Settings, report_progress: ProgressCallback) -> list[PhotoFaces]:
    """Return the usable faces of each photo; a photo that cannot be read or has none is left out."""
    found: list[PhotoFaces] = []
    with open_face_analyzer(single_threaded(settings)) as analyzer:
        for number, path in enumerate(paths, start=1):
            try:
                bgr = read_image(path)
                observations = analyzer.analyze(bgr)
            except ImageError:
                continue
            boxes = tuple(observation.face.box for observation in observations if observation.gate is None)
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
    """Refused photos by file name, then the sum; hidden until there is one. Photos of another person can be added anyway."""

    force_requested = Signal(object)
    """The AddPhotosResult whose photos to add anyway."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self._result: AddPhotosResult | None = None
        self.summary = wrapped_label(self)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Refused photos"))
        self.list.setWordWrap(True)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._force = QPushButton(self.tr("Add anyway"), self)
        self._close = QPushButton(self.tr("Close"), self)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._force)
        buttons.addWidget(self._close)
        column = QVBoxLayout(self)
        column.addWidget(self.list)
        column.addWidget(self.summary)
        column.addLayout(buttons)
        self._force.clicked.connect(self._request_force)
        self._close.clicked.connect(self.hide)
        self.hide()

    def show_result(self, result: AddPhotosResult) -> None:
        """Show the refused photos and the sum."""
        self._result = result
        self.summary.setText(addition_text(result))
        self.list.clear()
        for outcome in (outcome for outcome in result.outcomes if outcome.is_refused):
            item = QListWidgetItem(outcome_text(outcome), self.list)
            item.setToolTip(str(outcome.path))
        self.list.setVisible(self.list.count() > 0)
        self._force.setVisible(result.is_question)
        self.show()
        self._fit_list()
        QTimer.singleShot(0, self, self._fit_list)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._fit_list)

    def _fit_list(self) -> None:
        """Make the list as high as its first rows, whose lines wrap at its new width."""
        rows = (self.list.item(row) for row in range(min(self.list.count(), _MAX_ROWS)))
        shown = sum(self.list.visualItemRect(row).height() for row in rows)
        self.list.setFixedHeight(shown + self.fontMetrics().height() // 2)

    def _request_force(self) -> None:
        self.hide()
        self.force_requested.emit(self._result)


_FINDING = Qt.ItemDataRole.UserRole


class FindingsView(QWidget):
    """List of findings, with those to be quarantined checked."""

    quarantine_requested = Signal(object)
    """Paths of the checked photos."""
    restore_requested = Signal()
    closed = Signal()

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.summary = wrapped_label(self)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Findings"))
        self.list.setWordWrap(True)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        line = self.fontMetrics().height()
        self.list.setMinimumHeight(9 * line)
        self.list.setIconSize(QSize(4 * line, 4 * line))
        self._figures = QGridLayout()
        self._quarantine = QPushButton(self)
        self._restore = QPushButton(self)
        self._close = QPushButton(self.tr("Back to the photos"), self)
        buttons = FlowLayout()
        for button in (self._quarantine, self._restore, self._close):
            buttons.addWidget(button)
        vertical_layout(self, self.summary, self.list, self._figures, buttons).setStretchFactor(self.list, 1)
        self._quarantine.clicked.connect(lambda: self.quarantine_requested.emit(self.checked_photos()))
        self._restore.clicked.connect(self.restore_requested)
        self._close.clicked.connect(self.closed)
        self.list.itemChanged.connect(self._update_button)
        thumbnails.ready.connect(self._show_thumbnails)
        self.show_restorable(0)

    def show_findings(self, audit: AuditResult) -> None:
        findings = audit.findings
        self.list.clear()
        for finding in sorted(findings, key=lambda finding: not finding.should_quarantine):
            self.list.addItem(self._item(finding))
        if findings:
            text = self.tr(
                "Photos with findings: {count}. Photos that harm recognition are checked. Quarantine takes them out of "
                "use without deleting them."
            ).format(count=len(findings))
        else:
            text = self.tr("All photos are good.")
        self.summary.setText(text)
        self._show_figures(audit)
        self._show_thumbnails()
        self._update_button()

    def show_restorable(self, count: int) -> None:
        """Offer to restore the photos quarantined last."""
        self._restore.setText(self.tr("Restore the photos quarantined last: {count}").format(count=count))
        self._restore.setVisible(count > 0)

    def checked_photos(self) -> list[Path]:
        """Return the photos to quarantine."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item.data(_FINDING).photo.path for item in items if item.checkState() == Qt.CheckState.Checked]

    def _item(self, finding: PhotoFinding) -> QListWidgetItem:
        item = QListWidgetItem()
        item.setData(_FINDING, finding)
        head = self.tr("{name}: {file}").format(name=finding.photo.name, file=finding.photo.path.name)
        reason = caption_text(finding.reason)
        if not finding.should_quarantine:
            reason = self.tr("{reason}; kept").format(reason=reason)
        item.setText("\n".join(filter(None, (head, reason, error_words(finding.detail)))))
        item.setToolTip(str(finding.photo.path))
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if finding.should_quarantine:
            item.setFlags(flags | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
        else:
            item.setFlags(flags)
        return item

    def _show_thumbnails(self) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.icon().isNull():
                pixmap = self._thumbnails.pixmap(item.data(_FINDING).photo.path)
                if pixmap is not None:
                    item.setIcon(self._icon(pixmap))

    def _icon(self, pixmap: QPixmap) -> QIcon:
        """Return the photo in a square, so that all texts are aligned."""
        ratio = self.devicePixelRatioF()
        square = QPixmap(self.list.iconSize() * ratio)
        square.setDevicePixelRatio(ratio)
        square.fill(Qt.GlobalColor.transparent)
        painter = QPainter(square)
        paint_photo(painter, QRect(QPoint(0, 0), self.list.iconSize()), pixmap, self.palette())
        painter.end()
        return QIcon(square)

    def _update_button(self) -> None:
        count = len(self.checked_photos())
        self._quarantine.setText(self.tr("Quarantine: {count}").format(count=count))
        self._quarantine.setEnabled(count > 0)

    def _show_figures(self, audit: AuditResult) -> None:
        while (item := self._figures.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        before, after = audit.before, audit.after
        heads = "", self.tr("now"), self.tr("after quarantine")
        rows = [heads, *((title, figure(before), figure(after)) for title, figure in self._rows())]
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                label = wrapped_label(self, text)
                alignment = Qt.AlignmentFlag.AlignLeading if column == 0 else Qt.AlignmentFlag.AlignTrailing
                label.setAlignment(alignment | Qt.AlignmentFlag.AlignVCenter)
                self._figures.addWidget(label, row, column)
        for column, stretch in enumerate((3, 1, 1)):
            self._figures.setColumnStretch(column, stretch)

    def _rows(self) -> list[tuple[str, Callable[[GalleryFigures], str]]]:
        return [
            (self.tr("Photos in use"), lambda f: str(f.samples)),
            (self.tr("Photos that the others name correctly"), lambda f: str(f.named_right)),
            (self.tr("Photos that the others name incorrectly"), lambda f: str(f.named_wrong)),
            (self.tr("Photos that the others leave unnamed"), lambda f: str(f.unnamed)),
            (self.tr("Median distance within a person"), lambda f: _distance(f.genuine_median_l2)),
            (self.tr("Median distance between people"), lambda f: _distance(f.impostor_median_l2)),
        ]


def _distance(value: float | None) -> str:
    return "–" if value is None else format_number(value, 3)
