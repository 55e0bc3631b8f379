"""Photos and long names in little room: a picture that keeps its proportion, a line that ends in dots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
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

from facecam.imageio import PICTURE_SUFFIXES
from facecam.ui.background import Thumbnails
from facecam.ui.icons import SignView, StatusSign, icon


class PhotoView(QWidget):
    """One photo, as large as fits, by its path; gray while it is read, crossed out when it cannot be."""

    def __init__(self, thumbnails: Thumbnails, lines: float, parent: QWidget | None = None) -> None:
        """`lines` is the wished height in lines of text."""
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._lines = lines
        self._path: Path | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        thumbnails.ready.connect(self.update)

    def show_photo(self, path: Path | None, name: str) -> None:
        """Show this photo; `name` is what a screen reader says."""
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


def paint_photo(painter: QPainter, room: QRect, pixmap: QPixmap | None, palette: QPalette) -> QRectF:
    """Paint the picture in the middle of the room, as large as fits; where it stands. None is one that is not there yet."""
    if pixmap is None or pixmap.isNull():
        side = min(room.width(), room.height())
        frame = QRectF(room.center().x() - side / 2, room.center().y() - side / 2, side, side)
        painter.fillRect(frame, palette.alternateBase())
        if pixmap is not None:
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            painter.drawLine(frame.topLeft(), frame.bottomRight())
            painter.drawLine(frame.topRight(), frame.bottomLeft())
        return frame
    size = pixmap.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRectF(
        room.x() + (room.width() - size.width()) / 2, room.y() + (room.height() - size.height()) / 2, size.width(), size.height()
    )
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
    return place


class ElidedLabel(QLabel):
    """One line that ends in dots where the room ends; the whole of it is its tooltip then."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        self._whole = text
        self.setAccessibleName(text)
        self._fit()

    def whole(self) -> str:
        """The text without dots."""
        return self._whole

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 4, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = QFontMetrics(self.font()).elidedText(self._whole, Qt.TextElideMode.ElideRight, max(1, self.width()))
        super().setText(shown)
        self.setToolTip("" if shown == self._whole else self._whole)


# MERGED ui.flow_layout: Widgets in rows like words in lines: what does not fit goes into the next row.


