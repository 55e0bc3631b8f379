"""Subtitles and ELAN tiers: read by a browser and by pympi, at the times of the recordings that a session has made."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pympi import Eaf

from facecam.errors import LogError, OutputError
from facecam.logbook import ExportFormat
from facecam.logbook.schema import NAMES, RowOrigin, SessionInfo
from facecam.logbook.timed_text import Span, TimedTextFile, export_timed_text, subtitles, webvtt, without_overlaps
from facecam.logbook.writer import LogWriter
from facecam.session.recording import RecordingController
from facecam.settings import Mode
from facecam.types import Event, Frame, Label, Result, SourceTime, TimeOrigin
from tests.logbook.conftest import HAPPY, PLAIN
from tests.servers.browser import PROGRAM, Browser
from tests.session.video_files import frame_times_ms

Make = Callable[..., Any]
MakeFace = Callable[..., Any]

IMAGE = np.zeros((48, 64, 3), np.uint8)
NASTY = 'Ada <b>&amp; "Co" --> ]]>'
CLIP = SourceTime(datetime(2025, 5, 6, 7, 8, 9, tzinfo=UTC), TimeOrigin.GIVEN)

PAGE = """<!DOCTYPE html>
<video id="v"><track id="t" kind="subtitles" default src="data:text/vtt;base64,{data}"></video>
<script>
var result = null;
t.onload = () => {{ result = [...t.track.cues].map(cue => {{
  const drawn = document.createElement("div");
  drawn.append(cue.getCueAsHTML());
  return [cue.startTime, cue.endTime, drawn.innerText || drawn.textContent, drawn.children.length];
}}); }};
t.onerror = () => {{ result = "error"; }};
t.track.mode = "showing";
</script>"""


def export(logs: Path | Sequence[Path], target: Path, kind: ExportFormat, **options: bool) -> list[TimedTextFile]:
    return export_timed_text(logs, target, kind, lambda done, total: None, **options)


def tiers(path: Path) -> dict[str, list[tuple[int, int, str]]]:
    """Return the annotations of each tier, as pympi reads them."""
    found = Eaf(path)
    return {name: sorted(found.get_annotation_data_for_tier(name)) for name in found.get_tier_names()}


def cues_in_browser(path: Path, folder: Path) -> list[list[Any]]:
    """Return begin, end, shown text and number of elements of each cue, as Chromium reads them."""
    page = folder / "page.html"
    page.write_text(PAGE.format(data=base64.b64encode(path.read_bytes()).decode()), encoding="utf-8")
    with Browser() as browser:
        browser.open(page)
        browser.wait_until("result !== null")
        return list(browser.evaluate("result"))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, session: SessionInfo, face_of: MakeFace, result: Make) -> Path:
    """Log of a camera session of 60 s, paused from 20 to 40 s, with two recordings: from 10 to 50 s and from 55 s on.

    Someone is seen the whole time, Grace from 45 to 58 s, and an unknown face from 12 to 14 s. A marker stands at 41 s.
    """
    folder = tmp_path_factory.mktemp("recorded")
    recording = RecordingController()

    def see(second: float, writer: LogWriter) -> None:
        faces = [face_of(NASTY, 1, HAPPY if second < 42 else PLAIN)]
        faces += [face_of("Grace", 2)] if 45 <= second <= 58 else []
        faces += [face_of(None, 3)] if 12 <= second <= 14 else []
        seen: Result = result(*faces, t_ms=second * 1000, source="camera")
        writer.write(seen, 0)
        recording(Frame(IMAGE, 0, seen.t_ms, second, "camera"), replace(seen, sightings=()), 0)

    with LogWriter(folder / "logs", session) as writer:
        for tenth in [*range(200), *range(400, 600)]:
            if tenth == 100:
                recording.start(folder / "lesson.mp4")
            if tenth == 501:
                recording.stop()
            if tenth == 550:
                recording.start(folder / "rest.mp4")
            see(tenth / 10, writer)
        writer.event(Event("marker", marker="task <1>"), 41_000.0)
        recording.stop()
        assert recording.faults == []
        videos = [
            {
                "path": str(video.path),
                "source": "camera",
                "camera_id": "",
                "parts": [[part.begin_ms, part.end_ms, part.position_ms] for part in video.parts],
            }
            for video in recording.recorded()
        ]
        writer.describe({"recordings": videos})
    return writer.path


def test_each_recording_has_a_file_with_its_name_and_its_times(recorded: Path, tmp_path: Path) -> None:
    written = export(recorded, tmp_path, ExportFormat.ELAN)

    assert [file.path.name for file in written] == ["lesson.eaf", "rest.eaf"]
    # The pause from 20 to 40 s takes a thirtieth of a second in the video, as measured in it.
    times_ms = frame_times_ms(recorded.parents[2] / "lesson.mp4")
    resumed_ms = round(times_ms[100])
    lesson = tiers(tmp_path / "lesson.eaf")
    assert resumed_ms == pytest.approx(9900 + 33, abs=2)
    assert lesson[NASTY] == [(0, pytest.approx(round(times_ms[-1]), abs=2), NASTY)]
    assert lesson["unknown"] == [(2000, 4000, "unknown")]
    assert lesson["markers"] == [(pytest.approx(resumed_ms + 1000, abs=2), pytest.approx(resumed_ms + 2000, abs=2), "task <1>")]
    assert lesson["Grace"] == [(pytest.approx(resumed_ms + 5000, abs=2), pytest.approx(resumed_ms + 10_000, abs=2), "Grace")]
    happy, neutral = lesson[f"{NASTY}: expression"]
    assert (happy[2], neutral[2]) == ("happy", "neutral")
    assert neutral[0] == pytest.approx(resumed_ms + 2000, abs=2)
    assert tiers(tmp_path / "rest.eaf")["Grace"] == [(0, 3000, "Grace")]


def test_the_tiers_name_the_video_and_are_in_the_order_of_the_schema(recorded: Path, tmp_path: Path) -> None:
    export(recorded, tmp_path, ExportFormat.ELAN)

    root = ET.parse(tmp_path / "lesson.eaf").getroot()  # noqa: S314 - written by this test
    assert list(dict.fromkeys(child.tag for child in root)) == ["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE"]
    media = root.find("HEADER/MEDIA_DESCRIPTOR")
    assert media is not None
    assert media.get("MEDIA_URL") == (recorded.parents[2] / "lesson.mp4").as_uri()
    assert (tmp_path / str(media.get("RELATIVE_MEDIA_URL"))).resolve() == (recorded.parents[2] / "lesson.mp4").resolve()
    slots = {slot.get("TIME_SLOT_ID"): int(str(slot.get("TIME_VALUE"))) for slot in root.iterfind("TIME_ORDER/TIME_SLOT")}
    assert list(slots.values()) == sorted(slots.values())
    annotations = list(root.iterfind("TIER/ANNOTATION/ALIGNABLE_ANNOTATION"))
    assert len({annotation.get("ANNOTATION_ID") for annotation in annotations}) == len(annotations)
    assert all(slots[each.get("TIME_SLOT_REF1")] < slots[each.get("TIME_SLOT_REF2")] for each in annotations)
    for tier in root.iterfind("TIER"):
        spans = [
            (slots[each.get("TIME_SLOT_REF1")], slots[each.get("TIME_SLOT_REF2")])
            for each in tier.iterfind("ANNOTATION/ALIGNABLE_ANNOTATION")
        ]
        assert all(one[1] <= other[0] for one, other in pairwise(spans))


@pytest.mark.skipif(PROGRAM is None or os.name == "nt", reason="needs Chromium")
def test_a_browser_shows_every_subtitle_with_the_names_as_they_are(recorded: Path, tmp_path: Path) -> None:
    export(recorded, tmp_path, ExportFormat.WEBVTT)

    cues = cues_in_browser(tmp_path / "lesson.vtt", tmp_path)

    assert [text for *_, text, _ in cues] == [NASTY, f"{NASTY}, unknown", NASTY, f"{NASTY}, Grace"]
    assert all(elements == 0 for *_, elements in cues)
    assert all(one[1] == other[0] for one, other in pairwise(cues))
    assert cues[1][:2] == [2.0, 4.0]


def test_a_session_without_a_recording_has_the_times_since_its_start(
    session: SessionInfo, face_of: MakeFace, result: Make, tmp_path: Path
) -> None:
    with LogWriter(tmp_path / "logs", session) as writer:
        for camera in ("left", "right"):
            writer.write(result(face_of("Ada", 1), t_ms=3000.0, source=camera), 0)
        writer.write(result(mode=Mode.OBJECTS, labels=(Label("mug", "n1", 0.9),), t_ms=5000.0, source="left"), 0)

    (written,) = export(writer.path, tmp_path / "seen.vtt", ExportFormat.WEBVTT)

    assert written.timeline.video is None
    assert (tmp_path / "seen.vtt").read_text(encoding="utf-8") == (
        "WEBVTT\n\n1\n00:00:03.000 --> 00:00:04.000\nAda\n\n2\n00:00:05.000 --> 00:00:06.000\nmug\n"
    )


def test_each_video_file_of_a_session_has_subtitles_at_its_own_times(
    session: SessionInfo, face_of: MakeFace, result: Make, tmp_path: Path
) -> None:
    with LogWriter(tmp_path / "logs", session) as writer:
        for number, source in enumerate(("one/clip.mp4", "two/clip.mp4")):
            writer.write(result(face_of("Ada", 1, None), t_ms=(1 + number) * 1000.0, source=source), 0, CLIP)
        writer.event(Event("marker", marker="here"), 1500.0, RowOrigin(time=CLIP))

    written = export(writer.path, tmp_path, ExportFormat.ELAN)

    assert [(file.path.name, file.timeline.video) for file in written] == [
        ("clip.eaf", Path("one/clip.mp4")),
        ("clip-2.eaf", Path("two/clip.mp4")),
    ]
    assert tiers(tmp_path / "clip.eaf") == {"Ada": [(1000, 1040, "Ada")], "markers": [(1500, 2500, "here")]}
    assert tiers(tmp_path / "clip-2.eaf")["Ada"] == [(2000, 2040, "Ada")]


def test_one_file_for_several_videos_and_an_existing_file_in_the_folder_are_refused(recorded: Path, tmp_path: Path) -> None:
    with pytest.raises(LogError, match="belong to 2 videos"):
        export(recorded, tmp_path / "both.vtt", ExportFormat.WEBVTT)
    (tmp_path / "rest.vtt").write_text("mine", encoding="utf-8")

    with pytest.raises(OutputError, match="add --overwrite"):
        export(recorded, tmp_path, ExportFormat.WEBVTT)

    assert [path.name for path in tmp_path.iterdir()] == ["rest.vtt"]
    assert len(export(recorded, tmp_path, ExportFormat.WEBVTT, overwrite=True)) == 2


def test_a_recording_of_a_killed_session_lasts_to_the_end_of_its_log_and_a_damaged_one_counts_as_none(
    session: SessionInfo, face_of: MakeFace, result: Make, tmp_path: Path
) -> None:
    with LogWriter(tmp_path / "logs", session) as writer:
        writer.write(result(face_of("Ada", 1), t_ms=9000.0, source="camera"), 0)
    details = json.loads(writer.details_path.read_text(encoding="utf-8"))

    def begin_ms(parts: object, path: object = "a.mp4") -> int:
        video = {"path": path, "source": "camera", "camera_id": "", "parts": parts}
        writer.details_path.write_text(json.dumps(details | {"recordings": [video]}), encoding="utf-8")
        export(writer.path, tmp_path / "a.eaf", ExportFormat.ELAN, overwrite=True)
        return tiers(tmp_path / "a.eaf")["Ada"][0][0]

    assert begin_ms([[4000.0, None, 0.0]]) == 5000
    assert begin_ms([[4000.0, 3000.0, 0.0]]) == 9000
    assert begin_ms("no list") == 9000
    assert begin_ms([[4000.0, float("nan"), 1e300]]) == 9000
    assert begin_ms([[4000.0, 10**400, 0.0]]) == 9000
    for path in ("", "..", "a\0.mp4", "\ud800.mp4", 5):
        assert begin_ms([[4000.0, None, 0.0]], path) == 9000


def test_of_two_recordings_to_one_path_the_later_one_counts(
    session: SessionInfo, face_of: MakeFace, result: Make, tmp_path: Path
) -> None:
    video = {"path": "a.mp4", "source": "camera", "camera_id": ""}
    with LogWriter(tmp_path / "logs", session) as writer:
        writer.write(result(face_of("Ada", 1, None), t_ms=9000.0, source="camera"), 0)
        parts = [[[0.0, 2000.0, 0.0]], [[8000.0, 9000.0, 0.0]]]
        writer.describe({"recordings": [video | {"parts": part} for part in parts]})

    (written,) = export(writer.path, tmp_path / "a.eaf", ExportFormat.ELAN)

    assert (written.count, tiers(written.path)) == (1, {"Ada": [(1000, 1040, "Ada")]})


def test_a_log_without_rows_and_one_without_session_times_raise_no_other_error(
    session: SessionInfo, face_of: MakeFace, result: Make, tmp_path: Path
) -> None:
    with LogWriter(tmp_path / "logs", session) as writer:
        writer.write(result(face_of("Ada", 1), t_ms=9000.0, source="camera"), 0)
    header, *rows = writer.path.read_text(encoding="utf-8").splitlines(keepends=True)
    writer.path.write_text(header, encoding="utf-8", newline="")
    with pytest.raises(LogError, match="have no rows"):
        export(writer.path, tmp_path / "a.vtt", ExportFormat.WEBVTT)

    without_times = [row.split(",") for row in rows]
    for cells in without_times:
        cells[NAMES.index("t_ms")] = ""
    writer.path.write_text(header + "".join(map(",".join, without_times)), encoding="utf-8", newline="")

    assert [file.count for file in export(writer.path, tmp_path / "a.vtt", ExportFormat.WEBVTT)] == [0]


SPANS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 20), st.sampled_from(["Ada", "Grace", "<i>", "-->", "a\n\nb"])).map(
        lambda drawn: Span(drawn[0], drawn[0] + drawn[1], drawn[2])
    ),
    max_size=8,
)


@settings(max_examples=100)
@given(SPANS, SPANS)
def test_subtitles_never_overlap_and_show_everyone_who_is_seen(people: list[Span], objects: list[Span]) -> None:
    cues = subtitles(people, objects)

    assert all(one.end_ms <= other.begin_ms for one, other in pairwise(cues))
    for moment in range(71):
        shown = [cue.text for cue in cues if cue.begin_ms <= moment < cue.end_ms]
        expected = {" ".join(s.text.split()) for s in (*people, *objects) if s.begin_ms <= moment < s.end_ms}
        assert {text for cue in shown for line in cue.split("\n") for text in line.split(", ")} == expected
    blocks = webvtt(cues).decode().rstrip("\n").split("\n\n")
    assert len(blocks) == 1 + len(cues)
    assert all(block.count("-->") == 1 for block in blocks[1:])


@settings(max_examples=100)
@given(SPANS)
def test_spans_of_one_tier_never_overlap(spans: list[Span]) -> None:
    found = without_overlaps(spans)

    assert all(one.end_ms <= other.begin_ms for one, other in pairwise(found))
    assert all(span.begin_ms < span.end_ms for span in found)
    assert {span.begin_ms for span in found} == {span.begin_ms for span in spans}
