"""facecam licenses."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Command


def test_packages_libraries_and_networks_are_listed_with_their_licenses(facecam: Command) -> None:
    done = facecam("licenses")

    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert any(line[:1] == ["opencv-python"] and line[2:] == ["Apache-2.0"] for line in lines)
    assert ["av", "GPL-2.0-or-later", "x264,", "x265"] in lines
    assert any(line[:2] == ["mtcnn", "MIT"] for line in lines)


def test_the_json_has_the_hashes_of_the_networks(facecam: Command) -> None:
    found = json.loads(facecam("licenses", "--json", "-").stdout)

    assert {"name", "version", "license", "libraries"} == found["packages"][0].keys()
    assert all(len(network["sha256"]) == 64 and network["license"] for network in found["networks"])


def test_all_license_texts_are_written_to_one_file(facecam: Command, tmp_path: Path) -> None:
    done = facecam("licenses", "--texts", "licenses.txt")

    assert done.returncode == 0, done.stderr
    text = (tmp_path / "licenses.txt").read_text(encoding="utf-8")
    assert "numpy" in text
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in text
    assert "Copyright (c) 2019-2024 Iván de Paz Centeno" in text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "networks: NOTICE.txt" in text
