"""Help pages: the documentation that is installed with facecam, and versions and licenses. Nothing here opens a connection."""

from __future__ import annotations

import html
import platform
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, qVersion
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QTabWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from facecam import __version__
from facecam.diagnostics.licenses import installed_packages
from facecam.errors import FacecamError
from facecam.fileio import read_regular
from facecam.networks.manifest import entries, models_dir
from facecam.session.record import library_versions
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import Page, bold, fill_layout, horizontal_layout, vertical_layout, wrapped_label

_INSTALLED = "_docs"
_DOCUMENTS = ("guides/*.md", "security.md", "reference/*.md")
_FIRST = ("window", "cameras", "videos", "enrollment", "gallery", "threshold", "objects", "teaching", "logs", "report", "privacy")
"""Guides in the order of a newcomer's questions; the others follow by name."""

_MAX_BYTES = 1 << 20
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_HEADING = re.compile(r"# +(.+)")
_LIST_CHARACTERS = 34


def docs_dir() -> Path:
    """Return the folder of the documentation: inside the installed package, else the repository's docs/."""
    package = Path(__file__).resolve().parents[1]
    installed = package / _INSTALLED
    return installed if installed.is_dir() else package.parent / "docs"


def documents(folder: Path) -> list[tuple[str, Path]]:
    """Return title and path of each document that is installed, the guides first."""
    found: list[tuple[str, Path]] = []
    for pattern in _DOCUMENTS:
        paths = sorted(folder.glob(pattern), key=lambda path: (_rank(path), path.stem))
        found += [(_title(path), path) for path in paths]
    return found


def _rank(path: Path) -> int:
    return _FIRST.index(path.stem) if path.stem in _FIRST else len(_FIRST)


def _title(path: Path) -> str:
    heading = _HEADING.match(path.read_text(encoding="utf-8"))
    return heading[1].strip() if heading else path.stem


def without_images(markdown: str) -> str:
    """Return Markdown without images, which an installed copy does not contain, and without table rows of nothing else."""
    lines = []
    for line in markdown.splitlines():
        text = _IMAGE.sub("", line)
        if text == line or text.strip("| "):
            lines.append(text)
    return "\n".join(lines)


