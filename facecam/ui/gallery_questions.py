"""What the gallery page asks before it does what cannot be guessed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication

from facecam.identify.people import REJECTED, Person, photos_in
from facecam.identify.set_aside import photos_aside
from facecam.ui.gallery_deeds import removal_words
from facecam.ui.question import Asked


def about_removing(person: Person, then: Callable[[], None]) -> Asked:
    """Whether a person is to be removed, with everything that goes."""
    translate = QCoreApplication.translate
    aside = sum(len(photos_aside(folder)) for folder in person.folders)
    rejected = sum(len(photos_in(folder / REJECTED)) for folder in person.folders)
    words = translate(
        "GalleryQuestions",
        "Remove {name}? The folder is deleted with everything in it ({went}), and what was computed from it. Logs keep the name. "
        "You can take it back while this page is open.",
    ).format(name=person.name, went=removal_words(len(person.photos), aside, rejected))
    return Asked(lambda _: words, translate("GalleryQuestions", "Remove"), lambda _: then())


def about_merging(person: Person, others: Sequence[Person], then: Callable[[Person], None]) -> Asked:
    """Into whom a person is to be merged, and what that means."""
    translate = QCoreApplication.translate
    by_name = sorted(others, key=lambda other: other.name.casefold())

    def words(number: int) -> str:
        into = by_name[number]
        said = translate(
            "GalleryQuestions",
            "Everything in the folder of {name} goes to {into}, who will have {count} photos. The name {name} is gone, and so is "
            "what was said of one of the two not being the other. You can take it back while this page is open.",
        )
        return said.format(name=person.name, into=into.name, count=len(person.photos) + len(into.photos))

    label = translate("GalleryQuestions", "{name} is the same person as").format(name=person.name)
    names = [other.name for other in by_name]
    return Asked(words, translate("GalleryQuestions", "Merge"), lambda number: then(by_name[number]), names, label)
