"""Teach a thing by holding it up: its name, ten seconds before the camera, and it is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from facecam.capture.source import sentence
from facecam.errors import FacecamError
from facecam.objects.taught import taught_dir
from facecam.settings import Mode
from facecam.training.live_teaching import RUNNING, TeachingPhase, TeachingProgress, TeachingService
from facecam.training.object_teaching import LONGEST
from facecam.training.trainer import confusion_png
from facecam.ui.background import BackgroundJobs
from facecam.ui.session_controller import SessionController

# MERGED ui.taught_list: The things that were taught, each with its number of views, and the two buttons that forget and bring back.

_LABEL = Qt.ItemDataRole.UserRole
_LINES = 6


class TaughtList(QWidget):
    """Shows labels; what becomes of them is somebody else's business."""

    forget_wanted = Signal(str)
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._free = True
        title = QLabel(self.tr("Taught so far"), self)
        self._list = _Labels(self)
        self._list.setAccessibleName(title.text())
        self._list.setFixedHeight(_LINES * round(1.5 * self.fontMetrics().height()))
        title.setBuddy(self._list)
        self._forget = QPushButton(self.tr("Forget"), self)
        self._back = QPushButton(self)
        buttons = QHBoxLayout()
        buttons.addWidget(self._forget)
        buttons.addWidget(self._back)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(title)
        column.addWidget(self._list)
        column.addLayout(buttons)
        self._list.currentItemChanged.connect(self._follow)
        self._list.delete_pressed.connect(self._ask_to_forget)
        self._forget.clicked.connect(self._ask_to_forget)
        self._back.clicked.connect(self.back_wanted)
        self.show_labels({}, forgotten="")

    @property
    def labels(self) -> list[str]:
        """What is shown, from top to bottom."""
        return [self._list.item(row).data(_LABEL) for row in range(self._list.count())]

    def show_labels(self, views: Mapping[str, int], *, forgotten: str) -> None:
        """Show these labels with their numbers of views; `forgotten` can be brought back, "" for none."""
        chosen = self._list.currentRow()
        self._list.clear()
        for label, count in views.items():
            item = QListWidgetItem(self.tr("{label} ({count} views)").format(label=label, count=count))
            item.setData(_LABEL, label)
            self._list.addItem(item)
        self._list.setCurrentRow(min(max(chosen, 0), self._list.count() - 1))
        self._back.setVisible(bool(forgotten))
        self._back.setText(self.tr("Bring back {label}").format(label=forgotten))
        self._follow()

    def set_free(self, free: bool) -> None:
        """Whether labels may be forgotten and brought back now."""
        self._free = free
        self._follow()

    def _follow(self) -> None:
        self._forget.setEnabled(self._free and self._list.currentItem() is not None)
        self._back.setEnabled(self._free)

    def _ask_to_forget(self) -> None:
        item = self._list.currentItem()
        if self._free and item is not None:
            self.forget_wanted.emit(item.data(_LABEL))


class _Labels(QListWidget):
    """A list that tells of its delete key."""

    delete_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)


_LOOK_MS = 100


