"""Parts of the threshold studio: the threshold's controls, the closest pair, the current faces and the error rates in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QGroupBox,
    QRadioButton,
    QSlider,
    QStyle,
    QWidget,
)

from facecam.gallery.gallery import Gallery
from facecam.recognition.calibration import ClosestPair, OperatingPoint, odds
from facecam.settings import IdentifySettings
from facecam.types import Candidate, DecisionStatus, Result
from facecam.ui.background import Thumbnails
from facecam.ui.language import format_number
from facecam.ui.settings.fields import RATES, strangers_per_name
from facecam.ui.widgets import ElidedLabel, PhotoView, short_combo_box, wrapped_label

translate = QCoreApplication.translate

THRESHOLD, RATE = "identify.threshold_l2", "identify.false_positive_identification_rate"

STEP_L2 = 0.005
_PAGE_STEPS = 4
"""Page Up and Page Down move the threshold by 0.02."""

_PHOTO_LINES = 6.0
"""Height of a photo in lines of text."""


@dataclass(frozen=True, slots=True)
class ThresholdSetting:
    """Fixed threshold `fixed_l2`, or None for an automatic one at the false positive identification rate `rate`."""

    fixed_l2: float | None
    rate: float

    @classmethod
    def from_settings(cls, settings: IdentifySettings) -> ThresholdSetting:
        return cls(settings.threshold_l2, settings.false_positive_identification_rate)

    def changes(self) -> dict[str, float | None]:
        """Return the values by their settings keys."""
        return {THRESHOLD: self.fixed_l2, RATE: self.rate}


class ThresholdControls(QWidget):
    """Slider and number for a fixed threshold, and the rates for an automatic one."""

    changed = Signal(object)
    """The ThresholdSetting that the user selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._automatic_at: Callable[[float], float] = lambda _: 0.3
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setPageStep(_PAGE_STEPS)
        self.slider.setAccessibleName(self.tr("Match threshold"))
        # Created in the tab order.
        self.automatic = QRadioButton(self.tr("&Automatic:"), self)
        self.rate = short_combo_box(self, 10)
        self.rate.setAccessibleName(self.tr("Strangers named"))
        self.fixed = QRadioButton(self.tr("Fi&xed at"), self)
        self.number = QDoubleSpinBox(self, decimals=3, singleStep=STEP_L2, minimum=STEP_L2, maximum=2.0)
        self.number.setKeyboardTracking(False)
        self.number.setAccessibleName(self.tr("Fixed match threshold"))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        for row, widget in enumerate((self.slider, self.automatic, self.rate)):
            grid.addWidget(widget, row, 0, 1, 2)
        grid.addWidget(self.fixed, 3, 0)
        grid.addWidget(self.number, 3, 1, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(1, 1)
        self.slider.valueChanged.connect(lambda steps: self._fix(max(steps, 1) * STEP_L2))
        self.number.valueChanged.connect(self._fix)
        self.automatic.clicked.connect(self._emit_changed)
        self.fixed.clicked.connect(self._emit_changed)
        self.rate.activated.connect(self._on_rate_activated)

    @property
    def inset_px(self) -> int:
        """Distance of the slider's handle from the widget's edge at both ends of its range."""
        return self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self.slider) // 2

    def show_gallery(self, far_l2: float, automatic_at: Callable[[float], float]) -> None:
        """Offer thresholds up to `far_l2`; `automatic_at` returns the automatic threshold for a rate."""
        self._automatic_at = automatic_at
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, round(far_l2 / STEP_L2))

    def show_setting(self, setting: ThresholdSetting) -> None:
        """Show a setting without reporting a change."""
        self.rate.clear()
        for rate in sorted({*RATES, setting.rate}, reverse=True):
            self.rate.addItem(self.tr("1 stranger in {count}").format(count=strangers_per_name(rate)), rate)
        self.rate.setCurrentIndex(self.rate.findData(setting.rate))
        (self.automatic if setting.fixed_l2 is None else self.fixed).setChecked(True)
        self._show_threshold(self._automatic_at(setting.rate) if setting.fixed_l2 is None else setting.fixed_l2)

    def _show_threshold(self, threshold_l2: float) -> None:
        with QSignalBlocker(self.slider), QSignalBlocker(self.number):
            self.slider.setValue(round(threshold_l2 / STEP_L2))
            self.number.setValue(threshold_l2)

    def _fix(self, threshold_l2: float) -> None:
        self.fixed.setChecked(True)
        self._show_threshold(threshold_l2)
        self._emit_changed()

    def _on_rate_activated(self) -> None:
        self.automatic.setChecked(True)
        self._emit_changed()

    def _emit_changed(self) -> None:
        rate = float(self.rate.currentData())
        if self.automatic.isChecked():
            self._show_threshold(self._automatic_at(rate))
            self.changed.emit(ThresholdSetting(None, rate))
        else:
            self.changed.emit(ThresholdSetting(round(self.number.value(), 4), rate))


