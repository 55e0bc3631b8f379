"""Which action does what, and who tells whom: the connections between the window's parts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QMenu

from facecam.mode import Mode
from facecam.runtime.state import State
from facecam.ui.correcting import Correcting
from facecam.ui.pages import PAGES, PEOPLE
from facecam.ui.snapshot import show_folder
from facecam.ui.sources import sentence

if TYPE_CHECKING:
    from facecam.ui.window import Window

translate = QCoreApplication.translate


def connect(window: Window) -> None:
    """Make the actions of a window do what they say."""
    _connect_picture(window)
    _connect_heats(window)
    _connect_pages(window)
    _connect_messages(window)


def _connect_picture(window: Window) -> None:
    on, live = window.deeds, window.live
    on["faces"].triggered.connect(lambda: live.change(Mode.FACES))
    on["objects"].triggered.connect(lambda: live.change(Mode.OBJECTS))
    on["pause"].toggled.connect(live.pause)
    live.begun.connect(lambda: on["pause"].setChecked(False))
    on["snapshot"].triggered.connect(lambda: _keep_snapshot(window))
    on["record"].triggered.connect(window.filming.record)
    window.filming.changed.connect(on["record"].setChecked)
    on["open_file"].triggered.connect(window.cameras.open_file)
    on["open_address"].triggered.connect(window.cameras.open_address)
    on["demo"].triggered.connect(lambda: live.open("demo"))
    on["keys"].triggered.connect(window.turn_keys)
    on["quit"].triggered.connect(window.close)
    window.video.double_clicked.connect(on["fullscreen"].toggle)
    window.video.face_clicked.connect(lambda track_id, place: _show_menu_of_face(window, track_id, place))


def _connect_heats(window: Window) -> None:
    heats, deed = window.heats, window.deeds["heat"]
    deed.toggled.connect(lambda on: _turn_heats(window, on=on))
    heats.changed.connect(window.video.update)
    heats.changed.connect(lambda: window.status.tell_heat(on=heats.on, loading=heats.loading))
    heats.failed.connect(lambda _: deed.setChecked(False))
    heats.failed.connect(lambda words: window.toast.say(sentence(words)))
    window.filming.set_lay(heats.lay)


def _turn_heats(window: Window, *, on: bool) -> None:
    window.heats.turn(on)
    if not on:
        return
    if window.live.wish.mode is Mode.FACES:
        words = translate(
            "Window", "Bright is what makes a face like the photo it was compared with. Faces without a name stay plain."
        )
    else:
        words = translate("Window", "Bright is what speaks for the first label.")
    window.toast.say(words)


def _connect_pages(window: Window) -> None:
    on, pages = window.deeds, window.pages
    for page in PAGES:
        if page.id in on:
            on[page.id].triggered.connect(lambda _=False, page_id=page.id: _turn(window, page_id))
    pages.opened.connect(lambda page_id: _tick(window, page_id, on=True))
    pages.closed.connect(lambda page_id: _tick(window, page_id, on=False))


def _connect_messages(window: Window) -> None:
    toast, correcting = window.toast, Correcting.of(window.live)
    window.pages.said.connect(toast.say)
    correcting.told.connect(lambda sentence, offers: toast.say(sentence, *offers))
    window.deeds["undo"].triggered.connect(correcting.undo)
    window.deeds["undo"].setEnabled(correcting.can_undo)
    correcting.undo_changed.connect(window.deeds["undo"].setEnabled)
    window.live.status_changed.connect(lambda: _complain(window))
    for keeper, words in (
        (window.snapshots, translate("Window", "Saved as {path}")),
        (window.filming, translate("Window", "The film is saved as {path}")),
    ):
        keeper.kept.connect(lambda path, words=words: _tell_kept(window, words, path))
        keeper.failed.connect(lambda words: toast.say(sentence(words)))


def _complain(window: Window) -> None:
    """What is wrong while a picture is there; without one the note over the picture says it."""
    status = window.live.status
    shown = status.message if status.state is State.RUNNING else ""
    window.messages.complain(sentence(shown or status.log_fault or ""))


def _keep_snapshot(window: Window) -> None:
    picture = window.video.picture()
    if picture is None:
        window.toast.say(translate("Window", "There is no picture to keep."))
    else:
        window.snapshots.keep(picture)


def _tell_kept(window: Window, words: str, path: Path) -> None:
    window.toast.say(words.format(path=path), (translate("Window", "Show folder"), lambda: show_folder(path)))


def _turn(window: Window, page_id: str) -> None:
    """Open a page; the panel that is ticked in the menu closes the second time."""
    if window.deeds[page_id].isCheckable() and window.pages.is_open(page_id):
        window.pages.close(page_id)
    else:
        window.pages.open(page_id)


def _tick(window: Window, page_id: str, *, on: bool) -> None:
    if page_id in window.deeds and window.deeds[page_id].isCheckable():
        window.deeds[page_id].setChecked(on)


def _show_menu_of_face(window: Window, track_id: int, place: QPoint) -> None:
    """The people panel knows what may be done with a face, shown or not."""
    if PEOPLE not in window.deeds:
        return
    panel = window.pages.widget(PEOPLE) or window.pages.prepared(PEOPLE)
    menu = panel.menu_for(track_id)  # type: ignore[attr-defined]
    assert isinstance(menu, QMenu)
    menu.popup(place)
