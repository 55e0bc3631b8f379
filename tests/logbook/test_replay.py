"""Replays of random sessions repeat every decision, and decide with other parameters as a session with these would."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from facecam.cli import report
from facecam.cli.options import command
from facecam.errors import LogError, SettingsError
from facecam.logbook.reader import read_log
from facecam.logbook.replay import ReplayedDecision, ReplayRules, replay_decisions, replay_logs, summarize, total
from facecam.logbook.schema import DECISION_PARAMETERS_KEY, RowOrigin, SessionInfo, new_session_id
from facecam.logbook.writer import LogWriter
from facecam.recognition.matching import DecisionRule, Index, Match, decide_frame, skipped_decision
from facecam.recognition.tracking import Tracker, TrackInput
from facecam.settings import Mode, TrackSettings
from facecam.types import Box, Candidate, DecisionParameters, Event, EventCode, Face, Quality, Result, Sample, Sighting
from tests.color_reader import NETWORK
from tests.logbook.conftest import RAM_FOLDER
from tests.logbook.earlier_versions import rewrite
from tests.lowered_threshold import table_lowering

RULE = DecisionRule(0.32, 0.03, 0.03)
STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BOXES = tuple(Box(10.0 + 150 * place, 20, 60, 60) for place in range(4))
NAMES = ("Ada", "Grace", "=Mary")


class SimulatedSession:
    """Session without images: matches pass through frame rule, tracker and log as in recognition."""

    def __init__(self, folder: Path, rule: DecisionRule = RULE, *, follow: bool = False) -> None:
        self.rule = rule
        self.parameters = DecisionParameters(rule.margin_l2, rule.unsure_band_l2, TrackSettings().enter_after_sightings, follow)
        details = {DECISION_PARAMETERS_KEY: asdict(self.parameters)}
        self.log = LogWriter(folder, SessionInfo(new_session_id(STARTED), STARTED, "0.1.0", details=details))
        self.tracker = Tracker(TrackSettings(), NETWORK)
        self.index = 0
        self.revision = 0

    def frame(self, *faces: tuple[int, Match | str, float]) -> Result:
        """Add a frame. A face is the index of its box, its match or failed gate, and its weight."""
        compared = iter(decide_frame([match for _, match, _ in faces if not isinstance(match, str)], self.rule))
        decisions = [skipped_decision(match) if isinstance(match, str) else next(compared) for _, match, _ in faces]
        seen = [TrackInput(BOXES[face[0]], decision, face[2], None) for face, decision in zip(faces, decisions, strict=True)]
        t_ms = self.index * 1000 / 30
        votes, events = self.tracker.update(seen, t_ms, self.index)
        sightings = tuple(
            Sighting(
                face=Face(BOXES[place], 0.99, np.zeros((5, 2), np.float32)),
                quality=Quality(0, 0, 0),
                gate=match if isinstance(match, str) and match != "settled" else None,
                embedded=not isinstance(match, str),
                decision=decision,
                evidence_weight=weight,
                track_decision=vote,
            )
            for (place, match, weight), decision, vote in zip(faces, decisions, votes, strict=True)
        )
        result = Result(
            self.index, t_ms, "door", "", (640, 480), Mode.FACES, sightings, (), tuple(events), self.rule.threshold_l2,
            f"r{self.revision}",
        )  # fmt: skip
        self.log.write(result, 0)
        self.index += 1
        return result

    def change_gallery(self) -> None:
        self.revision += 1
        self.tracker.reset_votes()
        self.log.event(Event("state", "2 people, 5 photos", code=EventCode.GALLERY_CHANGED), 0.0)

    def decide_single_sightings(self, sightings: int, source: str) -> None:
        """Log that from now on this many sightings of a source are enough for a name."""
        self.tracker.decides_single_sightings = sightings == 1
        parameters = replace(self.parameters, enter_after_sightings=sightings)
        event = Event("state", code=EventCode.DECISION_PARAMETERS, parameters=parameters)
        self.log.event(event, 0.0, RowOrigin(source))

    def change_margin(self, margin_l2: float) -> None:
        self.rule = DecisionRule(self.rule.threshold_l2, margin_l2, self.rule.unsure_band_l2)
        parameters = DecisionParameters(margin_l2, self.rule.unsure_band_l2, 3, follow=False)
        self.log.event(Event("state", code=EventCode.DECISION_PARAMETERS, parameters=parameters), 0.0)

    def correct(self, track_id: int, name: str, undone: bool) -> None:
        ballot = self.tracker.votes(track_id)
        if ballot is not None:
            self.tracker.reset_votes()
            (ballot.accept if undone else ballot.reject)(f"id-{name}")
            code = EventCode.REJECTION_UNDONE if undone else EventCode.NAME_REJECTED
            self.log.event(Event("correction", "a message that nothing parses", track_id, code=code, person=name), 0.0)


@contextmanager
def simulated_session(rule: DecisionRule = RULE, *, follow: bool = False) -> Iterator[SimulatedSession]:
    with tempfile.TemporaryDirectory(dir=RAM_FOLDER) as folder:
        session = SimulatedSession(Path(folder), rule, follow=follow)
        yield session
        session.log.close()


def match_of(
    name: str,
    distance_l2: float,
    second_l2: float = 0.9,
    rejected_l2: float | None = None,
    reduction_l2: float = 0.0,
    limit_l2: float | None = None,
) -> Match:
    other = next(candidate for candidate in NAMES if candidate != name)
    return (
        Candidate(
            name,
            f"id-{name}",
            f"{name}/1.jpg",
            distance_l2,
            rejected_l2,
            threshold_reduction_l2=reduction_l2,
            threshold_limit_l2=limit_l2,
        ),
        Candidate(other, f"id-{other}", f"{other}/1.jpg", second_l2),
    )


def replay(session: SimulatedSession, rules: ReplayRules | None = None) -> list[ReplayedDecision]:
    session.log.close()
    return list(replay_decisions(session.log.path, rules))


DISTANCES = st.integers(100_000, 420_000).map(lambda millionths: millionths / 1e6)
MATCHES = st.one_of(
    st.builds(
        lambda name, near, apart, rejected, reduction, limit: match_of(
            name, near, round(near + apart, 6), rejected, reduction, limit
        ),
        st.sampled_from(NAMES), DISTANCES, st.integers(0, 80_000).map(lambda n: n / 1e6), st.none() | DISTANCES,
        st.just(0.0) | st.integers(0, 100_000).map(lambda n: n / 1e6), st.none() | DISTANCES,
    ),
    st.just((None, None)),
    st.sampled_from(["blurry", "settled"]),
)  # fmt: skip
FACES = st.lists(
    st.tuples(st.integers(0, 3), MATCHES, st.sampled_from([0.25, 0.333, 1.0])), max_size=4, unique_by=lambda face: face[0]
)
STEPS = st.one_of(
    st.tuples(st.just("frame"), FACES),
    st.tuples(st.just("frame"), FACES),
    st.tuples(st.just("gallery"), st.none()),
    st.tuples(st.just("margin"), st.sampled_from([0.0, 0.05])),
    st.tuples(st.just("correct"), st.tuples(st.integers(1, 6), st.sampled_from(NAMES), st.booleans())),
)


def play(session: SimulatedSession, steps: list[tuple[str, object]]) -> None:
    for kind, what in steps:
        if kind == "frame":
            for _ in range(3):
                session.frame(*what)  # type: ignore[misc]
        elif kind == "gallery":
            session.change_gallery()
        elif kind == "margin":
            session.change_margin(what)  # type: ignore[arg-type]
        else:
            session.correct(*what)  # type: ignore[misc]


@settings(max_examples=60)
@given(st.lists(STEPS, min_size=1, max_size=12))
def test_a_replay_repeats_each_decision(steps: list[tuple[str, object]]) -> None:
    with simulated_session() as session:
        play(session, steps)

        for row in replay(session):
            assert row.again == row.logged
            assert row.certain


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.just("frame"), FACES), min_size=1, max_size=8),
    st.sampled_from([0.2, 0.3, 0.4]),
    st.sampled_from([0.0, 0.06]),
)
def test_a_replay_with_other_parameters_decides_as_a_session_with_them(
    steps: list[tuple[str, object]], threshold_l2: float, margin_l2: float
) -> None:
    with simulated_session() as session, simulated_session(DecisionRule(threshold_l2, margin_l2, 0.03)) as other:
        play(session, steps)
        play(other, steps)

        replayed = replay(session, ReplayRules(threshold_l2, margin_l2))
        assert [row.again for row in replayed] == [row.logged for row in replay(other)]


def gallery_of_two() -> Index:
    """Return Ada, whose mean is nearer to a face between her samples and who resembles many, and Grace."""
    ada, grace = ([unit(*values) for values in rows] for rows in (((1, 0.3), (1, -0.3)), ((0, 0, 1), (0, 0.1, 1))))
    samples = [
        Sample(f"{name}/{number}.jpg", f"id-{name}", name, Path(f"{number}.jpg"), embedding)
        for name, own in (("Ada", ada), ("Grace", grace))
        for number, embedding in enumerate(own)
    ]
    return Index(samples, table=table_lowering(unit(1), 0.05))


def unit(*values: float) -> np.ndarray:
    embedding = np.zeros(128)
    embedding[: len(values)] = values
    return (embedding / np.linalg.norm(embedding)).astype(np.float32)


@pytest.mark.parametrize("threshold_l2", [None, 0.25, 0.28])
def test_a_replay_knows_the_mean_of_the_samples_and_the_persons_own_threshold(threshold_l2: float | None) -> None:
    index, rule = gallery_of_two(), DecisionRule(0.3, 0.03, 0.03)
    faces = [unit(1, 0, 0, sideways / 100) for sideways in range(0, 40, 2)]
    with (
        simulated_session(rule) as session,
        simulated_session(replace(rule, threshold_l2=threshold_l2 or rule.threshold_l2)) as other,
    ):
        for face in faces:
            session.frame((0, index.nearest(face), 1.0))
            other.frame((0, index.nearest(face), 1.0))

        replayed, as_other = replay(session, ReplayRules(threshold_l2=threshold_l2)), replay(other)
        log = read_log(session.log.path)

    assert [row.again for row in replayed] == [row.logged for row in as_other]
    assert log.sample_distance_l2.notna().any()
    assert (log.own_threshold_l2.dropna() == 0.25).all()
    statuses = [row.logged.sighting_decision for row in as_other]
    last_known = max(place for place, status in enumerate(statuses) if status == "known")
    own_threshold_l2 = (threshold_l2 or rule.threshold_l2) - 0.05
    assert float(np.linalg.norm(faces[last_known] - faces[0])) <= own_threshold_l2
    assert float(np.linalg.norm(faces[last_known + 1] - faces[0])) > own_threshold_l2


def test_rows_are_certain_until_a_followed_track_would_have_been_compared_again() -> None:
    """At 0.32 the track settles as Ada; at 0.2 each of its faces is unsure, and a session would have compared them all."""
    with simulated_session(follow=True) as session:
        for _ in range(5):
            session.frame((0, match_of("Ada", 0.22), 1.0))
        for _ in range(3):
            session.frame((0, "settled", 1.0))

        rows = replay(session, ReplayRules(threshold_l2=0.2))

        assert [row.certain for row in rows] == [True] * 5 + [False] * 3
        assert all(row.certain for row in replay(session))


def test_the_summary_lists_changes_by_person() -> None:
    with simulated_session() as session:
        for _ in range(4):
            session.frame((0, match_of("Ada", 0.25), 1.0), (1, match_of("Grace", 0.15), 1.0))

        found = summarize(replay(session, ReplayRules(threshold_l2=0.2)))

    ada, grace = found.people
    assert (ada.name, ada.rows_before, ada.rows_after, ada.rows_changed) == ("Ada", 2, 0, 2)
    assert [(row.frame_index, row.logged.name, row.again.decision) for row in ada.first_changes] == [
        (2, "Ada", "unknown"), (3, "Ada", "unknown"),
    ]  # fmt: skip
    assert (grace.name, grace.rows_before, grace.rows_after, grace.rows_changed) == ("Grace", 2, 2, 0)
    assert (found.rows, found.embedded, found.agreeing["name"]) == (8, 8, 6)


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    command(app, "replay")(report.replay)
    app.callback()(lambda: None)
    return app


def test_the_command_reports_full_agreement(app: typer.Typer) -> None:
    with simulated_session() as session:
        for _ in range(4):
            session.frame((0, match_of("=Mary", 0.25), 1.0))
        session.log.close()

        result = CliRunner().invoke(app, ["replay", str(session.log.path), "--json", "-"])

    assert result.exit_code == 0
    summary = json.loads(result.stdout)
    assert (summary["rows"], summary["same"], summary["people"][0]["name"]) == (4, 4, "=Mary")


def test_the_command_finds_a_manipulated_row(app: typer.Typer) -> None:
    with simulated_session() as session:
        for _ in range(4):
            session.frame((0, match_of("Ada", 0.25), 1.0))
        session.log.close()
        path = session.log.path
        path.write_text(path.read_text(encoding="utf-8").replace(",votes,Ada,", ",votes,Grace,", 1), encoding="utf-8")

        result = CliRunner().invoke(app, ["replay", str(path)])

    assert result.exit_code == 3
    assert "name: 3 of 4" in result.stdout
    assert "Grace -> Ada" in result.stdout


def test_a_replay_knows_when_single_sightings_of_a_source_were_enough() -> None:
    with simulated_session() as session:
        session.decide_single_sightings(1, "door")
        session.frame((0, match_of("Ada", 0.25), 1.0))
        session.decide_single_sightings(3, "door")
        session.frame((1, match_of("Grace", 0.25), 1.0))

        rows = replay(session)

    assert [row.again.name for row in rows] == [row.logged.name for row in rows] == ["Ada", None]


def test_the_parameters_of_one_source_do_not_apply_to_another() -> None:
    with simulated_session() as session:
        session.decide_single_sightings(1, "window")
        session.tracker.decides_single_sightings = False
        session.frame((0, match_of("Ada", 0.25), 1.0))

        (row,) = replay(session)

    assert row.again.name is row.logged.name is None


def test_parameters_of_the_whole_session_replace_those_of_a_source() -> None:
    with simulated_session() as session:
        session.decide_single_sightings(1, "door")
        session.tracker.decides_single_sightings = False
        session.change_margin(0.05)
        session.frame((0, match_of("Ada", 0.25), 1.0))

        (row,) = replay(session)

    assert row.again.name is row.logged.name is None


def test_exits_at_the_time_of_the_last_sighting_do_not_disturb_a_replay() -> None:
    with simulated_session() as session:
        for _ in range(5):
            session.frame((0, match_of("Ada", 0.25), 1.0))
        for _ in range(100):
            session.frame((1, match_of("Grace", 0.25), 1.0))
        rows = replay(session)
        events = read_log(session.log.path, columns=["event", "t_ms", "frame_index"])

    (left,) = events[events.event == "exit"].itertuples()
    assert (left.t_ms, left.frame_index) == (pytest.approx(4 * 1000 / 30, abs=0.001), 4)
    assert left.Index > events[events.t_ms > left.t_ms].index[0]
    assert all(row.again == row.logged for row in rows)


@pytest.mark.parametrize("version", [2, 3, 4])
def test_a_log_of_an_earlier_version_is_replayed(version: int) -> None:
    with simulated_session() as session:
        for place, name in ((0, "Ada"), (1, "Grace")):
            session.frame((place, match_of(name, 0.5), 1.0))
            for distance_l2 in (0.25, 0.29, 0.31):
                session.frame((place, match_of(name, distance_l2, rejected_l2=0.6), 1.0))
            session.frame((place, "blurry", 0.0))
        session.log.close()
        rewrite(session.log.path, version)
        found = total([again.summary for again in replay_logs([session.log.path]) if again.summary is not None])
        other = total([each.summary for each in replay_logs([session.log.path], ReplayRules(0.3)) if each.summary is not None])

    assert (found.rows, found.same) == (10, 10)
    assert [(person.name, person.rows_before, person.rows_after) for person in found.people] == [("Ada", 2, 2), ("Grace", 2, 2)]
    assert (other.rows, other.same) == (10, 6), "the third agreeing sighting of each, and the blurred one after it, lose the name"
    assert [(person.rows_before, person.rows_after) for person in other.people] == [(2, 0), (2, 0)]


def three_sessions(folder: Path) -> list[Path]:
    """Write two logs with Ada, one of them manipulated, and one without its JSON."""
    logs = []
    for name in "abc":
        session = SimulatedSession(folder / name)
        for _ in range(4):
            session.frame((0, match_of("Ada", 0.25), 1.0))
        session.log.close()
        logs.append(session.log.path)
    changed = logs[1].read_text(encoding="utf-8").replace(",votes,Ada,", ",votes,Grace,", 1)
    logs[1].write_text(changed, encoding="utf-8")
    logs[2].with_suffix(".json").unlink()
    return logs


def test_a_folder_is_replayed_session_by_session(tmp_path: Path) -> None:
    logs = three_sessions(tmp_path)

    replays = list(replay_logs(tmp_path))

    assert [each.log for each in replays] == logs
    assert [each.summary and each.summary.agreeing["name"] for each in replays] == [4, 3, None]
    assert [each.error is None for each in replays] == [True, True, False]


def test_several_logs_are_replayed_in_the_given_order(tmp_path: Path) -> None:
    first, second, _ = three_sessions(tmp_path)

    assert [each.log for each in replay_logs([second, first])] == [second, first]


def test_the_sum_of_replays_counts_all_rows_and_people(tmp_path: Path) -> None:
    three_sessions(tmp_path)

    found = total(each.summary for each in replay_logs(tmp_path) if each.summary is not None)

    assert (found.rows, found.same, found.agreeing["name"]) == (8, 7, 7)
    assert [(person.name, person.rows_before, person.rows_after) for person in found.people] == [("Ada", 3, 4), ("Grace", 1, 0)]
    assert len(found.people[0].first_changes) == 1


def test_any_part_replays_the_whole_session() -> None:
    with simulated_session() as session:
        for _ in range(6):
            session.frame((0, match_of("Ada", 0.25), 1.0))
        whole = replay(session)
        header, *rows = session.log.path.read_text(encoding="utf-8").splitlines(keepends=True)
        session.log.path.write_text(header + "".join(rows[:4]), encoding="utf-8")
        second = session.log.path.with_suffix(".2.csv")
        second.write_text(header + "".join(rows[4:]), encoding="utf-8")

        assert list(replay_decisions(second)) == list(replay_decisions(session.log.path)) == whole


def test_a_missing_log_is_reported_before_its_json(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"the log .*20260102\.csv cannot be read: .*; check the path"):
        list(replay_decisions(tmp_path / "20260102.csv"))


def test_a_log_without_its_json_cannot_be_replayed() -> None:
    with simulated_session() as session:
        session.frame((0, match_of("Ada", 0.25), 1.0))
        session.log.close()
        session.log.details_path.unlink()

        with pytest.raises(LogError, match=r"\.json cannot be read .*; put the session's JSON file next to the log"):
            replay(session)


PARAMETER_WITHOUT_VALUE = {"margin_l2": None, "unsure_band_l2": 0.03, "enter_after_sightings": 3, "follow": False}


@pytest.mark.parametrize("details", [{}, {DECISION_PARAMETERS_KEY: PARAMETER_WITHOUT_VALUE}])
def test_a_json_without_decision_parameters_is_an_error(details: dict[str, object]) -> None:
    with simulated_session() as session:
        session.frame((0, match_of("Ada", 0.25), 1.0))
        session.log.close()
        session.log.details_path.write_text(json.dumps(details))

        with pytest.raises(LogError, match="has no decision parameters"):
            replay(session)


def test_a_threshold_out_of_range_is_refused() -> None:
    with simulated_session() as session:
        session.frame((0, match_of("Ada", 0.25), 1.0))

        with pytest.raises(SettingsError, match="threshold_l2"):
            replay(session, ReplayRules(threshold_l2=3.0))
