"""Not them, name this one, undo: for the rest of the session, and after a restart, on colored patches as faces."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.enrollment.corrections import AssignName, AssignNameToImage, Correction, Corrections, RejectName, UndoCorrection
from facecam.errors import EnrollmentRefusedError, FaceGoneError, GalleryError
from facecam.gallery.gallery import folder_fingerprint
from facecam.gallery.store import GalleryFolder
from facecam.recognition.matching import DecisionRule, Index, decide_frame
from facecam.recognition.tracking import Tracker, TrackInput
from facecam.settings import TrackSettings
from facecam.types import Decision, DecisionStatus, Event, TrackDecision
from tests.color_reader import Color, ColorReader, Studio

RULE = DecisionRule(0.32, 0.03, 0.03)
RED, PINK, BLUE = (40, 40, 240), (90, 60, 240), (240, 40, 40)
"""Pink is near enough to red to be taken for it."""


class Room:
    """Recognition over a folder of colored patches: gallery, index, tracker and corrections, as a session has them."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.t_ms = 0.0
        self.restart()

    def restart(self) -> None:
        self.tracker = Tracker(TrackSettings(), different_l2=0.5)
        self.corrections = Corrections(RULE.threshold_l2, self.tracker.ballot)
        self.load()

    def load(self) -> None:
        self.gallery = self.studio.load()
        self.index = Index(self.gallery.samples, self.gallery.rejected)

    def correct(self, correction: Correction) -> Event:
        event = self.corrections.apply(correction, self.gallery, self.studio.reader)
        self.tracker.reset_votes()
        self.load()
        return event

    def see(self, *colors: Color, times: int = 4) -> tuple[list[Decision], list[TrackDecision]]:
        bgr = self.studio.picture(*colors)
        readings = sorted(self.studio.reader.analyze(bgr), key=lambda reading: reading.face.box.x)
        for _ in range(times):
            self.t_ms += 33
            matches = [self.index.nearest(reading.embedding) for reading in readings if reading.embedding is not None]
            decisions = decide_frame(matches, RULE)
            seen = [TrackInput(r.face.box, d, 1.0, r.embedding) for r, d in zip(readings, decisions, strict=True)]
            votes, _ = self.tracker.update(seen, self.t_ms)
            self.corrections.see(bgr, readings, votes)
        return decisions, votes

    def name(self, *colors: Color) -> str | None:
        """What the track of the first patch stands for after a few frames."""
        return self.see(*colors)[1][0].decision.name

    def goes(self) -> None:
        """Whoever was there is gone for long."""
        self.t_ms += 60_000
        self.tracker.update([], self.t_ms)


@pytest.fixture
def room(studio: Studio) -> Room:
    studio.save(studio.root / "Ada" / "1.png", RED)
    return Room(studio)


def track_of(room: Room, *colors: Color) -> int:
    return room.see(*colors)[1][0].track_id


def test_one_who_is_taken_for_ada_is_not_ada_any_more(room: Room) -> None:
    assert room.name(PINK) == "Ada"

    event = room.correct(RejectName(track_of(room, PINK), "Ada"))

    assert (event.kind, event.message) == ("correction", "not: Ada")
    decisions, votes = room.see(PINK, times=100)
    assert (decisions[0].status, decisions[0].reason) == (DecisionStatus.UNSURE, "corrected")
    assert (votes[0].decision.status, votes[0].decision.reason) == (DecisionStatus.UNSURE, "corrected")


def test_the_real_ada_keeps_the_name(room: Room) -> None:
    room.correct(RejectName(track_of(room, PINK), "Ada"))
    room.goes()

    assert room.name(RED) == "Ada"


def test_it_holds_for_a_later_track_and_after_a_restart(room: Room) -> None:
    room.correct(RejectName(track_of(room, PINK), "Ada"))

    room.goes()
    assert room.name(PINK) is None
    room.restart()
    assert room.name(PINK) is None


def test_the_track_itself_may_not_be_ada_whatever_it_comes_to_look_like(room: Room) -> None:
    number = track_of(room, PINK)
    room.correct(RejectName(number, "Ada"))

    decisions, votes = room.see(RED, times=50)

    assert decisions[0].name == "Ada"
    assert votes[0].track_id == number
    assert (votes[0].decision.status, votes[0].decision.reason) == (DecisionStatus.UNSURE, "corrected")


def test_a_face_without_a_name_becomes_a_person(room: Room) -> None:
    assert room.name(BLUE) is None

    event = room.correct(AssignName(track_of(room, BLUE), "Grace"))

    assert event.message == "named: Grace"
    assert room.name(BLUE) == "Grace"
    room.restart()
    assert room.name(BLUE) == "Grace"


def test_one_like_ada_is_named_only_after_it_was_said_that_it_is_not_her(room: Room) -> None:
    number = track_of(room, PINK)
    with pytest.raises(EnrollmentRefusedError, match="looks like Ada"):
        room.correct(AssignName(number, "Grace"))

    room.correct(RejectName(number, "Ada"))
    room.correct(AssignName(number, "Grace"))

    assert room.name(PINK) == "Grace"
    room.goes()
    assert room.name(RED) == "Ada"


