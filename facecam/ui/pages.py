"""The pages a window can open beside or instead of the picture: a line each. A page is imported when it is first opened.

A page is a QWidget made by `Class(live, parent)`. What it may have, and the window then uses:

- `page_wanted = Signal(str, object)`: open another page by its id, with an argument or None.
- `said = Signal(str)`: a sentence for the message bar.
- `finished = Signal()`: close this page.
- the method named in `takes`: called with the argument that the page was opened with.

A closed page is deleted, unless it is `kept`; it must let go of what it began in `closeEvent`, which comes first.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from facecam.ui.live import Live
from facecam.ui.translate import QT_TRANSLATE_NOOP

PEOPLE, WHY, STUDIO, GALLERY, SETTINGS, ENROL, FIRST_RUN = "people", "why", "studio", "gallery", "settings", "enrol", "first_run"
TEACH = "teach"


class Way(StrEnum):
    """Where a page stands: beside the picture, instead of it, or in a window of its own."""

    SIDE = "side"
    WHOLE = "whole"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its action's words and key ("" for none), where its class is, and how it opens."""

    id: str
    title: str
    key: str
    module: str
    name: str
    way: Way
    takes: str = ""
    kept: bool = False
    in_menu: bool = True

    @property
    def words(self) -> str:
        """The title in the user's language."""
        return QCoreApplication.translate("Pages", self.title)

    @property
    def exists(self) -> bool:
        """Whether its module is there."""
        return importlib.util.find_spec(self.module) is not None

    def make(self, live: Live, parent: QWidget | None = None) -> QWidget:
        """A new one of it."""
        made = getattr(importlib.import_module(self.module), self.name)(live, parent)
        assert isinstance(made, QWidget)
        return made


PAGES = (
    Page(PEOPLE, QT_TRANSLATE_NOOP("Pages", "People"), "P", "facecam.ui.people_panel", "PeoplePanel", Way.SIDE, kept=True),
    Page(WHY, QT_TRANSLATE_NOOP("Pages", "Why?"), "", "facecam.ui.why", "WhyPanel", Way.SIDE, takes="show_track", in_menu=False),
    Page(STUDIO, QT_TRANSLATE_NOOP("Pages", "Threshold studio"), "T", "facecam.ui.studio", "ThresholdStudio", Way.SIDE),
    Page(GALLERY, QT_TRANSLATE_NOOP("Pages", "Gallery"), "G", "facecam.ui.gallery_page", "GalleryPage", Way.WHOLE),
    Page(
        ENROL,
        QT_TRANSLATE_NOOP("Pages", "Enrol a person"),
        "E",
        "facecam.ui.enrol_page",
        "EnrolPage",
        Way.WHOLE,
        takes="add",
    ),
    Page(TEACH, QT_TRANSLATE_NOOP("Pages", "Teach an object"), "L", "facecam.ui.teach_panel", "TeachPanel", Way.SIDE),
    Page(FIRST_RUN, QT_TRANSLATE_NOOP("Pages", "First steps"), "", "facecam.ui.first_run", "FirstRunPage", Way.WHOLE),
    Page(SETTINGS, QT_TRANSLATE_NOOP("Pages", "Settings"), "Ctrl+,", "facecam.ui.settings_page", "SettingsPage", Way.WHOLE),
)


def page(page_id: str) -> Page:
    """The page of that id."""
    return next(one for one in PAGES if one.id == page_id)
