"""Field over the window that asks for the name of a face and, for a new person, for consent."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPixmap
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QLabel, QPushButton, QWidget

from facecam.session.visitors import VisitorSummary
from facecam.ui.enrollment.start import EnrollmentStart
from facecam.ui.person_card import visitor_image
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import horizontal_layout, wrapped_label
from facecam.ui.window.correction_controller import CorrectionController

_PORTRAIT_LINES = 4.5
"""Side of the portrait in lines of text."""

_FORM_CHARACTERS = 42
"""Width of the form in average characters; the consent takes three lines then."""

_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class NameField(QFrame):
    """Asks for a visitor's name, completes enrolled names, and asks for the consent of a new person, whose photos are saved.

    Enter accepts; Escape or a click elsewhere cancels. It is a child of the window, not a dialog, so everything else goes on. It
    deletes itself.
    """

    named = Signal(str)

    def __init__(self, controller: SessionController, visitor: VisitorSummary, parent: QWidget) -> None:
        super().__init__(parent)
        self._corrections = CorrectionController.for_controller(controller)
        self._visitor = visitor
        self._window = parent
        self._previous_focus = QApplication.focusWidget()
        self.setObjectName("naming")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setAccessibleName(self.tr("Name this person"))
        side, ratio = round(_PORTRAIT_LINES * self.fontMetrics().height()), self.devicePixelRatioF()
        image = visitor_image(visitor, round(side * ratio), covers_strangers=controller.covers_strangers)
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(ratio)
        portrait = QLabel(self)
        portrait.setPixmap(pixmap)
        portrait.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.form = EnrollmentStart(controller, self, self.tr("&Who is this?"))
        self.form.setMinimumWidth(min(_FORM_CHARACTERS * self.fontMetrics().averageCharWidth(), parent.width() - 2 * side))
        self.edit = self.form.edit
        self.edit.returnPressed.connect(self._accept)
        self.note = wrapped_label(self)
        self.note.hide()
        self._save = QPushButton(self.tr("Name"), self)
        self._save.clicked.connect(self._accept)
        cancel = QPushButton(self.tr("Cancel"), self)
        cancel.clicked.connect(self.close)
        grid = QGridLayout(self)
        grid.setColumnStretch(1, 1)
        grid.addWidget(portrait, 0, 0, 3, 1)
        grid.addWidget(self.form, 0, 1)
        grid.addWidget(self.note, 1, 1)
        grid.addLayout(horizontal_layout(None, self._save, cancel), 2, 1)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)
        self.form.changed.connect(self._on_form_changed)
        self._on_form_changed()

    def open_at(self, screen_position: QPoint) -> None:
        """Show the field near a screen position, inside the window, and focus it."""
        self._fit(self._window.mapFromGlobal(screen_position))
        self.show()
        self.raise_()
        self.edit.setFocus(Qt.FocusReason.PopupFocusReason)

    def _fit(self, corner: QPoint) -> None:
        """Resize the field to its content, and move it to `corner` or as close as the window allows."""
        layout = self.layout()
        assert layout is not None
        layout.activate()  # Its sizes are outdated while a label was shown or hidden a moment ago.
        width = min(self._window.width(), self.sizeHint().width())
        self.resize(width, min(self._window.height(), self.heightForWidth(width)))
        room = self._window.size() - self.size()
        self.move(max(0, min(corner.x(), room.width())), max(0, min(corner.y(), room.height())))

    def _on_form_changed(self) -> None:
        self._save.setEnabled(bool(self.form.name))
        if self.form.is_ready:
            self.note.hide()
        if self.isVisible():
            self._fit(self.pos())

    def _accept(self) -> None:
        if not self.form.name:
            return
        if not self.form.is_ready:
            self._ask_for_consent()
            return
        name = self.form.chosen_name
        self._corrections.assign_name(self._visitor, name, consent=self.form.consent_record)
        self.named.emit(name)
        self.close()

    def _ask_for_consent(self) -> None:
        """Explain that photos are saved only with consent, and focus its box."""
        text = self.tr("Naming {name} saves photos of this face. Check the box first if this person agrees.")
        self.note.setText(text.format(name=self.form.name))
        # The buttons stay in place when the box is checked: a click that misses them closes the field.
        policy = self.note.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.note.setSizePolicy(policy)
        self.note.show()
        self._fit(self.pos())
        self.form.consent.box.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_focus_changed(self, old: QWidget | None, now: QWidget | None) -> None:
        if now is not None and now is not self and not self.isAncestorOf(now) and self.isVisible():
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        focused = self.focusWidget()
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() in _KEYS and isinstance(focused, QPushButton):
            focused.click()
        elif event.key() in _KEYS and focused is self.form.consent.box:
            self._accept()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Keep Tab inside the field."""
        candidates = (self.edit, self.form.consent.box, *self.findChildren(QPushButton))
        widgets: list[QWidget] = [widget for widget in candidates if widget.isEnabled() and widget.isVisible()]
        focused = self.focusWidget()
        at = widgets.index(focused) if focused in widgets else -1
        widgets[(at + (1 if forward else -1)) % len(widgets)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        previous = self._previous_focus
        if self.isAncestorOf(QApplication.focusWidget() or self) and previous is not None and shiboken6.isValid(previous):
            previous.setFocus(Qt.FocusReason.OtherFocusReason)
        super().closeEvent(event)
