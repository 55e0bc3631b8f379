"""A window without expressions: no word about them but the switch, which takes effect on the running session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QApplication, QGroupBox, QWidget
from pytestqt.qtbot import QtBot

from facecam.expression.reader import NETWORK
from facecam.logbook.reader import read_log
from facecam.rendering.annotations import annotate
from facecam.settings import Settings, load_settings
from facecam.ui.app import make_app
from facecam.ui.language import caption_texts
from facecam.ui.onboarding import FirstRunPage
from facecam.ui.session_controller import SessionController
from facecam.ui.settings.fields import EXPRESSIONS, OF_EXPRESSIONS
from facecam.ui.settings.page import SettingsPage
from facecam.ui.window.pages import ABOUT, DOCUMENTATION, FIRST_RUN, PAGES, SETTINGS, WHY
from facecam.ui.window.window import Window
from tests.expression.words import words_about_expressions
from tests.ui.test_address_display import texts

EILEEN = "Eileen Collins"
OFF = Settings().replace({"express.enabled": False})
MakeController = Callable[..., SessionController]
MakeWindow = Callable[[SessionController], Window]


@pytest.fixture(params=["en", "de"])
def language(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[str]:
    make_app(request.param)
    yield request.param
    make_app("en")


def item_texts(window: QWidget) -> Iterator[str]:
    """Yield the texts of the rows of all lists, also those that are painted."""
    roles = Qt.ItemDataRole
    for model in (view.model() for view in window.findChildren(QAbstractItemView) if view.model() is not None):
        for index in (model.index(row, 0) for row in range(model.rowCount())):
            for role in (roles.DisplayRole, roles.ToolTipRole, roles.AccessibleTextRole, roles.AccessibleDescriptionRole):
                yield str(index.data(role) or "")


def caption_lines(controller: SessionController) -> list[str]:
    """Return the lines next to the faces of the newest results, with all figures."""
    overlays = [annotate(result, caption_texts(figures=True)) for _, result in controller.results.values()]
    return [f"{mark.title} {mark.detail}" for overlay in overlays for mark in overlay.marks]


def test_nothing_in_the_window_says_a_word_about_expressions(
    qtbot: QtBot, language: str, make_controller: MakeController, make_window: MakeWindow
) -> None:
    controller = make_controller(settings=OFF)
    window = make_window(controller)
    controller.start()
    lines: list[str] = []

    def is_recognized() -> bool:
        lines.extend(caption_lines(controller))
        return any(EILEEN in line for line in lines)

    qtbot.waitUntil(is_recognized)
    qtbot.waitUntil(lambda: any(EILEEN in text for text in item_texts(window)))

    assert words_about_expressions(" ".join((*lines, *texts(window), *item_texts(window)))) == []
    for spec in PAGES:
        if spec.id not in (WHY, FIRST_RUN, SETTINGS, DOCUMENTATION, ABOUT):
            page = window.pages.open(spec.id)
            assert page is not None
            assert words_about_expressions(" ".join((*texts(page), *item_texts(page)))) == [], spec.id


def test_the_settings_show_the_switch_alone(
    qtbot: QtBot, language: str, make_controller: MakeController, make_window: MakeWindow
) -> None:
    page = make_window(make_controller(settings=OFF)).pages.open(SETTINGS)
    assert isinstance(page, SettingsPage)

    def is_shown(widget: QObject) -> bool:
        return isinstance(widget, QWidget) and widget.isVisibleTo(page)

    switch = page.rows[EXPRESSIONS]
    group = next(box for box in page.findChildren(QGroupBox) if box.isAncestorOf(switch))
    own = {group, switch, *switch.findChildren(QWidget)}
    others = [widget for widget in page.findChildren(QWidget) if is_shown(widget) and widget not in own]

    assert is_shown(switch)
    assert not any(is_shown(page.rows[key]) for key in OF_EXPRESSIONS)
    shown = [text for widget in others for text in texts(widget) if not widget.findChildren(QWidget)]
    assert words_about_expressions(" ".join(shown)) == []


def test_the_switch_takes_effect_on_the_running_session_and_is_saved(
    qtbot: QtBot, make_controller: MakeController, make_window: MakeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    controller = make_controller()
    page = make_window(controller).pages.open(SETTINGS)
    assert isinstance(page, SettingsPage)
    controller.start()

    def has_expression() -> bool:
        return any(s.expression is not None for _, result in controller.results.values() for s in result.sightings)

    qtbot.waitUntil(has_expression)
    page.rows[EXPRESSIONS].control.click()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: not has_expression() and not controller.settings.express.enabled)
    assert not page.rows[OF_EXPRESSIONS[0]].isVisibleTo(page)
    page.rows[EXPRESSIONS].control.click()  # type: ignore[attr-defined]
    qtbot.waitUntil(has_expression)
    page.rows[EXPRESSIONS].control.click()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: not has_expression() and not controller.settings.express.enabled)
    page.close()
    log_path = controller.log_path
    assert controller.stop()
    assert log_path is not None
    rows = read_log(log_path)
    seen = rows[rows["event"] == "seen"]
    (last,) = seen.tail(1)[["expression", "expression_model"]].to_numpy().tolist()

    assert not load_settings(environment={}).express.enabled
    assert pd.isna(last).all()
    assert set(seen.loc[seen["expression"].notna(), "expression_model"]) == {NETWORK}


def test_the_first_steps_have_the_switch(
    qtbot: QtBot, make_controller: MakeController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    controller = make_controller()
    page = FirstRunPage(controller)
    qtbot.addWidget(page)
    page.show()
    box = page.expressions.box
    assert box.isChecked()

    qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
    page.close()

    assert not controller.request.settings.express.enabled
    assert not load_settings(environment={}).express.enabled
