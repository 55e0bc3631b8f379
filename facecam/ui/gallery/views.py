"""Views of the gallery page: a list of people and a grid of photos, both of which accept dropped files, and a person's header."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QAbstractItemModel, QDateTime, QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import (
    QApplication,
    QListView,
    QMenu,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from facecam.gallery.people import Person
from facecam.ui.background import Thumbnails
from facecam.ui.consent import with_local_dates
from facecam.ui.gallery.model import DETAIL, HAS_UNUSED, PERSON, PHOTO, Index
from facecam.ui.language import date_text
from facecam.ui.widgets import ElidedLabel, FlowLayout, paint_photo, vertical_layout, wrapped_label

_PORTRAIT_LINES = 2.6
_PHOTO_LINES = 8.0
_REASON_LINES = 3


class _ThumbnailDelegate(QStyledItemDelegate):
    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails


class PortraitDelegate(_ThumbnailDelegate):
    """Paints a person: portrait, name and number of photos."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = option.fontMetrics.height()
        return QSize(round(2 * _PORTRAIT_LINES * line), round((_PORTRAIT_LINES + 0.6) * line))

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Cover the name, and leave the number of photos below it visible."""
        rect, height = _text_rect(option), editor.sizeHint().height()
        top = max(option.rect.top(), rect.top() + rect.height() // 2 - height)
        editor.setGeometry(rect.left() - 4, top, rect.width() + 4, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        _paint_background(painter, option)
        photo: Path | None = index.data(PHOTO)
        if photo is not None:
            _paint_cropped(painter, _portrait_rect(option), self._thumbnails, photo, option.palette)
        else:
            painter.fillRect(_portrait_rect(option), option.palette.mid())
        rect = _text_rect(option)
        name, detail = str(index.data()), str(index.data(DETAIL))
        half = QRect(rect.left(), rect.top(), rect.width(), rect.height() // 2)
        bold = QFont(option.font)
        bold.setBold(True)
        painter.save()
        painter.setPen(_text_color(option))
        _draw_text(painter, bold, half, name, Qt.AlignmentFlag.AlignBottom)
        _draw_text(painter, option.font, half.translated(0, half.height()), detail, Qt.AlignmentFlag.AlignTop)
        painter.restore()


class PhotoDelegate(_ThumbnailDelegate):
    """Paints a photo and, below it, the reason why it is not used."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = option.fontMetrics.height()
        below = _REASON_LINES if index.data(HAS_UNUSED) else 0
        return QSize(round((_PHOTO_LINES + 1) * line), round((_PHOTO_LINES + 1 + below) * line))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        _paint_background(painter, option)
        line = option.fontMetrics.height()
        gap = line // 2
        rect = QRect(option.rect.left() + gap, option.rect.top() + gap, option.rect.width() - 2 * gap, round(_PHOTO_LINES * line))
        paint_photo(painter, rect, self._thumbnails.pixmap(index.data(PHOTO)), option.palette)
        reason = str(index.data(DETAIL))
        if reason:
            below = QRect(rect.left(), rect.bottom() + 2, rect.width(), _REASON_LINES * line)
            painter.save()
            painter.setPen(_text_color(option))
            painter.drawText(below, int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap), reason)
            painter.restore()