class ClosestPairView(QGroupBox):
    """Photos of the gallery's closest pair of people, and what a threshold means for them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Closest pair of people"))
        side_px = round(2 * _PHOTO_LINES * self.fontMetrics().height() * self.devicePixelRatioF())
        thumbnails = Thumbnails(side_px, self)
        self._photos = PhotoView(thumbnails, _PHOTO_LINES, self), PhotoView(thumbnails, _PHOTO_LINES, self)
        self._names = ElidedLabel(self), ElidedLabel(self)
        self._text = wrapped_label(self)
        grid = QGridLayout(self)
        for column, (photo, name) in enumerate(zip(self._photos, self._names, strict=True)):
            name.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            grid.addWidget(photo, 0, column)
            grid.addWidget(name, 1, column)
            grid.setColumnStretch(column, 1)
        grid.addWidget(self._text, 2, 0, 1, 2)
        self._pair: ClosestPair | None = None

    def show_pair(self, pair: ClosestPair | None, gallery: Gallery) -> None:
        """Show a pair; None for a gallery with fewer than two people."""
        self._pair = pair
        photos = {sample.sample_id: sample.photo for sample in gallery.samples}
        for view in (*self._photos, *self._names):
            view.setVisible(pair is not None)
        if pair is None:
            self._text.setText(self.tr("Enroll a second person to see how similar the two are."))
            return
        for view, label, name, sample_id in zip(self._photos, self._names, pair.names, pair.sample_ids, strict=True):
            view.show_photo(photos.get(sample_id), self.tr("Photo of {name}").format(name=name))
            label.setText(name)

    def show_threshold(self, threshold_l2: float, *, fixed: bool) -> None:
        """Explain what this threshold, fixed or automatic, means for the pair."""
        if self._pair is None:
            return
        distance = format_number(self._pair.distance_l2, 3)
        if self._pair.mean_of is not None:
            text = self.tr("{distance} to the mean of the photos of {name}")
            distance = text.format(distance=distance, name=self._pair.mean_of)
        if self._pair.is_within(threshold_l2, fixed=fixed):
            text = self.tr("Distance {distance}: below the match threshold. Only the margin prevents a mix-up.")
        else:
            text = self.tr("Distance {distance}: above the match threshold.")
        self._text.setText(text.format(distance=distance))


def compared_faces(result: Result) -> list[tuple[Candidate, DecisionStatus]]:
    """Return the nearest person and the status of each compared face, nearest first.

    A settled track counts with its last comparison.
    """
    faces = []
    for sighting in result.sightings:
        decision = sighting.track_decision.decision
        nearest = sighting.decision.nearest or decision.nearest
        if nearest is not None:
            faces.append((nearest, decision.status))
    return sorted(faces, key=lambda face: face[0].distance_l2)


def face_text(nearest: Candidate, status: DecisionStatus) -> str:
    """Describe a compared face in one sentence."""
    text = {
        DecisionStatus.KNOWN: translate("SeenDistance", "In the video: distance {distance} to {name}, known."),
        DecisionStatus.UNSURE: translate("SeenDistance", "In the video: distance {distance} to {name}, unsure."),
    }.get(status, translate("SeenDistance", "In the video: distance {distance} to {name}, unknown."))
    return text.format(distance=format_number(nearest.distance_l2), name=nearest.name)


def strangers_text(point: OperatingPoint) -> str:
    """Describe the false positive identification rate: how many strangers get a name."""
    return _odds_text(
        point.false_positive_identification_rate,
        (
            translate("OperatingPoint", "Fewer than 1 stranger in {whole} gets a name."),
            translate("OperatingPoint", "About 1 stranger in {whole} gets a name."),
            translate("OperatingPoint", "About {count} strangers in {whole} get a name."),
        ),
    )


def misses_text(point: OperatingPoint) -> str:
    """Describe the false negative identification rate: how many sightings of enrolled people stay unnamed."""
    return _odds_text(
        point.false_negative_identification_rate,
        (
            translate("OperatingPoint", "Fewer than 1 in {whole} sightings of an enrolled person stays unnamed."),
            translate("OperatingPoint", "1 in {whole} sightings of an enrolled person stays unnamed."),
            translate("OperatingPoint", "{count} in {whole} sightings of an enrolled person stay unnamed."),
        ),
    )


def _odds_text(rate: float, texts: tuple[str, str, str]) -> str:
    """Return the text for none, one or several in a whole number, filled in."""
    count, whole = odds(rate)
    return texts[min(count, 2)].format(count=count, whole=whole)
