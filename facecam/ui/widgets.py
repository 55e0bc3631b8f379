"""Widgets shared by several pages: photos, elided labels, flow layout, step bar, inline questions and page columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
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
from facecam.ui.background import Thumbnails
from facecam.ui.icons import StatusIcon, StatusIconView, icon


def bold(font: QFont, scale: float = 1.0) -> QFont:
    """Return a bold copy of a font, optionally scaled."""
    copy = QFont(font)
    copy.setBold(True)
    if scale != 1.0:
        copy.setPointSizeF(copy.pointSizeF() * scale)
    return copy


class PhotoView(QWidget):
    """One photo scaled to fit; gray while it loads, crossed out when it cannot be read."""

    def __init__(self, thumbnails: Thumbnails, lines: float, parent: QWidget | None = None) -> None:
        """`lines` is the preferred height in lines of text."""
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._lines = lines
        self._path: Path | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        thumbnails.ready.connect(self.update)

    def show_photo(self, path: Path | None, name: str) -> None:
        """Show a photo; screen readers announce `name`."""
        self._path = path
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        side = round(self._lines * self.fontMetrics().height())
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() / 2

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._path is not None:
            paint_photo(painter, self.rect(), self._thumbnails.pixmap(self._path), self.palette())


def paint_photo(painter: QPainter, rect: QRect, pixmap: QPixmap | None, palette: QPalette) -> QRectF:
    """Paint a thumbnail centered and scaled to fit (None: still loading, null: unreadable); return the painted rectangle."""
    if pixmap is None or pixmap.isNull():
        side = min(rect.width(), rect.height())
        frame = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
        painter.fillRect(frame, palette.alternateBase())
        if pixmap is not None:
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            painter.drawLine(frame.topLeft(), frame.bottomRight())
            painter.drawLine(frame.topRight(), frame.bottomLeft())
        return frame
    size = pixmap.size().scaled(rect.size(), Qt.AspectRatioMode.KeepAspectRatio)
    x, y = rect.x() + (rect.width() - size.width()) / 2, rect.y() + (rect.height() - size.height()) / 2
    target = QRectF(x, y, size.width(), size.height())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))
    return target


class ElidedLabel(QLabel):
    """Single-line label that elides its text; the full text is then its tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full_text = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        self._full_text = text
        self.setAccessibleName(text)
        self._elide()

    def full_text(self) -> str:
        """Return the text without elision."""
        return self._full_text

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 4, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        elided = QFontMetrics(self.font()).elidedText(self._full_text, Qt.TextElideMode.ElideRight, max(1, self.width()))
        super().setText(elided)
        self.setToolTip("" if elided == self._full_text else self._full_text)


class FlowLayout(QLayout):
    """Layout that places widgets in rows and wraps like text, in the direction of the language."""

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

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), apply=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, apply=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _arrange(self, rect: QRect, *, apply: bool) -> int:
        """Return the height of the rows at this width; with `apply`, also move the widgets."""
        margins = self.contentsMargins()
        inner = rect.adjusted(margins.left(), margins.top(), -margins.right(), -margins.bottom())
        parent, gap = self.parentWidget(), self.spacing()
        if gap < 0:
            gap = parent.style().pixelMetric(QStyle.PixelMetric.PM_LayoutHorizontalSpacing) if parent is not None else 6
        mirrored = parent is not None and parent.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x, y, row = inner.left(), inner.top(), 0
        for item in (item for item in self._items if not item.isEmpty()):
            size = item.sizeHint()
            if x > inner.left() and x + size.width() > inner.right() + 1:
                x, y, row = inner.left(), y + row + gap, 0
            if apply:
                left = inner.right() + inner.left() - x - size.width() + 1 if mirrored else x
                item.setGeometry(QRect(QPoint(left, y), size))
            x, row = x + size.width() + gap, max(row, size.height())
        return y + row - rect.top() + margins.bottom()


