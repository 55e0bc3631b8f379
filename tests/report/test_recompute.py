"""Every number, axis and label of a report over ten sessions equals a recomputation from the CSV files."""

from __future__ import annotations

import random
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecam.logbook.schema import RowOrigin, SessionInfo
from facecam.logbook.writer import LogWriter
from facecam.messages import caption
from facecam.report import Format
from facecam.report.page import write_report
from facecam.settings import Mode
from facecam.types import (
    Box,
    Candidate,
    Decision,
    DecisionStatus,
    Event,
    EventCode,
    Expression,
    Face,
    FrameCounts,
    Label,
    Quality,
    Result,
    Sighting,
    SourceTime,
    TimeOrigin,
    TrackDecision,
)
from tests.logbook.earlier_versions import rewrite
from tests.report.lessons import write_session
from tests.report.recompute import PageReader, differences
from tests.servers.browser import Browser

ZONE = "Europe/Berlin"
VERSION_1 = Path(__file__).parents[1] / "logbook" / "version_1"
IDS = {"Ada": "p1", "Ada King": "p1", "Grace": "p2", "Jürgen": "p3", "=1+1": "p4", "NA": "p5"}
PEOPLE = ("Ada", "Grace", "Jürgen", "=1+1", "NA")


class Film:
    """Random session in which people come and go; each face, expression, distance and time differs."""

    def __init__(self, folder: Path, session: str, seed: int, **options: Any) -> None:
        self.random = random.Random(seed)
        start = datetime.strptime(session[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        models = (f"nn4 {seed % 2}", "fer")
        self.writer = LogWriter(folder, SessionInfo(session, start, "0.1.0", *models, options.get("labels", {})))
        self.start, self.seed = start, seed
        self.dropped = 0

    def faces(self, source: str, *, seconds: float, step_s: float, time: SourceTime | None = None, **options: Any) -> None:
        """Write the frames of one source, then their count."""
        people, analyzed, with_faces = options.get("people", PEOPLE), 0, 0
        visits = {name: self._visits(seconds) for name in people}
        expressions: dict[int, Expression] = {}
        was_empty = False
        for index in range(int(seconds / step_s)):
            at_s = index * step_s
            seen = [
                self._sighting(name, 100 * place + number + options.get("first_track", 0), begin, at_s, expressions)
                for place, name in enumerate(people)
                for number, (begin, end) in enumerate(visits[name])
                if begin <= at_s < end
            ]
            analyzed += 1
            with_faces += bool(seen)
            if options.get("drops") and self.random.random() < 0.1:
                self.dropped += self.random.randint(1, 9)
            if seen or not was_empty:
                self._write(source, index, at_s, time, sightings=tuple(seen), events=() if seen else (Event("empty", ""),))
            was_empty = not seen
        dropped = self.dropped if options.get("drops") else 0
        counts = FrameCounts(analyzed + 7, analyzed, with_faces, analyzed * step_s * 1000, dropped)
        if options.get("counts", True):
            self.writer.event(Event("frames", "", frames=counts), seconds * 1000, RowOrigin(source, "", None, time))

    def _visits(self, seconds: float) -> list[tuple[float, float]]:
        ends = sorted(self.random.uniform(0, seconds) for _ in range(4))
        return [(ends[0], ends[1]), (ends[2], ends[3])]

    def _sighting(self, name: str, track_id: int, begin: float, at_s: float, expressions: dict[int, Expression]) -> Sighting:
        rng = self.random
        is_stranger = (track_id + self.seed) % 4 == 0
        gate = rng.choice(["blurry", "too_small"]) if rng.random() < 0.1 else None
        nearest = Candidate(name, IDS[name], f"{name}/1.jpg", rng.uniform(0.31, 0.6) if is_stranger else rng.uniform(0.05, 0.29))
        second = Candidate("Grace", "p2", "g.jpg", 0.65) if name != "Grace" else None
        status = DecisionStatus.UNKNOWN if is_stranger else DecisionStatus.KNOWN
        alone = Decision(status, "too_far" if is_stranger else "match", None if is_stranger else name, nearest, second)
        early = at_s - begin < 1.0
        undecided = Decision(DecisionStatus.UNSURE, "few_sightings", None, nearest, second)
        tracked = (
            undecided if early else Decision(alone.status, "too_far" if is_stranger else "votes", alone.name, nearest, second)
        )
        is_read = track_id not in expressions or rng.random() < 0.3
        if is_read:
            weights = [rng.random() ** 3 for _ in range(7)]
            expressions[track_id] = Expression(tuple(round(weight / sum(weights), 4) for weight in weights))
        skipped = Decision(DecisionStatus.SKIPPED, gate or "settled")
        is_embedded = gate is None and rng.random() < 0.8
        return Sighting(
            face=Face(Box(10, 20, rng.uniform(30, 90), 80), 0.99, np.zeros((5, 2), np.float32)),
            quality=Quality(0, 0, 0, 100, 100),
            gate=gate,
            embedded=is_embedded,
            decision=alone if is_embedded else skipped,
            evidence_weight=1.0,
            track_decision=TrackDecision(track_id, 100, tracked, 3, 3),
            expression=expressions[track_id] if rng.random() < 0.95 else None,
            expression_read=is_read,
        )

    def _write(self, source: str, index: int, at_s: float, time: SourceTime | None, **changes: Any) -> None:
        fields: dict[str, Any] = {
            "frame_index": index, "t_ms": at_s * 1000, "source": source, "camera_id": "", "size_wh": (640, 480),
            "mode": Mode.FACES, "threshold_l2": 0.3, "gallery_revision": f"r{self.seed % 3}", "detect_ms": 4.0, "embed_ms": 3.0,
            "total_ms": round(self.random.uniform(8, 90), 2),
        }  # fmt: skip
        self.writer.write(Result(**(fields | changes)), self.dropped, time)

    def objects(self, *, seconds: float) -> None:
        """Show a taught object, one of ImageNet's, and nothing."""
        for index in range(int(seconds * 2)):
            at_s = index / 2
            label = Label("my mug", "", self.random.uniform(0.14, 1)) if at_s % 40 < 13 else Label("crane", "n02012849", 0.3)
            labels = (label,) if at_s % 20 < 15 else ()
            self._write("camera 0", index, at_s, None, mode=Mode.OBJECTS, labels=labels)
        counts = FrameCounts(int(seconds * 2), int(seconds * 2), 0, seconds * 1000)
        self.writer.event(Event("frames", "", frames=counts), seconds * 1000, RowOrigin("camera 0", "", None))

    def mark(self, text: str, at_s: float) -> None:
        self.writer.event(Event("marker", "", marker=text), at_s * 1000)

    def close(self) -> Path:
        self.writer.close()
        return self.writer.path


@pytest.fixture(scope="module")
def ten_sessions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with ten sessions of all kinds."""
    folder = tmp_path_factory.mktemp("ten")
    live = Film(
        folder, "20261025T003000Z-0001", 1, labels={"participant": "P07", "condition": "2"}
    )  # over the change of the clock
    live.faces("camera 0", seconds=2400, step_s=2.0, drops=True)
    live.faces("camera 1", seconds=2300, step_s=2.0, first_track=1000)
    live.mark("film", 600)
    live.mark("$pause$", 1500)
    live.writer.event(Event("error", "camera gone", code=EventCode.FRAME_FAILED), 2000.0)
    live.close()
    at_once = Film(folder, "20261025T004000Z-0002", 2, labels={"participant": "P08", "condition": "1"})
    at_once.faces("camera 0", seconds=900, step_s=1.0)
    at_once.close()
    origins = (TimeOrigin.GIVEN, TimeOrigin.CONTAINER, TimeOrigin.FILE)
    for number, origin in enumerate(origins, 3):
        film = Film(folder, f"20261026T1200{number:02}Z-000{number}", number, labels={"condition": "1"})
        recorded = SourceTime(datetime(2026, 10, 25, 0, 45, number, tzinfo=UTC), origin)
        for file in ("a.mkv", "b.mkv")[: 1 + (origin is TimeOrigin.FILE)]:
            film.faces(file, seconds=300, step_s=0.5, time=recorded, first_track=0 if file == "a.mkv" else 500)
        film.close()
    mug = Film(folder, "20261025T020000Z-0006", 6)
    mug.objects(seconds=200)
    mug.close()
    (folder / "old").mkdir()
    for file in VERSION_1.glob("*f198.*"):
        shutil.copy(file, folder / "old")
    for number, version in ((8, 2), (9, 3)):
        film = Film(folder, f"20261026T1300{number:02}Z-000{number}", number)
        film.faces("camera 0", seconds=200, step_s=0.5)
        film.writer.event(Event("exit", "", 3, "Grace", last_seen_ms=150_000.0), 153_000.0, RowOrigin("camera 0"))
        rewrite(film.close(), version)
    sparse = Film(folder, "20261027T120000Z-0010", 10, labels={"condition": "2"})
    sparse.faces("camera 0", seconds=3600, step_s=10.0, people=("Ada King", "Grace"))  # Ada has another name now
    sparse.close()
    return folder


@contextmanager
def time_zone_of(name: str) -> Iterator[None]:
    """Set this process's time zone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", name)
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(scope="module")
def berlin() -> Iterator[None]:
    """Set the time zone to one where the clock goes back in the first session."""
    with time_zone_of(ZONE):
        yield


@pytest.fixture(scope="module")
def page_of(berlin: None, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Return a function that writes the report of a folder, once per folder."""
    pages: dict[Path, Path] = {}

    def write(folder: Path) -> Path:
        if folder not in pages:
            pages[folder] = tmp_path_factory.mktemp("report") / "report.html"
            write_report([folder], pages[folder], Format.HTML)
        return pages[folder]

    return write


pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="needs another time zone in this process")


def test_every_number_of_a_report_over_ten_sessions_equals_a_recomputation(
    ten_sessions: Path, page_of: Callable[[Path], Path]
) -> None:
    assert len(list(ten_sessions.rglob("*.csv"))) == 10

    assert differences(ten_sessions, page_of(ten_sessions).read_text(encoding="utf-8"), ZONE, caption) == []


def test_every_number_of_a_day_with_a_change_of_the_clock_equals_a_recomputation(
    ten_sessions: Path, page_of: Callable[[Path], Path]
) -> None:
    day = ten_sessions / "2026-10-25"
    page = page_of(day).read_text(encoding="utf-8")

    assert differences(day, page, ZONE, caption) == []
    shown = PageReader(page)
    assert all(row[3] for row in shown.tables["people"][1:]), "all sessions count their frames, so that everyone has a share"
    assert len(shown.charts["latency"]["data"][0]["x"]) > 60
    assert all(length >= 0 for length in shown.charts["timeline"]["data"][0]["x"])


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 0, 50, tzinfo=UTC)),
        pytest.param("America/New_York", datetime(2026, 3, 8, 6, 50, tzinfo=UTC), marks=pytest.mark.long),
        pytest.param("America/New_York", datetime(2026, 11, 1, 5, 50, tzinfo=UTC), marks=pytest.mark.long),
        pytest.param("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 20, tzinfo=UTC), marks=pytest.mark.long),  # by half an hour
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 14, 50, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 1, 31, 18, 20, tzinfo=UTC)),  # over midnight
    ],
)
def test_every_number_is_right_over_midnight_and_over_changes_of_the_clock(tmp_path: Path, zone: str, start: datetime) -> None:
    folder = tmp_path / "logs"
    write_session(folder, start, {"Ada": [(0, 1100)], "Grace": [(300, 590), (640, 900)]}, seconds=1200, step_s=2.0)

    with time_zone_of(zone):
        write_report([folder], tmp_path / "report.html", Format.HTML)
        page = (tmp_path / "report.html").read_text(encoding="utf-8")

    assert differences(folder, page, zone, caption) == []
    assert ("clock went forward or back" in page) == (zone != "Asia/Kolkata")
    assert PageReader(page).tables["people"][1][:3] == ["Ada", "1", "1100.0"]
    assert all(length >= 0 for length in PageReader(page).charts["timeline"]["data"][0]["x"])


def test_every_number_of_a_minute_with_objects_only_equals_a_recomputation(tmp_path: Path) -> None:
    mug = Film(tmp_path / "logs", "20261025T020000Z-0006", 6)
    mug.objects(seconds=20)
    mug.close()

    with time_zone_of(ZONE):
        write_report([tmp_path / "logs"], tmp_path / "report.html", Format.HTML)

    assert differences(tmp_path / "logs", (tmp_path / "report.html").read_text(encoding="utf-8"), ZONE, caption) == []


def test_the_recomputation_notices_a_wrong_number(ten_sessions: Path, page_of: Callable[[Path], Path]) -> None:
    page = page_of(ten_sessions).read_text(encoding="utf-8")
    numbers = list(re.finditer(r'data-value="(\d+\.\d+)"', page))

    for found in random.Random(1).sample(numbers, 2):
        wrong = f"{page[: found.start(1)]}{float(found[1]) + 0.01}{page[found.end(1) :]}"
        assert differences(ten_sessions, wrong, ZONE, caption) != []


def test_the_drawn_axes_contain_every_bar_and_point(
    ten_sessions: Path, page_of: Callable[[Path], Path], browser: Browser
) -> None:
    for folder in (ten_sessions, ten_sessions / "2026-10-25"):
        page = page_of(folder)
        browser.open(page)
        browser.wait_until("document.documentElement.dataset.drawn")

        for key, figure in PageReader(page.read_text(encoding="utf-8")).charts.items():
            drawn = browser.evaluate(DRAWN_RANGES.replace("KEY", key))
            for axis in ("x", "y"):
                low, high = sorted(drawn[axis]["range"])
                ends = [at for pair in drawn[axis]["data"] for at in pair]
                assert ends, (key, axis)
                assert low <= min(ends), (key, axis)
                assert max(ends) <= high, (key, axis)
            if figure["layout"].get("barmode") == "stack":
                assert drawn["tops"] == pytest.approx(stack_tops(figure)), key


DRAWN_RANGES = """(() => {
  const plot = document.getElementById("plot-KEY"), layout = plot._fullLayout;
  const flat = (values) => [].concat(...values);
  const number = (axis) => (value) => axis.type === "date" ? axis.d2c(value) : axis.r2l ? axis.r2l(value) : value;
  const out = { tops: [] };
  for (const letter of ["x", "y"]) {
    const axis = layout[letter + "axis"], data = [];
    for (const trace of plot.calcdata) for (const point of trace) {
      const of = point.trace || trace[0].trace;
      if (of.type === "bar") {
        const isSize = (of.orientation === "h") === (letter === "x");
        data.push(isSize ? [point.b, point.b + point.s] : [point.p0, point.p1]);
      } else if (of.type === "scatter" && typeof point[letter] === "number" && typeof point.y === "number") {
        data.push([point[letter], point[letter]]);
      } else if (of.type === "heatmap") {
        data.push([point[letter][0], point[letter].at(-1)]);
      }
    }
    out[letter] = { range: axis.range.map(number(axis)), data };
  }
  const tops = {};
  for (const trace of plot.calcdata) for (const point of trace)
    if ((point.trace || trace[0].trace).type === "bar") tops[point.p0] = Math.max(tops[point.p0] || 0, point.b + point.s);
  out.tops = Object.keys(tops).map(Number).sort((a, b) => a - b).map((place) => tops[place]);
  return out;
})()"""
"""Ranges of the drawn axes and the ends of what is drawn, in the numbers of the axes."""


def stack_tops(figure: dict[str, Any]) -> list[float]:
    """Return the heights of the stacks in the order of their places."""
    sums: dict[Any, float] = {}
    for trace in figure["data"]:
        places, sizes = (trace["y"], trace["x"]) if trace.get("orientation") == "h" else (trace["x"], trace["y"])
        for place, size in zip(places, sizes, strict=True):
            sums[place] = sums.get(place, 0.0) + (size or 0.0)
    return [sums[place] for place in sorted(sums)]