class FlowLayout(QLayout):
    """Lays out in rows of the width there is, in the direction of the language."""

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
        return self._placed(QRect(0, 0, width, 0), apply=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._placed(rect, apply=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _placed(self, rect: QRect, *, apply: bool) -> int:
        """The height that the rows take in this width; with `apply` the widgets are put there."""
        margins = self.contentsMargins()
        inner = rect.adjusted(margins.left(), margins.top(), -margins.right(), -margins.bottom())
        gap = self.spacing()
        if gap < 0:
            parent = self.parentWidget()
            gap = parent.style().pixelMetric(QStyle.PixelMetric.PM_LayoutHorizontalSpacing) if parent is not None else 6
        parent = self.parentWidget()
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


# MERGED ui.step_bar: Where one is among a few steps: their names in a row, each with a sign, the present one in bold letters.


class StepBar(QWidget):
    """Shows the steps; `step` counts from 0."""

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.step = 0
        self._parts: list[tuple[SignView, QLabel]] = []
        flow = FlowLayout(self)
        line = self.fontMetrics().height()
        flow.setContentsMargins(line, line // 2, line, line // 2)
        flow.setSpacing(2 * line)
        self._names = tuple(names)
        for number, name in enumerate(names, start=1):
            part = QWidget(self)
            sign, label = SignView(parent=part), QLabel(self.tr("{number}. {name}").format(number=number, name=name), part)
            row = QHBoxLayout(part)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(sign)
            row.addWidget(label)
            flow.addWidget(part)
            self._parts.append((sign, label))
        self.show_step(0)

    def show_step(self, step: int) -> None:
        """This step is the present one; those before it are done."""
        self.step = step
        for number, (sign, label) in enumerate(self._parts):
            sign.show_sign(StatusSign.DONE if number < step else StatusSign.WAITING)
            font = label.font()
            font.setBold(number == step)
            label.setFont(font)
        said = self.tr("Step {number} of {count}: {name}")
        self.setAccessibleName(said.format(number=step + 1, count=len(self._parts), name=self._names[step]))


# MERGED ui.question: A question inside the page, in place of a box over the picture.


@dataclass(frozen=True, slots=True)
class QuestionSpec:
    """What is asked: `words` says what will happen with the choice of that number, `then` does it.

    Without `choices` the number is 0. `yes` stands on the button.
    """

    words: Callable[[int], str]
    yes: str
    then: Callable[[int], None]
    choices: Sequence[str] = ()
    label: str = ""


class QuestionPanel(QFrame):
    """Hidden until something is asked; Escape and the other button mean no."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self._asked: QuestionSpec | None = None
        self._before: QWidget | None = None
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._choices = QComboBox(self)
        self._choices.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._choices.setMinimumContentsLength(16)
        self._label.setBuddy(self._choices)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._no = QPushButton(self.tr("Cancel"), self)
        self._yes = QPushButton(self)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._no)
        buttons.addWidget(self._yes)
        column = QVBoxLayout(self)
        for widget in (self._label, self._choices, self._words):
            column.addWidget(widget)
        column.addLayout(buttons)
        self._choices.currentIndexChanged.connect(self._explain)
        self._yes.clicked.connect(self._do)
        self._no.clicked.connect(self.withdraw)
        self.hide()

    @property
    def words(self) -> str:
        """What is asked now, "" when nothing is."""
        return self._words.text() if self._asked is not None else ""

    def ask(self, asked: QuestionSpec) -> None:
        """Show the question and wait for an answer; one that was open is withdrawn."""
        self._asked = asked
        self._before = self._before or QApplication.focusWidget()
        self._choices.clear()
        self._choices.addItems(list(asked.choices))
        self._choices.setVisible(bool(asked.choices))
        self._choices.setAccessibleName(asked.label)
        self._label.setText(asked.label)
        self._label.setVisible(bool(asked.choices))
        self._yes.setText(asked.yes)
        self._explain()
        self.show()
        (self._choices if asked.choices else self._no).setFocus(Qt.FocusReason.OtherFocusReason)
        QAccessible.updateAccessibility(QAccessibleEvent(self._words, QAccessible.Event.Alert))

    def withdraw(self) -> None:
        """No answer is wanted any more; the focus goes back to where it was."""
        self._asked = None
        before, self._before = self._before, None
        if before is not None and isValid(before) and self.isAncestorOf(QApplication.focusWidget() or self):
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape or (entered and self._no.hasFocus()):
            self.withdraw()
        elif entered:
            self._do()
        else:
            super().keyPressEvent(event)

    def _explain(self) -> None:
        if self._asked is not None:
            self._words.setText(self._asked.words(max(self._choices.currentIndex(), 0)))

    def _do(self) -> None:
        asked, number = self._asked, max(self._choices.currentIndex(), 0)
        self.withdraw()
        if asked is not None:
            asked.then(number)


# MERGED ui.side_panel: The column beside the picture: one page at a time, with its title and a button that closes it.

_LETTERS = 34
"""A name and a time fit beside a small picture, however large the letters are."""


class Heading(QWidget):
    """A title, and the button that closes what stands below it."""

    closed = Signal()

    def __init__(self, sign: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = QLabel(self)
        font = self._label.font()
        font.setBold(True)
        self._label.setFont(font)
        self._button = QToolButton(self)
        self._button.setAutoRaise(True)
        self._button.setIcon(icon(sign, self.palette()))
        self._button.setToolTip(tip)
        self._button.setAccessibleName(tip)
        self._button.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 6, 6)
        first, second = (self._button, self._label) if sign == "back" else (self._label, self._button)
        row.addWidget(first)
        row.addWidget(second, 1 if second is self._label else 0)
        if first is self._label:
            row.setStretch(0, 1)

    def name(self, title: str) -> None:
        """Show another title."""
        self._label.setText(title)


class PageColumn(QFrame):
    """Pages in a stack below a heading; hidden while there is none. `closed` asks for the end of the page that is shown."""

    closed = Signal()

    def __init__(self, sign: str, tip: str, parent: QWidget | None = None, *, scrolls: bool = True) -> None:
        super().__init__(parent)
        self._scrolls = scrolls
        self._heading = Heading(sign, tip, self)
        self._heading.closed.connect(self.closed)
        self._stack = QStackedWidget(self)
        self._titles: dict[QWidget, str] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._heading)
        column.addWidget(self._stack, 1)
        self.setMinimumWidth(_LETTERS * self.fontMetrics().averageCharWidth())
        self.hide()

    @property
    def current(self) -> QWidget | None:
        """The page that is shown."""
        frame = self._stack.currentWidget()
        return frame.widget() if isinstance(frame, QScrollArea) else frame

    def show_page(self, page: QWidget, title: str) -> None:
        """Put a page on top, new or not."""
        frame = self._frame_of(page)
        if frame is None:
            frame = self._framed(page)
            self._stack.addWidget(frame)
        self._titles[page] = title
        self._stack.setCurrentWidget(frame)
        self._heading.name(title)
        self.show()

    def take(self, page: QWidget, *, delete: bool) -> None:
        """Put a page away; what was below it comes up."""
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
        below = self.current
        if below is None:
            self.hide()
        else:
            self._heading.name(self._titles[below])

    def _frame_of(self, page: QWidget) -> QWidget | None:
        frames = (self._stack.widget(number) for number in range(self._stack.count()))
        return next(
            (frame for frame in frames if frame is page or (isinstance(frame, QScrollArea) and frame.widget() is page)), None
        )

    def _framed(self, page: QWidget) -> QWidget:
        """With letters twice as large a page is higher than the window: then it scrolls."""
        if not self._scrolls:
            return page
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        area.setWidget(page)
        return area


# MERGED ui.photo_chooser: The system's window for choosing photos.


def choose_photos(parent: QWidget, then: Callable[[list[Path]], None]) -> None:
    """Let photos be chosen, while everything goes on; then `then(paths)`."""
    translate = QCoreApplication.translate
    patterns = " ".join(f"*{suffix}" for suffix in sorted(PICTURE_SUFFIXES))
    kinds = translate("PhotoChooser", "Pictures ({patterns})").format(patterns=patterns)
    dialog = QFileDialog(parent, translate("PhotoChooser", "Add photos"), "", kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.connect(lambda names: then([Path(name) for name in names]))
    dialog.open()
