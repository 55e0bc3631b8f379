"""Clips processed one after another, and as one session: every query and the report state how long each person was there."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from facecam.logbook.reader import read_log
from facecam.report import Format
from facecam.report.page import write_report
from facecam.types import EXPRESSIONS
from tests.cli.conftest import run_in
from tests.report.recompute import PageReader
from tests.session.video_files import frames_in

PEOPLE = {"A": ("again", "help"), "B": ("milk", "please"), "C": ("book", "learn"), "D": ("eat", "night")}
FPS = 30
TOLERANCE_S = 0.2
BEGAN = pd.Timestamp("2026-10-25T00:58:00Z")
"""Two minutes before clocks in Berlin change, so that the clips that follow one another each minute are on both sides."""

Batch = Callable[..., Path]
"""Recognizes the clips of some people, all enrolled, once, and returns the folder of logs."""


@pytest.fixture(scope="module")
def batch(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    home = tmp_path_factory.mktemp("batch")
    enrolled: set[str] = set()

    def clip(name: str) -> Path:
        return test_data / "data" / "webcam" / f"{name}.mkv"

    def facecam(*args: str | Path) -> None:
        done = run_in(home, *args)
        assert done.returncode == 0, done.stderr

    @functools.cache
    def process(people: str, *, as_one_session: bool, is_time_given: bool, every: int = 1) -> Path:
        for name in set(people) - enrolled:
            facecam("enroll", name, "--source", clip(PEOPLE[name][0]), "--gallery", "gallery")
            enrolled.add(name)
        clips = [clip(PEOPLE[name][number]) for number in range(2) for name in people]
        log = f"logs-{people}-{as_one_session}-{is_time_given}-{every}"
        run = ("run", "--no-window", "--gallery", "gallery", "--log", log, "--every", str(every))
        sources = [
            [
                "--source",
                str(path),
                *(["--started-at", (BEGAN + pd.Timedelta(number, "min")).isoformat()] if is_time_given else []),
            ]
            for number, path in enumerate(clips)
        ]
        for group in [[*itertools.chain(*sources)]] if as_one_session else sources:
            facecam(*run, *group)
        return home / log

    return process


def seconds_of(name: str, test_data: Path) -> list[float]:
    """Return the time from the first to the last frame of the person's clips: their faces are in every frame."""
    return [(frames_in(test_data / "data" / "webcam" / f"{clip}.mkv") - 1) / FPS for clip in PEOPLE[name]]


@pytest.mark.parametrize("people", ["A", pytest.param("ABCD", marks=pytest.mark.long)])
@pytest.mark.parametrize("as_one_session", [False, True], ids=["sessions", "one_session"])
@pytest.mark.parametrize("is_time_given", [True, False], ids=["given", "estimated"])
def test_time_per_person_is_that_of_the_clips(
    batch: Batch, test_data: Path, people: str, *, as_one_session: bool, is_time_given: bool
) -> None:
    log = read_log(batch(people, as_one_session=as_one_session, is_time_given=is_time_given))

    visits, whole = log.facecam.visits(), log.facecam.first_last_seen()
    days = log.facecam.attendance("Europe/Berlin").groupby("name", observed=True)["seconds"].sum()
    total_s = log.facecam.sessions()["seconds"].sum()
    assert total_s == pytest.approx(sum(second + 1 / FPS for name in people for second in seconds_of(name, test_data)), abs=0.05)
    for name in people:
        truth = seconds_of(name, test_data)
        own = visits[visits["name"] == name]
        assert sorted(own["seconds"]) == pytest.approx(sorted(truth), abs=TOLERANCE_S), name
        assert whole.loc[name, "seconds"] == pytest.approx(sum(truth), abs=TOLERANCE_S)
        assert whole.loc[name, "share"] == pytest.approx(sum(truth) / total_s, abs=0.01)
        assert days[name] == pytest.approx(sum(truth), abs=TOLERANCE_S)


@pytest.mark.parametrize("people", ["A", pytest.param("ABCD", marks=pytest.mark.long)])
@pytest.mark.parametrize("as_one_session", [False, True], ids=["sessions", "one_session"])
@pytest.mark.parametrize("is_time_given", [True, False], ids=["given", "estimated"])
def test_the_report_states_the_time_per_person(
    batch: Batch, test_data: Path, tmp_path: Path, people: str, *, as_one_session: bool, is_time_given: bool
) -> None:
    page = tmp_path / "report.html"
    write_report([batch(people, as_one_session=as_one_session, is_time_given=is_time_given)], page, Format.HTML)

    _, *rows = PageReader(page.read_text(encoding="utf-8")).tables["people"]
    truth = {name: sum(seconds_of(name, test_data)) for name in people}
    assert {name: (visits, float(seconds)) for name, visits, seconds, *_ in rows} == {
        name: ("2", pytest.approx(seconds, abs=TOLERANCE_S)) for name, seconds in truth.items()
    }


def test_the_only_frame_of_every_hundred_is_named_and_the_log_says_why(batch: Batch) -> None:
    log = read_log(batch("A", as_one_session=True, is_time_given=True, every=100))

    seen = log[log["event"] == "seen"]
    assert seen[["frame_index", "decision", "name"]].to_numpy().tolist() == [[0, "known", "A"]] * len(PEOPLE["A"])
    assert set(log.loc[log["event"] == "enter", "name"]) == {"A"}
    changes = log[log["event"] == "state"].groupby("source", observed=True)["event_code"].apply(list)
    assert [codes[-2:] for codes in changes] == [["sparse_frames", "decision_parameters"]] * len(PEOPLE["A"])


def test_an_expression_is_read_some_times_a_second_and_repeated_between(batch: Batch) -> None:
    log = read_log(batch("A", as_one_session=True, is_time_given=True))

    faces = log[log["p_happy"].notna()]
    values = [f"p_{name}" for name in EXPRESSIONS]
    is_read = faces["expression_read"].to_numpy(bool)
    assert 4 <= is_read.sum() / log.facecam.sessions()["seconds"].sum() <= 6
    before = faces.groupby(["source", "track_id"], observed=True)[values].shift()
    assert (faces[values] == before)[~is_read].all(axis=None)
    assert not (faces[values] == before).fillna(value=False)[is_read].all(axis=1).any()


@pytest.mark.parametrize("people", ["A", pytest.param("ABCD", marks=pytest.mark.long)])
@pytest.mark.parametrize("as_one_session", [False, True], ids=["sessions", "one_session"])
def test_clock_times_are_exact(batch: Batch, people: str, *, as_one_session: bool) -> None:
    log = read_log(batch(people, as_one_session=as_one_session, is_time_given=True))

    begins = log.facecam.visits().sort_values("begin_utc")["begin_utc"]
    assert begins.tolist() == [BEGAN + pd.Timedelta(number, "min") for number in range(2 * len(people))]
    first = log.facecam.attendance("Europe/Berlin")["first"].min()
    assert first.isoformat() == "2026-10-25T02:58:00+02:00"
