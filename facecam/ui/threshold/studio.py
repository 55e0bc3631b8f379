"""Threshold studio: tries match thresholds on the live video and shows their effect on the gallery."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from facecam.embedding.embedder import embedding_id
from facecam.gallery.gallery import Gallery
from facecam.networks.embedding_networks import embedding_network
from facecam.recognition.calibration import ENOUGH_PEOPLE, Calibration, calibrate
from facecam.settings import DISTANCES_NETWORK, Mode
from facecam.ui.background import BackgroundJobs
from facecam.ui.language import error_text
from facecam.ui.preferences import SettingsWriter, ignored_distances_text, not_saved_text
from facecam.ui.session_controller import SessionController
from facecam.ui.settings.fields import environment_note
from facecam.ui.threshold.controls import (
    RATE,
    THRESHOLD,
    ClosestPairView,
    ThresholdControls,
    ThresholdSetting,
    compared_faces,
    face_text,
    misses_text,
    strangers_text,
)
from facecam.ui.threshold.histogram import Histogram
from facecam.ui.widgets import Page, bold, fill_layout, horizontal_layout, vertical_layout, wrapped_label

_TRY_EVERY_MS = 120
"""A slider gives a hundred values a second; each one that is tried is a row in the log."""

_SHOW_FACES_EVERY_MS = 150


class ThresholdStudio(Page):
    """Page that tries thresholds on the live video. Closing it without applying restores the settings."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(controller, parent)
        self._applied = self._setting = ThresholdSetting.from_settings(controller.request.settings.identify)
        self._has_ignored = self._file_has_ignored_distances()
        self._calibration: Calibration | None = None
        self._far_l2 = 0.0
        self._gallery: Gallery | None = None
        self._network = ""
        """The network whose distances are shown."""
        self._jobs = BackgroundJobs(self)
        self._settings_writer = SettingsWriter(controller.paths.config, self)
        self._try_timer = QTimer(self, interval=_TRY_EVERY_MS, singleShot=True)
        self._try_timer.timeout.connect(self._try)
        self._faces_timer = QTimer(self, interval=_SHOW_FACES_EVERY_MS)
        self._faces_timer.timeout.connect(self._show_faces)
        self._faces_timer.start()
        self._lay_out()
        self._connect()
        self._calibrate()

    def _lay_out(self) -> None:
        self._missing = wrapped_label(self)
        self._enroll = QPushButton(self.tr("Enroll a person"), self)
        missing = QWidget(self)
        fill_layout(QVBoxLayout(missing), self._missing, horizontal_layout(self._enroll, None), None)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(missing)
        self._stack.addWidget(self._make_content())
        vertical_layout(self, self._stack)
        self.set_focus_target(self._controls.slider)

    def _make_content(self) -> QWidget:
        content = QWidget(self)
        intro = wrapped_label(
            content,
            self.tr(
                "A face gets the name of the nearest person if the distance to a photo, or to the mean of the person's photos, "
                "is below the match threshold. A lower threshold names fewer strangers; a higher one leaves fewer people unnamed."
            ),
        )
        self._histogram = Histogram(content)
        self._controls = ThresholdControls(content)
        self._histogram.inset_px = self._controls.inset_px
        self._strangers, self._misses, self._confusable, self._faces, self._status = (wrapped_label(content) for _ in range(5))
        for label in (self._strangers, self._misses):
            label.setFont(bold(label.font()))
        self._pair = ClosestPairView(content)
        self._apply = QPushButton(self.tr("Apply"), content)
        self._revert = QPushButton(self.tr("Revert"), content)
        buttons = horizontal_layout(None, self._revert, self._apply)
        texts = self._strangers, self._misses, self._confusable, self._faces
        items = (intro, self._histogram, self._controls, *texts, self._pair, buttons, self._status, None)
        fill_layout(QVBoxLayout(content), *items)
        return content

    def _connect(self) -> None:
        self._histogram.picked.connect(self._controls.number.setValue)
        self._controls.changed.connect(self._on_setting_changed)
        self._apply.clicked.connect(self.apply)
        self._revert.clicked.connect(self.revert)
        self._enroll.clicked.connect(lambda: self.page_requested.emit("enroll", None))
        self._settings_writer.saved.connect(self._show_saved)
        self._settings_writer.failed.connect(self._show_not_saved)
        self._controller.gallery_changed.connect(self._calibrate)
        self._controller.request_changed.connect(self._follow_request)
        self._controller.settings_changed.connect(self._follow_settings)

    def apply(self) -> None:
        """Save the setting in facecam.toml."""
        self._try_timer.stop()
        self._try()
        self._applied, self._has_ignored = self._setting, False
        network = self._controller.request.settings.identify.network
        self._settings_writer.save({**self._setting.changes(), DISTANCES_NETWORK: network})
        self._show_setting()

    def revert(self) -> None:
        """Restore the setting that was applied last, or was in use when the studio opened."""
        self._try_timer.stop()
        self._setting = self._applied
        self._controls.show_setting(self._setting)
        self._try()
        self._show_setting()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.revert()
        self._settings_writer.close()
        self._jobs.close()
        super().closeEvent(event)

    def _follow_request(self) -> None:
        """Show settings or a mode that were changed elsewhere."""
        self._has_ignored = self._file_has_ignored_distances()
        setting = ThresholdSetting.from_settings(self._controller.request.settings.identify)
        if setting != self._setting and not self._try_timer.isActive():
            self._applied = self._setting = setting
            self._controls.show_setting(setting)
            self._show_setting()
        if self._gallery is None or self._calibration is None or self._waits_for_network:
            self._calibrate()

    def _follow_settings(self) -> None:
        """Measure distances again when another network has come into use."""
        if self._controller.settings.identify.network != self._network:
            self._calibrate()

    @property
    def _waits_for_network(self) -> bool:
        """True while another network was requested: a threshold for the one in use would be applied to that one."""
        return self._controller.request.settings.identify.network != self._controller.settings.identify.network

    def _file_has_ignored_distances(self) -> bool:
        """Return whether `apply` would replace distances of another network."""
        network = self._controller.request.settings.identify.network
        return bool(ignored_distances_text(self._controller.paths.config, network))

    def _calibrate(self) -> None:
        """Calibrate in the background; the earlier figures stay until then."""
        gallery = self._controller.gallery
        self._gallery = gallery
        if gallery is None or not gallery.samples:
            self._calibration = None
            self._show_message(self._missing_text(gallery))
            self._enroll.setVisible(gallery is not None)
            return
        self._jobs.cancel()
        if self._waits_for_network:
            self._calibration, self._network = None, ""
            self._show_message(self.tr("Another network was chosen. Thresholds can be tried as soon as it is in use."))
            return
        identify = self._controller.settings.identify
        if gallery.embedding_id != embedding_id(identify):
            return  # `settings_changed` follows.
        if self._calibration is None:
            self._show_message(self.tr("Measuring distances…"))
        self._network = identify.network
        self._jobs.add(
            lambda _: calibrate(gallery, identify), self._show_calibration, lambda error: self._show_message(error_text(error))
        )

    def _missing_text(self, gallery: Gallery | None) -> str:
        if gallery is not None:
            return self.tr(
                "Your gallery is empty, so every face stays unnamed. Enroll one person to see how many strangers would get their "
                "name, and a second person to see how similar the two are."
            )
        if self._controller.request.mode is Mode.OBJECTS:
            return self.tr("Objects mode does not compare faces. Switch to Faces to try thresholds.")
        return self.tr("Loading the gallery…")

    def _show_message(self, text: str) -> None:
        """Show a text instead of the histogram."""
        self._missing.setText(text)
        self._enroll.hide()
        self._stack.setCurrentIndex(0)

    def _show_calibration(self, calibration: Calibration) -> None:
        self._calibration = calibration
        assert self._gallery is not None
        network_l2 = embedding_network(self._network).threshold_l2
        self._far_l2 = round(max(2 * network_l2, 1.15 * (self._setting.fixed_l2 or 0.0)), 2)
        self._controls.show_gallery(self._far_l2, lambda rate: calibration.at_fpir(rate).threshold_l2)
        self._controls.show_setting(self._setting)
        self._pair.show_pair(calibration.closest, self._gallery)
        self._stack.setCurrentIndex(1)
        self._show_setting()

    def _on_setting_changed(self, setting: ThresholdSetting) -> None:
        self._setting = setting
        self._status.clear()
        if not self._try_timer.isActive():
            self._try_timer.start()
        self._show_setting()

    def _try(self) -> None:
        settings = self._controller.request.settings
        if ThresholdSetting.from_settings(settings.identify) != self._setting:
            self._controller.change(settings.replace(self._setting.changes()))

    def _show_setting(self) -> None:
        """Show what the setting means for the gallery."""
        is_changed = self._setting != self._applied
        self._apply.setEnabled(is_changed or self._has_ignored)
        self._revert.setEnabled(is_changed)
        calibration = self._calibration
        if calibration is None:
            return
        automatic = calibration.at_fpir(self._setting.rate)
        is_fixed = self._setting.fixed_l2 is not None
        point = automatic if self._setting.fixed_l2 is None else calibration.at(self._setting.fixed_l2, fixed=True)
        self._histogram.show_calibration(calibration, self._far_l2, fixed=is_fixed)
        self._histogram.show_thresholds(point.threshold_l2, automatic.threshold_l2)
        self._pair.show_threshold(point.threshold_l2, fixed=is_fixed)
        self._strangers.setText(strangers_text(point))
        self._misses.setText(misses_text(point))
        self._confusable.setText(self._confusable_text(calibration, point.threshold_l2, fixed=is_fixed))
        self._histogram.setAccessibleDescription(f"{self._strangers.text()} {self._misses.text()}")

    def _confusable_text(self, calibration: Calibration, threshold_l2: float, *, fixed: bool) -> str:
        sentences = []
        if calibration.people > 1:
            text = self.tr("People with a photo within the match threshold of another person: {count} of {people}.")
            count = calibration.confusable_at(threshold_l2, fixed=fixed)
            sentences.append(text.format(count=count, people=calibration.people))
        lowered = 0 if fixed else calibration.lowered_at(threshold_l2)
        if lowered:
            text = self.tr(
                "People with a lower threshold of their own, whom many faces resemble or whose photos are very similar: {count}."
            )
            sentences.append(text.format(count=lowered))
        if not calibration.fnir_is_measured:
            text = self.tr(
                "The share of unnamed sightings is from a public data set until {people} people have two or more photos each."
            )
            sentences.append(text.format(people=ENOUGH_PEOPLE))
        return " ".join(sentences)

    def _show_faces(self) -> None:
        faces = [face for _, result in self._controller.results.values() for face in compared_faces(result)]
        self._histogram.show_faces([nearest for nearest, _ in faces])
        text = "\n".join(face_text(*face) for face in faces)
        self._faces.setText(text or self.tr("No face in the video is being compared."))

    def _show_saved(self, path: str) -> None:
        saved = self.tr("Saved in {path}.").format(path=path)
        self._status.setText(f"{saved} {environment_note((THRESHOLD, RATE))}".strip())

    def _show_not_saved(self, key: str, error_text: str) -> None:
        self._status.setText(not_saved_text(error_text))