class StepBar(QWidget):
    """Row of numbered steps with status icons; the current one (`step`, from 0) is bold."""

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.step = 0
        self._names = tuple(names)
        self._parts: list[tuple[StatusIconView, QLabel]] = []
        flow = FlowLayout(self)
        line = self.fontMetrics().height()
        flow.setContentsMargins(line, line // 2, line, line // 2)
        flow.setSpacing(2 * line)
        for number, name in enumerate(names, start=1):
            part = QWidget(self)
            status, label = StatusIconView(parent=part), QLabel(f"{number}. {name}", part)
            row = QHBoxLayout(part)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(status)
            row.addWidget(label)
            flow.addWidget(part)
            self._parts.append((status, label))
        self.show_step(0)

    def show_step(self, step: int) -> None:
        """Make a step the current one; the steps before it are done."""
        self.step = step
        for number, (status, label) in enumerate(self._parts):
            status.show_icon(StatusIcon.DONE if number < step else StatusIcon.WAITING)
            font = label.font()
            font.setBold(number == step)
            label.setFont(font)
        text = self.tr("Step {number} of {count}: {name}")
        self.setAccessibleName(text.format(number=step + 1, count=len(self._parts), name=self._names[step]))


@dataclass(frozen=True, slots=True)
class QuestionSpec:
    """Confirmation question shown inside a page.

    Attributes:
        text_for: Returns what will happen with the choice of this index (0 without choices).
        accept_text: Text of the button that accepts.
        on_accept: Called with the index of the choice.
        choices: Entries of the combo box; none without choices.
        label: Text above the combo box.
    """

    text_for: Callable[[int], str]
    accept_text: str
    on_accept: Callable[[int], None]
    choices: Sequence[str] = ()
    label: str = ""


class QuestionPanel(QFrame):
    """Inline replacement for a message box, hidden until `ask`; Escape and Cancel decline."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self._question: QuestionSpec | None = None
        self._previous_focus: QWidget | None = None
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._choices = QComboBox(self)
        self._choices.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._choices.setMinimumContentsLength(16)
        self._label.setBuddy(self._choices)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._cancel = QPushButton(self.tr("Cancel"), self)
        self._accept = QPushButton(self)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._accept)
        column = QVBoxLayout(self)
        for widget in (self._label, self._choices, self._text):
            column.addWidget(widget)
        column.addLayout(buttons)
        self._choices.currentIndexChanged.connect(self._update_text)
        self._accept.clicked.connect(self._on_accepted)
        self._cancel.clicked.connect(self.dismiss)
        self.hide()

    @property
    def text(self) -> str:
        """The question shown now, "" while there is none."""
        return self._text.text() if self._question is not None else ""

    def ask(self, question: QuestionSpec) -> None:
        """Show a question in place of an open one."""
        self._question = question
        self._previous_focus = self._previous_focus or QApplication.focusWidget()
        self._choices.clear()
        self._choices.addItems(list(question.choices))
        self._choices.setVisible(bool(question.choices))
        self._choices.setAccessibleName(question.label)
        self._label.setText(question.label)
        self._label.setVisible(bool(question.choices))
        self._accept.setText(question.accept_text)
        self._update_text()
        self.show()
        (self._choices if question.choices else self._cancel).setFocus(Qt.FocusReason.OtherFocusReason)
        QAccessible.updateAccessibility(QAccessibleEvent(self._text, QAccessible.Event.Alert))

    def dismiss(self) -> None:
        """Hide the question without an answer and restore the focus."""
        self._question = None
        previous, self._previous_focus = self._previous_focus, None
        if previous is not None and isValid(previous) and self.isAncestorOf(QApplication.focusWidget() or self):
            previous.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape or (is_enter and self._cancel.hasFocus()):
            self.dismiss()
        elif is_enter:
            self._on_accepted()
        else:
            super().keyPressEvent(event)

    def _update_text(self) -> None:
        if self._question is not None:
            self._text.setText(self._question.text_for(max(self._choices.currentIndex(), 0)))

    def _on_accepted(self) -> None:
        question, index = self._question, max(self._choices.currentIndex(), 0)
        self.dismiss()
        if question is not None:
            question.on_accept(index)


_MIN_CHARACTERS = 34
"""Wide enough for a name and a time next to a thumbnail at any font size."""


class Heading(QWidget):
    """Title with a button that closes the page below it."""

    closed = Signal()

    def __init__(self, icon_name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = QLabel(self)
        self._label.setFont(bold(self._label.font()))
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setIcon(icon(icon_name, self.palette()))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 6, 6)
        for widget in (button, self._label) if icon_name == "back" else (self._label, button):
            row.addWidget(widget, 1 if widget is self._label else 0)

    def set_title(self, title: str) -> None:
        self._label.setText(title)


class PageColumn(QFrame):
    """Stack of pages below a heading, hidden while empty. `closed` requests to close the current page."""

    closed = Signal()

    def __init__(self, icon_name: str, tip: str, parent: QWidget | None = None, *, scrolls: bool = True) -> None:
        super().__init__(parent)
        self._scrolls = scrolls
        self._heading = Heading(icon_name, tip, self)
        self._heading.closed.connect(self.closed)
        self._stack = QStackedWidget(self)
        self._titles: dict[QWidget, str] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._heading)
        column.addWidget(self._stack, 1)
        self.setMinimumWidth(_MIN_CHARACTERS * self.fontMetrics().averageCharWidth())
        self.hide()

    @property
    def current(self) -> QWidget | None:
        """The page on top."""
        frame = self._stack.currentWidget()
        return frame.widget() if isinstance(frame, QScrollArea) else frame

    def show_page(self, page: QWidget, title: str) -> None:
        """Show a page on top of the others, adding it if it is new."""
        frame = self._frame_of(page)
        if frame is None:
            frame = scroll_area(page, self) if self._scrolls else page
            self._stack.addWidget(frame)
        self._titles[page] = title
        self._stack.setCurrentWidget(frame)
        self._heading.set_title(title)
        self.show()

    def remove_page(self, page: QWidget, *, delete: bool) -> None:
        """Remove a page; the one below it becomes current."""
        frame = self._frame_of(page)
        if frame is None:
            return
        self._stack.removeWidget(frame)
        if isinstance(frame, QScrollArea):
            frame.takeWidget()
            frame.deleteLater()
        self._titles.pop(page, None)
        page.setParent(None)
        if delete:
            page.deleteLater()
        if self.current is None:
            self.hide()
        else:
            self._heading.set_title(self._titles[self.current])

    def _frame_of(self, page: QWidget) -> QWidget | None:
        frames = (self._stack.widget(index) for index in range(self._stack.count()))
        return next((f for f in frames if f is page or (isinstance(f, QScrollArea) and f.widget() is page)), None)


def wrapped_label(parent: QWidget, text: str = "") -> QLabel:
    """Return a plain-text label that wraps its lines."""
    label = QLabel(text, parent)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def scroll_area(widget: QWidget, parent: QWidget | None = None) -> QScrollArea:
    """Wrap a widget so that it scrolls: with a font twice as large it is taller than the window."""
    area = QScrollArea(parent)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(widget)
    return area


def vertical_layout(parent: QWidget, *items: QWidget | QLayout) -> QVBoxLayout:
    """Lay out widgets and layouts from top to bottom without margins."""
    column = QVBoxLayout(parent)
    column.setContentsMargins(0, 0, 0, 0)
    for item in items:
        if isinstance(item, QLayout):
            column.addLayout(item)
        else:
            column.addWidget(item)
    return column


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
