"""Accessibility: names and roles on every page, texts of painted widgets, and announcements on the real accessibility bus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from facecam.settings import Mode
from facecam.ui.enrollment.mirror_view import MirrorView
from facecam.ui.explanation.panel import DistanceScale
from facecam.ui.gallery.views import PersonHeader
from facecam.ui.onboarding import StepBar
from facecam.ui.session_controller import SessionController
from facecam.ui.threshold.histogram import Histogram
from facecam.ui.widgets import ImageView
from facecam.ui.window.pages import ENROLL, FIRST_RUN, GALLERY, PAGES, PEOPLE, STUDIO, TEACH, WHY
from facecam.ui.window.window import Window
from tests.ui.desktop import Desktop, missing_desktop
from tests.ui.leaks import count_objects, open_and_close
from tests.ui.portraits import EILEEN, tracks_by_name
from tests.ui.virtual_display import VirtualDisplay, missing_programs

Role = QAccessible.Role
POLITE = 1
"""ATSPI_LIVE_POLITE"""

CONTROLS = {
    Role.Button,
    Role.ButtonMenu,
    Role.ButtonDropDown,
    Role.CheckBox,
    Role.RadioButton,
    Role.ComboBox,
    Role.EditableText,
    Role.SpinBox,
    Role.Slider,
    Role.ProgressBar,
    Role.List,
    Role.ListItem,
    Role.Table,
    Role.Tree,
    Role.Chart,
    Role.MenuItem,
    Role.PageTab,
}


@pytest.fixture(autouse=True)
def _screen_reader(qapp: QApplication) -> Iterator[None]:
    """Let Qt keep its accessible objects up to date, as it does for a connected screen reader."""
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


def all_visible(window: QWidget) -> list[QAccessibleInterface]:
    """Return all visible accessible objects of a window."""
    return list(visible_interfaces(QAccessible.queryAccessibleInterface(window)))


def visible_interfaces(interface: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """Yield an accessible object and everything visible in it."""
    if interface.state().invisible and interface.role() is not Role.MenuItem:
        return
    yield interface
    for index in range(interface.childCount()):
        child = interface.child(index)
        if child is not None and child.isValid():
            yield from visible_interfaces(child)


def describe(interface: QAccessibleInterface) -> str:
    """Return a short description of an accessible object for a failure."""
    widget, path = interface.object(), []
    while widget is not None:
        path.append(f"{type(widget).__name__} {widget.objectName()}".strip())
        widget = widget.parent()
    return f"{interface.role().name}: {' < '.join(path[:5])}"


def is_nameless(interface: QAccessibleInterface) -> bool:
    """Return whether a control, or anything that takes the focus, has no name or no role."""
    widget, state = interface.object(), interface.state()
    is_focusable = bool(state.focusable) and isinstance(widget, QWidget) and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    is_control = interface.role() in CONTROLS or is_focusable
    is_image = isinstance(widget, ImageView) and widget.pixmap is not None
    return bool(is_control or is_image) and not interface.text(QAccessible.Text.Name)


def nameless(window: QWidget) -> list[str]:
    """Return descriptions of the visible controls without a name, and of those that take the focus without a role."""
    return [describe(each) for each in all_visible(window) if is_nameless(each)]


@pytest.mark.parametrize("page_id", [page.id for page in PAGES])
def test_every_control_of_a_page_has_a_name(window: Window, controller: SessionController, qtbot: QtBot, page_id: str) -> None:
    qtbot.waitUntil(lambda: EILEEN in tracks_by_name(controller))
    if page_id == TEACH:
        controller.change(Mode.OBJECTS)
    argument = tracks_by_name(controller)[EILEEN] if page_id == WHY else None
    window.pages.open(page_id, argument)
    qtbot.waitUntil(lambda: window.pages.is_open(page_id))

    assert nameless(window) == []


def open_keys(window: Window) -> QWidget:
    window.app_actions["keys"].trigger()
    return window.keys_overlay


def open_address(window: Window) -> QWidget:
    window.app_actions["open_address"].trigger()
    return window.address


def open_marker(window: Window) -> QWidget:
    window.app_actions["mark"].trigger()
    return window.marker_line


def ask_question(window: Window) -> QWidget:
    window.question.ask("Is this Ada?", ("Yes", lambda: None))
    return window.question


def show_toast(window: Window) -> QWidget:
    window.toast.show_message("Saved.", ("Show folder", lambda: None))
    return window.toast


@pytest.mark.parametrize("open_part", [open_keys, open_address, open_marker, ask_question, show_toast])
def test_every_control_above_the_video_has_a_name(window: Window, open_part: Callable[[Window], QWidget]) -> None:
    part = open_part(window)

    assert part.isVisible()
    assert nameless(window) == []


def test_every_control_of_a_person_in_the_gallery_has_a_name(window: Window, controller: SessionController, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: EILEEN in tracks_by_name(controller))
    page = window.pages.open(GALLERY)
    assert page is not None
    people = page._people_view  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: people.model().rowCount() > 0)
    people.setCurrentIndex(people.model().index(0, 0))
    header = page.findChild(PersonHeader)
    assert header is not None
    qtbot.waitUntil(header.isVisible)

    assert nameless(window) == []


def test_every_control_of_an_enrollment_has_a_name(window: Window, controller: SessionController, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: EILEEN in tracks_by_name(controller))
    page = window.pages.open(ENROLL)
    assert page is not None
    for control in page.findChildren(QCheckBox):
        control.setChecked(True)
    page.findChildren(QLineEdit)[0].setText("Ada")
    qtbot.keyClick(page.findChildren(QLineEdit)[0], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: any(view.isVisible() for view in page.findChildren(MirrorView)))

    assert nameless(window) == []


def test_the_menu_of_a_face_is_named_after_the_person(window: Window, controller: SessionController, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: EILEEN in tracks_by_name(controller))
    menu = window.pages.get_or_create(PEOPLE).menu_for(tracks_by_name(controller)[EILEEN])  # type: ignore[attr-defined]
    interface = QAccessible.queryAccessibleInterface(menu)

    assert interface.text(QAccessible.Text.Name) == EILEEN
    assert nameless(menu) == []
    menu.close()


def test_the_video_is_a_graphic_that_says_who_is_visible(window: Window, controller: SessionController, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: EILEEN in tracks_by_name(controller))
    interface = QAccessible.queryAccessibleInterface(window.video)

    assert interface.role() is Role.Graphic
    assert interface.text(QAccessible.Text.Name) == "Live video"
    qtbot.waitUntil(lambda: EILEEN in interface.text(QAccessible.Text.Description))
    assert interface.text(QAccessible.Text.Description).startswith("In view: ")


def test_the_video_describes_the_face_that_was_chosen_by_key(window: Window, controller: SessionController, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: EILEEN in tracks_by_name(controller))
    window.app_actions["pause"].trigger()
    interface = QAccessible.queryAccessibleInterface(window.video)
    titles = {face.title for face in window.video.visible_faces()}
    qtbot.keyClick(window.video, Qt.Key.Key_Right)

    assert interface.text(QAccessible.Text.Description) in titles


def test_what_lies_over_the_video_is_part_of_it(window: Window) -> None:
    interface = QAccessible.queryAccessibleInterface(window.video)
    children = [interface.child(index) for index in range(interface.childCount())]

    assert window.notice_view in [child.object() for child in children]
    assert [interface.indexOfChild(child) for child in children] == list(range(len(children)))
    assert all(child.parent().object() is window.video for child in children)


def test_the_histogram_of_the_threshold_studio_says_what_it_shows(
    window: Window, controller: SessionController, qtbot: QtBot
) -> None:
    page = window.pages.open(STUDIO)
    assert page is not None
    histogram = page.findChild(Histogram)
    interface = QAccessible.queryAccessibleInterface(histogram)

    assert interface.role() is Role.Chart
    assert interface.text(QAccessible.Text.Name) == "Distances in this gallery"
    qtbot.waitUntil(lambda: bool(interface.text(QAccessible.Text.Description)))


def test_the_scale_of_why_reads_its_distances(window: Window, controller: SessionController, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: EILEEN in tracks_by_name(controller))
    page = window.pages.open(WHY, tracks_by_name(controller)[EILEEN])
    assert page is not None
    interface = QAccessible.queryAccessibleInterface(page.findChild(DistanceScale))

    assert interface.role() is Role.Chart
    qtbot.waitUntil(lambda: EILEEN in interface.text(QAccessible.Text.Description))


def test_cards_of_the_people_panel_read_name_time_and_expression(
    window: Window, controller: SessionController, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: EILEEN in tracks_by_name(controller))
    panel = window.pages.widget(PEOPLE)
    assert panel is not None
    cards = QAccessible.queryAccessibleInterface(panel)

    def texts() -> list[str]:
        return [cards.child(index).text(QAccessible.Text.Name) for index in range(cards.childCount())]

    qtbot.waitUntil(lambda: any(text.startswith(f"{EILEEN}, since ") for text in texts()))


def test_the_step_bar_reads_the_current_step(window: Window) -> None:
    page = window.pages.open(FIRST_RUN)
    assert page is not None
    bar = page.findChild(StepBar)
    interface = QAccessible.queryAccessibleInterface(bar)

    assert interface.text(QAccessible.Text.Name).startswith("Step 1 of 3: ")


def test_a_painted_widget_is_not_kept_alive_by_its_accessible_object(qtbot: QtBot) -> None:
    def create() -> QWidget:
        made = ImageView(3.0)
        assert QAccessible.queryAccessibleInterface(made).role() is Role.Graphic
        return made

    open_and_close(qtbot, create, 2)
    before = count_objects()
    open_and_close(qtbot, create, 20)

    assert count_objects() <= before


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    """A session bus with the accessibility bus, for the real command."""
    if missing := missing_desktop() or missing_programs():
        pytest.skip(missing)
    with Desktop(tmp_path) as made:
        yield made


def test_a_screen_reader_hears_once_who_was_recognized_and_finds_the_video(
    desktop: Desktop, display: VirtualDisplay, gallery: Path
) -> None:
    desktop.ask("listen")
    display.start("--source", "demo", "--gallery", gallery, **desktop.environment)
    heard = desktop.wait_for("announcement")
    found = desktop.ask("tree")
    display.key("ctrl+q")
    display.wait_for_exit()

    assert (heard["text"], heard["politeness"]) == (f"{EILEEN} is here.", POLITE)
    assert heard["text"] not in [event["text"] for event in desktop.events("announcement")]
    names = {(role, name) for role, name, _ in found}
    assert {("frame", "facecam"), ("list", "People"), ("tool bar", "Toolbar"), ("slider", "Position")} <= names
    assert [role for role, name, _ in found if name == "Live video"] == ["graphic"]
    assert next(text for _, name, text in found if name == "Live video").startswith("In view: ")