class TeachPanel(QWidget):
    """Feeds the running picture to a Teaching and shows how far it is. Closing it ends the lesson; what is learned stays."""

    said = Signal(str)
    finished = Signal()

    def __init__(self, live: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._teaching = TeachingService(taught_dir(), live.wish.settings)
        self._jobs = BackgroundJobs(self)
        self._shown: TeachingProgress | None = None
        self._lay_out()
        self._teach.clicked.connect(self.teach)
        self.name.returnPressed.connect(self.teach)
        self.name.textChanged.connect(self._follow_name)
        self._cancel.clicked.connect(self._teaching.cancel)
        self._taught.forget_wanted.connect(lambda label: self._try(lambda: self._teaching.forget(label)))
        self._taught.back_wanted.connect(lambda: self._try(self._teaching.undo))
        live.pictured.connect(self._feed)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        if live.wish.mode is not Mode.OBJECTS:
            live.change(Mode.OBJECTS)
        self._look()

    @property
    def phase(self) -> TeachingPhase:
        """How far the lesson is."""
        return self._teaching.progress().phase

    def teach(self) -> None:
        """Begin with the name that is written."""
        name = self.name.text()
        if name.strip() and self._teach.isEnabled():
            self._try(lambda: self._teaching.start(name))

    def closeEvent(self, event: QCloseEvent) -> None:
        self._timer.stop()
        self._jobs.close()
        self._teaching.cancel()  # its thread ends by itself: the window must not wait for it
        super().closeEvent(event)

    def _lay_out(self) -> None:
        self._intro = self._label()
        self._intro.setText(
            self.tr(
                "Write what it is called and press Teach. Keep it out of the picture for two seconds, then hold it up for ten "
                "and turn it, nearer and farther. Pictures are not kept."
            )
        )
        self.name = QLineEdit(self)
        self.name.setPlaceholderText(self.tr("What is it called?"))
        self.name.setAccessibleName(self.name.placeholderText())
        self.name.setMaxLength(LONGEST)
        self._teach = QPushButton(self.tr("Teach"), self)
        self._cancel = QPushButton(self.tr("Cancel"), self)
        self._now = self._label()
        font = self._now.font()
        font.setBold(True)
        self._now.setFont(font)
        self._bar = QProgressBar(self)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._bar.setTextVisible(False)
        self._confusion = QLabel(self)
        self._confusion.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._taught = TaughtList(self)
        row = QHBoxLayout()
        row.addWidget(self.name, 1)
        row.addWidget(self._teach)
        row.addWidget(self._cancel)
        column = QVBoxLayout(self)
        column.addWidget(self._intro)
        column.addLayout(row)
        for part in (self._now, self._bar, self._confusion, self._taught):
            column.addWidget(part)
        column.addStretch(1)
        self.setFocusProxy(self.name)

    def _label(self) -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _feed(self, slot: int) -> None:
        if slot == 0 and self.phase in RUNNING:
            self._teaching.feed(self._live.frames[slot])

    def _try(self, deed: Callable[[], None]) -> None:
        try:
            deed()
        except FacecamError as error:
            self._fail(error)
        else:
            self._confusion.clear()
            self._look()

    def _look(self) -> None:
        progress = self._teaching.progress()
        if progress is self._shown:
            return
        self._shown = progress
        running = progress.phase in RUNNING
        self._cancel.setVisible(running)
        self._teach.setVisible(not running)
        self.name.setEnabled(not running)
        self._taught.set_free(not running)
        self._bar.setVisible(running)
        timed = progress.phase in (TeachingPhase.ROOM, TeachingPhase.THING)
        self._bar.setRange(0, 100 if timed else 0)
        self._bar.setValue(round(100 * progress.share))
        self._now.setText(self._words(progress))
        self._now.setVisible(bool(self._now.text()))
        self._follow_name()
        if not running:
            self._show_end(progress)

    def _show_end(self, progress: TeachingProgress) -> None:
        self._list_labels()
        if progress.phase is TeachingPhase.DONE:
            self.name.clear()
        if progress.phase is TeachingPhase.DONE and progress.checked is not None:
            checked, title = progress.checked, self.tr("views held back")
            self._jobs.add(lambda _: confusion_png(checked.confusion, checked.names, title), self._show_picture, self._fail)

    def _show_picture(self, png: bytes) -> None:
        picture = QPixmap()
        picture.loadFromData(png)
        ratio = self.devicePixelRatioF()
        width = round(min(picture.width(), self._intro.width()) * ratio)
        picture = picture.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        picture.setDevicePixelRatio(ratio)
        self._confusion.setPixmap(picture)
        self._confusion.setAccessibleName(self.tr("What was taken for what among views that were held back"))

    def _words(self, progress: TeachingProgress) -> str:
        words = {
            TeachingPhase.PREPARING: self.tr("Getting ready…"),
            TeachingPhase.ROOM: self.tr("Keep {label} out of the picture."),
            TeachingPhase.THING: self.tr("Now hold it up and turn it, nearer and farther. {count} different views so far."),
            TeachingPhase.LEARNING: self.tr("Learning…"),
        }
        if progress.phase is TeachingPhase.DONE:
            return self._result(progress)
        if progress.phase is TeachingPhase.FAILED:
            return sentence(progress.message)
        return words.get(progress.phase, "").format(label=progress.label, count=progress.views)

    def _result(self, progress: TeachingProgress) -> str:
        accuracy = "" if progress.checked is None else f"{100 * progress.checked.accuracy:.0f}"
        if progress.views and accuracy:
            words = self.tr("{label} is known from now on: {count} views; {accuracy} % of views held back are named right.")
            return words.format(label=progress.label, count=progress.views, accuracy=accuracy)
        return self.tr("Done.")

    def _list_labels(self) -> None:
        try:
            self._taught.show_labels(self._teaching.labels(), forgotten=self._teaching.forgotten())
        except FacecamError as error:
            self._fail(error)

    def _follow_name(self) -> None:
        self._teach.setEnabled(bool(self.name.text().strip()) and self._live.running)

    def _fail(self, error: FacecamError) -> None:
        self._now.setText(sentence(str(error)))
        self._now.setVisible(True)
