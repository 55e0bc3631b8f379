"""Translations are complete, have the same placeholders, and are compiled."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from facecam.ui.app import make_app
from facecam.ui.preferences import open_store
from facecam.ui.window.window import Window
from tests.ui.fakes import idle_controller

UI = Path(__file__).parents[2] / "facecam" / "ui"
TOOLS = Path(sys.executable).parent
LANGUAGES = sorted(path.stem.removeprefix("facecam_") for path in (UI / "i18n").glob("facecam_*.ts"))

Texts = dict[tuple[str, str], str | None]

_spec = importlib.util.spec_from_file_location("error_texts", UI.parents[1] / "scripts" / "error_texts.py")
assert _spec is not None
assert _spec.loader is not None
error_texts = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = error_texts
_spec.loader.exec_module(error_texts)


def placeholders(text: str) -> set[str]:
    """Return the names in braces, with the formats of their values."""
    return set(re.findall(r"\{\w*(?:![rsa])?(?::[^{}]*)?\}", text))


def texts_in(path: Path) -> Texts:
    """Map (context, source text) to the translation, None where it is unfinished."""
    found: Texts = {}
    for context in ET.parse(path).getroot().findall("context"):  # noqa: S314 - our own file
        for message in context.findall("message"):
            translation = message.find("translation")
            done = translation is not None and translation.get("type") is None
            key = context.findtext("name", ""), message.findtext("source", "")
            found[key] = (translation.text or "") if done and translation is not None else None
    return found


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Texts:
    """The texts in the source code now."""
    path = tmp_path_factory.mktemp("texts") / "now.ts"
    errors = path.with_name("errors.py")
    error_texts.write_markers(errors)
    command = [
        str(TOOLS / "pyside6-lupdate"),
        str(UI.parent / "messages.py"),
        *map(str, sorted(UI.rglob("*.py"))),
        str(errors),
        "-ts",
        str(path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert path.exists(), done.stderr
    return texts_in(path)


def test_there_is_a_second_language() -> None:
    assert "de" in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(collected: Texts, language: str) -> None:
    translated = texts_in(UI / "i18n" / f"facecam_{language}.ts")
    missing = sorted(key for key in collected if not translated.get(key))

    assert missing == [], "run `make translations`, translate what is unfinished, and run it again"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_same_placeholders(language: str) -> None:
    for (_, text), translation in texts_in(UI / "i18n" / f"facecam_{language}.ts").items():
        if translation:
            assert placeholders(text) == placeholders(translation), translation
            assert text.count("&") <= 1 or "&&" in text or translation.count("&") == text.count("&"), translation


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalog_is_up_to_date(tmp_path: Path, language: str) -> None:
    path = UI / "i18n" / f"facecam_{language}.ts"
    packed = tmp_path / "packed.qm"
    subprocess.run([str(TOOLS / "pyside6-lrelease"), str(path), "-qm", str(packed)], capture_output=True, timeout=60, check=True)

    assert packed.read_bytes() == path.with_suffix(".qm").read_bytes(), "run `make translations`"


def test_every_error_is_raised_with_a_template_that_can_be_translated() -> None:
    untranslatable = [call.place for call in error_texts.text_calls() if not call.is_translatable]

    assert untranslatable == [], "raise them with a literal template and values: CameraError('{path} does not exist', path=path)"


def test_the_values_of_every_error_are_those_of_its_template() -> None:
    assert [call.place for call in error_texts.text_calls() if not call.has_fitting_names] == []


def test_the_modules_without_templates_exist() -> None:
    assert [name for name in error_texts.LEFT_OUT if not (error_texts.PACKAGE / name).exists()] == []


def test_every_context_is_a_class_name(collected: Texts) -> None:
    """`something.tr(...)` outside a class is collected under a name that Qt does not look under."""
    assert [context for context, _ in collected if not re.fullmatch(r"[A-Z]\w*", context)] == []


def test_the_window_can_be_shown_in_german(qtbot: QtBot, qapp: QApplication) -> None:
    make_app("de")
    try:
        window = Window(idle_controller(), open_store())
        qtbot.addWidget(window)
        assert window.app_actions["objects"].iconText() == "Gegenstände"
        assert window.windowTitle() == "facecam"
        assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"
        assert window.locale().toString(0.5) == "0,5"
    finally:
        make_app("en")


def test_a_new_language_replaces_the_previous_one(qapp: QApplication) -> None:
    make_app("de")
    make_app("en")

    assert QCoreApplication.translate("Actions", "Objects") == "Objects"
