"""Toolbar whose buttons lose their texts step by step where the window is too narrow for all of them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QStyle, QToolBar, QToolButton

from facecam.ui.window.actions import TOOLBAR_GROUPS, Actions

_ICON, _TEXT = Qt.ToolButtonStyle.ToolButtonIconOnly, Qt.ToolButtonStyle.ToolButtonTextBesideIcon
_SHORTENED_GROUPS = frozenset[int](), frozenset({2}), frozenset({1, 2}), frozenset({0, 1, 2}), frozenset({0, 1, 2, 3})
"""Groups of TOOLBAR_GROUPS without texts, from the widest toolbar to the narrowest; the icons of the pages say least."""


class ActionToolBar(QToolBar):
    """Buttons of the actions in TOOLBAR_GROUPS. Enter presses the focused button; the space bar stays with Pause."""

    def __init__(self, actions: Actions, parent: QMainWindow) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Toolbar"))
        self.setObjectName("buttons")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setToolButtonStyle(_TEXT)
        self._groups: list[list[QToolButton]] = []
        for number, group in enumerate(TOOLBAR_GROUPS):
            if number:
                self.addSeparator()
            self.addActions([actions[action_id] for action_id in group])
            buttons = [self.widgetForAction(actions[action_id]) for action_id in group]
            self._groups.append([button for button in buttons if isinstance(button, QToolButton)])
        for button in self.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Qt leaves toolbar buttons out of the tab order.
            button.installEventFilter(self)
        self._scale_icons()
        self._widths: list[int] = []
        self._step = 0

    def full_width(self) -> int:
        """Return the width that the toolbar needs for all texts."""
        return self._measured_widths()[0]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_enter = isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and event.type() == QEvent.Type.KeyPress and isinstance(watched, QToolButton):
            watched.click()
            return True
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_widths"):
            self._widths = []
            self._scale_icons()
            self._fit()

    def _scale_icons(self) -> None:
        side = max(self.style().pixelMetric(QStyle.PixelMetric.PM_LargeIconSize) * 3 // 4, self.fontMetrics().height())
        self.setIconSize(QSize(side, side))

    def _fit(self) -> None:
        widths = self._measured_widths()
        step = next((number for number, width in enumerate(widths) if width <= self.width()), len(widths) - 1)
        if step != self._step:
            self._show_step(step)

    def _measured_widths(self) -> list[int]:
        """Return the width of the toolbar at each step."""
        if not self._widths:
            shown = self._step
            for step in range(len(_SHORTENED_GROUPS)):
                self._show_step(step)
                self._widths.append(self.sizeHint().width())
            self._show_step(shown)
        return self._widths

    def _show_step(self, step: int) -> None:
        self._step = step
        for number, buttons in enumerate(self._groups):
            for button in buttons:
                button.setToolButtonStyle(_ICON if number in _SHORTENED_GROUPS[step] else _TEXT)
        layout = self.layout()
        assert layout is not None
        layout.invalidate()  # which the buttons do not do before the toolbar is shown
