"""Seek, step and loop of a session on a file: tracks end, and the log says what was played."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from facecam.logbook.reader import read_log
from facecam.session.session import Session
from tests.session.conftest import Rig, ScriptedSource, wait_for


@dataclass
class Film(ScriptedSource):
    """Two seconds at 100 frames per second that can be sought."""

    live: bool = False
    count: int | None = 200

    @property
    def length_ms(self) -> float | None:
        return 2000.0

    def seek(self, t_ms: float) -> None:
        self.index = round(t_ms / 10)


@pytest.fixture
def film(rig: Rig) -> tuple[Rig, Session]:
    """A session on a film that is paused at its beginning."""
    session = rig.session(Film)
    session.pause(True)
    session.start()
    wait_for(lambda: session.status().ready and bool(session.status().sources[0].length_ms))
    return rig, session


def times(rig: Rig) -> list[float]:
    return [t_ms for _, _, t_ms in rig.recognizers[0].recognized]


def test_a_seek_in_a_paused_file_shows_one_frame_and_a_step_the_next(film: tuple[Rig, Session]) -> None:
    rig, session = film
    session.seek(1500.0)
    wait_for(lambda: times(rig) == [1500.0])
    session.step()
    wait_for(lambda: times(rig) == [1500.0, 1510.0])
    session.seek(500.0)
    wait_for(lambda: times(rig) == [1500.0, 1510.0, 500.0])
    time.sleep(0.1)

    assert times(rig) == [1500.0, 1510.0, 500.0]


def test_tracks_end_at_a_seek_and_the_log_names_it(film: tuple[Rig, Session]) -> None:
    rig, session = film
    session.step()
    wait_for(lambda: times(rig) == [0.0])
    session.seek(1500.0)
    wait_for(lambda: times(rig) == [0.0, 1500.0])
    assert rig.recognizers[0].finished == [(0, 0.0)], "before the first frame after the seek"
    assert session.stop()

    assert session.log is not None
    log = read_log(session.log.path)
    (sought,) = log[log.event_code == "seeked"].itertuples()
    assert (sought.t_ms, sought.message) == (0.0, "seek: to 1.500 s")
    assert list(log[log.event == "exit"].t_ms) == [0.0, 1500.0]


def test_a_looped_file_begins_again_until_the_loop_ends(rig: Rig) -> None:
    session = rig.session(Film)
    session.loop(True)
    session.start()
    wait_for(lambda: times(rig).count(0.0) > 1 if rig.recognizers else False)
    session.loop(False)
    session.seek(1900.0)
    wait_for(lambda: session.wait(0))

    assert session.error is None


def test_a_seek_of_a_source_that_cannot_move_does_nothing(rig: Rig) -> None:
    session = rig.session(lambda started_at_s: ScriptedSource(started_at_s, live=False, count=30))
    session.start()
    session.seek(0.0)
    wait_for(lambda: session.wait(0))

    assert times(rig) == sorted(times(rig))


def test_of_several_seeks_the_newest_counts(film: tuple[Rig, Session]) -> None:
    rig, session = film
    for t_ms in range(100, 1000, 100):
        session.seek(float(t_ms))
    wait_for(lambda: bool(times(rig)) and times(rig)[-1] == 900.0)

    assert len(times(rig)) < 9
