"""The people panel's rows for a Qt view. What changes is told row by row: the chosen card stays chosen, the list where it is."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from facecam.ui.people_rows import Row

Index = QModelIndex | QPersistentModelIndex

ROW = Qt.ItemDataRole.UserRole
"""The whole Row."""


class PeopleModel(QAbstractListModel):
    """Shows the rows that it was told of last."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.title or " ".join(row.detail)
            case Qt.ItemDataRole.AccessibleTextRole:
                return row.spoken
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join((row.title, *row.detail)) if row.card is not None else None
        return row if role == ROW else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and self._rows[index.row()].card is not None:
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags

    def row(self, index: Index) -> Row:
        """The row at a valid index."""
        return self._rows[index.row()]

    def index_of(self, key: str) -> QModelIndex:
        """Where the row with this key is; an invalid index when there is none."""
        return next((self.index(number) for number, row in enumerate(self._rows) if row.key == key), QModelIndex())

    def show(self, rows: list[Row]) -> None:
        """Show these rows, whose keys are all different."""
        wanted = {row.key for row in rows}
        for number in reversed(range(len(self._rows))):
            if self._rows[number].key not in wanted:
                self.beginRemoveRows(QModelIndex(), number, number)
                del self._rows[number]
                self.endRemoveRows()
        for number, row in enumerate(rows):
            self._place(number, row)

    def _place(self, number: int, row: Row) -> None:
        """Let this row be at its place; all before it are right already."""
        was = next((at for at in range(number, len(self._rows)) if self._rows[at].key == row.key), None)
        if was is None:
            self.beginInsertRows(QModelIndex(), number, number)
            self._rows.insert(number, row)
            self.endInsertRows()
            return
        if was != number:
            self.beginMoveRows(QModelIndex(), was, was, QModelIndex(), number)
            self._rows.insert(number, self._rows.pop(was))
            self.endMoveRows()
        before, self._rows[number] = self._rows[number], row
        if not row.looks_like(before):
            at = self.index(number)
            self.dataChanged.emit(at, at)