class DropList(QListView):
    """List view that accepts dropped files and keeps its keys from the window's shortcuts."""

    dropped = Signal(object, object)
    """The Person under the files, or None next to the rows, and the paths."""
    remove_requested = Signal()

    def __init__(self, model: QAbstractItemModel, name: str, empty_text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._empty_text = empty_text
        self.setModel(model)
        self.setAccessibleName(name)
        self.setAcceptDrops(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_list_key(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.selectionModel().hasSelection():
            self.remove_requested.emit()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.model().rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            gap = self.fontMetrics().height()
            rect = self.viewport().rect().adjusted(gap, gap, -gap, -gap)
            painter.drawText(rect, int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap), self._empty_text)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._accept_files(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._accept_files(event)

    def dropEvent(self, event: QDropEvent) -> None:
        paths = dropped_files(event)
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(self.indexAt(event.position().toPoint()).data(PERSON), paths)

    def _accept_files(self, event: QDropEvent) -> None:
        if dropped_files(event):
            event.acceptProposedAction()
        else:
            event.ignore()


def people_list(model: QAbstractItemModel, thumbnails: Thumbnails, name: str, empty_text: str, parent: QWidget) -> DropList:
    """Return a list view of a PeopleModel."""
    view = DropList(model, name, empty_text, parent)
    view.setItemDelegate(PortraitDelegate(thumbnails, view))
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setEditTriggers(QListView.EditTrigger.EditKeyPressed | QListView.EditTrigger.DoubleClicked)
    view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    thumbnails.ready.connect(view.viewport().update)
    return view


def photo_grid(model: QAbstractItemModel, thumbnails: Thumbnails, name: str, empty_text: str, parent: QWidget) -> DropList:
    """Return a grid view of a PhotoModel."""
    view = DropList(model, name, empty_text, parent)
    view.setItemDelegate(PhotoDelegate(thumbnails, view))
    view.setViewMode(QListView.ViewMode.IconMode)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setMovement(QListView.Movement.Static)
    view.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
    view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
    view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    thumbnails.ready.connect(view.viewport().update)
    return view


def portrait_px(widget: QWidget) -> int:
    """Return the side of a portrait in the list in device pixels."""
    return round(1.6 * _PORTRAIT_LINES * widget.fontMetrics().height() * widget.devicePixelRatioF())


def photo_px(widget: QWidget) -> int:
    """Return the side of a photo in the grid in device pixels."""
    return round(_PHOTO_LINES * widget.fontMetrics().height() * widget.devicePixelRatioF())


def dropped_files(event: QDropEvent) -> list[Path]:
    """Return the dropped local files and folders."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


def _is_list_key(event: QKeyEvent) -> bool:
    """Return True for keys that select, search by typing, rename or delete; with Ctrl only for Ctrl+A."""
    modifiers = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    if modifiers == Qt.KeyboardModifier.ControlModifier:
        return event.key() == Qt.Key.Key_A
    list_keys = (Qt.Key.Key_F2, Qt.Key.Key_Delete, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
    return modifiers == Qt.KeyboardModifier.NoModifier and (event.key() in list_keys or event.text().isalnum())


def _paint_background(painter: QPainter, option: QStyleOptionViewItem) -> None:
    style = option.widget.style() if option.widget is not None else QApplication.style()
    style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
    if option.state & QStyle.StateFlag.State_HasFocus:
        pen = painter.pen()
        painter.setPen(option.palette.color(QPalette.ColorRole.WindowText))
        painter.drawRect(option.rect.adjusted(1, 1, -2, -2))
        painter.setPen(pen)


def _text_color(option: QStyleOptionViewItem) -> QColor:
    selected = option.state & QStyle.StateFlag.State_Selected
    return option.palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)


def _portrait_rect(option: QStyleOptionViewItem) -> QRect:
    line, side = option.fontMetrics.height(), round(_PORTRAIT_LINES * option.fontMetrics.height())
    rect = QRect(option.rect.left() + line // 2, option.rect.top() + (option.rect.height() - side) // 2, side, side)
    return QStyle.visualRect(option.direction, option.rect, rect)


def _text_rect(option: QStyleOptionViewItem) -> QRect:
    line = option.fontMetrics.height()
    rect = option.rect.adjusted(2 * (line // 2) + round(_PORTRAIT_LINES * line), 0, -(line // 2), 0)
    return QStyle.visualRect(option.direction, option.rect, rect)


def _paint_cropped(painter: QPainter, rect: QRect, thumbnails: Thumbnails, photo: Path, palette: QPalette) -> None:
    """Paint the photo cropped to a square; of a tall one the upper part, where the face is."""
    pixmap = thumbnails.pixmap(photo)
    if pixmap is None or pixmap.isNull():
        paint_photo(painter, rect, pixmap, palette)
        return
    side = min(pixmap.width(), pixmap.height())
    source = QRect((pixmap.width() - side) // 2, (pixmap.height() - side) // 4, side, side)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(rect, pixmap, source)


def _draw_text(painter: QPainter, font: QFont, rect: QRect, text: str, alignment: Qt.AlignmentFlag) -> None:
    painter.setFont(font)
    elided = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignLeading | alignment), elided)


class PersonHeader(QWidget):
    """Header above the photos: name, enrollment date and consent of the person, with buttons."""

    rename_requested = Signal()
    merge_requested = Signal()
    consent_requested = Signal()
    add_requested = Signal()
    open_requested = Signal()
    remove_requested = Signal()
    export_requested = Signal()
    forget_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ElidedLabel(self)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.4)
        font.setBold(True)
        self.name.setFont(font)
        self.facts, self.consent = wrapped_label(self), wrapped_label(self)
        self.buttons = FlowLayout()
        self._consent_button = QPushButton(self.tr("Add consent…"), self)
        self._buttons = (
            QPushButton(self.tr("Add photos…"), self),
            QPushButton(self.tr("Rename"), self),
            QPushButton(self.tr("Merge…"), self),
            self._consent_button,
            QPushButton(self.tr("Open folder"), self),
            QPushButton(self.tr("Export person…"), self),
            QPushButton(self.tr("Remove person…"), self),
            QPushButton(self.tr("Forget…"), self),
        )
        self._buttons[-3].setToolTip(self.tr("Save everything that facecam has stored about this person as a ZIP file"))
        self._buttons[-1].setToolTip(self.tr("Delete everything about this person, also in logs, and search what is left"))
        signals = (
            self.add_requested,
            self.rename_requested,
            self.merge_requested,
            self.consent_requested,
            self.open_requested,
            self.export_requested,
            self.remove_requested,
            self.forget_requested,
        )
        for button, signal in zip(self._buttons, signals, strict=True):
            button.clicked.connect(signal)
            self.buttons.addWidget(button)
        vertical_layout(self, self.name, self.facts, self.consent, self.buttons)

    def menu(self) -> QMenu:
        """Return the same actions as a menu that deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for button in self._buttons:
            menu.addAction(button.text()).triggered.connect(button.click)
        return menu

    def show_person(self, person: Person, detail: str) -> None:
        """Show this person; `detail` is the text with the number of photos."""
        self.name.setText(person.name)
        created = QDateTime.fromSecsSinceEpoch(int(person.created_at.timestamp())).date()
        self.facts.setText(self.tr("{photos}. Enrolled on {date}.").format(photos=detail, date=date_text(created)))
        self.consent.setText(self._consent_text(person))
        self._consent_button.setText(self.tr("Edit consent…") if person.consent else self.tr("Add consent…"))

    def _consent_text(self, person: Person) -> str:
        if person.consent:
            return self.tr("Consent: {text}").format(text=with_local_dates(person.consent))
        text = self.tr("No consent is recorded.")
        if person.withdrawn:
            withdrawn = self.tr("Withdrawn consent: {text}").format(text=with_local_dates(person.withdrawn))
            text = f"{text} {withdrawn}"
        return text
