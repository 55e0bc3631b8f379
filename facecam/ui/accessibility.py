"""Additions to Qt's accessibility: roles of painted widgets, and announcements of recognized people."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface, QAccessibleObject, QWindow
from PySide6.QtWidgets import QApplication, QWidget

from facecam.session.visitors import VisitorSummary
from facecam.ui.arrivals import ArrivalWatcher, arrival_text


def announce(widget: QWidget, text: str) -> None:
    """Let a connected screen reader say a text after what it is saying.

    Args:
        widget: The widget that the text belongs to.
        text: The text; nothing is announced if it is empty.
    """
    if text and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


class ArrivalAnnouncer(QObject):
    """Announces each arrival once."""

    def __init__(self, arrivals: ArrivalWatcher, video: QWidget) -> None:
        """`video` is the widget that the announcements belong to."""
        super().__init__(video)
        self._video = video
        arrivals.arrived.connect(self._announce)

    def _announce(self, visitor: VisitorSummary) -> None:
        announce(self._video, arrival_text(visitor))


def install_painted_roles() -> None:
    """Give painted widgets the role of their class's `accessible_role`, where Qt only knows a widget without a role.

    A method `accessible_details()` of the widget, if there is one, returns its description when it is asked for.
    """
    QAccessible.installFactory(_create_interface)


def _create_interface(_class_name: str, painted: QObject) -> QAccessibleInterface | None:
    is_painted = isinstance(painted, QWidget) and hasattr(painted, "accessible_role")
    return _PaintedInterface(painted) if is_painted else None


class _PaintedInterface(QAccessibleObject):
    """Accessible object of a painted widget and its children."""

    def role(self) -> QAccessible.Role:
        role = getattr(self._widget, "accessible_role", QAccessible.Role.Client)
        assert isinstance(role, QAccessible.Role)
        return role

    def state(self) -> QAccessible.State:
        widget, state = self._widget, QAccessible.State()
        state.invisible = not widget.isVisible()
        state.disabled = not widget.isEnabled()
        state.focusable = bool(widget.focusPolicy().value)
        state.focused = widget.hasFocus()
        return state

    def text(self, kind: QAccessible.Text) -> str:
        widget = self._widget
        if kind is QAccessible.Text.Name:
            return widget.accessibleName()
        if kind is QAccessible.Text.Description:
            details = getattr(widget, "accessible_details", widget.accessibleDescription)
            return str(details())
        return ""

    def rect(self) -> QRect:
        return QRect(self._widget.mapToGlobal(QPoint()), self._widget.size())

    def window(self) -> QWindow:
        return self._widget.window().windowHandle()

    def parent(self) -> QAccessibleInterface:
        parent = self._widget.parentWidget() or QApplication.instance()
        assert parent is not None
        return QAccessible.queryAccessibleInterface(parent)

    def childCount(self) -> int:
        return len(self._children)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override] # None where there is no child
        children = self._children
        return QAccessible.queryAccessibleInterface(children[index]) if 0 <= index < len(children) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        children: list[QObject] = list(self._children)
        return children.index(child.object()) if child.object() in children else -1

    @property
    def _widget(self) -> QWidget:
        widget = self.object()
        assert isinstance(widget, QWidget)
        return widget

    @property
    def _children(self) -> list[QWidget]:
        return [child for child in self._widget.children() if isinstance(child, QWidget) and not child.isWindow()]