def test_undo_takes_back_the_last_and_then_the_one_before(room: Room) -> None:
    before = folder_fingerprint(room.studio.root)
    number = track_of(room, PINK)
    room.correct(RejectName(number, "Ada"))
    room.correct(AssignName(number, "Grace"))

    events = [room.correct(UndoCorrection()), room.correct(UndoCorrection())]

    assert [event.message for event in events] == ["undone: named: Grace", "undone: not: Ada"]
    assert {path for path, _, _ in folder_fingerprint(room.studio.root)} == {path for path, _, _ in before}
    assert room.name(PINK) == "Ada"
    with pytest.raises(GalleryError, match="no correction to take back"):
        room.correct(UndoCorrection())


def test_undo_leaves_a_person_to_whom_somebody_added_photos_meanwhile(room: Room) -> None:
    room.correct(AssignName(track_of(room, BLUE), "Grace"))
    room.studio.save(room.studio.root / "Grace" / "mine.png", (240, 60, 60))

    room.correct(UndoCorrection())

    assert [path.name for path in GalleryFolder(room.studio.root).person("Grace").photos] == ["mine.png"]


def test_a_face_that_is_gone_cannot_be_corrected(room: Room) -> None:
    number = track_of(room, PINK)
    room.goes()

    with pytest.raises(FaceGoneError, match=f"track {number} is no longer there"):
        room.correct(RejectName(number, "Ada"))


def test_a_face_that_is_gone_is_named_by_a_picture_of_it_and_that_can_be_undone(room: Room) -> None:
    number = track_of(room, BLUE)
    room.goes()

    event = room.correct(AssignNameToImage(number, room.studio.picture(BLUE), "Grace"))

    assert (event.message, event.track_id) == ("named: Grace", number)
    assert room.name(BLUE) == "Grace"
    room.correct(UndoCorrection())
    assert room.name(BLUE) is None
    assert [person.name for person in room.gallery.people] == ["Ada"]


def test_a_picture_that_shows_no_single_face_names_nobody(room: Room) -> None:
    with pytest.raises(EnrollmentRefusedError, match="nothing was enrolled for Grace: 1 several_faces"):
        room.correct(AssignNameToImage(7, room.studio.picture(BLUE, RED), "Grace"))


def test_a_picture_that_looks_like_ada_is_another_only_when_that_is_said_again(room: Room) -> None:
    with pytest.raises(EnrollmentRefusedError, match="looks like Ada"):
        room.correct(AssignNameToImage(7, room.studio.picture(PINK), "Grace"))

    room.correct(AssignNameToImage(7, room.studio.picture(PINK), "Grace", force=True))

    assert room.name(PINK) == "Grace"


def test_crops_are_few_and_go_with_their_track(room: Room) -> None:
    for shade in range(60):
        room.see((240, 40 + 3 * shade, 240 - 4 * shade), times=1)
    number = track_of(room, BLUE)
    room.corrections.keep_only([])

    with pytest.raises(EnrollmentRefusedError, match="nothing was enrolled for Grace"):
        room.correct(AssignName(number, "Grace"))


def test_a_removed_person_takes_the_rejected_faces_along(room: Room) -> None:
    room.correct(RejectName(track_of(room, PINK), "Ada"))
    assert len(list(room.studio.root.rglob(".negatives/*.jpg"))) == 1

    removal = GalleryFolder(room.studio.root).remove("Ada")

    assert removal.rejected == 1
    assert not list(room.studio.root.rglob(".negatives"))
    assert removal.cached_verdicts == 2


def test_a_rejected_face_is_neither_a_photo_nor_a_sample_but_changes_the_gallery(room: Room) -> None:
    before, seen = room.gallery, folder_fingerprint(room.studio.root)

    room.correct(RejectName(track_of(room, PINK), "Ada"))

    assert [len(person.photos) for person in room.gallery.people] == [1]
    assert [sample.sample_id for sample in room.gallery.samples] == ["Ada/1.png"]
    assert len(room.gallery.rejected) == 1
    assert room.gallery.revision != before.revision
    assert folder_fingerprint(room.studio.root) != seen


@pytest.fixture(scope="module")
def rooms() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


COLORS = st.tuples(st.integers(90, 250), st.integers(90, 250), st.integers(90, 250))
STEPS = st.lists(st.tuples(st.sampled_from(["see", "go", "restart"]), st.lists(COLORS, min_size=1, max_size=3)), max_size=6)


@settings(max_examples=40)
@given(COLORS, COLORS, STEPS)
def test_a_correction_is_respected_whatever_comes_after(
    rooms: Path, ada: Color, other: Color, steps: list[tuple[str, list[Color]]]
) -> None:
    """The very face that was denied never gets the name again, among others or alone, in this session or the next."""
    with tempfile.TemporaryDirectory(dir=rooms) as folder:
        studio = Studio(Path(folder) / "gallery", ColorReader())
        studio.save(studio.root / "Ada" / "1.png", ada)
        room = Room(studio)
        number = track_of(room, other)
        room.correct(RejectName(number, "Ada"))

        for what, colors in steps:
            if what == "restart":
                room.restart()
                number = 0
            elif what == "go":
                room.goes()
            decisions, votes = room.see(*colors, other)
            named = {vote.track_id: vote.decision.name for vote in votes}
            assert decisions[-1].name is None
            assert named.get(number) is None
            room.goes()
            assert room.name(other) is None
