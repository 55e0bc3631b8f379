"""What is wrong with the gallery's photos, and the figures with and without those that hurt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from facecam.gallery.audit import AuditResult, GalleryFigures, PhotoFinding
from facecam.ui.background import Thumbnails
from facecam.ui.enrollment_text import reason_words
from facecam.ui.widgets import FlowLayout, paint_photo

_FINDING = Qt.ItemDataRole.UserRole


class FindingsView(QWidget):
    """Lists findings, those to be set aside ticked; nothing is done here."""

    aside_wanted = Signal(object)
    """The paths of the ticked photos."""
    back_wanted = Signal()
    closed = Signal()

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.summary = QLabel(self)
        self.summary.setWordWrap(True)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Findings"))
        self.list.setWordWrap(True)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        line = self.fontMetrics().height()
        self.list.setMinimumHeight(9 * line)
        self.list.setIconSize(QSize(4 * line, 4 * line))
        self._figures = QGridLayout()
        self._aside = QPushButton(self)
        self._back = QPushButton(self)
        self._close = QPushButton(self.tr("Back to the photos"), self)
        buttons = FlowLayout()
        for button in (self._aside, self._back, self._close):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.summary)
        column.addWidget(self.list, 1)
        column.addLayout(self._figures)
        column.addLayout(buttons)
        self._aside.clicked.connect(lambda: self.aside_wanted.emit(self.ticked()))
        self._back.clicked.connect(self.back_wanted)
        self._close.clicked.connect(self.closed)
        self.list.itemChanged.connect(self._count)
        thumbnails.ready.connect(self._show_pictures)
        self.show_aside(0)

    def show_checked(self, checked: AuditResult) -> None:
        """Show what was found."""
        findings = checked.findings
        self.list.clear()
        for finding in sorted(findings, key=lambda finding: not finding.set_aside):
            self.list.addItem(self._item(finding))
        if findings:
            said = self.tr(
                "Photos with something to say of: {count}. Those that hurt are ticked; set aside, they are out of use, "
                "but nothing is deleted."
            ).format(count=len(findings))
        else:
            said = self.tr("All photos are good.")
        self.summary.setText(said)
        self._show_figures(checked)
        self._show_pictures()
        self._count()

    def show_aside(self, count: int) -> None:
        """Say how many photos of the newest set can be brought back."""
        self._back.setText(self.tr("Bring back the last that were set aside: {count}").format(count=count))
        self._back.setVisible(count > 0)

    def ticked(self) -> list[Path]:
        """The photos that are to be set aside."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item.data(_FINDING).photo.path for item in items if item.checkState() == Qt.CheckState.Checked]

    def _item(self, finding: PhotoFinding) -> QListWidgetItem:
        item = QListWidgetItem()
        item.setData(_FINDING, finding)
        head = self.tr("{name}: {file}").format(name=finding.photo.name, file=finding.photo.path.name)
        reason = reason_words(finding.reason)
        if not finding.set_aside:
            reason = self.tr("{reason}; stays").format(reason=reason)
        item.setText("\n".join(filter(None, (head, reason, finding.said))))
        item.setToolTip(str(finding.photo.path))
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if finding.set_aside:
            item.setFlags(flags | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
        else:
            item.setFlags(flags)
        return item

    def _show_pictures(self) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.icon().isNull():
                pixmap = self._thumbnails.pixmap(item.data(_FINDING).photo.path)
                if pixmap is not None:
                    item.setIcon(self._icon(pixmap))

    def _icon(self, pixmap: QPixmap) -> QIcon:
        """The picture in a square, so that all lines of text begin at one place."""
        ratio = self.devicePixelRatioF()
        square = QPixmap(self.list.iconSize() * ratio)
        square.setDevicePixelRatio(ratio)
        square.fill(Qt.GlobalColor.transparent)
        painter = QPainter(square)
        paint_photo(painter, QRect(QPoint(0, 0), self.list.iconSize()), pixmap, self.palette())
        painter.end()
        return QIcon(square)

    def _count(self) -> None:
        count = len(self.ticked())
        self._aside.setText(self.tr("Set aside: {count}").format(count=count))
        self._aside.setEnabled(count > 0)

    def _show_figures(self, checked: AuditResult) -> None:
        while (item := self._figures.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        before, after = checked.before, checked.after
        heads = "", self.tr("as it is"), self.tr("without those that hurt")
        rows = [heads, *((words, figure(before), figure(after)) for words, figure in self._rows())]
        for row, cells in enumerate(rows):
            for column, words in enumerate(cells):
                label = QLabel(words, self)
                label.setWordWrap(True)
                alignment = Qt.AlignmentFlag.AlignLeading if column == 0 else Qt.AlignmentFlag.AlignTrailing
                label.setAlignment(alignment | Qt.AlignmentFlag.AlignVCenter)
                self._figures.addWidget(label, row, column)
        for column, stretch in enumerate((3, 1, 1)):
            self._figures.setColumnStretch(column, stretch)

    def _rows(self) -> list[tuple[str, Callable[[GalleryFigures], str]]]:
        return [
            (self.tr("Photos in use"), lambda f: str(f.samples)),
            (self.tr("Photos that the others would name right"), lambda f: str(f.named_right)),
            (self.tr("Photos that the others would give a false name"), lambda f: str(f.named_wrong)),
            (self.tr("Photos that the others would leave unnamed"), lambda f: str(f.unnamed)),
            (self.tr("Median distance within a person"), lambda f: self._distance(f.genuine_median_l2)),
            (self.tr("Median distance between people"), lambda f: self._distance(f.impostor_median_l2)),
        ]

    def _distance(self, value: float | None) -> str:
        return "–" if value is None else self.locale().toString(value, "f", 3)
