"""The languages that the window speaks."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "i18n"


def languages() -> list[str]:
    """Their codes, English among them, as QLocale knows them."""
    there = {path.stem.removeprefix("facecam_") for path in _FOLDER.glob("facecam_*.qm")}
    return sorted({"en", *there})