class DocumentationPage(Page):
    """List of the documents and the chosen one. Links to other documents open here, those to the web in the browser."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(controller, parent)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Documents"))
        self.list.setWordWrap(True)
        self.browser = QTextBrowser(self)
        self.browser.setAccessibleName(self.tr("Document"))
        self.browser.setOpenLinks(False)
        self.browser.document().setDocumentMargin(0.7 * self.fontMetrics().height())
        self.browser.anchorClicked.connect(self._open_link)
        self._path: Path | None = None
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.addWidget(self.list)
        splitter.addWidget(self.browser)
        splitter.setChildrenCollapsible(False)
        splitter.setStretchFactor(1, 1)
        line, char = self.fontMetrics().height(), self.fontMetrics().averageCharWidth()
        splitter.setSizes([_LIST_CHARACTERS * char, 3 * _LIST_CHARACTERS * char])
        note = wrapped_label(self, self.tr("The documentation is in English. It is a part of facecam and needs no connection."))
        note.setContentsMargins(line, 0, line, line // 2)
        vertical_layout(self, note, splitter).setStretchFactor(splitter, 1)
        for title, path in documents(docs_dir()):
            QListWidgetItem(title, self.list).setData(Qt.ItemDataRole.UserRole, path)
        self.list.currentItemChanged.connect(self._show_chosen)
        self.list.setCurrentRow(0)
        if not self.list.count():
            self.browser.setPlainText(self.tr("The documentation is missing from this installation."))
        self.set_focus_target(self.list)

    def show_document(self, name: str) -> None:
        """Show a document by its file name without the suffix, such as "privacy"."""
        for row in range(self.list.count()):
            if self._path_in(row).stem == name:
                self.list.setCurrentRow(row)

    def _path_in(self, row: int) -> Path:
        path: Path = self.list.item(row).data(Qt.ItemDataRole.UserRole)
        return path

    def _show_chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._path = item.data(Qt.ItemDataRole.UserRole)
            assert self._path is not None
            self.browser.setMarkdown(without_images(self._path.read_text(encoding="utf-8")))
            self.browser.moveCursor(self.browser.textCursor().MoveOperation.Start)

    def _show_heading(self, anchor: str) -> None:
        """Scroll to the heading with this anchor; Qt gives the headings of Markdown none."""
        block = self.browser.document().begin()
        while anchor and block.isValid():
            if block.blockFormat().headingLevel() and heading_anchor(block.text()) == anchor:
                bar = self.browser.verticalScrollBar()
                bar.setValue(round(self.browser.document().documentLayout().blockBoundingRect(block).top()))
                return
            block = block.next()

    def _open_link(self, url: QUrl) -> None:
        if url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)
        elif not url.path():
            self._show_heading(url.fragment())
        elif self._path is not None:
            target = (self._path.parent / url.path()).resolve()
            rows = [row for row in range(self.list.count()) if self._path_in(row).resolve() == target]
            if rows:
                self.list.setCurrentRow(rows[0])
                self._show_heading(url.fragment())
            else:
                self.message_posted.emit(self.tr("{name} is not part of the installed documentation.").format(name=url.path()))


def heading_anchor(heading: str) -> str:
    """Return the anchor of a heading in a Markdown document, as on GitHub."""
    return re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-")


def versions() -> list[tuple[str, str]]:
    """Return the name and version of facecam, of the libraries that matter in a problem report, and of the system."""
    found = {"facecam": __version__, "Qt": qVersion() or "?"} | library_versions()
    return [*found.items(), ("system", platform.platform())]


class AboutPage(Page):
    """Versions, libraries, networks and license texts."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(controller, parent)
        title = QLabel(f"facecam {__version__}", self)
        title.setFont(bold(title.font(), 1.5))
        intro = self.tr(
            "facecam recognizes faces and objects. Everything runs on this computer; facecam opens no connection except to the "
            "network cameras and addresses that you name. It is licensed under the Apache License 2.0."
        )
        self.tabs = QTabWidget(self)
        self.tabs.setAccessibleName(self.tr("Versions and licenses"))
        self._add_versions()
        self._add_libraries()
        self._add_networks()
        self._add_licenses()
        column = QVBoxLayout(self)
        line = self.fontMetrics().height()
        column.setContentsMargins(line, 0, line, line)
        fill_layout(column, title, wrapped_label(self, intro), self.tabs)
        column.setStretchFactor(self.tabs, 1)
        self.set_focus_target(self.tabs)

    def copy_versions(self) -> None:
        """Put the versions on the clipboard."""
        QGuiApplication.clipboard().setText("\n".join(f"{name} {version}" for name, version in versions()))
        self.message_posted.emit(self.tr("The versions were copied."))

    def _add_versions(self) -> None:
        copy = QPushButton(self.tr("Copy"), self)
        copy.setAutoDefault(True)
        copy.clicked.connect(self.copy_versions)
        self._add_tab(self.tr("Versions"), _table((), versions()), copy)

    def _add_libraries(self) -> None:
        intro = self.tr(
            "Licenses as the packages state them. The full texts, also of the libraries that a package contains, are in the "
            "packages' folders."
        )
        heads = self.tr("Library"), self.tr("Version"), self.tr("License")
        rows = [(package.name, package.version, package.license) for package in installed_packages() if package.name != "facecam"]
        self._add_tab(self.tr("Libraries"), f"<p>{html.escape(intro)}</p>{_table(heads, rows)}")

    def _add_networks(self) -> None:
        roles = {
            "detector": self.tr("face detection"),
            "embedding": self.tr("face recognition"),
            "distances": self.tr("distances of a network"),
            "expression": self.tr("expressions"),
            "objects": self.tr("objects"),
            "labels": self.tr("names of objects"),
        }
        try:
            rows = [(found.name, roles.get(found.role, found.role), found.license, found.source) for found in entries()]
        except FacecamError:
            rows = []
        heads = self.tr("Network"), self.tr("Purpose"), self.tr("License"), self.tr("Source")
        self._add_tab(self.tr("Networks"), _table(heads, rows))

    def _add_licenses(self) -> None:
        paths = sorted((models_dir() / "LICENSES").glob("*.txt"))
        choice = QComboBox(self)
        choice.addItems([path.stem for path in paths])
        choice.setAccessibleName(self.tr("License text"))
        browser = self._add_tab(self.tr("License texts"), "", choice)

        def show_text(row: int) -> None:
            browser.setPlainText(read_regular(paths[row], _MAX_BYTES).decode("utf-8", errors="replace") if row >= 0 else "")

        choice.currentIndexChanged.connect(show_text)
        show_text(choice.currentIndex())

    def _add_tab(self, title: str, content: str, control: QWidget | None = None) -> QTextBrowser:
        browser = QTextBrowser(self)
        browser.setAccessibleName(title)
        browser.setOpenLinks(False)
        browser.setHtml(content)
        tab = QWidget(self)
        column = QVBoxLayout(tab)
        if control is not None:
            column.addLayout(horizontal_layout(control, None))
        column.addWidget(browser)
        self.tabs.addTab(tab, title)
        return browser


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return an HTML table of plain texts."""
    head = "".join(f"<th align='left'>{html.escape(text)}</th>" for text in heads)
    head = f"<tr>{head}</tr>" if heads else ""
    body = "".join("<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return f"<table cellpadding='4'>{head}{body}</table>"
