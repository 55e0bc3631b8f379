"""People who follow one another in the same place: nobody gets the name of the one before, and everybody's time is right."""

from __future__ import annotations

import functools
import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.clip_matrix import Matrix
from facecam.capture.source import frames, open_source
from facecam.gallery.gallery import Gallery
from facecam.logbook.reader import read_log
from facecam.logbook.replay import replay_logs
from facecam.logbook.schema import RowOrigin
from facecam.logbook.writer import LogWriter
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK
from facecam.recognition.face_analyzer import FaceAnalyzer, open_face_analyzer
from facecam.recognizer import Recognizer
from facecam.session.config import describe_session
from facecam.settings import Mode, Settings
from facecam.types import Event, Frame, Image, Result

ENROLLED_FROM = {"A": "again", "B": "milk", "C": "book", "D": "eat"}
SEEN_IN = {"A": "help", "B": "please", "C": "learn", "D": "night"}
ORDERS = ("ABCD", "DCBA", "BDAC")
GAPS_S = (0.0, 0.5, 1.0, 2.0, 4.0)
FRAME_MS = 1000 / 30
SIZE_WH = 640, 480
FACE_XYH = 320.0, 240.0, 90.0
"""Center and height of every face in the image."""
TOLERANCE_MS = 200.0
NAMED_WITHIN_MS = 500.0


@dataclass(frozen=True)
class Turn:
    """One person in front of the camera, from `start_ms` to `end_ms`, the end of the last frame."""

    person: str
    start_ms: float
    end_ms: float


@dataclass(frozen=True)
class Passage:
    """Results of people in turn."""

    turns: tuple[Turn, ...]
    results: tuple[Result, ...]
    last_exits: tuple[Event, ...]
    settings: Settings

    @property
    def events(self) -> list[Event]:
        return [*itertools.chain.from_iterable(result.events for result in self.results), *self.last_exits]

    def person_at(self, t_ms: float) -> str | None:
        return next((turn.person for turn in self.turns if turn.start_ms <= t_ms < turn.end_ms), None)

    def named_rows(self) -> Iterator[tuple[float, str]]:
        """Yield time and name of each face with a name."""
        for result in self.results:
            for sighting in result.sightings:
                if (name := sighting.track_decision.decision.name) is not None:
                    yield result.t_ms, name

    def last_sighting(self, track_id: int | None) -> Result:
        """Return the last result with this track."""
        return [result for result in self.results if track_id in {each.track_decision.track_id for each in result.sightings}][-1]

    def present_ms(self) -> dict[str, float]:
        """Return each person's time: from the first to the last sighting of the tracks with their name, each row its interval."""
        times: defaultdict[int, list[float]] = defaultdict(list)
        names: dict[int, str] = {}
        for result in self.results:
            for sighting in result.sightings:
                times[sighting.track_decision.track_id].append(result.t_ms)
                if (name := sighting.track_decision.decision.name) is not None:
                    names[sighting.track_decision.track_id] = name
        of_person: defaultdict[str, list[float]] = defaultdict(list)
        for track_id, name in names.items():
            of_person[name] += times[track_id]
        return {name: max(seen) - min(seen) + FRAME_MS for name, seen in of_person.items()}


Play = Callable[..., Passage]
"""Return the passage, by a network, of people in this order with this gap in seconds, in which the empty room or nothing is seen.

The last argument are the enrolled people, all by default.
"""


