"""View of the findings of a gallery check, and the figures with and without the harmful photos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QListWidget, QListWidgetItem, QPushButton, QWidget

from facecam.gallery.audit import AuditResult, GalleryFigures, PhotoFinding
from facecam.ui.background import Thumbnails
from facecam.ui.language import caption_text, format_number
from facecam.ui.widgets import FlowLayout, paint_photo, vertical_layout, wrapped_label

_FINDING = Qt.ItemDataRole.UserRole


class FindingsView(QWidget):
    """List of findings, with those to be set aside checked."""

    set_aside_requested = Signal(object)
    """Paths of the checked photos."""
    restore_requested = Signal()
    closed = Signal()

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.summary = wrapped_label(self)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Findings"))
        self.list.setWordWrap(True)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        line = self.fontMetrics().height()
        self.list.setMinimumHeight(9 * line)
        self.list.setIconSize(QSize(4 * line, 4 * line))
        self._figures = QGridLayout()
        self._set_aside = QPushButton(self)
        self._restore = QPushButton(self)
        self._close = QPushButton(self.tr("Back to the photos"), self)
        buttons = FlowLayout()
        for button in (self._set_aside, self._restore, self._close):
            buttons.addWidget(button)
        vertical_layout(self, self.summary, self.list, self._figures, buttons).setStretchFactor(self.list, 1)
        self._set_aside.clicked.connect(lambda: self.set_aside_requested.emit(self.checked_photos()))
        self._restore.clicked.connect(self.restore_requested)
        self._close.clicked.connect(self.closed)
        self.list.itemChanged.connect(self._update_button)
        thumbnails.ready.connect(self._show_thumbnails)
        self.show_restorable(0)

    def show_findings(self, audit: AuditResult) -> None:
        findings = audit.findings
        self.list.clear()
        for finding in sorted(findings, key=lambda finding: not finding.should_quarantine):
            self.list.addItem(self._item(finding))
        if findings:
            text = self.tr(
                "Photos with findings: {count}. Photos that harm recognition are checked. Setting them aside takes them out of "
                "use without deleting them."
            ).format(count=len(findings))
        else:
            text = self.tr("All photos are good.")
        self.summary.setText(text)
        self._show_figures(audit)
        self._show_thumbnails()
        self._update_button()

    def show_restorable(self, count: int) -> None:
        """Offer to restore the photos last set aside."""
        self._restore.setText(self.tr("Restore the photos last set aside: {count}").format(count=count))
        self._restore.setVisible(count > 0)

    def checked_photos(self) -> list[Path]:
        """Return the photos to set aside."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item.data(_FINDING).photo.path for item in items if item.checkState() == Qt.CheckState.Checked]

    def _item(self, finding: PhotoFinding) -> QListWidgetItem:
        item = QListWidgetItem()
        item.setData(_FINDING, finding)
        head = self.tr("{name}: {file}").format(name=finding.photo.name, file=finding.photo.path.name)
        reason = caption_text(finding.reason)
        if not finding.should_quarantine:
            reason = self.tr("{reason}; kept").format(reason=reason)
        item.setText("\n".join(filter(None, (head, reason, finding.detail))))
        item.setToolTip(str(finding.photo.path))
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if finding.should_quarantine:
            item.setFlags(flags | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
        else:
            item.setFlags(flags)
        return item

    def _show_thumbnails(self) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.icon().isNull():
                pixmap = self._thumbnails.pixmap(item.data(_FINDING).photo.path)
                if pixmap is not None:
                    item.setIcon(self._icon(pixmap))

    def _icon(self, pixmap: QPixmap) -> QIcon:
        """Return the photo in a square, so that all texts are aligned."""
        ratio = self.devicePixelRatioF()
        square = QPixmap(self.list.iconSize() * ratio)
        square.setDevicePixelRatio(ratio)
        square.fill(Qt.GlobalColor.transparent)
        painter = QPainter(square)
        paint_photo(painter, QRect(QPoint(0, 0), self.list.iconSize()), pixmap, self.palette())
        painter.end()
        return QIcon(square)

    def _update_button(self) -> None:
        count = len(self.checked_photos())
        self._set_aside.setText(self.tr("Set aside: {count}").format(count=count))
        self._set_aside.setEnabled(count > 0)

    def _show_figures(self, audit: AuditResult) -> None:
        while (item := self._figures.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        before, after = audit.before, audit.after
        heads = "", self.tr("now"), self.tr("after setting aside")
        rows = [heads, *((title, figure(before), figure(after)) for title, figure in self._rows())]
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                label = wrapped_label(self, text)
                alignment = Qt.AlignmentFlag.AlignLeading if column == 0 else Qt.AlignmentFlag.AlignTrailing
                label.setAlignment(alignment | Qt.AlignmentFlag.AlignVCenter)
                self._figures.addWidget(label, row, column)
        for column, stretch in enumerate((3, 1, 1)):
            self._figures.setColumnStretch(column, stretch)

    def _rows(self) -> list[tuple[str, Callable[[GalleryFigures], str]]]:
        return [
            (self.tr("Photos in use"), lambda f: str(f.samples)),
            (self.tr("Photos that the others name correctly"), lambda f: str(f.named_right)),
            (self.tr("Photos that the others name incorrectly"), lambda f: str(f.named_wrong)),
            (self.tr("Photos that the others leave unnamed"), lambda f: str(f.unnamed)),
            (self.tr("Median distance within a person"), lambda f: _distance(f.genuine_median_l2)),
            (self.tr("Median distance between people"), lambda f: _distance(f.impostor_median_l2)),
        ]


def _distance(value: float | None) -> str:
    return "–" if value is None else format_number(value, 3)
