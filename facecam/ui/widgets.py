"""Widgets shared by several pages: base of pages, images, elided labels, flow layout, inline questions and page columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QCloseEvent,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QBoxLayout,
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QStyle,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from facecam.imageio import IMAGE_SUFFIXES
from facecam.ui.background import PhotoCache
from facecam.ui.icons import icon
from facecam.ui.session_controller import SessionController


def bold(font: QFont, scale: float = 1.0) -> QFont:
    """Return a bold copy of a font, optionally scaled."""
    copy = QFont(font)
    copy.setBold(True)
    if scale != 1.0:
        copy.setPointSizeF(copy.pointSizeF() * scale)
    return copy


class FocusForwarder(QWidget):
    """Widget that passes the focus on to one of its children. With a focus proxy, Tab would return to it and skip the others."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._focus_target: QWidget | None = None

    def set_focus_target(self, target: QWidget) -> None:
        """Pass the focus to this child from now on, at once if the widget has it."""
        self._focus_target = target
        if self.hasFocus():
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._focus_target is not None and isValid(self._focus_target):
            self._focus_target.setFocus(event.reason())


class Page(FocusForwarder):
    """Page of the window for one controller. Escape goes one step back, which closes the page unless a subclass has steps."""

    finished = Signal()
    """Close this page."""
    message_posted = Signal(str)
    """Show a sentence as a toast."""
    page_requested = Signal(str, object)
    """Open the page with this id, with an argument or None."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller

    def go_back(self) -> None:
        """Go one step back."""
        self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.go_back()
        else:
            super().keyPressEvent(event)


class ImageView(QWidget):
    """One image scaled to fit; gray without one, crossed out for a null pixmap."""

    accessible_role = QAccessible.Role.Graphic

    def __init__(self, lines: float, parent: QWidget | None = None, *, max_lines: float = 0.0) -> None:
        """`lines` is the preferred height in lines of text. With `max_lines` the view is as high as wide, up to this height."""
        super().__init__(parent)
        self.pixmap: QPixmap | None = None
        self._lines, self._max_lines = lines, max_lines
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if max_lines:
            policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_pixmap(self, pixmap: QPixmap | None, name: str) -> None:
        """Show an image; screen readers announce `name`."""
        self.pixmap = pixmap
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        side = round(self._lines * self.fontMetrics().height())
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() / 2

    def heightForWidth(self, width: int) -> int:
        return min(width, round(self._max_lines * self.fontMetrics().height())) if self._max_lines else -1

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_photo(QPainter(self), self.rect(), self.pixmap, self.palette())


class PhotoView(ImageView):
    """One photo, loaded in the background."""

    def __init__(self, photos: PhotoCache, lines: float, parent: QWidget | None = None, *, max_lines: float = 0.0) -> None:
        super().__init__(lines, parent, max_lines=max_lines)
        self._photos = photos
        self._path: Path | None = None
        photos.ready.connect(self._load)

    def show_photo(self, path: Path | None, name: str) -> None:
        """Show a photo, or a gray square for None; screen readers announce `name`."""
        self._path = path
        self.setAccessibleName(name)
        self._load()

    def _load(self) -> None:
        self.show_pixmap(None if self._path is None else self._photos.pixmap(self._path), self.accessibleName())


def paint_photo(painter: QPainter, rect: QRect, pixmap: QPixmap | None, palette: QPalette) -> None:
    """Paint a thumbnail centered and scaled to fit; gray while it is None, crossed out if it is null."""
    size = QSize(1, 1) if pixmap is None or pixmap.isNull() else pixmap.size()
    size.scale(rect.size(), Qt.AspectRatioMode.KeepAspectRatio)
    target = QStyle.alignedRect(Qt.LayoutDirection.LeftToRight, Qt.AlignmentFlag.AlignCenter, size, rect)
    if pixmap is not None and not pixmap.isNull():
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(target, pixmap)
        return
    painter.fillRect(target, palette.alternateBase())
    if pixmap is not None:
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        painter.drawLine(target.topLeft(), target.bottomRight())
        painter.drawLine(target.topRight(), target.bottomLeft())


class ElidedLabel(QLabel):
    """Single-line label that elides its text; the full text is its accessible name, and its tooltip while elided."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        self.setAccessibleName(text)
        self._elide()

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 4, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._elide()

    def _elide(self) -> None:
        text = self.accessibleName()
        elided = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(1, self.width()))
        super().setText(elided)
        self.setToolTip("" if elided == text else text)