@pytest.fixture(scope="module")
def play(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    data = test_data / "data"
    room = list(itertools.islice(images_of(data / "presence" / "no_face.mp4"), 30))
    with open_face_analyzer(Settings()) as analyzer:
        clips = {
            person: in_one_place(list(images_of(data / "webcam" / f"{clip}.mkv")), analyzer) for person, clip in SEEN_IN.items()
        }
    with ExitStack() as opened:

        @functools.cache
        def recognizer_of(network: str) -> tuple[Matrix, Recognizer]:
            settings, folder = settings_with(network), tmp_path_factory.mktemp("turns")
            matrix = opened.enter_context(Matrix(data, folder, settings))
            return matrix, opened.enter_context(Recognizer(settings, folder / "none"))

        @functools.cache
        def gallery_of(network: str, people: str) -> Gallery:
            gallery, refused = recognizer_of(network)[0].enroll({person: ENROLLED_FROM[person] for person in people})
            assert not refused
            return gallery

        @functools.cache
        def run(network: str, order: str, gap_s: float, empty: bool, enrolled: str = "ABCD") -> Passage:
            _, recognizer = recognizer_of(network)
            recognizer.use_gallery(gallery_of(network, enrolled))
            turns, results, exits = in_turn(
                recognizer, [(person, clips[person]) for person in order], gap_s, room if empty else []
            )
            return Passage(turns, results, exits, settings_with(network))

        yield run


def settings_with(network: str) -> Settings:
    return Settings().replace({"identify.network": network})


def images_of(clip: Path) -> Iterator[Image]:
    with open_source(str(clip), Settings().capture, time.monotonic()) as source:
        yield from (frame.bgr for frame in frames(source))


def in_one_place(images: Sequence[Image], analyzer: FaceAnalyzer) -> list[Image]:
    """Move and scale the images so that the median face is FACE_XYH."""
    boxes = [faces[0].box for image in images[::5] if (faces := analyzer.detect(image))]
    x, y, h = np.median([(box.x + box.w / 2, box.y + box.h / 2, box.h) for box in boxes], axis=0)
    scale = FACE_XYH[2] / h
    to_place = np.array([[scale, 0, FACE_XYH[0] - scale * x], [0, scale, FACE_XYH[1] - scale * y]])
    return [cv2.warpAffine(image, to_place, SIZE_WH, borderMode=cv2.BORDER_REPLICATE) for image in images]


def in_turn(
    recognizer: Recognizer, clips: Iterable[tuple[str, list[Image]]], gap_s: float, room: list[Image]
) -> tuple[tuple[Turn, ...], tuple[Result, ...], tuple[Event, ...]]:
    """Recognize clips one after another; the images of the room fill the gaps. Return turns, results and the last exits."""
    turns: list[Turn] = []
    results: list[Result] = []
    t_ms = 0.0

    def recognize(images: Iterable[Image]) -> None:
        nonlocal t_ms
        for image in images:
            results.append(recognizer(Frame(image, len(results), t_ms, t_ms / 1e3, "turns", "")))
            t_ms += FRAME_MS

    for person, images in clips:
        if turns and room:
            recognize(itertools.islice(itertools.cycle(room), round(gap_s * 1e3 / FRAME_MS)))
        elif turns:
            t_ms += gap_s * 1e3
        start_ms = t_ms
        recognize(images)
        turns.append(Turn(person, start_ms, t_ms))
    return tuple(turns), tuple(results), tuple(recognizer.finish(t_ms - FRAME_MS))


QUICK = (
    (DEFAULT_NETWORK, "ABCD", 0.0, False),
    (DEFAULT_NETWORK, "BDAC", 1.0, True),
    (HIGH_ACCURACY_NETWORK, "ABCD", 0.0, False),
)
PASSAGES = [
    case if case in QUICK else pytest.param(*case, marks=pytest.mark.long)
    for case in itertools.product((DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK), ORDERS, GAPS_S, (False, True))
    if case[2] or not case[3]
]
passages = pytest.mark.parametrize(("network", "order", "gap_s", "empty"), PASSAGES)
"""All networks, orders and gaps, in which nothing or the empty room is seen. Most are long: each takes seconds."""


@passages
def test_no_row_has_the_name_of_the_person_before(play: Play, network: str, order: str, gap_s: float, empty: bool) -> None:
    passage = play(network, order, gap_s, empty)

    assert [(t_ms, name) for t_ms, name in passage.named_rows() if name != passage.person_at(t_ms)] == []


@passages
def test_everybody_is_named_within_half_a_second(play: Play, network: str, order: str, gap_s: float, empty: bool) -> None:
    passage = play(network, order, gap_s, empty)

    for turn in passage.turns:
        first_ms = min(t_ms for t_ms, name in passage.named_rows() if name == turn.person)
        assert first_ms - turn.start_ms <= NAMED_WITHIN_MS, turn


@passages
def test_the_time_present_of_everybody_is_right(play: Play, network: str, order: str, gap_s: float, empty: bool) -> None:
    passage = play(network, order, gap_s, empty)

    truth = {turn.person: turn.end_ms - turn.start_ms for turn in passage.turns}
    assert passage.present_ms() == pytest.approx(truth, abs=TOLERANCE_MS)


@passages
def test_every_enter_event_has_its_exit_at_the_last_sighting(
    play: Play, network: str, order: str, gap_s: float, empty: bool
) -> None:
    passage = play(network, order, gap_s, empty)

    entered = {event.track_id: event for event in passage.events if event.kind == "enter"}
    exits = [event for event in passage.events if event.kind == "exit"]
    assert sorted(event.track_id or 0 for event in exits) == sorted(track_id or 0 for track_id in entered)
    for event in exits:
        last = passage.last_sighting(event.track_id)
        assert (event.last_seen_ms, event.last_seen_index) == (last.t_ms, last.frame_index)
        assert (event.name, event.person_id) == (entered[event.track_id].name, entered[event.track_id].person_id)


@passages
def test_the_expression_of_everybody_is_read_on_their_first_frame(
    play: Play, network: str, order: str, gap_s: float, empty: bool
) -> None:
    passage = play(network, order, gap_s, empty)

    firsts = [result for result in passage.results if result.t_ms in {turn.start_ms for turn in passage.turns}]
    assert len(firsts) == len(order)
    assert all(sighting.expression_read for result in firsts for sighting in result.sightings)


@passages
def test_the_log_has_a_visit_of_the_right_length_of_everybody_and_is_replayed(
    play: Play, tmp_path: Path, network: str, order: str, gap_s: float, empty: bool
) -> None:
    passage = play(network, order, gap_s, empty)
    with LogWriter(tmp_path, describe_session(passage.settings, Mode.FACES, ["turns"], "r1")) as writer:
        for result in passage.results:
            writer.write(result, 0)
        for event in passage.last_exits:
            writer.event(event, passage.results[-1].t_ms, RowOrigin("turns"))

    log = read_log(writer.path)
    visits = log.facecam.visits()
    truth = {turn.person: (turn.end_ms - turn.start_ms) / 1000 for turn in passage.turns}
    assert visits["name"].tolist() == sorted(order)
    assert dict(zip(visits["name"], visits["seconds"], strict=True)) == pytest.approx(truth, abs=TOLERANCE_MS / 1000)
    events = log[log["event"].isin(["enter", "exit"])].sort_values(["track_id", "t_ms"])
    assert events["event"].tolist() == ["enter", "exit"] * len(order)
    (again,) = replay_logs([writer.path])
    assert again.summary is not None
    assert again.summary.same == again.summary.rows == sum(len(result.sightings) for result in passage.results)


@pytest.mark.parametrize("network", [DEFAULT_NETWORK, pytest.param(HIGH_ACCURACY_NETWORK, marks=pytest.mark.long)])
def test_strangers_in_turn_get_no_name_and_a_track_each(play: Play, network: str) -> None:
    passage = play(network, "ABCD", 0.5, True, "AC")

    assert {(passage.person_at(t_ms), name) for t_ms, name in passage.named_rows()} == {("A", "A"), ("C", "C")}
    assert [event.name for event in passage.events if event.kind == "enter"] == ["A", None, "C", None]
    assert [event.name for event in passage.events if event.kind == "exit"] == ["A", None, "C", None]
