"""Panel that teaches a new object from ten seconds of live video or from photos, and the list of taught objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QFontMetrics,
    QKeySequence,
    QPainter,
    QPalette,
    QPixmap,
    QShortcut,
)
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QProgressBar,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from facecam.errors import FacecamError
from facecam.objects.taught import taught_dir
from facecam.settings import Mode
from facecam.training.live_teaching import RUNNING, TeachingProgress, TeachingService
from facecam.training.object_teaching import MAX_LABEL_LENGTH, RefusedPhoto, TeachingPhase
from facecam.training.trainer import confusion_png
from facecam.types import Label
from facecam.ui.background import BackgroundJobs
from facecam.ui.gallery.views import dropped_files
from facecam.ui.language import error_text
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import (
    FlowLayout,
    FocusForwarder,
    bold,
    choose_photos,
    fill_layout,
    horizontal_layout,
    vertical_layout,
    wrapped_label,
)

_LABEL = Qt.ItemDataRole.UserRole
_SHARE = Qt.ItemDataRole.UserRole + 1
"""Probability of the label, 0 to 1, or None while nothing is classified."""
_SHARE_TEXT = Qt.ItemDataRole.UserRole + 2
_LIST_ROWS = 5
_POLL_MS = 100
_SHARES_MS = 250
_MAX_REFUSED = 6
"""Refused photos that are named; the others are counted."""


class _ShareDelegate(QStyledItemDelegate):
    """Paints a label, its share in the video as a number, and the share as a bar below both."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        line = option.fontMetrics.height()
        return QSize(8 * line, round(1.8 * line))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        style = option.widget.style() if option.widget is not None else QApplication.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        group = QPalette.ColorGroup.Normal if option.state & QStyle.StateFlag.State_Enabled else QPalette.ColorGroup.Disabled
        text_role = QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Text
        color = option.palette.color(group, text_role)
        line = option.fontMetrics.height()
        gap = line // 3
        row = option.rect.adjusted(gap, gap // 2, -gap, -gap // 2)
        texts = QRect(row.left(), row.top(), row.width(), line)
        share_text = str(index.data(_SHARE_TEXT) or "")
        painter.save()
        painter.setPen(color)
        painter.drawText(texts, int(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter), share_text)
        metrics = QFontMetrics(option.font)
        width = texts.width() - metrics.horizontalAdvance(share_text) - gap
        elided = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, max(0, width))
        painter.drawText(texts, int(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter), elided)
        self._paint_bar(painter, option, QRect(row.left(), texts.bottom() + gap // 2, row.width(), gap), index.data(_SHARE))
        painter.restore()

    def _paint_bar(self, painter: QPainter, option: QStyleOptionViewItem, bar: QRect, share: float | None) -> None:
        """Paint an outline and fill it up to the share; nothing while nothing is classified."""
        if share is None:
            return
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Highlight
        color = option.palette.color(role)
        painter.setPen(color)
        painter.drawRect(bar.adjusted(0, 0, -1, -1))
        filled = QRect(bar.left(), bar.top(), round(share * bar.width()), bar.height())
        painter.fillRect(QStyle.visualRect(option.direction, bar, filled), color)


class TaughtList(QWidget):
    """List of taught objects with their shares in the video, and buttons to forget one and to restore the last one forgotten."""

    forget_requested = Signal(str)
    restore_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(self.tr("Taught objects"), self)
        self._list = QListWidget(self)
        self._list.setAccessibleName(title.text())
        self._list.setItemDelegate(_ShareDelegate(self._list))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setFixedHeight(_LIST_ROWS * round(1.8 * self.fontMetrics().height()) + 2 * self._list.frameWidth())
        self._hint = wrapped_label(
            self,
            self.tr(
                "The bars show how likely each object is in the video now. ✓ marks the one that is recognized: it also looks "
                "like the views that were taught."
            ),
        )
        title.setBuddy(self._list)
        self._forget = QPushButton(self.tr("Forget"), self)
        self._restore = QPushButton(self)
        vertical_layout(self, title, self._list, self._hint, horizontal_layout(self._forget, self._restore, None))
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
        self.show_shares({}, named="")
        self._hint.setVisible(bool(views))
        self._forget.setEnabled(bool(views))
        self._restore.setVisible(bool(forgotten))
        self._restore.setText(self.tr("Restore {label}").format(label=forgotten))

    def show_shares(self, shares: Mapping[str, float], *, named: str) -> None:
        """Show the share of each label, 0 to 1, in the order of the list; none while nothing is classified.

        `named` is the label that is recognized now, "" for none.
        """
        for row in range(self._list.count()):
            item = self._list.item(row)
            label = item.data(_LABEL)
            share = shares.get(label)
            text = spoken = "–" if share is None else self.tr("{share}%").format(share=round(100 * share))
            if share is not None and label == named:
                text, spoken = f"✓ {text}", self.tr("{share}, recognized").format(share=text)
            if (item.data(_SHARE), item.data(_SHARE_TEXT)) != (share, text):
                item.setData(_SHARE, share)
                item.setData(_SHARE_TEXT, text)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()}, {spoken}")

    def _request_forget(self) -> None:
        if (item := self._list.currentItem()) is not None:
            self.forget_requested.emit(item.data(_LABEL))


class TeachPanel(FocusForwarder):
    """Teaches from live video or from photos, and shows the progress. Closing the panel cancels a running lesson."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._teaching = TeachingService(taught_dir(), controller.request.settings)
        self._jobs = BackgroundJobs(self)
        self._progress: TeachingProgress | None = None
        self._shares: dict[str, list[float]] = {}
        self._has_new_frames = False
        self._lay_out()
        self.setAcceptDrops(True)
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
        controller.recognized.connect(self._collect_shares)
        controller.started.connect(self._drop_shares)
        self._shares_timer = QTimer(self, interval=_SHARES_MS)
        self._shares_timer.timeout.connect(self._show_shares)
        self._shares_timer.start()
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

    def teach_photos(self, paths: Sequence[Path]) -> None:
        """Start teaching the object of the entered name from photos, or folders of them."""
        name = self.name.text()
        if not paths or self.phase in RUNNING:
            return
        if not name.strip():
            self._show_status(self.tr("Enter the name of the object first, then add the photos again."))
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._try(lambda: self._teaching.start_photos(name, paths))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event) and self.phase not in RUNNING:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.teach_photos(dropped_files(event))

    def closeEvent(self, event: QCloseEvent) -> None:
        self._timer.stop()
        self._shares_timer.stop()
        self._jobs.close()
        self._teaching.cancel()  # its thread ends on its own, so that the window does not wait for it
        super().closeEvent(event)

    def _lay_out(self) -> None:
        self._intro = wrapped_label(
            self,
            self.tr(
                "Enter a name and press Teach. Keep the object out of view for two seconds, then show it to the camera for ten "
                "seconds: turn it and move it closer and farther away. No images are stored."
            ),
        )
        self.name = QLineEdit(self)
        self.name.setPlaceholderText(self.tr("Name of the object"))
        self.name.setAccessibleName(self.name.placeholderText())
        self.name.setMaxLength(MAX_LABEL_LENGTH)
        self.name.setAcceptDrops(False)  # Dropped photos are the panel's.
        self._teach = QPushButton(self.tr("Teach"), self)
        self._photos = QPushButton(self.tr("From photos…"), self)
        self._photos.setToolTip(self.tr("Teach the object from photos instead. You can also drop them on this panel."))
        menu = QMenu(self._photos)
        menu.addAction(self.tr("Choose photos…")).triggered.connect(lambda: choose_photos(self, self.teach_photos))
        menu.addAction(self.tr("Choose a folder…")).triggered.connect(self._choose_folder)
        self._photos.setMenu(menu)
        self._cancel = QPushButton(self.tr("Cancel"), self)
        self._status_label = wrapped_label(self)
        self._status_label.setFont(bold(self._status_label.font()))
        self._bar = QProgressBar(self)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._bar.setTextVisible(False)
        self._refused = wrapped_label(self)
        self._refused.hide()
        self._confusion = QLabel(self)
        self._taught = TaughtList(self)
        row = FlowLayout()
        for button in (self._teach, self._photos, self._cancel):
            row.addWidget(button)
        items = self._intro, self.name, row, self._status_label, self._bar, self._refused, self._taught, self._confusion, None
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
        self._photos.setVisible(not running)
        self.name.setEnabled(not running)
        self._taught.setEnabled(not running)
        self._bar.setVisible(running)
        timed = progress.phase in (TeachingPhase.SCENE, TeachingPhase.OBJECT, TeachingPhase.PHOTOS)
        self._bar.setRange(0, 100 if timed else 0)
        self._bar.setValue(round(100 * progress.share))
        self._show_status(self._phase_text(progress))
        self._show_refused(progress.refused)
        self._update_teach_button()
        if has_focus:
            (self._cancel if running else self.name).setFocus(Qt.FocusReason.OtherFocusReason)
        if not running:
            self._on_finished(progress)

    def _show_status(self, text: str) -> None:
        self._status_label.setText(text)
        self._status_label.setVisible(bool(text))

    def _show_refused(self, refused: Sequence[RefusedPhoto]) -> None:
        names = [photo.path.name for photo in refused[:_MAX_REFUSED]]
        if len(refused) > len(names):
            names.append(self.tr("{count} more").format(count=len(refused) - len(names)))
        self._refused.setText(self.tr("Could not be read as an image: {files}.").format(files=", ".join(names)))
        self._refused.setVisible(bool(names))

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Folder of photos"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.teach_photos([Path(name) for name in names]))
        dialog.open()

    def _collect_shares(self, slot: int) -> None:
        """Take in the shares of a recognized frame; the bars show the mean of the frames since they were last drawn."""
        if slot == 0:
            self._has_new_frames = True
            for label in self._controller.results[slot][1].taught:
                self._shares.setdefault(label.name, []).append(label.probability)

    def _drop_shares(self) -> None:
        """Forget the frames of the previous session, which may have shown something else."""
        self._shares, self._has_new_frames = {}, False

    def _show_shares(self) -> None:
        """Update the bars, unless no frame was recognized since the last time."""
        if not self._has_new_frames:
            return
        self._has_new_frames = False
        shares, self._shares = self._shares, {}
        result = self._controller.results.get(0)
        labels: tuple[Label, ...] = result[1].labels if result is not None else ()
        means = {label: sum(values) / len(values) for label, values in shares.items()}
        self._taught.show_shares(means, named=labels[0].name if labels else "")

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
        scroll_bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        width = round(min(image.width(), self._intro.width() - scroll_bar) * ratio)
        image = image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(ratio)
        self._confusion.setPixmap(image)
        self._confusion.setAccessibleName(self.tr("Confusion matrix of the held-out views"))

    def _phase_text(self, progress: TeachingProgress) -> str:
        texts = {
            TeachingPhase.PREPARING: self.tr("Getting ready…"),
            TeachingPhase.PHOTOS: self.tr("Reading the photos of {label}…"),
            TeachingPhase.SCENE: self.tr("Keep {label} out of view."),
            TeachingPhase.OBJECT: self.tr(
                "Now show it to the camera: turn it and move it closer and farther away. Different views so far: {count}."
            ),
            TeachingPhase.LEARNING: self.tr("Learning…"),
        }
        if progress.phase is TeachingPhase.DONE:
            return self._result_text(progress)
        if progress.phase is TeachingPhase.FAILED:
            return error_text(progress.message)
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
        has_name = bool(self.name.text().strip())
        self._teach.setEnabled(has_name and self._controller.is_running)
        self._photos.setEnabled(has_name)

    def _fail(self, error: FacecamError) -> None:
        self._status_label.setText(error_text(error))
        self._status_label.setVisible(True)
