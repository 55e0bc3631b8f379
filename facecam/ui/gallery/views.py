"""How people and photos are shown: a list of faces with names, a grid of pictures. Photos may be dropped on both."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
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
from PySide6.QtWidgets import QApplication, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from facecam.ui.background import Thumbnails
from facecam.ui.gallery.model import DETAIL, PERSON, PHOTO, SPOILT, Index
from facecam.ui.widgets import paint_photo

_PORTRAIT_LINES = 2.6
_PHOTO_LINES = 8.0
_REASON_LINES = 3


class PersonRow(QStyledItemDelegate):
    """Paints a person: picture, name, how many photos."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = option.fontMetrics.height()
        return QSize(round(2 * _PORTRAIT_LINES * line), round((_PORTRAIT_LINES + 0.6) * line))

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        words = _beside_portrait(option)
        high = editor.sizeHint().height()
        editor.setGeometry(words.left() - 4, words.center().y() - high // 2, words.width() + 4, high)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        _paint_background(painter, option)
        photo: Path | None = index.data(PHOTO)
        if photo is not None:
            _paint_filled(painter, _portrait_place(option), self._thumbnails, photo, option.palette)
        else:
            painter.fillRect(_portrait_place(option), option.palette.mid())
        words = _beside_portrait(option)
        name, detail = str(index.data()), str(index.data(DETAIL))
        half = QRect(words.left(), words.top(), words.width(), words.height() // 2)
        bold = QFont(option.font)
        bold.setBold(True)
        painter.save()
        painter.setPen(_text_color(option))
        _write(painter, bold, half, name, Qt.AlignmentFlag.AlignBottom)
        _write(painter, option.font, half.translated(0, half.height()), detail, Qt.AlignmentFlag.AlignTop)
        painter.restore()


class PhotoCell(QStyledItemDelegate):
    """Paints a photo, and below it why it does not count."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = option.fontMetrics.height()
        below = _REASON_LINES if index.data(SPOILT) else 0
        return QSize(round((_PHOTO_LINES + 1) * line), round((_PHOTO_LINES + 1 + below) * line))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        _paint_background(painter, option)
        line = option.fontMetrics.height()
        gap = line // 2
        room = QRect(option.rect.left() + gap, option.rect.top() + gap, option.rect.width() - 2 * gap, round(_PHOTO_LINES * line))
        paint_photo(painter, room, self._thumbnails.pixmap(index.data(PHOTO)), option.palette)
        reason = str(index.data(DETAIL))
        if reason:
            below = QRect(room.left(), room.bottom() + 2, room.width(), _REASON_LINES * line)
            painter.save()
            painter.setPen(_text_color(option))
            painter.drawText(below, int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap), reason)
            painter.restore()


class DropList(QListView):
    """A list on which files may be dropped, and whose own keys are not taken by the window."""

    dropped = Signal(object, object)
    """The PERSON under the files, None beside everybody, and the files' paths."""
    remove_wanted = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty_words = ""
        self.setAccessibleName(name)
        self.setAcceptDrops(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_for_a_list(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.selectionModel().hasSelection():
            self.remove_wanted.emit()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.empty_words and self.model() is not None and not self.model().rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            gap = self.fontMetrics().height()
            room = self.viewport().rect().adjusted(gap, gap, -gap, -gap)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap), self.empty_words)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._welcome(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._welcome(event)

    def dropEvent(self, event: QDropEvent) -> None:
        paths = dropped_files(event)
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(self.indexAt(event.position().toPoint()).data(PERSON), paths)

    def _welcome(self, event: QDropEvent) -> None:
        if dropped_files(event):
            event.acceptProposedAction()
        else:
            event.ignore()


def people_list(thumbnails: Thumbnails, name: str, parent: QWidget) -> DropList:
    """An empty list for a PeopleModel."""
    view = DropList(name, parent)
    view.setItemDelegate(PersonRow(thumbnails, view))
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setEditTriggers(QListView.EditTrigger.EditKeyPressed | QListView.EditTrigger.DoubleClicked)
    view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    thumbnails.ready.connect(view.viewport().update)
    return view


def photo_grid(thumbnails: Thumbnails, name: str, parent: QWidget) -> DropList:
    """An empty grid for a PhotoModel."""
    view = DropList(name, parent)
    view.setItemDelegate(PhotoCell(thumbnails, view))
    view.setViewMode(QListView.ViewMode.IconMode)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setMovement(QListView.Movement.Static)
    view.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
    view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
    view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    thumbnails.ready.connect(view.viewport().update)
    return view


def portrait_px(widget: QWidget) -> int:
    """The side of a person's picture in the list, in the screen's pixels."""
    return round(1.6 * _PORTRAIT_LINES * widget.fontMetrics().height() * widget.devicePixelRatioF())


def photo_px(widget: QWidget) -> int:
    """The side of a photo in the grid, in the screen's pixels."""
    return round(_PHOTO_LINES * widget.fontMetrics().height() * widget.devicePixelRatioF())


def dropped_files(event: QDropEvent) -> list[Path]:
    """The files and folders that are being dropped."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


def _is_for_a_list(event: QKeyEvent) -> bool:
    """Keys that choose, find by typing, rename and delete; with Ctrl only what selects everything."""
    modifiers = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    if modifiers == Qt.KeyboardModifier.ControlModifier:
        return event.key() == Qt.Key.Key_A
    own = (Qt.Key.Key_F2, Qt.Key.Key_Delete, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
    return modifiers == Qt.KeyboardModifier.NoModifier and (event.key() in own or event.text().isalnum())


def _paint_background(painter: QPainter, option: QStyleOptionViewItem) -> None:
    style = option.widget.style() if option.widget is not None else QApplication.style()
    style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
    if option.state & QStyle.StateFlag.State_HasFocus:
        pen = painter.pen()
        painter.setPen(option.palette.color(QPalette.ColorRole.WindowText))
        painter.drawRect(option.rect.adjusted(1, 1, -2, -2))
        painter.setPen(pen)


def _text_color(option: QStyleOptionViewItem) -> QColor:
    chosen = option.state & QStyle.StateFlag.State_Selected
    return option.palette.color(QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text)


def _portrait_place(option: QStyleOptionViewItem) -> QRect:
    line = option.fontMetrics.height()
    side = round(_PORTRAIT_LINES * line)
    left = option.rect.left() + line // 2
    if option.direction == Qt.LayoutDirection.RightToLeft:
        left = option.rect.right() - line // 2 - side
    return QRect(left, option.rect.top() + (option.rect.height() - side) // 2, side, side)


def _beside_portrait(option: QStyleOptionViewItem) -> QRect:
    gap, portrait = option.fontMetrics.height() // 2, _portrait_place(option)
    rect = option.rect.adjusted(gap, 0, -gap, 0)
    if option.direction == Qt.LayoutDirection.RightToLeft:
        rect.setRight(portrait.left() - gap)
    else:
        rect.setLeft(portrait.right() + gap)
    return rect


def _paint_filled(painter: QPainter, place: QRect, thumbnails: Thumbnails, photo: Path, palette: QPalette) -> None:
    """The photo cut to the square; of a high one the upper part, where the face is."""
    pixmap = thumbnails.pixmap(photo)
    if pixmap is None or pixmap.isNull():
        paint_photo(painter, place, pixmap, palette)
        return
    side = min(pixmap.width(), pixmap.height())
    source = QRect((pixmap.width() - side) // 2, (pixmap.height() - side) // 4, side, side)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(place, pixmap, source)


def _write(painter: QPainter, font: QFont, room: QRect, words: str, upright: Qt.AlignmentFlag) -> None:
    painter.setFont(font)
    shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, int(Qt.AlignmentFlag.AlignLeading | upright), shown)
