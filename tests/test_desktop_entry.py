"""Desktop entry and icon of facecam."""

from __future__ import annotations

import configparser
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

from facecam.fileio import APP_ID

ROOT = Path(__file__).parents[1]
ENTRY = ROOT / "packaging" / f"{APP_ID}.desktop"


def test_the_entry_starts_facecam_and_names_its_window_and_icon() -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(ENTRY, encoding="utf-8")
    entry = parser["Desktop Entry"]

    assert (entry["Exec"], entry["Type"], entry["Terminal"]) == ("facecam", "Application", "false")
    assert entry["Icon"] == entry["StartupWMClass"] == APP_ID
    assert {"Comment[de]", "GenericName[de]"} <= set(entry)


def test_entry_and_icon_are_installed_where_a_desktop_looks() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    shared = build["targets"]["wheel"]["shared-data"]

    for source, target in shared.items():
        assert (ROOT / source).is_file()
        assert Path(target).stem == APP_ID
    assert {Path(target).parts[1] for target in shared.values()} == {"applications", "icons"}


def test_the_icon_is_square_and_references_no_other_file() -> None:
    root = ET.parse(ROOT / "facecam" / "ui" / "facecam.svg").getroot()  # noqa: S314 - our own file

    assert root.get("width") == root.get("height")
    assert not any("href" in name for element in root.iter() for name in element.attrib)