class WrappedButton(FocusForwarder):
    """Checkbox or radio button with a label that wraps, which the button's own text cannot."""

    def __init__(self, box: QAbstractButton, text: str, parent: QWidget | None = None) -> None:
        """`box` has no text yet."""
        super().__init__(parent)
        self.box = box
        box.setAccessibleName(text)
        self._label = wrapped_label(self, text)
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        self._label.installEventFilter(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(box, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        self.set_focus_target(box)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Click the button on a click on its label."""
        if event.type() == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            self.box.click()
            self.box.setFocus(Qt.FocusReason.MouseFocusReason)
            return True
        return super().eventFilter(watched, event)


class ListLayout(QLayout):
    """Base of layouts that keep their items in a list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True


class FlowLayout(ListLayout):
    """Layout that places widgets in rows and wraps like text, in the direction of the language."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSpacing(max(QApplication.style().pixelMetric(QStyle.PixelMetric.PM_LayoutHorizontalSpacing), 6))

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), apply=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, apply=True)

    def sizeHint(self) -> QSize:
        """Return the size of one row."""
        sizes = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(size.width() + self.spacing() for size in sizes) - (self.spacing() if sizes else 0)
        height = max((size.height() for size in sizes), default=0)
        return QSize(width, height).grownBy(self.contentsMargins())

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size.grownBy(self.contentsMargins())

    def _arrange(self, rect: QRect, *, apply: bool) -> int:
        """Return the height of the rows at this width; with `apply`, also move the widgets."""
        inner, gap = rect.marginsRemoved(self.contentsMargins()), self.spacing()
        x, y, row = inner.left(), inner.top(), 0
        for item in (item for item in self._items if not item.isEmpty()):
            size = item.sizeHint()
            if x > inner.left() and x + size.width() > inner.right() + 1:
                x, y, row = inner.left(), y + row + gap, 0
            if apply:
                item.setGeometry(QStyle.visualRect(QApplication.layoutDirection(), inner, QRect(QPoint(x, y), size)))
            x, row = x + size.width() + gap, max(row, size.height())
        return y + row - rect.top() + self.contentsMargins().bottom()


class InputLine(QFrame):
    """Line with a text field above the video; hidden until it is opened, Escape hides it again."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.field = QLineEdit(self)
        self.field.setClearButtonEnabled(True)
        self._previous_focus: QWidget | None = None

    def show_with_focus(self) -> None:
        """Show the line with the focus in its field."""
        if not self.isVisible():
            self._previous_focus = QApplication.focusWidget()
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Return the focus, so that the next key is a shortcut again."""
        super().closeEvent(event)
        previous, self._previous_focus = self._previous_focus, None
        return_focus(self, previous)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


def return_focus(widget: QWidget, previous: QWidget | None) -> None:
    """Give the focus back to the widget that had it before, if it still exists, and if `widget` has the focus now."""
    if previous is not None and isValid(previous) and widget.isAncestorOf(QApplication.focusWidget() or widget):
        previous.setFocus(Qt.FocusReason.OtherFocusReason)


class InlinePanel(QFrame):
    """Framed form within a page, hidden until `show_for`; Escape dismisses it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self._previous_focus: QWidget | None = None
        self.hide()

    def show_for(self, focus: QWidget) -> None:
        """Show the form with the focus in one of its widgets."""
        self._previous_focus = self._previous_focus or QApplication.focusWidget()
        self.show()
        focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def dismiss(self) -> None:
        """Hide the form without a change and restore the focus."""
        previous, self._previous_focus = self._previous_focus, None
        return_focus(self, previous)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)


class QuestionPanel(InlinePanel):
    """Inline replacement for a message box, hidden until `ask`; Escape and Cancel decline."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts: Sequence[str] = ()
        self._on_accept: Callable[[int], None] = lambda choice: None
        self._label = wrapped_label(self)
        self._choices = short_combo_box(self, 16)
        self._label.setBuddy(self._choices)
        self._text = wrapped_label(self)
        self._cancel = QPushButton(self.tr("Cancel"), self)
        self._accept = QPushButton(self)
        for button in (self._cancel, self._accept):
            button.setAutoDefault(True)  # Enter presses the button that has the focus.
        buttons = horizontal_layout(None, self._cancel, self._accept)
        fill_layout(QVBoxLayout(self), self._label, self._choices, self._text, buttons)
        self._choices.currentIndexChanged.connect(self._show_text)
        self._accept.clicked.connect(self._on_accepted)
        self._cancel.clicked.connect(self.dismiss)

    @property
    def text(self) -> str:
        """The question shown now, "" while there is none."""
        return "" if self.isHidden() else self._text.text()

    def ask(
        self,
        texts: Sequence[str],
        accept_text: str,
        on_accept: Callable[[int], None],
        *,
        choices: Sequence[str] = (),
        label: str = "",
    ) -> None:
        """Show a question in place of an open one.

        Args:
            texts: What will happen, one text for each of the choices, or a single text without choices.
            accept_text: Text of the button that accepts.
            on_accept: Called with the index of the choice, 0 without choices.
            choices: Entries of the combo box.
            label: Text above the combo box.
        """
        self._texts, self._on_accept = texts, on_accept
        self._choices.clear()
        self._choices.addItems(list(choices))
        self._choices.setVisible(bool(choices))
        self._choices.setAccessibleName(label)
        self._label.setText(label)
        self._label.setVisible(bool(choices))
        self._accept.setText(accept_text)
        self._show_text(0)
        self.show_for(self._choices if choices else self._cancel)
        QAccessible.updateAccessibility(QAccessibleEvent(self._text, QAccessible.Event.Alert))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_accepted()
        else:
            super().keyPressEvent(event)

    def _show_text(self, choice: int) -> None:
        self._text.setText(self._texts[max(choice, 0)])

    def _on_accepted(self) -> None:
        self.dismiss()
        self._on_accept(max(self._choices.currentIndex(), 0))


_MIN_CHARACTERS = 34
"""Wide enough for a name and a time next to a thumbnail at any font size."""


class PageColumn(QFrame):
    """Stack of pages below the title of the current one, hidden while empty. `closed` requests to close the current page."""

    closed = Signal()

    def __init__(self, icon_name: str, tip: str, parent: QWidget | None = None, *, scrolls: bool = True) -> None:
        super().__init__(parent)
        self._scrolls = scrolls
        self._frames: dict[QWidget, QWidget] = {}
        self._title = QLabel(self)
        self._title.setFont(bold(self._title.font()))
        button = QToolButton(self, autoRaise=True)
        button.setIcon(icon(icon_name, self.palette()))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(self.closed)
        heading = (
            horizontal_layout(button, self._title, None) if icon_name == "back" else horizontal_layout(self._title, None, button)
        )
        heading.setContentsMargins(10, 6, 6, 6)
        self._stack = QStackedWidget(self)
        column = vertical_layout(self, heading, self._stack)
        column.setSpacing(0)
        column.setStretchFactor(self._stack, 1)
        self.setMinimumWidth(_MIN_CHARACTERS * self.fontMetrics().averageCharWidth())
        self.hide()

    @property
    def current(self) -> QWidget | None:
        """The page on top."""
        return next((page for page, frame in self._frames.items() if frame is self._stack.currentWidget()), None)

    def show_page(self, page: QWidget, title: str) -> None:
        """Show a page on top of the others, adding it if it is new."""
        if page not in self._frames:
            self._frames[page] = scroll_area(page, self) if self._scrolls else page
            self._stack.addWidget(self._frames[page])
        page.setWindowTitle(title)
        self._frames[page].setAccessibleName(title)
        self._stack.setCurrentWidget(self._frames[page])
        self._title.setText(title)
        self.show()

    def remove_page(self, page: QWidget, *, delete: bool) -> None:
        """Remove a page; the one below it becomes current."""
        frame = self._frames.pop(page, None)
        if frame is None:
            return
        self._stack.removeWidget(frame)
        if isinstance(frame, QScrollArea):
            frame.takeWidget()
            frame.deleteLater()
        page.setParent(None)
        if delete:
            page.deleteLater()
        if self.current is None:
            self.hide()
        else:
            self._title.setText(self.current.windowTitle())


def wrapped_label(parent: QWidget, text: str = "") -> QLabel:
    """Return a plain-text label that wraps its lines."""
    return QLabel(text, parent, wordWrap=True, textFormat=Qt.TextFormat.PlainText)


def short_combo_box(parent: QWidget | None, characters: int) -> QComboBox:
    """Return a combo box with room for this many characters, however long its entries are."""
    policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
    return QComboBox(parent, sizeAdjustPolicy=policy, minimumContentsLength=characters)


def scroll_area(widget: QWidget, parent: QWidget | None = None) -> QScrollArea:
    """Wrap a widget so that it scrolls: with a font twice as large it is taller than the window."""
    area = QScrollArea(parent)
    area.setAccessibleName(widget.accessibleName())
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(widget)
    return area


def fill_layout(layout: QBoxLayout, *items: QWidget | QLayout | None) -> None:
    """Add widgets and layouts in this order, and a stretch for None."""
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)


def horizontal_layout(*items: QWidget | QLayout | None) -> QHBoxLayout:
    """Return a layout of these items from left to right without margins, with a stretch for None."""
    row = QHBoxLayout()
    fill_layout(row, *items)
    return row


def vertical_layout(parent: QWidget, *items: QWidget | QLayout | None) -> QVBoxLayout:
    """Lay out these items from top to bottom without margins, with a stretch for None."""
    column = QVBoxLayout(parent)
    column.setContentsMargins(0, 0, 0, 0)
    fill_layout(column, *items)
    return column


def choose_new_file(parent: QWidget, title: str, proposed: Path, on_chosen: Callable[[Path], None]) -> None:
    """Open the system's dialog for a new file without blocking; it asks before a file is replaced."""
    suffix = proposed.suffix
    dialog = QFileDialog(parent, title, str(proposed.parent), f"{suffix.removeprefix('.').upper()} (*{suffix})")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(proposed.name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda name: on_chosen(Path(name)))
    dialog.open()


def choose_photos(parent: QWidget, on_chosen: Callable[[list[Path]], None]) -> None:
    """Open the system's file dialog without blocking; `on_chosen` receives the selected photos."""
    translate = QCoreApplication.translate
    patterns = " ".join(f"*{suffix}" for suffix in sorted(IMAGE_SUFFIXES))
    filters = translate("PhotoChooser", "Images ({patterns})").format(patterns=patterns)
    dialog = QFileDialog(parent, translate("PhotoChooser", "Add photos"), "", filters)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.connect(lambda names: on_chosen([Path(name) for name in names]))
    dialog.open()
