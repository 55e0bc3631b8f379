"""Without expressions their network is not opened, their columns stay empty, and no output of a command has a word about them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from facecam.cli.summary import print_recognized
from facecam.expression.reader import NETWORK
from facecam.imageio import read_image
from facecam.networks.manifest import compiled_entries, entries
from facecam.recognizer import Recognizer
from facecam.rendering.annotations import annotate
from facecam.rendering.renderer import draw_overlay
from facecam.report.page import make_report, markdown, page
from facecam.settings import Settings
from facecam.types import Frame, Image, Result
from tests.cli.conftest import environment_in, run_in
from tests.expression.words import words_about_expressions

EILEEN = "Eileen Collins"
OFF = Settings().replace({"express.enabled": False})
COLUMNS = re.compile(r"expression.*|p_[a-z]+|valence")

_RUN = """
import runpy, sys
opened = open("opened.txt", "w")
sys.addaudithook(lambda event, values: event == "open" and print(values[0], file=opened))
sys.argv = ["facecam", *sys.argv[1:]]
runpy.run_module("facecam", run_name="__main__")
"""
"""Runs facecam, and writes the path of each file that it opens to opened.txt."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, portraits: dict[str, Path]) -> Path:
    """Folder in which `facecam run --no-expressions` has recognized an enrolled person; with the log, and the opened files."""
    folder = tmp_path_factory.mktemp("off")
    (folder / "gallery" / EILEEN).mkdir(parents=True)
    (folder / "gallery" / EILEEN / "1.jpg").write_bytes(portraits["eileen_collins"].read_bytes())
    arguments = ["--source", "demo", "--to", "3", "--no-window", "--no-expressions", "--log", "logs"]
    command = [sys.executable, "-c", _RUN, "run", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment_in(folder), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def log_path(home: Path) -> Path:
    (path,) = (home / "logs").rglob("*Z-*.csv")
    return path


def test_no_file_of_the_expression_network_is_opened(home: Path) -> None:
    opened = {Path(line).name for line in (home / "opened.txt").read_text().splitlines()}
    files = {found.file for found in (*entries(), *compiled_entries()) if found.name == NETWORK}

    assert files
    assert not opened & files
    used = {found.file for found in compiled_entries() if found.name == Settings().identify.network}
    assert used <= opened, "the files of networks that are used are seen"


def test_the_columns_of_expressions_stay_empty(log_path: Path) -> None:
    rows = pd.read_csv(log_path, dtype=str)
    columns = [name for name in rows if COLUMNS.fullmatch(name)]

    assert len(columns) == 11
    assert EILEEN in set(rows["name"])
    assert rows[columns].isna().all(axis=None)
    assert json.loads(log_path.with_suffix(".json").read_text(encoding="utf-8"))["expression_model"] == ""


def test_the_summary_has_no_word_about_expressions(log_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_recognized(log_path)
    shown = capsys.readouterr().out

    assert EILEEN in shown
    assert words_about_expressions(shown) == []


def test_the_report_has_no_word_about_expressions(log_path: Path) -> None:
    report = make_report([log_path])
    html = re.sub(r"<(script|style)\b.*?</\1>", "", page(report), flags=re.DOTALL)
    charts = " ".join(f"{chart.key} {chart.title}" for chart in report.charts)

    assert EILEEN in html
    assert words_about_expressions(f"{html} {charts} {markdown(report, None)}") == []


def test_identified_images_have_no_word_about_expressions(home: Path, portraits: dict[str, Path]) -> None:
    shown = run_in(home, "identify", portraits["eileen_collins"], "--no-expressions").stdout

    assert EILEEN in shown
    assert words_about_expressions(shown) == []


def test_a_report_leaves_out_the_expressions_of_older_logs_while_they_are_off(home: Path, portraits: dict[str, Path]) -> None:
    run_in(home, "identify", portraits["eileen_collins"], "--csv", "older.csv")
    done = run_in(home, "report", "older.csv", "-o", "older.md", FACECAM_EXPRESS_ENABLED="false")

    assert "expressions" in {section.key for section in make_report([home / "older.csv"]).sections}
    assert done.returncode == 0, done.stderr
    assert words_about_expressions((home / "older.md").read_text(encoding="utf-8")) == []


def drawn(frame: Frame, result: Result) -> Image:
    bgr = frame.bgr.copy()
    draw_overlay(bgr, annotate(result))
    return bgr


def test_a_face_is_drawn_as_one_without_an_expression(home: Path, portraits: dict[str, Path]) -> None:
    frame = Frame(np.asarray(cv2.resize(read_image(portraits["eileen_collins"]), (480, 480))), 0, 0.0, 0.0, "portrait")
    with Recognizer(OFF, home / "gallery") as recognizer:
        off = recognizer.recognize_image(frame)
        recognizer.apply_settings(Settings())
        on = recognizer.recognize_image(frame)
    (sighting,) = on.sightings
    bare = replace(on, sightings=(replace(sighting, expression=None, expression_read=False),))

    assert sighting.expression is not None
    assert np.array_equal(drawn(frame, off), drawn(frame, bare))
    assert not np.array_equal(drawn(frame, off), drawn(frame, on))
