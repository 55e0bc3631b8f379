"""Question before two people are merged: both portraits, what will happen, and a warning when they look different."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QWidget

from facecam.gallery.people import Person
from facecam.gallery.person_comparison import PersonComparison
from facecam.ui.background import PhotoCache
from facecam.ui.language import error_text, format_number
from facecam.ui.widgets import PhotoView, QuestionPanel, bold, wrapped_label

_PORTRAIT_LINES = 5.0

Comparer = Callable[[Person, Person], PersonComparison | None]
"""Returns how alike two people look, None when they cannot be compared."""


class MergeQuestionPanel(QuestionPanel):
    """Question panel of the gallery page, which can also ask whom a person is merged with."""

    def __init__(self, photos: PhotoCache, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._people: Sequence[tuple[Person, Person]] = ()
        self._compare: Comparer = lambda first, second: None
        self._portrait: Callable[[Person], Path | None] = lambda person: None
        self._portraits = QWidget(self)
        self._views = tuple(PhotoView(photos, _PORTRAIT_LINES, self._portraits) for _ in range(2))
        self._names = tuple(wrapped_label(self._portraits) for _ in range(2))
        grid = QGridLayout(self._portraits)
        grid.setContentsMargins(0, 0, 0, 0)
        for column, (view, name) in enumerate(zip(self._views, self._names, strict=True)):
            name.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            grid.addWidget(view, 0, column)
            grid.addWidget(name, 1, column)
            grid.setColumnStretch(column, 1)
        grid.setColumnStretch(2, 1)
        self.warning = wrapped_label(self)
        self.warning.setFont(bold(self.warning.font()))
        layout = self.layout()
        assert isinstance(layout, QBoxLayout)
        layout.insertWidget(2, self._portraits)
        layout.insertWidget(3, self.warning)

    def ask(
        self,
        texts: Sequence[str],
        accept_text: str,
        on_accept: Callable[[int], None],
        *,
        choices: Sequence[str] = (),
        label: str = "",
    ) -> None:
        """Show any other question, without portraits."""
        self._people = ()
        super().ask(texts, accept_text, on_accept, choices=choices, label=label)

    def ask_to_merge(
        self,
        person: Person,
        others: Sequence[Person],
        compare: Comparer,
        portrait: Callable[[Person], Path | None],
        then: Callable[[Person], None],
    ) -> None:
        """Ask for the person to merge into, and explain the consequences."""
        translate = QCoreApplication.translate
        by_name = sorted(others, key=lambda other: other.name.casefold())
        text = translate(
            "GalleryQuestions",
            "Everything in the folder of {name} moves to {into}, who will have {count} photos. The name {name} is removed, "
            "and so are marks that one of the two is not the other. You can undo this while this page is open.",
        )
        photos = len(person.photos)
        texts = [text.format(name=person.name, into=into.name, count=photos + len(into.photos)) for into in by_name]
        self._people = [(person, into) for into in by_name]
        self._compare, self._portrait = compare, portrait
        super().ask(
            texts,
            translate("GalleryQuestions", "Merge"),
            lambda number: then(by_name[number]),
            choices=[other.name for other in by_name],
            label=translate("GalleryQuestions", "{name} is the same person as").format(name=person.name),
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and not self.warning.isHidden() and self._choices.hasFocus():
            self._cancel.setFocus(Qt.FocusReason.OtherFocusReason)  # A warning is answered with one of the buttons.
            return
        super().keyPressEvent(event)

    def _show_text(self, choice: int) -> None:
        super()._show_text(choice)
        people = self._people[max(choice, 0)] if self._people else ()
        self._portraits.setVisible(bool(people))
        for person, view, name in zip(people, self._views, self._names, strict=False):
            view.show_photo(self._portrait(person), person.name)
            name.setText(person.name)
        self._show_warning(*people)

    def _show_warning(self, *people: Person) -> None:
        """Warn of two people who look different or cannot be compared; show nothing without people."""
        comparison = self._compare(people[0], people[1]) if people else None
        self.warning.setVisible(bool(people) and (comparison is None or comparison.look_different))
        if self.warning.isHidden():
            return
        if comparison is None:
            self.warning.setText(self.tr("The photos of these two could not be compared."))
            self.warning.setToolTip("")
        else:
            self.warning.setText(error_text(comparison.warning))
            tip = self.tr("Mean distance of their photos: {distance}. One person: up to {limit}.")
            distance, limit = format_number(comparison.distance_l2), format_number(comparison.max_l2)
            self.warning.setToolTip(tip.format(distance=distance, limit=limit))
        QAccessible.updateAccessibility(QAccessibleEvent(self.warning, QAccessible.Event.Alert))
