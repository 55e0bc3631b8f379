"""Layout of the enrollment page: a large view on the left, the scene's text and buttons on the right or below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from facecam.enrollment.enroll import SimilarPerson
from facecam.enrollment.samples import MixedSamples
from facecam.gallery.gallery import Gallery
from facecam.ui.enrollment.mirror_view import ChecklistView, MirrorView
from facecam.ui.enrollment.start import EnrollmentStart
from facecam.ui.enrollment.widgets import ConflictView, FaceSelector, PhotoList, ShotList
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import FocusForwarder, bold, scroll_area, vertical_layout, wrapped_label
from facecam.ui.window.message_bar import QWIDGETSIZE_MAX

translate = QCoreApplication.translate

_PANEL_CHARS = 56
_WIDE_CHARS = 72
"""In a narrower page the panel moves below the view."""


@dataclass(frozen=True, slots=True)
class PanelButton:
    """Specification of a button in a ScenePanel."""

    text: str
    action: Callable[[], object]
    enabled: bool = True


class ScenePanel(QScrollArea):
    """Title, text, form and buttons of one scene. The first button is the main one, which Enter presses."""

    def __init__(self, bodies: Sequence[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[QPushButton] = []
        """The buttons of the scene, the main one first."""
        self._has_main = True
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.title, self._text = wrapped_label(self), wrapped_label(self)
        self.title.setFont(bold(self.title.font(), 1.35))
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 100)
        self.bar.setAccessibleName(self.tr("Progress"))
        self._bodies = bodies
        self._inner = QWidget(self)
        self._button_column = QVBoxLayout()
        line = self.fontMetrics().height()
        column = QVBoxLayout(self._inner)
        column.setContentsMargins(line, line, line, line)
        column.setSpacing(round(0.7 * line))
        for part in (self.title, self._text, *bodies, self.bar):
            column.addWidget(part)
        column.addSpacing(round(0.5 * line))
        column.addLayout(self._button_column)
        column.addStretch(1)
        self.setWidget(self._inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def text(self) -> str:
        return self._text.text()

    def minimumSizeHint(self) -> QSize:
        """Return a width that fits the widest button, as button texts do not wrap."""
        width = self._inner.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        return QSize(width, 8 * self.fontMetrics().height())

    def fit(self, box: QBoxLayout, width: int) -> None:
        """Place the panel beside the view in `box`, or below it when `width` is too small for both."""
        char = self.fontMetrics().averageCharWidth()
        is_wide = width >= _WIDE_CHARS * char
        direction = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        box.setDirection(direction)
        self.setMaximumWidth(max(_PANEL_CHARS * char, self.minimumSizeHint().width()) if is_wide else QWIDGETSIZE_MAX)

    def show_scene(
        self, title: str, text: str, buttons: Sequence[PanelButton], body: QWidget | None = None, *, has_main: bool = True
    ) -> None:
        """Show another scene. Without a main button Enter does nothing, so that it cannot cancel a wait by accident."""
        self.title.setText(title)
        self.set_text(text)
        self.bar.hide()
        for other in self._bodies:
            other.setVisible(other is body)
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self._has_main = has_main
        self.buttons = [self._button(spec, main=has_main and number == 0) for number, spec in enumerate(buttons)]
        self.updateGeometry()
        self._focus_main_button()
        QAccessible.updateAccessibility(QAccessibleEvent(self.title, QAccessible.Event.Alert))

    def show_bar(self, maximum: int) -> None:
        """Show the progress bar of the scene; a maximum of 0 makes it a busy indicator."""
        self.bar.setRange(0, maximum)
        self.bar.show()

    def set_text(self, text: str) -> None:
        if text != self._text.text() or not text:
            self._text.setText(text)
            self._text.setVisible(bool(text))

    def set_button_enabled(self, number: int, on: bool) -> None:
        if number < len(self.buttons) and self.buttons[number].isEnabled() is not on:
            self.buttons[number].setEnabled(on)
            if self.hasFocus():
                self._focus_main_button()

    def press_main_button(self) -> None:
        """Press the main button if there is one and it is enabled."""
        if self.buttons and self._has_main:
            self.buttons[0].click()

    def focus_form(self, widget: QWidget) -> None:
        """Focus a widget of the form instead of the main button, and scroll to the top."""
        widget.setFocus(Qt.FocusReason.OtherFocusReason)
        self.verticalScrollBar().setValue(0)

    def _focus_main_button(self) -> None:
        """Focus the main button once it is enabled, never another one, which Enter would press then."""
        if self.buttons and self._has_main and self.buttons[0].isEnabled():
            self.buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)
            self.ensureWidgetVisible(self.buttons[0])
        else:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _button(self, spec: PanelButton, *, main: bool) -> QPushButton:
        button = QPushButton(spec.text, self)
        button.setDefault(main)
        # Enter presses the button that has the focus. The main button would lose its frame with the focus if it were one of them.
        button.setAutoDefault(not main)
        button.setEnabled(spec.enabled)
        button.clicked.connect(lambda _=False: spec.action())
        if main:
            button.setFont(bold(button.font()))
            button.setMinimumHeight(round(2.2 * self.fontMetrics().height()))
        self._button_column.addWidget(button)
        button.show()
        return button


class Scene(Enum):
    """Step that the page shows."""

    START = auto()
    WAITING = auto()
    COLLECTING = auto()
    ENDED = auto()
    REVIEW = auto()
    CONFIRM_DISCARD = auto()
    CONFLICT = auto()
    TESTING = auto()
    DONE = auto()
    NOTHING_SAVED = auto()
    READING_PHOTOS = auto()
    PHOTO_RESULTS = auto()
    FACE_SELECTION = auto()


class EnrollmentLayout:
    """Widgets of the enrollment page and the scene that they show."""

    def __init__(self, page: FocusForwarder, controller: SessionController) -> None:
        self.scene = Scene.START
        self._page = page
        self.mirror = MirrorView(controller, page)
        self.instruction = wrapped_label(page)
        """The next thing to do in large letters, below the live video."""
        self.shots = ShotList(page)
        self.conflict = ConflictView(page)
        self.photos = PhotoList(page)
        self.faces = FaceSelector(page)
        self.start = EnrollmentStart(controller, page)
        self.checklist = ChecklistView(page)
        self.panel = ScenePanel((self.start, self.checklist), page)
        self._views = QStackedWidget(page)
        self._containers: dict[QWidget, QWidget] = {
            self.mirror: self._mirror_with_instruction(),
            self.shots: _scroll_area(self.shots, page),
            self.conflict: _scroll_area(self.conflict, page),
        }
        self._lay_out()

    def show_scene(
        self,
        scene: Scene,
        view: QWidget | None,
        title: str,
        text: str,
        buttons: Sequence[PanelButton],
        *,
        body: QWidget | None = None,
        has_main: bool = True,
    ) -> None:
        """Switch to a scene; a `view` of None keeps the current one."""
        self.scene = scene
        if view is not None:
            self._views.setCurrentWidget(self._containers.get(view, view))
        self.panel.show_scene(title, text, buttons, body, has_main=has_main)

    def show_conflict(
        self,
        new: bytes | Path | None,
        rival: SimilarPerson,
        gallery: Gallery | None,
        *,
        on_same: Callable[[], object],
        on_different: Callable[[], object],
        cancel: PanelButton,
    ) -> None:
        """Ask whether the new photo, as JPEG data or a path, shows the similar person who is already enrolled."""
        self.conflict.show_conflict(new, rival, gallery)
        buttons = [
            PanelButton(translate("EnrollmentPage", "Yes, the same person"), on_same),
            PanelButton(translate("EnrollmentPage", "No, a different person"), on_different),
            cancel,
        ]
        title = translate("EnrollmentPage", "Is this the same person as {rival}?").format(rival=rival.name)
        text = translate(
            "EnrollmentPage",
            "{rival} is already enrolled and looks almost the same. If this is the same person, the photos are added to {rival}.",
        )
        self.show_scene(Scene.CONFLICT, self.conflict, title, text.format(rival=rival.name), buttons)

    def show_mixed(
        self,
        mixed: MixedSamples,
        name: str,
        gallery: Gallery | None,
        *,
        on_keep: Callable[[], object],
        on_all: Callable[[], object],
        cancel: PanelButton,
    ) -> None:
        """Ask whether new photos that differ from the others, or from the enrolled ones, show the same person."""
        self.conflict.show_mixed(mixed, name, gallery)
        keep, count = translate("EnrollmentPage", "Leave out those on the right ({count})"), len(mixed.others)
        everything = PanelButton(translate("EnrollmentPage", "Yes, one person: use all photos"), on_all)
        keeping = [PanelButton(keep.format(count=count), on_keep)] if mixed.groups[0] else []
        buttons = [*keeping, everything, cancel] if keeping else [cancel, everything]
        title = translate("EnrollmentPage", "Do all photos show {name}?").format(name=name)
        text = translate(
            "EnrollmentPage",
            "The faces on the right look like a different person. If two people have one name, both are recognized as {name}.",
        )
        self.show_scene(Scene.CONFLICT, self.conflict, title, text.format(name=name), buttons)

    def show_instruction(self, text: str) -> None:
        """Show and announce an instruction."""
        if text != self.instruction.text():
            self.instruction.setText(text)
            self.mirror.setAccessibleDescription(text)
            QAccessible.updateAccessibility(QAccessibleEvent(self.instruction, QAccessible.Event.Alert))

    def fit(self) -> None:
        """Arrange view and panel for the width of the page."""
        self.panel.fit(self._box, self._page.width())

    def _lay_out(self) -> None:
        for widget in (*self._containers.values(), self.photos, self.faces):
            self._views.addWidget(widget)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._page)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(self._views, 3)
        self._box.addWidget(self.panel, 2)
        self._page.setTabOrder(self._views, self.panel)
        self._page.set_focus_target(self.start)

    def _mirror_with_instruction(self) -> QWidget:
        self.instruction.setFont(bold(self.instruction.font(), 1.7))
        margin = self._page.fontMetrics().height() // 2
        self.instruction.setContentsMargins(margin, margin, margin, margin)
        self.instruction.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.instruction.setMinimumHeight(round(2.4 * self.instruction.fontMetrics().lineSpacing()))
        self.instruction.setAccessibleName(translate("EnrollmentPage", "Instruction"))
        container = QWidget(self._page)
        vertical_layout(container, self.mirror, self.instruction).setStretchFactor(self.mirror, 1)
        return container


def _scroll_area(widget: QWidget, parent: QWidget) -> QScrollArea:
    area = scroll_area(widget, parent)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
