"""The report in a browser: light and dark, wide and narrow, printed and without scripts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from facecam.logbook.reader import read_log
from facecam.messages import caption
from facecam.types import EXPRESSIONS
from tests.report.conftest import HOSTILE
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


def test_the_figures_match_plain_pandas(browser: Browser, report_of: ReportOf, real_log: Path) -> None:
    log = read_log(real_log)
    faces = log[(log.event == "seen") & (log["mode"] == "faces")]
    named = faces[faces.name.notna()]
    browser.open(report_of(real_log))
    browser.wait_until(DRAWN)

    people = {row[0]: row for row in rows_of(browser, "people")}
    assert {name: int(row[5].replace(",", "")) for name, row in people.items()} == named.name.value_counts().to_dict()
    for name, rows in named.groupby("name", observed=True):
        visits = plain_visits(rows.ts_utc)
        assert (int(people[name][1]), float(people[name][2])) == (len(visits), pytest.approx(sum(visits)))
    for row in rows_of(browser, "expressions"):
        mean = named[named.name == row[0]][[f"p_{name}" for name in EXPRESSIONS] + ["valence"]].astype(float).mean()
        assert [float(value) for value in row[2:]] == pytest.approx(mean.tolist(), abs=1e-5)
    reasons = {(row[0], row[1]): int(row[2].replace(",", "")) for row in rows_of(browser, "reasons")}
    counts = faces.groupby(["decision", "reason"], observed=True).size().to_dict()
    assert reasons == {(decision, caption(reason)): count for (decision, reason), count in counts.items()}
    compared = faces[faces.embedded.fillna(value=False) & faces.distance_l2.notna()]
    bars = {bar["name"]: sum(bar["y"]) for bar in charts_of(browser)["distances"]["data"]}
    assert {kind: count for kind, count in bars.items() if count} == compared.sighting_decision.value_counts().loc[
        lambda counts: counts > 0
    ].to_dict()
    frames = log[log.total_ms.notna()].drop_duplicates(["session_id", "source", "frame_index"])
    speed = {row[0]: (int(row[1].replace(",", "")), float(row[2]), float(row[3])) for row in rows_of(browser, "speed")}
    assert set(speed) == set(frames.session_id)
    for session, rows in frames.groupby("session_id", observed=True):
        assert speed[session] == pytest.approx((len(rows), rows.total_ms.median(), rows.total_ms.quantile(0.95)))


def plain_visits(times: pd.Series[pd.Timestamp]) -> list[float]:
    """Return the durations in seconds of runs of times less than ten seconds apart."""
    lengths, begin, last = [], None, None
    for moment in sorted(times):
        if last is None or (moment - last).total_seconds() >= 10:
            if begin is not None and last is not None:
                lengths.append((last - begin).total_seconds())
            begin = moment
        last = moment
    assert begin is not None
    assert last is not None
    return [*lengths, (last - begin).total_seconds()]


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
