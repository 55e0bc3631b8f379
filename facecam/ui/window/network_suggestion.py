"""Suggestion of the high-accuracy network, when it names more of the user's own photos right.

The networks are compared in the background, see `session.comparison_process`, once for each state of the gallery. The figures are
stored with the gallery, and the answer "Not now" in window.ini.
"""

from __future__ import annotations

import hashlib
from functools import partial

from PySide6.QtCore import QObject, QSettings, QTimer

from facecam.gallery.gallery import Gallery
from facecam.gallery.network_comparison import NetworkComparison, can_be_compared, stored_comparison
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK
from facecam.session.comparison_process import compare_in_process
from facecam.ui.background import BackgroundJobs, ProgressCallback
from facecam.ui.preferences import NETWORK, SettingsWriter, network_changes
from facecam.ui.session_controller import SessionController
from facecam.ui.window.message_bar import MessageLine

_DELAY_MS = 30_000
"""Opening a window, and photos that are being added, come first."""


class NetworkSuggestion(QObject):
    """Shows the suggestion in a message line. Must be closed, which ends a comparison in progress."""

    def __init__(self, controller: SessionController, line: MessageLine, store: QSettings, writer: SettingsWriter) -> None:
        super().__init__(line)
        self._controller, self._line, self._store, self._writer = controller, line, store, writer
        line.setAccessibleName(self.tr("Suggestion"))
        self._jobs = BackgroundJobs(self)
        self._compared_revision = ""
        self.timer = QTimer(self, interval=_DELAY_MS, singleShot=True)
        self.timer.timeout.connect(self.compare)
        controller.started.connect(self._restart)
        controller.gallery_changed.connect(self._restart)
        controller.settings_changed.connect(self._on_settings_changed)
        controller.request_changed.connect(self._on_settings_changed)

    def close(self) -> None:
        """End a comparison in progress."""
        self.timer.stop()
        self._jobs.close()

    def compare(self) -> None:
        """Compare the networks on the present gallery if that has not been done; while the session is busy, try again later."""
        gallery, settings, session = self._controller.gallery, self._controller.settings, self._controller.session
        if gallery is None or session is None or not self._is_open(gallery):
            return
        if self._controller.is_switching or session.enrollment is not None or self._controller.status.gallery_progress:
            self.timer.start()
            return

        def compare(report_progress: ProgressCallback) -> NetworkComparison | None:
            stored = stored_comparison(gallery, settings)
            return stored or compare_in_process(gallery.folder, settings, lambda: report_progress(0, 0))

        self._compared_revision = gallery.revision
        # Without the other network, or when the gallery cannot be read, there is nothing to suggest.
        self._jobs.add(compare, partial(self._show, gallery), lambda error: None)

    def _is_open(self, gallery: Gallery) -> bool:
        """Return whether nn4.small2 is in use and the question has not been answered for this gallery."""
        people = len({sample.person_id for sample in gallery.samples})
        return (
            self._uses_default
            and gallery.revision != self._compared_revision
            and can_be_compared(gallery)
            and people > self._declined_people(gallery)
        )

    @property
    def _uses_default(self) -> bool:
        controller = self._controller
        return {each.identify.network for each in (controller.settings, controller.request.settings)} == {DEFAULT_NETWORK}

    def _restart(self) -> None:
        """Forget what was found, and compare again after a while."""
        self._line.hide()
        self._jobs.cancel()
        self._compared_revision = ""
        self.timer.start()

    def _on_settings_changed(self) -> None:
        if not self._uses_default:
            self._line.hide()
            self._jobs.cancel()
            self._compared_revision = ""
        elif not self._compared_revision and not self.timer.isActive():
            self.timer.start()

    def _show(self, gallery: Gallery, comparison: NetworkComparison | None) -> None:
        if comparison is None or not comparison.favors_high_accuracy:
            return
        text = self.tr(
            "With high accuracy, {high_accuracy} of your {photos} photos are named correctly when each is compared with the "
            "others; with nn4.small2, {default}."
        )
        figures = {"high_accuracy": comparison.high_accuracy.named_right, "default": comparison.default.named_right}
        use = self.tr("Use high accuracy"), self._use_high_accuracy
        decline = self.tr("Not now"), partial(self._decline, gallery, comparison.people)
        self._line.show_message(text.format(photos=comparison.photos, **figures), use, decline)

    def _use_high_accuracy(self) -> None:
        changes = network_changes(self._controller.paths.config, HIGH_ACCURACY_NETWORK)
        self._controller.change(self._controller.request.settings.replace(changes))
        self._writer.save({NETWORK: HIGH_ACCURACY_NETWORK})

    def _decline(self, gallery: Gallery, people: int) -> None:
        self._store.setValue(_declined_key(gallery), people)

    def _declined_people(self, gallery: Gallery) -> int:
        """Return how many people the gallery had when the user last declined, 0 for never."""
        declined = self._store.value(_declined_key(gallery), 0, type=int)
        return declined if isinstance(declined, int) else 0


def _declined_key(gallery: Gallery) -> str:
    return f"high_accuracy_declined/{hashlib.sha256(str(gallery.folder.absolute()).encode()).hexdigest()[:16]}"
