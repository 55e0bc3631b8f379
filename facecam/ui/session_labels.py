"""Panel for the labels of the next session, such as the participant and the condition of an experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCompleter, QGridLayout, QLabel, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from facecam.errors import SettingsError
from facecam.logbook.schema import MAX_LABELS, check_labels
from facecam.ui.icons import icon
from facecam.ui.preferences import open_store
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import Page, fill_layout, horizontal_layout, wrapped_label

_NAMES = "session_labels/names"
_MAX_REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class _Row:
    name: QLineEdit
    value: QLineEdit
    remove: QToolButton

    @property
    def texts(self) -> tuple[str, str]:
        return self.name.text().strip(), self.value.text().strip()


class SessionLabelsPage(Page):
    """Rows of names and values. Names are remembered, values only until the window closes."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(controller, parent)
        self._store = open_store()
        self._rows: list[_Row] = []
        self._lay_out()
        remembered = self._remembered_names()
        labels = controller.request.labels
        for name, value in labels.items():
            self._add_row(name, value)
        for name in remembered:
            if name not in labels:
                self._add_row(name)
        if not self._rows:
            self._add_row()
        controller.started.connect(self._show_current)
        self._show_current()

    def _lay_out(self) -> None:
        intro = wrapped_label(
            self,
            self.tr(
                "Labels describe a session: each row of the log has them, and analyses can select by them. Use names such as "
                "participant and condition."
            ),
        )
        self._current = wrapped_label(self)
        self._grid = QGridLayout()
        self._grid.addWidget(QLabel(self.tr("Name"), self), 0, 0)
        self._grid.addWidget(QLabel(self.tr("Value"), self), 0, 1)
        self._more = QPushButton(self.tr("Add a label"), self)
        self._problem = wrapped_label(self)
        self._problem.hide()
        self._save = QPushButton(self.tr("Apply"), self)
        self._restart = QPushButton(self.tr("Start a new session"), self)
        note = self.tr("Applied labels are those of the next session, which also starts when you choose another source.")
        fill_layout(
            QVBoxLayout(self),
            intro,
            self._current,
            self._grid,
            horizontal_layout(self._more, None),
            self._problem,
            self._save,
            self._restart,
            wrapped_label(self, note),
            None,
        )
        self._more.clicked.connect(lambda: self._add_row().name.setFocus(Qt.FocusReason.OtherFocusReason))
        self._save.clicked.connect(self.save)
        self._restart.clicked.connect(self.restart)

    def save(self) -> bool:
        """Use the labels for the next session. Return False, with the reason shown, when they are not possible."""
        labels, problem = self._labels()
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        if problem:
            return False
        names = [name for name, _ in (row.texts for row in self._rows) if name]
        self._store.setValue(_NAMES, names[:_MAX_REMEMBERED])
        self._controller.set_labels(labels)
        self._show_current()
        self.message_posted.emit(self.tr("The labels apply from the next session on."))
        return True

    def restart(self) -> None:
        """Start a session with the labels on the same source."""
        if self.save():
            self._controller.start()
            self.message_posted.emit(self.tr("A new session starts with these labels."))

    def _labels(self) -> tuple[dict[str, str], str]:
        """Return the labels of all rows with a value, and a sentence about the first problem, "" without one."""
        labels: dict[str, str] = {}
        for name, value in (row.texts for row in self._rows):
            if value and not name:
                return {}, self.tr("Enter a name for the value {value}.").format(value=value)
            if value and name in labels:
                return {}, self.tr("The name {name} is there twice; remove one of the two.").format(name=name)
            if value:
                labels[name] = value
        try:
            return check_labels(labels), ""
        except SettingsError:
            return {}, self.tr(
                "A name has 1 to 32 of the characters a-z, 0-9 and _, begins with a letter, and is neither id nor labels. "
                "A value has up to 100 characters without ; and =."
            )

    def _add_row(self, name: str = "", value: str = "") -> _Row:
        row = _Row(QLineEdit(name, self), QLineEdit(value, self), QToolButton(self, autoRaise=True))
        row.name.setAccessibleName(self.tr("Name of the label"))
        row.name.setPlaceholderText("participant")
        row.name.setCompleter(QCompleter(self._remembered_names(), row.name))
        row.value.setAccessibleName(self.tr("Value of the label"))

        def show_example(name: str) -> None:
            row.value.setPlaceholderText("P07" if name in ("", "participant") else "")

        show_example(name)
        row.name.textChanged.connect(show_example)
        row.remove.setIcon(icon("close", self.palette()))
        row.remove.setToolTip(self.tr("Remove this label"))
        row.remove.setAccessibleName(row.remove.toolTip())
        row.remove.clicked.connect(lambda: self._remove(row))
        row.name.textEdited.connect(lambda text: row.name.setText(text.lower().replace(" ", "_")))
        for field in (row.name, row.value):
            field.returnPressed.connect(self.save)
        line = self._grid.rowCount()
        for column, widget in enumerate((row.name, row.value, row.remove)):
            self._grid.addWidget(widget, line, column)
            widget.show()
        self._rows.append(row)
        self._more.setEnabled(len(self._rows) < MAX_LABELS)
        self.set_focus_target(row.value if name else row.name)
        return row

    def _remove(self, row: _Row) -> None:
        self._rows.remove(row)
        for widget in (row.name, row.value, row.remove):
            self._grid.removeWidget(widget)
            widget.deleteLater()
        self._more.setEnabled(True)
        if not self._rows:
            self._add_row()

    def _remembered_names(self) -> list[str]:
        found: Any = self._store.value(_NAMES) or []
        return [found] if isinstance(found, str) else list(found)  # QSettings returns a list of one text as the text.

    def _show_current(self) -> None:
        """Say which labels this session has, and which the next one gets if they are others."""
        text = self.tr("This session: {labels}").format(labels=self._text(self._controller.session_labels))
        if self._controller.request.labels != self._controller.session_labels:
            next_text = self.tr("Next session: {labels}").format(labels=self._text(self._controller.request.labels))
            text = f"{text}\n{next_text}"
        self._current.setText(text)

    def _text(self, labels: Mapping[str, str]) -> str:
        return ", ".join(f"{name} = {value}" for name, value in labels.items()) or self.tr("no labels")
