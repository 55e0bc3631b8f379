"""Help pages: documentation, versions and licenses."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QComboBox, QTextBrowser
from pytestqt.qtbot import QtBot

from facecam import __version__
from facecam.networks.manifest import entries
from facecam.ui.help import AboutPage, DocumentationPage, docs_dir, documents, heading_anchor, without_images
from tests.ui.fakes import idle_controller


@pytest.fixture
def documentation(qtbot: QtBot) -> DocumentationPage:
    page = DocumentationPage(idle_controller())
    qtbot.addWidget(page)
    page.resize(900, 500)
    page.show()
    return page


@pytest.fixture
def about(qtbot: QtBot) -> AboutPage:
    page = AboutPage(idle_controller())
    qtbot.addWidget(page)
    page.show()
    return page


def shown(page: DocumentationPage) -> str:
    return page.browser.toPlainText().splitlines()[0]


def test_every_guide_and_reference_is_listed_by_its_title(documentation: DocumentationPage) -> None:
    titles = [documentation.list.item(row).text() for row in range(documentation.list.count())]

    assert len(titles) == 1 + sum(len(list((docs_dir() / name).glob("*.md"))) for name in ("guides", "reference"))
    assert "Security" in titles
    assert titles[:2] == ["Window", "Cameras and streams"]


def test_a_link_to_another_document_opens_there_at_its_heading(qtbot: QtBot, documentation: DocumentationPage) -> None:
    assert shown(documentation) == "Window"

    documentation.browser.anchorClicked.emit(QUrl("logs.md#labels-and-markers"))

    assert shown(documentation) == "Logs"
    assert documentation.browser.verticalScrollBar().value() > 0


def test_a_link_to_a_file_that_is_not_installed_is_reported(qtbot: QtBot, documentation: DocumentationPage) -> None:
    with qtbot.waitSignal(documentation.message_posted):
        documentation.browser.anchorClicked.emit(QUrl("../internals/profile.md"))


def test_a_link_to_the_web_is_opened_by_the_browser_of_the_system(
    documentation: DocumentationPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))

    documentation.browser.anchorClicked.emit(QUrl("https://example.org/"))

    assert opened == ["https://example.org/"]
    assert shown(documentation) == "Window"


@pytest.mark.parametrize("path", [path for _, path in documents(docs_dir())], ids=lambda path: path.stem)
def test_links_within_the_documentation_lead_to_a_heading(path: Path, documentation: DocumentationPage) -> None:
    documentation.browser.setMarkdown(path.read_text(encoding="utf-8"))
    block = documentation.browser.document().begin()
    own = set()
    while block.isValid():
        own |= {heading_anchor(block.text())} if block.blockFormat().headingLevel() else set()
        block = block.next()
    text = path.read_text(encoding="utf-8")

    assert {anchor.split(")")[0] for anchor in text.split("](#")[1:]} <= own


def test_images_are_left_out_and_the_table_stays() -> None:
    markdown = "| | |\n|---|---|\n| ![a](a.png) | ![b](b.png) |\n| **a** | text |\n\n![c](c.png)\nend"

    assert without_images(markdown) == "| | |\n|---|---|\n| **a** | text |\n\nend"


def test_the_versions_can_be_copied(qtbot: QtBot, about: AboutPage) -> None:
    with qtbot.waitSignal(about.message_posted):
        about.copy_versions()

    copied = QGuiApplication.clipboard().text()
    assert copied.startswith(f"facecam {__version__}\n")
    for name in ("Qt ", "python ", "opencv ", "ai-edge-litert "):
        assert f"\n{name}" in copied


def test_libraries_and_networks_are_listed_with_their_licenses(about: AboutPage) -> None:
    texts = [browser.toPlainText() for browser in about.findChildren(QTextBrowser)]

    (libraries,) = [text for text in texts if "opencv-python" in text]
    assert "LGPL" in libraries
    assert "see the package" not in libraries
    (networks,) = [text for text in texts if "mtcnn" in text and "PyPI" in text]
    assert all(found.name in networks for found in entries())


def test_license_texts_are_shown_whole(about: AboutPage) -> None:
    (choice,) = about.findChildren(QComboBox)
    (browser,) = [browser for browser in about.findChildren(QTextBrowser) if "Apache License" in browser.toPlainText()]
    choice.setCurrentText("MIT-mtcnn")

    assert "Permission is hereby granted" in browser.toPlainText()
