"""Automatic or pinned, and where: the controls below the histogram."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QDoubleSpinBox, QGridLayout, QRadioButton, QSlider, QStyle, QWidget

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
