"""Threshold studio: the gallery's distances, a slider over the threshold with its effect on the running picture."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from facecam.errors import FacecamError
from facecam.gallery.gallery import Gallery
from facecam.recognition.calibration import ENOUGH_PEOPLE, ThresholdModel, calibrate
from facecam.recognition.matching import own_threshold_l2
from facecam.settings import IdentifySettings, Mode
from facecam.ui.background import BackgroundJobs
from facecam.ui.preferences import SettingsWriter, wins_over_file
from facecam.ui.session_controller import SessionController
from facecam.ui.threshold.controls import ClosestPairView, ThresholdChoice, miss_words, seen_now, stranger_words
from facecam.ui.threshold.histogram import Distances, Histogram, SeenMark

THRESHOLD, RATE = "identify.threshold_l2", "identify.stranger_rate"

_TRY_EVERY_MS = 120
"""A slider gives a hundred values a second; each that is tried is a row in the log."""

_SEEN_EVERY_MS = 150


@dataclass(frozen=True, slots=True)
class ThresholdSetting:
    """How the threshold is set: `pinned_l2`, or None for moving with the gallery at `stranger_rate`."""

    pinned_l2: float | None
    stranger_rate: float

    @classmethod
    def of(cls, settings: IdentifySettings) -> ThresholdSetting:
        return cls(settings.threshold_l2, settings.stranger_rate)


class ThresholdStudio(QWidget):
    """Tries thresholds on the running picture. Closing it without applying gives the settings back."""

    said = Signal(str)
    page_wanted = Signal(str, object)
    finished = Signal()

    def __init__(self, live: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._kept = self._choice = ThresholdSetting.of(live.wish.settings.identify)
        self._what_if: ThresholdModel | None = None
        self._gallery: Gallery | None = None
        self._jobs = BackgroundJobs(self)
        self._keeper = SettingsWriter(live.places.config, self)
        self._applying: ThresholdSetting | None = None
        self._try_timer = self._timer(_TRY_EVERY_MS, self._try)
        self._seen_timer = self._timer(_SEEN_EVERY_MS, self._show_seen)
        self._lay_out()
        self._connect()
        self._measure()

    def _timer(self, interval_ms: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(slot)
        return timer

    def _lay_out(self) -> None:
        self._missing = QLabel(self)
        self._missing.setWordWrap(True)
        self._missing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._enroll = QPushButton(self.tr("Enroll a person"), self)
        nothing = QWidget(self)
        column = QVBoxLayout(nothing)
        column.addWidget(self._missing)
        column.addWidget(self._enroll, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(nothing)
        self._stack.addWidget(self._make_content())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self.setFocusProxy(self._chooser.slider)

    def _make_content(self) -> QWidget:
        content = QWidget(self)
        intro = self._label()
        intro.setText(
            self.tr(
                "A face gets the name of the nearest photo if it is nearer than the threshold. Farther left, fewer strangers get "
                "a name; farther right, fewer people stay unnamed."
            )
        )
        self._histogram = Histogram(content)
        self._chooser = ThresholdChoice(content)
        self._histogram.inset_px = self._chooser.inset_px
        self._strangers, self._misses, self._near, self._now = (self._label() for _ in range(4))
        for told in (self._strangers, self._misses):
            font = told.font()
            font.setBold(True)
            told.setFont(font)
        self._pair = ClosestPairView(content)
        self._apply = QPushButton(self.tr("Apply"), content)
        self._revert = QPushButton(self.tr("Revert"), content)
        self._status = self._label()
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._revert)
        buttons.addWidget(self._apply)
        column = QVBoxLayout(content)
        parts = intro, self._histogram, self._chooser, self._strangers, self._misses, self._near, self._now, self._pair
        for part in parts:
            column.addWidget(part)
        column.addLayout(buttons)
        column.addWidget(self._status)
        column.addStretch(1)
        return content

    def _label(self) -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        return label

    def _connect(self) -> None:
        self._histogram.picked.connect(self._chooser.pick)
        self._chooser.changed.connect(self._choose)
        self._apply.clicked.connect(self.apply)
        self._revert.clicked.connect(self.revert)
        self._enroll.clicked.connect(self._ask_to_enroll)
        self._keeper.kept.connect(self._tell_kept)
        self._keeper.failed.connect(self._tell_failed)
        self._live.gallery_changed.connect(self._measure)
        self._live.wish_changed.connect(self._follow)
        self._live.recognized.connect(self._see)

    def apply(self) -> None:
        """Keep the choice in facecam.toml."""
        self._try_timer.stop()
        self._try()
        self._applying = self._kept = self._choice
        self._keeper.keep({THRESHOLD: self._choice.pinned_l2, RATE: self._choice.stranger_rate})
        self._show_choice()

    def revert(self) -> None:
        """Go on with what was in force when this was opened, or applied last."""
        self._try_timer.stop()
        self._choice = self._kept
        self._chooser.show_choice(self._choice.pinned_l2, self._choice.stranger_rate)
        self._try()
        self._show_choice()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.finished.emit()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.revert()
        self._keeper.close()
        self._jobs.close()
        super().closeEvent(event)

    def _ask_to_enroll(self) -> None:
        self.page_wanted.emit("enroll", None)

    def _follow(self) -> None:
        """Settings or mode may have changed elsewhere."""
        chosen = ThresholdSetting.of(self._live.wish.settings.identify)
        if chosen != self._choice and not self._try_timer.isActive():
            self._kept = self._choice = chosen
            self._chooser.show_choice(chosen.pinned_l2, chosen.stranger_rate)
            self._show_choice()
        if self._gallery is None:
            self._measure()

    def _measure(self) -> None:
        """Calibrate anew, elsewhere; until then what is shown stays."""
        gallery = self._live.gallery
        self._gallery = gallery
        if gallery is None or not gallery.samples:
            self._what_if = None
            self._tell_what_is_missing(gallery)
            return
        if self._what_if is None:
            self._tell_instead(self.tr("The distances are being measured."))
        identify, network = self._live.wish.settings.identify, self._live.wish.settings.identify.network
        self._jobs.cancel()
        self._jobs.add(
            lambda _: ThresholdModel.of(gallery, calibrate(gallery, identify), network), self._show_measured, self._tell_error
        )

    def _tell_what_is_missing(self, gallery: Gallery | None) -> None:
        if gallery is not None:
            said = self.tr(
                "Nobody is enrolled, so nobody gets a name and there is nothing to measure. Enroll one person to see how many "
                "strangers would be taken for them, and a second one to see how far apart the two are."
            )
        elif self._live.wish.mode is Mode.OBJECTS:
            said = self.tr("Only objects are looked at. Switch to faces to try thresholds.")
        else:
            said = self.tr("The gallery is being read.")
        self._tell_instead(said)
        self._enroll.setVisible(gallery is not None)

    def _tell_error(self, error: FacecamError) -> None:
        self._tell_instead(str(error))

    def _tell_instead(self, sentence: str) -> None:
        """Say why there is no histogram."""
        self._missing.setText(sentence)
        self._enroll.hide()
        self._stack.setCurrentIndex(0)

    def _show_measured(self, what_if: ThresholdModel) -> None:
        self._what_if = what_if
        assert self._gallery is not None
        found = what_if.found
        own_l2 = own_threshold_l2(self._live.wish.settings.identify.network)
        far_l2 = round(max(2 * own_l2, 1.15 * (self._choice.pinned_l2 or 0.0)), 2)
        crowd, table = found.crowd, what_if.table
        distances = Distances(found.genuine_l2, found.impostor_l2, lambda l2: crowd.stranger_share(l2, table))
        self._histogram.show_distances(distances, far_l2)
        self._chooser.show_gallery(far_l2, lambda rate: what_if.for_rate(rate).threshold_l2)
        self._chooser.show_choice(self._choice.pinned_l2, self._choice.stranger_rate)
        self._pair.show_pair(found.closest, self._gallery)
        self._stack.setCurrentIndex(1)
        self._show_choice()

    def _choose(self, pinned_l2: float | None, stranger_rate: float) -> None:
        self._choice = ThresholdSetting(pinned_l2, stranger_rate)
        self._status.clear()
        if not self._try_timer.isActive():
            self._try_timer.start()
        self._show_choice()

    def _try(self) -> None:
        settings = self._live.wish.settings
        if ThresholdSetting.of(settings.identify) != self._choice:
            self._live.change(settings.replace({THRESHOLD: self._choice.pinned_l2, RATE: self._choice.stranger_rate}))

    def _show_choice(self) -> None:
        """What the choice means, wherever it is told."""
        changed = self._choice != self._kept
        self._apply.setEnabled(changed)
        self._revert.setEnabled(changed)
        what_if = self._what_if
        if what_if is None:
            return
        automatic = what_if.for_rate(self._choice.stranger_rate)
        promise = automatic if self._choice.pinned_l2 is None else what_if.at(self._choice.pinned_l2)
        self._histogram.show_thresholds(promise.threshold_l2, automatic.threshold_l2)
        self._pair.show_threshold(promise.threshold_l2)
        self._strangers.setText(stranger_words(promise))
        self._misses.setText(miss_words(promise))
        self._near.setText(self._near_words(what_if, promise.threshold_l2))
        self._histogram.setAccessibleDescription(f"{self._strangers.text()} {self._misses.text()}")

    def _near_words(self, what_if: ThresholdModel, threshold_l2: float) -> str:
        said = self.tr("People with a photo nearer than this to somebody else's: {count} of {people}.").format(
            count=what_if.confused(threshold_l2), people=what_if.found.people
        )
        source = self.tr("How many stay unnamed is taken from a public set until {people} people have two photos each.")
        sentences = [said] if what_if.found.people > 1 else []
        if not what_if.found.own_misses:
            sentences.append(source.format(people=ENOUGH_PEOPLE))
        return " ".join(sentences)

    def _see(self) -> None:
        if not self._seen_timer.isActive():
            self._seen_timer.start()

    def _show_seen(self) -> None:
        seen = [one for _, result in self._live.results.values() for one in seen_now(result)]
        self._histogram.show_seen([SeenMark(one.nearest, one.distance_l2) for one in seen])
        self._now.setText(
            "\n".join(one.words(self.locale()) for one in seen) or self.tr("Nobody in the picture is compared now.")
        )

    def _tell_kept(self, path: str) -> None:
        said = self.tr("Kept in {path}.").format(path=path)
        winning = [variable for key in (THRESHOLD, RATE) if (variable := wins_over_file(key))]
        if winning:
            more = self.tr("At the next start {variable} in the environment counts instead.").format(variable=winning[0])
            said = f"{said} {more}"
        self._status.setText(said)

    def _tell_failed(self, key: str, sentence: str) -> None:
        self._status.setText(self.tr("In force until the end, but not kept: {reason}").format(reason=sentence))
