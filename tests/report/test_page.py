"""The report in a browser: light and dark, wide and narrow, printed and without scripts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from facecam.logbook.spans import time_zone
from facecam.messages import caption
from facecam.report import Format
from facecam.report.attendance import take_attendance, write_attendance
from tests.report.conftest import HOSTILE
from tests.report.lessons import write_session
from tests.report.recompute import differences
from tests.servers.browser import Browser

ReportOf = Callable[[Path], Path]
Rows = list[list[str]]

DRAWN = "document.documentElement.dataset.drawn"


def rows_of(browser: Browser, table: str) -> Rows:
    """Return the rows of a table with the values used for sorting and CSV."""
    cells = "[...row.cells].map((cell) => cell.dataset.value ?? cell.textContent)"
    return list(browser.evaluate(f"[...document.querySelectorAll('#table-{table} tbody tr')].map((row) => {cells})"))


def charts_of(browser: Browser) -> dict[str, Any]:
    return dict(json.loads(browser.evaluate("document.getElementById('charts').textContent")))


def visible_count(browser: Browser, selector: str) -> int:
    """Return how many of these elements are visible."""
    return int(browser.evaluate(f"[...document.querySelectorAll({selector!r})].filter((e) => e.getClientRects().length).length"))


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (400, True)])
def test_a_report_of_videos_opens_without_errors_and_requests(
    browser: Browser, report_of: ReportOf, real_log: Path, tmp_path: Path, width: int, dark: bool
) -> None:
    page = report_of(real_log)

    browser.open(page, width=width, dark=dark)
    browser.wait_until(DRAWN)
    browser.screenshot(tmp_path / "page.png")

    assert browser.errors == []
    assert {url for url in browser.requests if not url.startswith("data:")} == {page.as_uri()}
    assert len(charts_of(browser)) >= 6
    assert visible_count(browser, ".plot .main-svg") >= len(charts_of(browser))
    assert all(visible_count(browser, f"#plot-{key} .main-svg") for key in charts_of(browser))
    assert browser.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (400, True)])
def test_an_attendance_page_opens_without_errors_and_requests(browser: Browser, tmp_path: Path, width: int, dark: bool) -> None:
    people = {name: [(0.0, 50.0)] for name in HOSTILE}
    log = write_session(tmp_path, datetime(2026, 3, 2, 8, tzinfo=UTC), people, seconds=100, enrolled=[*HOSTILE, "Grace"])
    page = tmp_path / "attendance.html"
    write_attendance(take_attendance([log]), page, Format.HTML)

    browser.open(page, width=width, dark=dark)
    browser.wait_until(DRAWN)

    assert browser.errors == []
    assert {url for url in browser.requests if not url.startswith("data:")} == {page.as_uri()}
    assert browser.evaluate("document.title") != "run"
    assert {row[0] for row in rows_of(browser, "lesson-0")} == {*HOSTILE, "Grace"}
    assert visible_count(browser, ".spans rect") == len(HOSTILE)
    assert browser.evaluate("document.documentElement.scrollWidth") <= width


def test_the_numbers_of_a_report_of_videos_equal_a_recomputation(report_of: ReportOf, real_log: Path) -> None:
    zone = getattr(time_zone(None), "key", None)
    if zone is None:
        pytest.skip("this machine's time zone has no name")

    assert differences(real_log, report_of(real_log).read_text(encoding="utf-8"), zone, caption) == []


def test_names_are_displayed_literally_and_never_executed(browser: Browser, report_of: ReportOf, hostile_log: Path) -> None:
    browser.open(report_of(hostile_log))
    browser.wait_until(DRAWN)

    assert browser.errors == []
    assert browser.evaluate("document.title") != "run"
    assert {row[0] for row in rows_of(browser, "people")} == set(HOSTILE)
    assert browser.evaluate("document.querySelectorAll('main b, main script, td img').length") == 0
    ticks = browser.evaluate("[...document.querySelectorAll('#plot-timeline .ytick text')].map((text) => text.textContent)")
    assert sorted(ticks) == sorted([*(name if len(name) <= 22 else name[:21] + "…" for name in HOSTILE), "(unknown)"])


def test_tables_sort_by_value_and_export_to_csv(browser: Browser, report_of: ReportOf, hostile_log: Path) -> None:
    browser.open(report_of(hostile_log))
    browser.wait_until(DRAWN)

    browser.evaluate("document.querySelectorAll('#table-people th button')[3].click()")
    first = [row[3] for row in rows_of(browser, "people")]
    browser.evaluate("document.querySelectorAll('#table-people th button')[3].click()")
    assert first == sorted(first)
    assert [row[3] for row in rows_of(browser, "people")] == first[::-1]

    browser.evaluate("saved = []; URL.createObjectURL = (blob) => { saved.push(blob); return '#'; }; 0")
    browser.evaluate("document.querySelector('[data-table=table-people]').click()")
    csv = browser.evaluate("saved[0].text()")
    lines = csv.removeprefix("\ufeff").split("\r\n")
    assert lines[0].startswith('"Name","Visits","Duration"')
    assert len(lines) == len(HOSTILE) + 2
    assert any(line.startswith('"\'=1+1",') for line in lines)
    assert any(line.startswith('"O\'Hara ""Ann"" & Söhne, <b>bold</b>",') for line in lines)


def test_charts_follow_the_color_scheme_of_the_page(browser: Browser, report_of: ReportOf, hostile_log: Path) -> None:
    fill = "getComputedStyle(document.querySelector('.plot .xtick text')).fill"
    browser.open(report_of(hostile_log))
    browser.wait_until(DRAWN)

    light = browser.evaluate(fill)
    browser.set_color_scheme(dark=True)
    browser.wait_until(f"{fill} !== {light!r}", timeout_s=60)

    assert browser.evaluate(fill) == browser.evaluate("getComputedStyle(document.body).color")


def test_images_replace_the_charts_in_print_and_without_scripts(
    browser: Browser, report_of: ReportOf, hostile_log: Path, tmp_path: Path
) -> None:
    page = report_of(hostile_log)
    browser.open(page)
    browser.wait_until(DRAWN)
    browser.pdf(tmp_path / "report.pdf")
    browser.call("Emulation.setEmulatedMedia", media="print")
    charts = len(charts_of(browser))

    assert (visible_count(browser, ".plot"), visible_count(browser, ".still img")) == (0, charts)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")

    browser.call("Emulation.setEmulatedMedia", media="screen")
    browser.open(page, scripts=False)
    assert (visible_count(browser, ".plot"), visible_count(browser, ".still img")) == (0, charts)
    assert browser.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
