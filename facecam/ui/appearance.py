"""Language, colors and text size of the window: kept in window.ini, and applied to the whole application."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

from PySide6.QtCore import QLibraryInfo, QLocale, QSettings, Qt, QTranslator
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from facecam.ui.language import clock_time

TEXT_PERCENTS = (100, 125, 150, 200)
"""Text sizes in percent of the system's."""

DEFAULT_TEXT_PERCENT = TEXT_PERCENTS[0]

_DARK = 128
"""Lightness below which a window is dark."""

_CHECKED_GRAY = 100

_TRANSLATIONS = Path(__file__).parent / "i18n"
_LANGUAGE, _COLORS, _TEXT_PERCENT = "language", "colors", "text_percent"
_IS_DARK = "is_dark"


class Colors(StrEnum):
    """Colors of the window."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


_SCHEMES = {
    Colors.SYSTEM: Qt.ColorScheme.Unknown,
    Colors.LIGHT: Qt.ColorScheme.Light,
    Colors.DARK: Qt.ColorScheme.Dark,
}


@dataclass(frozen=True, slots=True)
class Appearance:
    """Language (a locale code, "" for the system's), colors, and text size in percent of the system's."""

    language: str = ""
    colors: Colors = Colors.SYSTEM
    text_percent: int = DEFAULT_TEXT_PERCENT

    @classmethod
    def load(cls, store: QSettings) -> Self:
        """Return what window.ini has; the default instead of a value that is not known."""
        colors, percent = str(store.value(_COLORS, "")), str(store.value(_TEXT_PERCENT, ""))
        return cls(
            language=str(store.value(_LANGUAGE, "")),
            colors=Colors(colors) if colors in set(Colors) else Colors.SYSTEM,
            text_percent=int(percent) if percent in map(str, TEXT_PERCENTS) else DEFAULT_TEXT_PERCENT,
        )

    def save(self, store: QSettings) -> None:
        """Write the values to window.ini."""
        for key, value in {_LANGUAGE: self.language, _COLORS: self.colors.value, _TEXT_PERCENT: self.text_percent}.items():
            store.setValue(key, value)
        store.sync()

    def apply(self, app: QApplication) -> None:
        """Use the appearance in all windows. Widgets that exist keep their texts and some fonts; create the window again."""
        install_translators(app, QLocale(self.language) if self.language else QLocale.system())
        _apply_colors(app, self.colors)
        _apply_text_size(app, self.text_percent)

    def replace(self, **changes: object) -> Self:
        """Return the appearance with other values."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]


def install_translators(app: QApplication, locale: QLocale) -> None:
    """Replace the translations of Qt and facecam; English where there are none.

    Numbers and dates follow the locale in widgets that are created from now on.
    """
    QLocale.setDefault(locale)
    clock_time.cache_clear()
    for old in app.findChildren(QTranslator):
        app.removeTranslator(old)
        old.deleteLater()
    folders = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath), str(_TRANSLATIONS)
    for name, folder in zip(("qtbase", "facecam"), folders, strict=True):
        translator = QTranslator(app)
        if translator.load(locale, name, "_", folder):
            app.installTranslator(translator)


def _apply_colors(app: QApplication, colors: Colors) -> None:
    """Ask the platform for the colors; where it has only its own, as with a plain X11 session, use a palette of facecam's."""
    if Colors(app.property(_COLORS) or Colors.SYSTEM) is not colors:
        app.setProperty(_COLORS, colors.value)
        app.setPalette(QPalette())
        app.setProperty(_IS_DARK, False)  # setPalette removes the palettes of classes
        app.styleHints().setColorScheme(_SCHEMES[colors])
        if colors is not Colors.SYSTEM and app.styleHints().colorScheme() is not _SCHEMES[colors]:
            app.setPalette(dark_palette() if colors is Colors.DARK else app.style().standardPalette())
    is_dark = app.palette().window().color().lightness() < _DARK
    if app.style().objectName() == "fusion" and is_dark is not bool(app.property(_IS_DARK)):
        app.setProperty(_IS_DARK, is_dark)
        for kind, palette in _control_palettes().items():
            # The stub wants bytes, which PySide6 refuses.
            app.setPalette(palette if is_dark else QPalette(), kind)  # type: ignore[arg-type]


def _control_palettes() -> dict[str, QPalette]:
    """Return palettes for controls that Fusion paints too dark on a dark window, by class.

    It outlines a check box in a color darker than the window's, and paints a checked tool button darker than others.
    """
    indicator, checked = QPalette(), QPalette()
    indicator.setColor(QPalette.ColorRole.Window, QColor(Qt.GlobalColor.white))
    indicator.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Window, QColor(Qt.GlobalColor.darkGray))
    checked.setColor(QPalette.ColorRole.Button, QColor(_CHECKED_GRAY, _CHECKED_GRAY, _CHECKED_GRAY))
    return {"QCheckBox": indicator, "QRadioButton": indicator, "QListWidget": indicator, "QToolButton": checked}


def _apply_text_size(app: QApplication, percent: int) -> None:
    """Scale the application's font, which may have been set meanwhile, by the change."""
    applied = int(app.property(_TEXT_PERCENT) or DEFAULT_TEXT_PERCENT)
    if percent == applied:
        return
    app.setProperty(_TEXT_PERCENT, percent)
    font = app.font()
    if font.pointSizeF() > 0:
        font.setPointSizeF(round(font.pointSizeF() * percent / applied, 2))
    else:
        font.setPixelSize(round(font.pixelSize() * percent / applied))
    app.setFont(font)


def dark_palette() -> QPalette:
    """Return a dark palette, for platforms without one."""
    palette, role = QPalette(QColor(50, 50, 50)), QPalette.ColorRole
    backgrounds = {role.Base: 36, role.AlternateBase: 44, role.Window: 50, role.Button: 50, role.ToolTipBase: 60, role.Mid: 38}
    for background_role, gray in backgrounds.items():
        palette.setColor(background_role, QColor(gray, gray, gray))
    for text_role in (role.WindowText, role.Text, role.ButtonText, role.ToolTipText):
        palette.setColor(text_role, QColor(240, 240, 240))
    palette.setColor(role.PlaceholderText, QColor(160, 160, 160))
    palette.setColor(role.Highlight, QColor(48, 140, 198))
    palette.setColor(role.HighlightedText, QColor(255, 255, 255))
    palette.setColor(role.Link, QColor(90, 170, 235))
    for text_role in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, text_role, QColor(140, 140, 140))
    return palette
