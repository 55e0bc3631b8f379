"""Questions of a researcher, a teacher and a maker, with answers computed by hand."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pandas as pd
import pytest

from facecam.errors import LogError
from facecam.logbook.export import export_log, merge_logs
from facecam.logbook.queries import LogQueries
from facecam.logbook.reader import read_log
from facecam.logbook.schema import NAMES, RowOrigin, SessionInfo
from facecam.logbook.spans import time_zone, zoned_times
from facecam.logbook.writer import LogWriter
from facecam.settings import Mode
from facecam.types import Event, EventCode, Expression, FrameCounts, Label, SourceTime, TimeOrigin
from tests.logbook.conftest import HAPPY, PLAIN
from tests.logbook.earlier_versions import rewrite

Make = Callable[..., Any]

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "logs.md"


class Recorder:
    """Writes sessions whose rows a test states: `session(...)` opens one, `face(...)` and `objects(...)` add a frame."""

    def __init__(self, folder: Path, template: SessionInfo, face_of: Make, result: Make) -> None:
        self.folder = folder
        self._template, self._face_of, self._result = template, face_of, result
        self._count = 0

    def session(self, started: str = "2026-01-02T03:04:05Z", **labels: str) -> LogWriter:
        start = datetime.fromisoformat(started).astimezone(UTC)
        self._count += 1
        session_id = f"{start:%Y%m%dT%H%M%SZ}-{self._count:04x}"
        return LogWriter(self.folder, replace(self._template, session_id=session_id, started_at_utc=start, labels=labels))

    def face(
        self, writer: LogWriter, at_s: float, name: str | None, track: int = 1, expression: Any = PLAIN, **changes: Any
    ) -> None:
        """Write a frame with one face; `source`, `camera_id` and `time` are of the frame, other changes of the sighting."""
        frame = {key: changes.pop(key) for key in ("source", "camera_id", "frame_index") if key in changes}
        when = changes.pop("time", None)
        face = self._face_of(name, track, expression, **changes)
        writer.write(self._result(face, t_ms=at_s * 1000, **frame), 0, when)

    def objects(self, writer: LogWriter, at_s: float, *labels: Label) -> None:
        writer.write(self._result(mode=Mode.OBJECTS, labels=labels, t_ms=at_s * 1000), 0)

    @property
    def log(self) -> pd.DataFrame:
        return read_log(self.folder)

    @property
    def queries(self) -> LogQueries:
        return LogQueries(self.log)


@pytest.fixture
def record(tmp_path: Path, session: SessionInfo, face_of: Make, result: Make) -> Recorder:
    return Recorder(tmp_path / "recorded", session, face_of, result)


def counted(read: int, analyzed: int, seconds: float, with_faces: int = 0) -> Event:
    return Event("frames", "", frames=FrameCounts(read, analyzed, with_faces, seconds * 1000))


def spans_of(found: pd.DataFrame) -> list[tuple[str, float, int]]:
    return list(found[["name", "seconds", "sightings"]].itertuples(index=False, name=None))


class TestWhoWasThere:
    """A track is one person."""

    def test_rows_before_a_track_has_its_name_and_undecided_rows_between_count_for_the_person(self, record: Recorder) -> None:
        with record.session() as writer:
            for tenth, name in enumerate(["", "", "", "Ada", "Ada", "", "Ada", ""]):
                record.face(writer, tenth / 10, name)

        assert spans_of(record.queries.visits()) == [("Ada", 0.7, 8)]

    def test_in_a_log_of_version_3_each_row_counts_for_its_own_name(self, record: Recorder) -> None:
        with record.session() as writer:
            for tenth, name in enumerate(["", "", "Ada", "Ada"]):
                record.face(writer, tenth / 10, name)
        rewrite(writer.path, 3)

        assert spans_of(record.queries.visits()) == [("Ada", 0.1, 2)]

    def test_a_track_that_was_unknown_until_its_person_was_enrolled_is_that_person(self, record: Recorder) -> None:
        with record.session() as writer:
            for second, name in enumerate([None, None, "", "Ada", "Ada"]):
                record.face(writer, second, name)

        assert spans_of(record.queries.visits()) == [("Ada", 4.0, 5)]
        assert record.queries.unknown_visits().empty

    def test_rows_up_to_a_change_of_the_name_belong_to_the_earlier_one(self, record: Recorder) -> None:
        with record.session() as writer:
            for second, name in enumerate(["", "Ada", "Ada", "", "Grace", ""]):
                record.face(writer, second, name)

        assert spans_of(record.queries.presence()) == [("Ada", 3.0, 4), ("Grace", 1.0, 2)]

    def test_a_track_whose_name_a_user_rejected_is_nobody_from_then_on(self, record: Recorder) -> None:
        with record.session() as writer:
            for second in range(3):
                record.face(writer, second, "Ada", 1)
                record.face(writer, second, "Grace", 2)
            writer.event(Event("correction", "not: Ada", 1, code=EventCode.NAME_REJECTED, person="Ada"), 2_500.0)
            for second in range(3, 60):
                record.face(writer, second, "", 1)
                record.face(writer, second, "", 2)

        assert spans_of(record.queries.presence()) == [("Ada", 2.0, 3), ("Grace", 59.0, 60)]

    @pytest.mark.parametrize("reason", ["still_picture", "presentation_attack", "name_taken", "corrected"])
    def test_a_track_whose_name_is_withheld_is_nobody_for_that_time(self, record: Recorder, reason: str) -> None:
        with record.session() as writer:
            for second in range(60):
                record.face(writer, second, "Ada" if second < 3 else "", reason=reason)

        assert spans_of(record.queries.presence()) == [("Ada", 2.0, 3)]

    def test_the_part_of_a_track_that_became_unknown_is_an_unknown_visit(self, record: Recorder) -> None:
        with record.session() as writer:
            for second, name in enumerate(["Ada", "Ada", None, "", None]):
                record.face(writer, second, name)

        assert spans_of(record.queries.presence()) == [("Ada", 1.0, 2)]
        assert record.queries.unknown_visits()[["seconds", "sightings"]].to_numpy().tolist() == [[2.0, 3]]

    def test_a_renamed_person_is_one_person_with_the_later_name(self, record: Recorder) -> None:
        for day, name in ((1, "Ada Byron"), (2, "Ada Lovelace")):
            with record.session(f"2026-01-0{day}T00:00:00Z") as writer:
                record.face(writer, 0, name, person_id="7" * 32)
                record.face(writer, 3, name, person_id="7" * 32)
                record.face(writer, 0, "Grace", 2, person_id="8" * 32)

        found = record.queries.first_last_seen()
        assert found[["visits", "seconds"]].to_dict("index") == {
            "Ada Lovelace": {"visits": 2, "seconds": 6.0},
            "Grace": {"visits": 2, "seconds": 0.0},
        }

    def test_a_former_name_in_a_log_without_person_ids_is_the_renamed_person(self, record: Recorder) -> None:
        for day, name in ((1, "Ada Byron"), (2, "Ada Byron"), (3, "Ada Lovelace")):
            with record.session(f"2026-01-0{day}T00:00:00Z") as writer:
                record.face(writer, 0, name, person_id="7" * 32)
            if day == 1:
                rewrite(writer.path, 3)

        assert record.queries.first_last_seen()["visits"].to_dict() == {"Ada Lovelace": 3}

    @pytest.mark.parametrize("name", ["NA", "007", "null", "1e5", "=1+1"])
    def test_a_name_that_looks_like_something_else_is_a_name(self, record: Recorder, name: str) -> None:
        with record.session() as writer:
            record.face(writer, 0, name)

        assert record.queries.visits()["name"].tolist() == [name]


class TestVisits:
    """Visits, and what separates them."""

    def test_361_sightings_ten_seconds_apart_are_one_visit_of_an_hour(self, record: Recorder) -> None:
        with record.session() as writer:
            for number in range(361):
                record.face(writer, number * 10, "Ada", number + 1, frame_index=number * 300)
            writer.event(counted(108_300, 361, 3610.0), 3_600_000.0, RowOrigin("clip.mkv"))

        assert spans_of(record.queries.visits()) == [("Ada", 3600.0, 361)]
        assert spans_of(record.queries.presence()) == [("Ada", 3600.0, 361)]
        assert record.queries.first_last_seen()["share"].tolist() == [pytest.approx(3600 / 3610)]

    def test_the_same_of_a_log_that_has_not_counted_its_frames(self, record: Recorder) -> None:
        with record.session() as writer:
            for number in range(361):
                record.face(writer, number * 10, "Ada", number + 1)
        rewrite(writer.path, 3)

        assert spans_of(record.queries.visits()) == [("Ada", 3600.0, 361)]

    def test_two_time_lapse_cameras_in_turn_have_their_own_gaps(self, record: Recorder) -> None:
        with record.session() as writer:
            for number in range(20):
                for offset_s, camera in enumerate(("door", "hall")):
                    record.face(writer, number * 60 + offset_s, "Ada", 1 + 2 * number + offset_s, camera_id=camera)
        rewrite(writer.path, 3)

        assert record.queries.presence()["seconds"].tolist() == [1140.0, 1140.0]

    def test_one_missed_frame_of_a_time_lapse_is_no_absence_and_two_are(self, record: Recorder) -> None:
        with record.session() as writer:
            for number in (0, 1, 3, 4, 7, 8):
                record.face(writer, number * 60, "Ada", number + 1)
            writer.event(counted(9, 9, 540.0), 480_000.0, RowOrigin("clip.mkv"))

        assert spans_of(record.queries.visits()) == [("Ada", 240.0, 4), ("Ada", 60.0, 2)]

    def test_a_camera_that_was_away_for_an_hour_has_no_longer_gap(self, record: Recorder) -> None:
        with record.session() as writer:
            for start in (0, 3600):
                for number in range(100):
                    record.face(writer, start + number / 10, "Ada" if number < 50 else "Grace", start + number // 50 + 1)
            writer.event(counted(200, 200, 3610.0), 3_610_000.0, RowOrigin("clip.mkv"))

        assert [round(seconds, 1) for _, seconds, _ in spans_of(record.queries.visits())] == [4.9, 4.9, 4.9, 4.9]

    def test_rare_sightings_in_front_of_a_fast_camera_are_as_many_visits(self, record: Recorder) -> None:
        with record.session() as writer:
            for number in range(20):
                record.face(writer, number * 60, "Ada", number + 1)
            writer.event(counted(36_000, 36_000, 1200.0), 1_200_000.0, RowOrigin("clip.mkv"))

        assert len(record.queries.visits()) == 20

    @pytest.mark.parametrize(("gap_s", "visits"), [(0.4, 4), (0.6, 3), (2, 2), (2.5, 1)])
    def test_a_gap_below_five_seconds_has_an_effect(self, record: Recorder, gap_s: float, visits: int) -> None:
        with record.session() as writer:
            for at_s in (0, 0.1, 0.6, 0.7, 1.7, 1.8, 3.8, 3.9):
                record.face(writer, at_s, "Ada")
            writer.event(counted(40, 40, 4.0), 3_900.0, RowOrigin("clip.mkv"))

        assert len(record.queries.visits(gap_s)) == visits

    def test_two_sessions_that_overlap_are_two_visits(self, record: Recorder) -> None:
        for start in ("2026-01-02T10:00:00Z", "2026-01-02T10:00:03Z"):
            with record.session(start) as writer:
                for second in range(6):
                    record.face(writer, second, "Ada")

        assert spans_of(record.queries.visits()) == [("Ada", 5.0, 6), ("Ada", 5.0, 6)]
        assert record.queries.first_last_seen()[["visits", "seconds"]].to_numpy().tolist() == [[2, 10.0]]
        assert record.queries.attendance("UTC")[["visits", "seconds"]].to_numpy().tolist() == [[2, 10.0]]

    @pytest.mark.parametrize(
        ("origin", "visits"),
        [(TimeOrigin.CLOCK, 1), (TimeOrigin.GIVEN, 1), (TimeOrigin.CONTAINER, 2), (TimeOrigin.FILE, 2)],
    )
    def test_sources_whose_times_are_estimates_stay_apart(self, record: Recorder, origin: TimeOrigin, visits: int) -> None:
        zero = datetime(2025, 6, 1, 12, tzinfo=UTC)
        with record.session() as writer:
            for number, source in enumerate(("a.mp4", "b.mp4")):
                when = SourceTime(zero + timedelta(seconds=5 * number), origin)
                for second in range(6):
                    record.face(writer, second, "Ada", number + 1, source=source, time=when)

        found = record.queries.visits()
        assert len(found) == visits
        assert found["begin_utc"].min() == pd.Timestamp(zero)
        assert found["seconds"].sum() == 10.0


SUMMER_TO_WINTER = {
    "Europe/Berlin": ("2026-10-25T00:30:00Z", "02:30:00+02:00", "02:30:00+01:00"),
    "America/New_York": ("2026-11-01T05:30:00Z", "01:30:00-04:00", "01:30:00-05:00"),
    "Asia/Kolkata": ("2026-10-25T00:30:00Z", "06:00:00+05:30", "07:00:00+05:30"),
    "Australia/Lord_Howe": ("2026-04-04T14:40:00Z", "01:40:00+11:00", "02:10:00+10:30"),
}
WINTER_TO_SUMMER = {
    "Europe/Berlin": ("2026-03-29T00:30:00Z", "01:30:00+01:00", "03:30:00+02:00"),
    "America/New_York": ("2026-03-08T06:30:00Z", "01:30:00-05:00", "03:30:00-04:00"),
    "Asia/Kolkata": ("2026-03-29T00:30:00Z", "06:00:00+05:30", "07:00:00+05:30"),
    "Australia/Lord_Howe": ("2026-10-03T15:10:00Z", "01:40:00+10:30", "03:10:00+11:00"),
}
CHANGES = [(zone, *times) for direction in (SUMMER_TO_WINTER, WINTER_TO_SUMMER) for zone, times in direction.items()]


@pytest.fixture
def machine_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Return a function that sets the machine's own time zone."""

    def use(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield use
    monkeypatch.undo()
    time.tzset()


class TestTimes:
    """Local times through changes of the clock."""

    @pytest.mark.parametrize(("zone", "begin", "first", "last"), CHANGES)
    def test_an_hour_over_a_change_of_the_clock_is_an_hour_with_both_offsets(
        self, record: Recorder, zone: str, begin: str, first: str, last: str
    ) -> None:
        with record.session(begin) as writer:
            for minute in range(61):
                record.face(writer, minute * 60, "Ada")
            writer.event(counted(61, 61, 3660.0), 3_600_000.0, RowOrigin("clip.mkv"))

        (row,) = record.queries.attendance(zone).reset_index().itertuples()
        assert (f"{row.first:%H:%M:%S%z}", f"{row.last:%H:%M:%S%z}") == (first.replace(":00+", "+"), last) or (
            row.first.isoformat()[11:],
            row.last.isoformat()[11:],
        ) == (first, last)
        assert (row.last - row.first).total_seconds() == row.seconds == 3600
        assert str(row.first.tz) == zone

    @pytest.mark.parametrize(("zone", "begin", "first", "last"), CHANGES)
    def test_the_machines_own_zone_is_the_same(
        self, record: Recorder, machine_zone: Callable[[str], None], zone: str, begin: str, first: str, last: str
    ) -> None:
        machine_zone(zone)
        with record.session(begin) as writer:
            for minute in range(61):
                record.face(writer, minute * 60, "Ada")

        own, named = record.queries.attendance(), record.queries.attendance(zone)
        pd.testing.assert_frame_equal(own, named)
        assert [moment.isoformat()[11:] for moment in (own["first"].iloc[0], own["last"].iloc[0])] == [first, last]

    @pytest.mark.parametrize("variable", ["CET-1CEST,M3.5.0,M10.5.0/3", "XYZ-9:30"])
    def test_a_zone_without_a_name_is_that_of_the_machine(self, machine_zone: Callable[[str], None], variable: str) -> None:
        machine_zone(variable)
        moments = pd.Series(pd.to_datetime(["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]))

        found = zoned_times(moments)

        assert [moment.isoformat() for moment in found] == [moment.to_pydatetime().astimezone().isoformat() for moment in moments]

    def test_a_visit_over_midnight_is_attendance_on_two_local_days(self, record: Recorder) -> None:
        with record.session("2026-10-24T18:29:00Z") as writer:  # 23:59 in India
            for second in range(121):
                record.face(writer, second, "Ada")

        found = record.queries.attendance("Asia/Kolkata").reset_index()
        assert [(str(row.day.date()), row.seconds, row.visits) for row in found.itertuples()] == [
            ("2026-10-24", 60.0, 1),
            ("2026-10-25", 60.0, 1),
        ]

    def test_an_unknown_zone_is_named(self) -> None:
        with pytest.raises(LogError, match="unknown time zone 'Atlantis'"):
            time_zone("Atlantis")

    def test_local_times_survive_parquet_and_csv(self, record: Recorder, tmp_path: Path) -> None:
        with record.session("2026-10-25T00:30:00Z") as writer:
            for minute in range(61):
                record.face(writer, minute * 60, "Ada")
        found = record.queries.attendance("Europe/Berlin")

        found.to_parquet(tmp_path / "days.parquet")
        found.to_csv(tmp_path / "days.csv")

        again = pd.read_parquet(tmp_path / "days.parquet")
        pd.testing.assert_series_equal(again["last"], found["last"], check_index_type=False, check_index=False)
        assert "2026-10-25 02:30:00+02:00,2026-10-25 02:30:00+01:00" in (tmp_path / "days.csv").read_text(encoding="utf-8")


class TestExpressions:
    """Readings are the samples."""

    def test_rows_between_readings_are_no_samples(self, record: Recorder) -> None:
        one = [0.30, 0.42, 0.35, 0.51, 0.38, 0.44]
        other = [0.41, 0.47, 0.52, 0.39, 0.55, 0.46]
        for condition, values in (("1", one), ("2", other)):
            with record.session(f"2026-01-0{condition}T00:00:00Z", condition=condition) as writer:
                for number, happy in enumerate(values):
                    for repeat in range(7):
                        expression = Expression((0.0, 0.0, 0.0, happy, 0.0, 0.0, round(1 - happy, 4)))
                        at_s = number * 0.22 + repeat / 30
                        record.face(writer, at_s, "Ada", expression=expression, expression_read=repeat == 0)

        log = record.log
        found = log.facecam.expressions(by=["name", "session_condition"])
        assert found["n"].tolist() == [6, 6]
        assert found["missing"].tolist() == [0.0, 0.0]
        assert found["p_happy"].tolist() == [pytest.approx(fmean(one)), pytest.approx(fmean(other))]

        readings = log[log["expression_read"].fillna(value=False)]
        samples = [group["p_happy"].tolist() for _, group in readings.groupby("session_condition", observed=True)]
        rows = [group["p_happy"].tolist() for _, group in log.groupby("session_condition", observed=True)]
        assert (round(student_t(*samples), 1), round(student_t(*rows), 1)) == (-1.7, -4.9)

    def test_the_share_of_unclear_readings_is_told_and_they_count_in_the_means(self, record: Recorder) -> None:
        with record.session() as writer:
            for number, happy in enumerate((0.9, 0.4, 0.39, 0.35)):
                rest = round((1 - happy) / 2, 4)
                record.face(writer, number, "Ada", expression=Expression((rest, 0.0, 0.0, happy, 0.0, 0.0, rest)))

        log = record.log
        assert log["expression"].tolist() == ["happy", "happy", "unclear", "unclear"]
        assert log.facecam.expressions()[["p_happy", "n", "unclear"]].iloc[0].tolist() == [pytest.approx(0.51), 4, 0.5]
        assert log.facecam.readings()["unclear"].tolist() == [0, 0, 1, 1]

    def test_a_jacket_that_fails_a_gate_has_no_expression(self, record: Recorder) -> None:
        smiling = Expression((0.0, 0.0, 0.0, 0.98, 0.0, 0.0, 0.02))
        with record.session() as writer:
            for number in range(4):
                record.face(writer, number, "Ada", 1, PLAIN)
                record.face(writer, number, None, 2, smiling, gate="blurry")

        tracks = record.queries.expressions(by="track").reset_index()
        assert tracks[["track_id", "n", "missing", "sightings"]].to_numpy().tolist() == [[1, 4, 0.0, 4], [2, 0, 1.0, 4]]
        assert tracks["p_happy"].isna().tolist() == [False, True]
        assert record.queries.expressions(by="mode")["p_happy"].tolist() == [0.1]

    def test_the_share_missing_counts_sightings_without_an_expression(self, record: Recorder) -> None:
        with record.session() as writer:
            for number in range(10):
                gate = "extreme_pose" if number in (3, 4) else None
                record.face(writer, number, "Ada", 1, None if number == 7 else HAPPY, gate=gate)

        (row,) = record.queries.expressions().itertuples()
        assert (row.n, row.missing, row.sightings, row.p_happy) == (7, pytest.approx(0.3), 10, pytest.approx(0.6))

    def test_people_who_are_not_enrolled_are_answered_by_track(self, record: Recorder) -> None:
        with record.session() as writer:
            for number in range(3):
                record.face(writer, number, None, 1, HAPPY)
                record.face(writer, number, "Ada", 2, PLAIN)

        assert record.queries.expressions()["p_happy"].to_dict() == {"Ada": pytest.approx(0.1)}
        by_track = record.queries.expressions(by="track").reset_index()
        assert by_track[["track_id", "p_happy", "n"]].round(3).to_numpy().tolist() == [[1, 0.6, 3], [2, 0.1, 3]]
        assert by_track["name"].astype(object).where(by_track["name"].notna(), None).tolist() == [None, "Ada"]

    def test_readings_before_the_name_was_decided_count_for_the_person(self, record: Recorder) -> None:
        with record.session() as writer:
            record.face(writer, 0, "", 1, HAPPY)
            record.face(writer, 0.2, "Ada", 1, HAPPY)

        assert record.queries.expressions()["n"].to_dict() == {"Ada": 2}

    def test_each_reading_belongs_to_the_last_marker_of_its_session(self, record: Recorder) -> None:
        for day in (1, 2):
            with record.session(f"2026-01-0{day}T00:00:00Z") as writer:
                record.face(writer, 0, "Ada", 1, PLAIN)
                writer.event(Event("marker", "", marker="film"), 1_000.0)
                record.face(writer, 2, "Ada", 1, HAPPY)
                if day == 1:
                    writer.event(Event("marker", "", marker="pause"), 3_000.0)
                record.face(writer, 4, "Ada", 1, PLAIN)

        found = record.queries.expressions(by=["name", "marker"])["n"].reset_index()
        found["marker"] = found["marker"].astype(object).where(found["marker"].notna(), None)
        assert sorted(found[["marker", "n"]].itertuples(index=False, name=None), key=str) == [
            ("film", 3),
            ("pause", 1),
            (None, 2),
        ]


class TestSentiment:
    """Expressions over time."""

    def test_two_conditions_are_not_mixed_in_a_bin(self, record: Recorder) -> None:
        for condition, expression in (("1", HAPPY), ("2", PLAIN)):
            with record.session("2026-01-02T10:00:00Z", condition=condition) as writer:
                for second in range(3):
                    record.face(writer, second, "Ada", 1, expression)

        found = record.queries.sentiment("1s", by=["name", "session_condition"])
        assert found.groupby("session_condition", observed=True)["p_happy"].unique().map(list).to_dict() == {
            "1": [0.6],
            "2": [0.1],
        }
        assert len(found) == 6
        assert record.queries.sentiment("1h")["p_happy"].round(3).tolist() == [0.6, 0.1]

    def test_bins_from_the_start_of_each_session_are_comparable(self, record: Recorder) -> None:
        for start, expression in (("2026-01-02T10:00:00.4Z", HAPPY), ("2026-01-03T17:31:09Z", PLAIN)):
            with record.session(start) as writer:
                for second in (0, 1, 5):
                    record.face(writer, second, "Ada", 1, expression)

        found = record.queries.sentiment("2s", align="start").reset_index()
        assert found[["begin_s", "p_happy", "n"]].to_numpy().tolist() == [[0, 0.6, 2], [4, 0.6, 1], [0, 0.1, 2], [4, 0.1, 1]]
        assert found.groupby("begin_s")["p_happy"].mean().tolist() == [pytest.approx(0.35), pytest.approx(0.35)]

    def test_two_files_of_a_session_have_their_own_bins(self, record: Recorder) -> None:
        when = SourceTime(datetime(2025, 6, 1, 12, tzinfo=UTC), TimeOrigin.FILE)
        with record.session() as writer:
            record.face(writer, 0, "Ada", 1, HAPPY, source="a.mp4", time=when)
            record.face(writer, 0, "Ada", 2, PLAIN, source="b.mp4", time=when)

        assert record.queries.sentiment("1min").reset_index()[["source", "p_happy"]].to_numpy().tolist() == [
            ["a.mp4", 0.6],
            ["b.mp4", 0.1],
        ]

    @pytest.mark.parametrize(
        ("every", "zone", "begins"),
        [
            ("1s", "UTC", ["2026-03-27T23:30:00+00:00", "2026-03-29T22:30:00+00:00"]),
            ("90min", "UTC", ["2026-03-27T22:30:00+00:00", "2026-03-29T22:30:00+00:00"]),
            ("1D", "UTC", ["2026-03-27T00:00:00+00:00", "2026-03-29T00:00:00+00:00"]),
            ("D", "Europe/Berlin", ["2026-03-28T00:00:00+01:00", "2026-03-30T00:00:00+02:00"]),
            ("D", "Africa/Cairo", ["2026-03-28T00:00:00+02:00", "2026-03-30T00:00:00+02:00"]),
            ("W", "UTC", ["2026-03-23T00:00:00+00:00"]),
            ("W", "Europe/Berlin", ["2026-03-23T00:00:00+01:00", "2026-03-30T00:00:00+02:00"]),
            ("W-SAT", "UTC", ["2026-03-22T00:00:00+00:00", "2026-03-29T00:00:00+00:00"]),
            ("ME", "UTC", ["2026-03-01T00:00:00+00:00"]),
            ("MS", "America/New_York", ["2026-03-01T00:00:00-05:00"]),
            ("QE", "UTC", ["2026-01-01T00:00:00+00:00"]),
            ("YE", "UTC", ["2026-01-01T00:00:00+00:00"]),
            ("B", "UTC", ["2026-03-27T00:00:00+00:00"]),
        ],
    )
    def test_every_pandas_frequency_is_accepted(self, record: Recorder, every: str, zone: str, begins: list[str]) -> None:
        with record.session("2026-03-27T23:30:00Z") as writer:
            record.face(writer, 0, "Ada")
            record.face(writer, 47 * 3600, "Ada")

        found = record.queries.sentiment(every, zone=zone).reset_index()
        column = "begin_utc" if zone == "UTC" else "begin"
        assert [moment.isoformat() for moment in found[column]] == begins
        assert found["n"].sum() == 2

    @pytest.mark.parametrize("every", ["10s", "1D", "W", "ME"])
    def test_a_log_without_faces_has_no_bins(self, record: Recorder, every: str) -> None:
        with record.session() as writer:
            record.objects(writer, 0)

        assert record.queries.sentiment(every, zone="Europe/Berlin").empty

    def test_a_wrong_frequency_is_named(self, record: Recorder) -> None:
        with record.session() as writer:
            record.face(writer, 0, "Ada")

        with pytest.raises(LogError, match="'sometimes' is not a pandas frequency"):
            record.queries.sentiment("sometimes")
        with pytest.raises(LogError, match="bins of ME have no fixed length"):
            record.queries.sentiment("ME", align="start")


class TestObjects:
    """Objects that were shown."""

    def test_70_rows_of_a_taught_object_are_in_the_answer(self, record: Recorder) -> None:
        with record.session() as writer:
            for number in range(70):
                record.objects(writer, number / 10, Label("my mug", "", 0.9))
            for number in range(70, 80):
                record.objects(writer, number / 10, Label("banana", "n07753592", 0.2), Label("book", "n02870526", 0.1))
            for number in range(80, 90):
                record.objects(writer, number / 10)

        found = record.queries.objects().reset_index()
        assert found["label_1"].tolist() == ["my mug", "banana"]
        assert found["label_1_id"].isna().tolist() == [True, False]
        assert found[["frames", "times"]].to_numpy().tolist() == [[70, 1], [10, 1]]
        assert found["seconds"].tolist() == [pytest.approx(6.9), pytest.approx(0.9)]
        assert found["mean_p"].tolist() == [pytest.approx(0.9), pytest.approx(0.2)]

    def test_a_bound_leaves_out_what_was_shown_with_less(self, record: Recorder) -> None:
        with record.session() as writer:
            record.objects(writer, 0, Label("my mug", "", 0.9))
            record.objects(writer, 1, Label("banana", "n07753592", 0.2))

        assert record.queries.objects(0.5).reset_index()["label_1"].tolist() == ["my mug"]

    def test_a_taught_object_and_one_of_the_network_with_one_name_are_two(self, record: Recorder) -> None:
        with record.session() as writer:
            record.objects(writer, 0, Label("mug", "", 0.9))
            record.objects(writer, 0.1, Label("mug", "n1", 0.7))
            record.objects(writer, 0.2, Label("mug", "n1", 0.7))

        found = record.queries.objects()
        assert found["frames"].tolist() == [2, 1]
        assert found["mean_p"].tolist() == [pytest.approx(0.7), pytest.approx(0.9)]


class TestFramesAndSessions:
    """Denominators, labels and markers."""

    def test_the_last_count_of_each_source_counts(self, record: Recorder) -> None:
        with record.session() as writer:
            for source in ("a.mp4", "b.mp4"):
                for minute in (1, 2):
                    writer.event(counted(1800 * minute, 180 * minute, 60.0 * minute, 90), 60_000.0 * minute, RowOrigin(source))

        found = record.queries.frames()
        assert found[["source", "read", "analyzed", "with_faces", "dropped", "seconds"]].to_numpy().tolist() == [
            ["a.mp4", 3600, 360, 90, 0, 120.0],
            ["b.mp4", 3600, 360, 90, 0, 120.0],
        ]

    def test_a_person_was_present_for_40_percent_of_the_lesson(self, record: Recorder) -> None:
        with record.session() as writer:
            for second in range(241):
                record.face(writer, second, "Ada")
            writer.event(counted(600, 600, 600.0), 600_000.0, RowOrigin("clip.mkv"))

        assert record.queries.first_last_seen()["share"].tolist() == [pytest.approx(0.4)]

    def test_in_a_killed_session_the_time_after_the_last_count_counts(self, record: Recorder) -> None:
        with record.session() as writer:
            for second in range(110):
                record.face(writer, second, "Ada")
                if second == 60:
                    writer.event(counted(61, 61, 61.0), 60_000.0, RowOrigin("clip.mkv"))

        assert record.queries.sessions()["seconds"].tolist() == [110.0]
        assert record.queries.first_last_seen()["share"].tolist() == [pytest.approx(109 / 110)]

    @pytest.mark.parametrize(("origin", "seconds"), [(TimeOrigin.GIVEN, 60.0), (TimeOrigin.FILE, 120.0)])
    def test_sources_at_the_same_certain_time_count_once(self, record: Recorder, origin: TimeOrigin, seconds: float) -> None:
        when = SourceTime(datetime(2025, 6, 1, 12, tzinfo=UTC), origin)
        with record.session() as writer:
            for source in ("a.mp4", "b.mp4"):
                writer.event(counted(60, 60, 60.0), 60_000.0, RowOrigin(source, time=when))

        assert record.queries.sessions()["seconds"].tolist() == [seconds]

    def test_a_session_before_version_4_has_not_counted_its_frames(self, record: Recorder) -> None:
        with record.session() as writer:
            record.face(writer, 0, "Ada")
        rewrite(writer.path, 3)
        with record.session("2026-01-03T00:00:00Z") as writer:
            record.face(writer, 0, "Ada")
            writer.event(counted(10, 10, 1.0), 1_000.0, RowOrigin("clip.mkv"))

        assert record.queries.frames()["read"].isna().tolist() == [True, False]
        assert record.queries.first_last_seen()["share"].isna().tolist() == [True]
        assert record.queries.sessions()["seconds"].isna().tolist() == [True, False]

    def test_sessions_have_their_labels(self, record: Recorder) -> None:
        for day, labels in ((1, {"participant": "007", "condition": "A"}), (2, {"participant": "NA"}), (3, {})):
            with record.session(f"2026-01-0{day}T00:00:00Z", **labels) as writer:
                record.face(writer, 0, "Ada")

        found = record.queries.sessions()
        rows = found[["session_participant", "session_condition"]].astype(object)
        assert rows.where(rows.notna(), None).to_numpy().tolist() == [["007", "A"], ["NA", None], [None, None]]
        assert found["rows"].tolist() == [1, 1, 1]

    def test_queries_of_sessions_with_a_label(self, record: Recorder) -> None:
        for condition, name in (("1", "Ada"), ("2", "Grace"), ("2", "Alan"), ("3", "Edsger")):
            with record.session(f"2026-01-0{condition}T00:00:00Z", condition=condition) as writer:
                record.face(writer, 0, name)

        assert sorted(record.queries.where(condition=2).facecam.visits()["name"]) == ["Alan", "Grace"]
        assert sorted(record.queries.where(condition=["1", "3"]).facecam.visits()["name"]) == ["Ada", "Edsger"]
        with pytest.raises(LogError, match=r"no session has a label lesson; labels of this log: condition"):
            record.queries.where(lesson="maths")

    def test_only_the_time_between_two_markers_of_each_session_counts(self, record: Recorder) -> None:
        for day in (1, 2):
            with record.session(f"2026-01-0{day}T00:00:00Z") as writer:
                for second in range(100):
                    if (text := {10: "begin", 20: "end", 50: "begin", 60: "end", 70: "end", 90: "begin"}.get(second)) is not None:
                        writer.event(Event("marker", "", marker=text), second * 1000.0)
                    record.face(writer, second, "Ada", expression=PLAIN)

        part = record.queries.between("begin", "end")
        assert spans_of(part.facecam.presence()) == [("Ada", 9.0, 10)] * 6
        assert part.facecam.expressions()["n"].tolist() == [60]
        with pytest.raises(LogError, match="no session has a marker 'lunch'; markers of this log: begin, end"):
            record.queries.between("lunch", "end")

    def test_a_marker_is_at_the_same_media_time_of_all_files_whose_times_are_estimates(self, record: Recorder) -> None:
        times = {
            source: SourceTime(datetime(2025, 6, day, 12, tzinfo=UTC), TimeOrigin.CONTAINER)
            for source, day in (("a.mp4", 2), ("b.mp4", 1), ("c.mp4", 3))
        }
        with record.session() as writer:
            for second in range(9):
                if (text := {3: "begin", 6: "end"}.get(second)) is not None:
                    writer.event(Event("marker", "", marker=text), second * 1000.0, RowOrigin(time=times["a.mp4"]))
                for track, (source, time) in enumerate(times.items()):
                    record.face(writer, second, source[0], track, source=source, time=time)

        assert spans_of(record.queries.between("begin", "end").facecam.presence()) == [(name, 2.0, 3) for name in "abc"]
        assert record.queries.expressions(by=["name", "marker"])["n"].tolist() == [3] * 9


class TestColumns:
    """Types are fixed, whatever a cell looks like."""

    @pytest.mark.parametrize("is_merged", [False, True], ids=["logs", "merged"])
    def test_parquet_has_the_columns_of_the_labels_and_types_of_read_log(
        self, record: Recorder, tmp_path: Path, *, is_merged: bool
    ) -> None:
        for day, labels in ((1, {"condition": "007"}), (2, {}), (3, {"lesson": "NA", "condition": "1e5"})):
            with record.session(f"2026-01-0{day}T00:00:00Z", **labels) as writer:
                record.face(writer, 0, "Ada")
        logs = record.folder
        if is_merged:
            logs = tmp_path / "merged.csv"
            merge_logs(record.folder, logs, lambda _done, _total: None)
        export_log(logs, tmp_path / "all.parquet", lambda _done, _total: None)

        expected = read_log(logs)
        found = pd.read_parquet(tmp_path / "all.parquet")
        texts = dict.fromkeys(expected.select_dtypes("category").columns, "string")
        assert list(found.select_dtypes("category").columns) == list(texts)
        pd.testing.assert_frame_equal(found.astype(texts), pd.DataFrame(expected).astype(texts))
        rows = expected[["session_condition", "session_lesson"]].astype(object)
        assert rows.where(rows.notna(), None).to_numpy().tolist() == [["007", None], [None, None], ["1e5", "NA"]]
        assert LogQueries(found).sessions()["rows"].to_dict() == LogQueries(expected).sessions()["rows"].to_dict()

    def test_texts_that_look_like_numbers_are_texts(self, record: Recorder) -> None:
        with record.session(code="0123456789e1", other="007") as writer:
            record.face(writer, 0, "NA")
        lines = writer.path.read_text(encoding="utf-8").splitlines()
        writer.path.write_text(
            f"{lines[0]},machine,later\n{lines[1]},007,1e5\n".replace(writer.path.stem, "0123456789e1"), "utf-8"
        )

        (row,) = read_log(writer.path).itertuples()

        assert (row.machine, row.later, row.name, row.session_id) == ("007", "1e5", "NA", "0123456789e1")
        assert (row.session_code, row.session_other) == ("0123456789e1", "007")
        kinds = read_log(writer.path).dtypes.astype(str)
        assert kinds[["machine", "later", "session_code", "session_id"]].tolist() == [
            "category",
            "string",
            "category",
            "category",
        ]

    def test_the_columns_of_labels_are_read_alone(self, record: Recorder) -> None:
        with record.session(condition="2") as writer:
            record.face(writer, 0, "Ada")

        assert read_log(writer.path, columns=["name", "session_condition"]).to_numpy().tolist() == [["Ada", "2"]]
        assert list(read_log(writer.path, columns=["session_labels"]).columns) == ["session_labels", "session_condition"]
        with pytest.raises(LogError, match="no session has a label lesson"):
            read_log(writer.path, columns=["session_lesson"])

    def test_damaged_labels_cost_only_themselves(self, record: Recorder) -> None:
        with record.session(condition="2") as writer:
            record.face(writer, 0, "Ada")
        text = writer.path.read_text(encoding="utf-8")
        writer.path.write_text(text.replace("condition=2", "id=3; labels=x; =y; z; condition=2; lesson="), encoding="utf-8")

        frame = read_log(writer.path)

        assert [name for name in frame.columns if name not in NAMES] == ["session_condition"]
        assert frame["session_id"].tolist() == [writer.path.stem]


class TestGuide:
    """The lines in the guide run."""

    def test_every_line_of_the_guide_answers(self, record: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
        for condition in ("1", "2"):
            with record.session(f"2026-01-0{condition}T00:00:00Z", condition=condition, participant="P07") as writer:
                for second, text in enumerate(["task", "", "pause", ""]):
                    if text:
                        writer.event(Event("marker", "", marker=text), second * 1000.0)
                    record.face(writer, second, "Ada")
        monkeypatch.chdir(record.folder.parent)
        record.folder.rename("logs")
        text = GUIDE.read_text(encoding="utf-8").partition("## Export")[0]
        blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        names: dict[str, Any] = {}

        for line in "".join(blocks).splitlines():
            exec(line, names)  # noqa: S102 - the guide's own lines

        assert len(blocks) == 3
        assert len(names["log"].facecam.expressions(by=["name", "session_condition"])) == 2

    def test_the_guide_lists_every_query(self) -> None:
        listed = set(re.findall(r"^\| `log\.facecam\.(\w+)\(", GUIDE.read_text(encoding="utf-8"), re.MULTILINE))

        assert listed == {name for name in vars(LogQueries) if not name.startswith("_")}


def student_t(one: list[float], other: list[float]) -> float:
    """Return Student's t of two samples."""
    pooled = ((len(one) - 1) * stdev(one) ** 2 + (len(other) - 1) * stdev(other) ** 2) / (len(one) + len(other) - 2)
    return (fmean(one) - fmean(other)) / math.sqrt(pooled * (1 / len(one) + 1 / len(other)))
