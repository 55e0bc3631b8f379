"""Automatic or pinned, and where: the controls below the histogram."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QGroupBox,
    QLabel,
    QRadioButton,
    QSlider,
    QStyle,
    QWidget,
)

from facecam.gallery.gallery import Gallery
from facecam.recognition.calibration import ClosestPair, OperatingPoint, odds
from facecam.types import DecisionStatus, Result, Sighting
from facecam.ui.background import Thumbnails
from facecam.ui.widgets import ElidedLabel, PhotoView

STEP_L2 = 0.005
_LARGE_STEPS = 4
"""0.02: what Page Up and Page Down move by."""

RATES = (0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)


class ThresholdChoice(QWidget):
    """Radio buttons, a slider and a number for the pinned threshold, and the rates for the automatic one."""

    changed = Signal(object, float)
    """Somebody has chosen: the pinned threshold, None for automatic, and the rate of strangers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._automatic_at: Callable[[float], float] = lambda _: 0.3
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setSingleStep(1)
        self.slider.setPageStep(_LARGE_STEPS)
        self.slider.setAccessibleName(self.tr("Threshold"))
        self.number = QDoubleSpinBox(self)
        self.number.setDecimals(3)
        self.number.setSingleStep(STEP_L2)
        self.number.setMinimum(STEP_L2)
        self.number.setKeyboardTracking(False)
        self.number.setAccessibleName(self.tr("Pinned threshold"))
        self.automatic = QRadioButton(self.tr("&Automatic for the gallery:"), self)
        self.pinned = QRadioButton(self.tr("&Pinned at"), self)
        self.rate = QComboBox(self)
        self.rate.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.rate.setMinimumContentsLength(10)
        self.rate.setAccessibleName(self.tr("Strangers who may get a name"))
        group = QButtonGroup(self)
        group.addButton(self.automatic)
        group.addButton(self.pinned)
        self._lay_out()
        self.slider.valueChanged.connect(self._slid)
        self.number.valueChanged.connect(self._typed)
        self.automatic.clicked.connect(self._tell)
        self.pinned.clicked.connect(self._tell)
        self.rate.activated.connect(self._rated)

    @property
    def inset_px(self) -> int:
        """How far from the edge the slider's handle stands at its ends."""
        return self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self.slider) // 2

    def show_gallery(self, far_l2: float, automatic_at: Callable[[float], float]) -> None:
        """Offer thresholds up to `far_l2`; `automatic_at` gives the automatic one for a rate of strangers."""
        self._automatic_at = automatic_at
        with QSignalBlocker(self.slider), QSignalBlocker(self.number):
            self.slider.setRange(0, round(far_l2 / STEP_L2))
            self.number.setMaximum(2.0)

    def show_choice(self, pinned_l2: float | None, stranger_rate: float) -> None:
        """Show a choice that was made elsewhere."""
        self._offer_rates(stranger_rate)
        (self.automatic if pinned_l2 is None else self.pinned).setChecked(True)
        self._place(self._automatic_at(stranger_rate) if pinned_l2 is None else pinned_l2)

    def pick(self, threshold_l2: float) -> None:
        """Pin the threshold there, as if the slider had been moved."""
        self.number.setValue(threshold_l2)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.slider, 0, 0, 1, 2)
        grid.addWidget(self.automatic, 1, 0, 1, 2)
        grid.addWidget(self.rate, 2, 0, 1, 2)
        grid.addWidget(self.pinned, 3, 0)
        grid.addWidget(self.number, 3, 1, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(1, 1)
        for before, after in (
            (self.slider, self.automatic),
            (self.automatic, self.rate),
            (self.rate, self.pinned),
            (self.pinned, self.number),
        ):
            QWidget.setTabOrder(before, after)

    def _offer_rates(self, stranger_rate: float) -> None:
        with QSignalBlocker(self.rate):
            self.rate.clear()
            for rate in sorted({*RATES, stranger_rate}, reverse=True):
                self.rate.addItem(self.tr("at most 1 stranger in {count} gets a name").format(count=_count(rate)), rate)
            self.rate.setCurrentIndex(self.rate.findData(stranger_rate))

    def _place(self, threshold_l2: float) -> None:
        """Slider and number stand there, and nothing is told."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.number):
            self.slider.setValue(round(threshold_l2 / STEP_L2))
            self.number.setValue(threshold_l2)

    def _slid(self, steps: int) -> None:
        self.pinned.setChecked(True)
        self._place(max(steps, 1) * STEP_L2)
        self._tell()

    def _typed(self, threshold_l2: float) -> None:
        self.pinned.setChecked(True)
        self._place(threshold_l2)
        self._tell()

    def _rated(self) -> None:
        self.automatic.setChecked(True)
        self._tell()

    def _tell(self) -> None:
        rate = float(self.rate.currentData())
        if self.automatic.isChecked():
            self._place(self._automatic_at(rate))
            self.changed.emit(None, rate)
        else:
            self.changed.emit(round(self.number.value(), 4), rate)


def _count(rate: float) -> str:
    """Of how many strangers one gets a name."""
    return f"{1 / rate:.4g}"


# MERGED ui.closest_pair: The two people of a gallery who are nearest to each other: their photos side by side.

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
                self.tr("There is nobody else to be mistaken for: enroll a second person to see how far apart they are.")
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


# MERGED ui.seen_now: Who is compared in the picture now, and how far they are: the threshold's effect in words.


@dataclass(frozen=True, slots=True)
class SeenDistance:
    """A face: the person of the nearest photo, its distance (plain L2), and what the face is called for it."""

    nearest: str
    distance_l2: float
    kind: DecisionStatus

    def words(self, locale: QLocale) -> str:
        """It in one sentence."""
        translate = QCoreApplication.translate
        sentence = {
            DecisionStatus.KNOWN: translate("Seen", "In the picture: {distance} from {name}, gets the name."),
            DecisionStatus.UNSURE: translate("Seen", "In the picture: {distance} from {name}, unsure."),
        }.get(self.kind, translate("Seen", "In the picture: {distance} from {name}, stays unknown."))
        return sentence.format(distance=locale.toString(self.distance_l2, "f", 2), name=self.nearest)


def seen_now(result: Result) -> list[SeenDistance]:
    """The faces that are compared, the nearest first; of a settled track the comparison that stands."""
    seen = [one for sighting in result.sightings if (one := _seen(sighting)) is not None]
    return sorted(seen, key=lambda one: one.distance_l2)


def _seen(sighting: Sighting) -> SeenDistance | None:
    nearest = sighting.decision.nearest or sighting.track_decision.decision.nearest
    if nearest is None:
        return None
    return SeenDistance(nearest.name, nearest.distance_l2, sighting.track_decision.decision.status)


# MERGED ui.promise_words: What a threshold means, as sentences in the user's language.


def stranger_words(promise: OperatingPoint) -> str:
    """How many strangers get a name."""
    translate = QCoreApplication.translate
    count, whole = odds(promise.stranger_share)
    if count == 0:
        return translate("Promise", "Fewer than 1 stranger in {whole} gets a name.").format(whole=whole)
    if count == 1:
        return translate("Promise", "About 1 stranger in {whole} gets a name.").format(whole=whole)
    return translate("Promise", "About {count} strangers in {whole} get a name.").format(count=count, whole=whole)


def miss_words(promise: OperatingPoint) -> str:
    """How many sightings of enrolled people stay without a name."""
    translate = QCoreApplication.translate
    count, whole = odds(promise.miss_share)
    if count == 0:
        return translate("Promise", "Fewer than 1 in {whole} sightings of an enrolled person stays unnamed.").format(whole=whole)
    if count == 1:
        return translate("Promise", "1 in {whole} sightings of an enrolled person stays unnamed.").format(whole=whole)
    return translate("Promise", "{count} in {whole} sightings of an enrolled person stay unnamed.").format(
        count=count, whole=whole
    )
