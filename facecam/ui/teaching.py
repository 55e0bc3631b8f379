"""Panel that teaches a new object from ten seconds of live video, and the list of taught objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from facecam.capture.source import as_sentence
from facecam.errors import FacecamError
from facecam.objects.taught import taught_dir
from facecam.settings import Mode
from facecam.training.live_teaching import RUNNING, TeachingProgress, TeachingService
from facecam.training.object_teaching import MAX_LABEL_LENGTH, TeachingPhase
from facecam.training.trainer import confusion_png
from facecam.ui.background import BackgroundJobs
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import FocusForwarder, bold, fill_layout, horizontal_layout, vertical_layout, wrapped_label

_LABEL = Qt.ItemDataRole.UserRole
_LIST_ROWS = 6
_POLL_MS = 100


class TaughtList(QWidget):
    """List of taught objects with buttons to forget one and to restore the last one forgotten."""

    forget_requested = Signal(str)
    restore_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(self.tr("Taught objects"), self)
        self._list = QListWidget(self)
        self._list.setAccessibleName(title.text())
        self._list.setFixedHeight(_LIST_ROWS * round(1.5 * self.fontMetrics().height()))
        title.setBuddy(self._list)
        self._forget = QPushButton(self.tr("Forget"), self)
        self._restore = QPushButton(self)
        vertical_layout(self, title, self._list, horizontal_layout(self._forget, self._restore, None))
        self._list.currentItemChanged.connect(lambda item: self._forget.setEnabled(item is not None))
        self._forget.clicked.connect(self._request_forget)
        self._restore.clicked.connect(self.restore_requested)
        delete = QShortcut(QKeySequence.StandardKey.Delete, self._list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._request_forget)

    def show_labels(self, views: Mapping[str, int], *, forgotten: str) -> None:
        """Show these labels with their view counts; `forgotten` is the label that can be restored, "" for none."""
        row = self._list.currentRow()
        self._list.clear()
        for label, count in views.items():
            item = QListWidgetItem(self.tr("{label} ({count} views)").format(label=label, count=count), self._list)
            item.setData(_LABEL, label)
        self._list.setCurrentRow(min(max(row, 0), self._list.count() - 1))
        self._forget.setEnabled(bool(views))
        self._restore.setVisible(bool(forgotten))
        self._restore.setText(self.tr("Restore {label}").format(label=forgotten))

    def _request_forget(self) -> None:
        if (item := self._list.currentItem()) is not None:
            self.forget_requested.emit(item.data(_LABEL))


class TeachPanel(FocusForwarder):
    """Feeds live video to a TeachingService and shows its progress. Closing the panel cancels a running lesson."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._teaching = TeachingService(taught_dir(), controller.request.settings)
        self._jobs = BackgroundJobs(self)
        self._progress: TeachingProgress | None = None
        self._lay_out()
        self._teach.clicked.connect(self.teach)
        self.name.returnPressed.connect(self.teach)
        self.name.textChanged.connect(self._update_teach_button)
        self._cancel.clicked.connect(self._teaching.cancel)
        self._taught.forget_requested.connect(lambda label: self._try(lambda: self._teaching.forget(label)))
        self._taught.restore_requested.connect(lambda: self._try(self._teaching.undo))
        controller.frame_received.connect(self._feed)
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._timer.start()
        if controller.request.mode is not Mode.OBJECTS:
            controller.change(Mode.OBJECTS)
        self._poll()

    @property
    def phase(self) -> TeachingPhase:
        return self._teaching.progress().phase

    def teach(self) -> None:
        """Start teaching the object of the entered name."""
        name = self.name.text()
        if name.strip() and self._teach.isEnabled():
            self._try(lambda: self._teaching.start(name))

    def closeEvent(self, event: QCloseEvent) -> None:
        self._timer.stop()
        self._jobs.close()
        self._teaching.cancel()  # its thread ends on its own, so that the window does not wait for it
        super().closeEvent(event)

    def _lay_out(self) -> None:
        self._intro = wrapped_label(
            self,
            self.tr(
                "Enter a name and press Teach. Keep the object out of view for two seconds, then show it to the camera for ten: "
                "turn it and move it closer and farther away. No images are stored."
            ),
        )
        self.name = QLineEdit(self)
        self.name.setPlaceholderText(self.tr("Name of the object"))
        self.name.setAccessibleName(self.name.placeholderText())
        self.name.setMaxLength(MAX_LABEL_LENGTH)
        self._teach = QPushButton(self.tr("Teach"), self)
        self._cancel = QPushButton(self.tr("Cancel"), self)
        self._status_label = wrapped_label(self)
        self._status_label.setFont(bold(self._status_label.font()))
        self._bar = QProgressBar(self)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._bar.setTextVisible(False)
        self._confusion = QLabel(self)
        self._taught = TaughtList(self)
        row = horizontal_layout(None, self._teach, self._cancel)
        items = self._intro, self.name, row, self._status_label, self._bar, self._confusion, self._taught, None
        fill_layout(QVBoxLayout(self), *items)
        self.set_focus_target(self.name)

    def _feed(self, slot: int) -> None:
        if slot == 0 and self.phase in RUNNING:
            self._teaching.feed(self._controller.frames[slot])

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except FacecamError as error:
            self._fail(error)
        else:
            self._confusion.clear()
            self._poll()

    def _poll(self) -> None:
        progress = self._teaching.progress()
        if progress is self._progress:
            return
        self._progress = progress
        running = progress.phase in RUNNING
        has_focus = self.isAncestorOf(QApplication.focusWidget() or self.window())
        self._cancel.setVisible(running)
        self._teach.setVisible(not running)
        self.name.setEnabled(not running)
        self._taught.setEnabled(not running)
        self._bar.setVisible(running)
        timed = progress.phase in (TeachingPhase.SCENE, TeachingPhase.OBJECT)
        self._bar.setRange(0, 100 if timed else 0)
        self._bar.setValue(round(100 * progress.share))
        self._status_label.setText(self._phase_text(progress))
        self._status_label.setVisible(bool(self._status_label.text()))
        self._update_teach_button()
        if has_focus:
            (self._cancel if running else self.name).setFocus(Qt.FocusReason.OtherFocusReason)
        if not running:
            self._on_finished(progress)

    def _on_finished(self, progress: TeachingProgress) -> None:
        self._list_labels()
        if progress.phase is TeachingPhase.DONE:
            self.name.clear()
        if progress.phase is TeachingPhase.DONE and progress.evaluation is not None:
            result, title = progress.evaluation, self.tr("held-out views")
            self._jobs.add(lambda _: confusion_png(result.confusion, result.names, title), self._show_confusion, self._fail)

    def _show_confusion(self, png: bytes) -> None:
        image = QPixmap()
        image.loadFromData(png)
        ratio = self.devicePixelRatioF()
        width = round(min(image.width(), self._intro.width()) * ratio)
        image = image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(ratio)
        self._confusion.setPixmap(image)
        self._confusion.setAccessibleName(self.tr("Confusion matrix of the held-out views"))

    def _phase_text(self, progress: TeachingProgress) -> str:
        texts = {
            TeachingPhase.PREPARING: self.tr("Getting ready…"),
            TeachingPhase.SCENE: self.tr("Keep {label} out of view."),
            TeachingPhase.OBJECT: self.tr(
                "Now show it to the camera: turn it and move it closer and farther away. Different views so far: {count}."
            ),
            TeachingPhase.LEARNING: self.tr("Learning…"),
        }
        if progress.phase is TeachingPhase.DONE:
            return self._result_text(progress)
        if progress.phase is TeachingPhase.FAILED:
            return as_sentence(progress.message)
        return texts.get(progress.phase, "").format(label=progress.label, count=progress.views)

    def _result_text(self, progress: TeachingProgress) -> str:
        if not progress.views or progress.evaluation is None:
            return self.tr("Done.")
        text = self.tr("{label} is taught: {count} views. {accuracy}% of the held-out views are named correctly.")
        accuracy = f"{100 * progress.evaluation.accuracy:.0f}"
        return text.format(label=progress.label, count=progress.views, accuracy=accuracy)

    def _list_labels(self) -> None:
        try:
            self._taught.show_labels(self._teaching.labels(), forgotten=self._teaching.forgotten())
        except FacecamError as error:
            self._fail(error)

    def _update_teach_button(self) -> None:
        self._teach.setEnabled(bool(self.name.text().strip()) and self._controller.is_running)

    def _fail(self, error: FacecamError) -> None:
        self._status_label.setText(as_sentence(str(error)))
        self._status_label.setVisible(True)
