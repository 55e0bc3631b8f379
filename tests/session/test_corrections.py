"""Corrections in a running session: they apply at once, are logged and are followed by a replay."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.enrollment.corrections import AssignName, RedoCorrection, RejectName, UndoCorrection
from facecam.enrollment.enroll import IDENTITY_CONFLICT
from facecam.errors import EnrollmentRefusedError
from facecam.gallery.service import GalleryService
from facecam.imageio import read_image
from facecam.logbook.reader import read_log
from facecam.logbook.replay import replay_decisions
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.settings import Settings
from facecam.types import DecisionStatus, EventCode, Frame, TrackDecision
from tests.session.conftest import ScriptedSource

EILEEN, GRACE = "Eileen Collins", "Grace Hopper"


@pytest.fixture
def session(portraits: dict[str, Path], tmp_path: Path) -> Callable[[str], Session]:
    """Return a factory of sessions on one portrait that share a gallery with Eileen."""
    gallery = tmp_path / "gallery"
    (gallery / EILEEN).mkdir(parents=True)
    shutil.copy(portraits["eileen_collins"], gallery / EILEEN)

    def session_on(portrait: str, *, live: bool = True) -> Session:
        bgr = cv2.resize(read_image(portraits[portrait]), (480, 480), interpolation=cv2.INTER_AREA)
        config = SessionConfig(
            Settings().replace({"follow.enabled": False}),
            (
                SourceConfig(
                    "fake", lambda s: ScriptedSource(s, fps=15.0, live=live, image=lambda i: np.roll(bgr, i % 3, axis=1))
                ),
            ),
            gallery,
            log_dir=tmp_path / "logs",
        )
        return Session(config)

    return session_on


def until(session: Session, condition: Callable[[TrackDecision], bool]) -> TrackDecision:
    """Return the first track decision that satisfies the condition."""
    deadline_s = time.monotonic() + 30
    while time.monotonic() < deadline_s:
        taken = session.results.take(1)
        votes = [sighting.track_decision for sighting in taken[1][1].sightings] if taken else []
        if votes and condition(votes[0]):
            return votes[0]
    raise AssertionError("the condition did not hold in time")


def corrections_in(session: Session) -> list[tuple[str, str, int]]:
    assert session.log is not None
    log = read_log(session.log.path)
    rows = log[log.event == "correction"]
    return list(zip(rows.event_code, rows.event_person, rows.track_id, strict=True))


def test_a_rejected_name_its_undo_and_its_redo_apply_at_once_and_a_replay_follows_them(session: Callable[[str], Session]) -> None:
    with session("eileen_collins") as running:
        named = until(running, lambda vote: vote.decision.name == EILEEN)
        running.apply(RejectName(named.track_id, EILEEN))
        until(running, lambda vote: vote.decision.reason == "corrected")
        running.apply(UndoCorrection())
        until(running, lambda vote: vote.decision.name == EILEEN)
        running.apply(RedoCorrection())
        until(running, lambda vote: vote.decision.reason == "corrected")

    codes = ["name_rejected", "rejection_undone", "name_rejected"]
    assert corrections_in(running) == [(code, EILEEN, named.track_id) for code in codes]
    outcomes = running.take_command_results()
    assert [(outcome.undoable is None, outcome.redoable is None) for outcome in outcomes] == [
        (False, True), (True, False), (False, True),
    ]  # fmt: skip
    assert running.log is not None
    rows = list(replay_decisions(running.log.path))
    assert {row.logged.reason for row in rows} >= {"votes", "corrected"}
    assert [row.again for row in rows] == [row.logged for row in rows]


def test_a_correction_applies_in_the_next_session(session: Callable[[str], Session]) -> None:
    with session("eileen_collins") as first:
        named = until(first, lambda vote: vote.decision.name == EILEEN)
        first.apply(RejectName(named.track_id, EILEEN))
        until(first, lambda vote: vote.decision.reason == "corrected")

    with session("eileen_collins") as second:
        vote = until(second, lambda vote: vote.track_age_ms > 1000)

    assert (vote.decision.status, vote.decision.reason) == (DecisionStatus.UNSURE, "corrected")


def test_an_unknown_face_can_be_named(session: Callable[[str], Session]) -> None:
    with session("grace_hopper") as running:
        unknown = until(running, lambda vote: vote.decision.status is DecisionStatus.UNKNOWN)
        running.apply(AssignName(unknown.track_id, GRACE))
        named = until(running, lambda vote: vote.decision.name == GRACE)

    assert named.track_id == unknown.track_id
    assert corrections_in(running) == [("name_assigned", GRACE, unknown.track_id)]
    assert running.gallery is not None
    assert [person.name for person in running.gallery.people] == [EILEEN, GRACE]


def test_an_impossible_correction_is_refused_and_changes_nothing(session: Callable[[str], Session]) -> None:
    with session("grace_hopper") as running:
        unknown = until(running, lambda vote: vote.decision.status is DecisionStatus.UNKNOWN)
        running.apply(RejectName(unknown.track_id, "Nobody"))
        running.apply(AssignName(999, GRACE))
        until(running, lambda vote: vote.track_age_ms > unknown.track_age_ms + 500)

    assert corrections_in(running) == []
    assert running.log is not None
    log = read_log(running.log.path)
    errors = list(log[log.event_code == "command_refused"].message)
    assert len(errors) == 2
    assert "'Nobody' is not enrolled" in errors[0]
    assert "track 999 has ended" in errors[1]


def test_every_correction_has_a_command_result(session: Callable[[str], Session]) -> None:
    with session("eileen_collins") as running:
        seen = until(running, lambda vote: vote.decision.name == EILEEN)
        commands = [AssignName(seen.track_id, GRACE), RejectName(seen.track_id, EILEEN), RejectName(999, EILEEN)]
        for correction in commands:
            running.apply(correction)
        until(running, lambda vote: vote.decision.reason == "corrected")

    outcomes = running.take_command_results()
    assert [outcome.command for outcome in outcomes] == commands
    assert [outcome.event.kind for outcome in outcomes] == ["error", "correction", "error"]
    assert isinstance(outcomes[0].error, EnrollmentRefusedError)
    assert outcomes[0].error.reason == IDENTITY_CONFLICT
    assert (outcomes[1].event.code, outcomes[1].event.person) == (EventCode.NAME_REJECTED, EILEEN)
    assert (outcomes[1].event.message, outcomes[1].error) == ("not: " + EILEEN, None)
    assert outcomes[1].undoable is not None
    assert [outcome.undoable and outcome.undoable.person.name for outcome in outcomes] == [None, EILEEN, EILEEN]
    assert running.take_command_results() == []


def pause_at_last_frame(session: Session) -> Frame:
    """Pause and return the frame that stays."""
    newest = session.results.take(30)
    session.pause(True)
    while (taken := session.results.take(1.0)) is not None:
        newest = taken
    assert newest is not None
    return newest[1][0]


def next_decision(session: Session, frame: Frame) -> TrackDecision:
    """Return the next decision of the only face, which is that of the same frame."""
    taken = session.results.take(30)
    assert taken is not None
    assert taken[1][0] is frame
    return taken[1][1].sightings[0].track_decision


@pytest.mark.parametrize("live", [True, False], ids=["camera", "file"])
def test_a_paused_frame_is_decided_again_after_every_change_and_logged_once(session: Callable[..., Session], live: bool) -> None:
    with session("eileen_collins", live=live) as running:
        named = until(running, lambda vote: vote.decision.name == EILEEN)
        frame, recognized = pause_at_last_frame(running), running.status().recognized
        running.apply(RejectName(named.track_id, EILEEN))
        rejected = next_decision(running, frame)
        assert (rejected.track_id, rejected.decision.reason) == (named.track_id, "corrected")
        running.apply(UndoCorrection())
        assert next_decision(running, frame).decision.name == EILEEN

        assert running.gallery is not None
        GalleryService(running.gallery.folder).rename(running.gallery.people[0], GRACE)
        assert next_decision(running, frame).decision.name == GRACE
        running.apply(running.settings.replace({"identify.threshold_l2": 0.001, "identify.unsure_band_l2": 0.0}))
        assert next_decision(running, frame).decision.status is DecisionStatus.UNKNOWN
        assert running.status().recognized == recognized

    assert [code for code, *_ in corrections_in(running)] == ["name_rejected", "rejection_undone"]
    assert running.log is not None
    log = read_log(running.log.path)
    assert not log[log.x.notna()].duplicated(["frame_index", "track_id"]).any()
    assert all(row.again == row.logged for row in replay_decisions(running.log.path))


def test_a_paused_face_can_be_named_and_keeps_its_track(session: Callable[..., Session]) -> None:
    with session("grace_hopper", live=False) as running:
        unknown = until(running, lambda vote: vote.decision.status is DecisionStatus.UNKNOWN)
        frame = pause_at_last_frame(running)
        running.apply(AssignName(unknown.track_id, GRACE))
        named = next_decision(running, frame)
        assert (named.track_id, named.decision.name) == (unknown.track_id, GRACE)
        running.pause(False)
        assert until(running, lambda vote: vote.decision.name == GRACE).track_id == unknown.track_id
