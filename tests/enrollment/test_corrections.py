"""Rejecting, assigning and undoing names, within a session and after a restart, with colored patches as faces."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.enrollment.corrections import (
    AssignName,
    AssignNameToImage,
    Correction,
    Corrections,
    RedoCorrection,
    RejectName,
    UndoCorrection,
)
from facecam.errors import ChangeExpiredError, EnrollmentRefusedError, FaceGoneError, GalleryError
from facecam.gallery.gallery import folder_fingerprint
from facecam.gallery.people import PersonFile, read_people, to_toml
from facecam.gallery.service import GalleryService
from facecam.recognition.matching import DecisionRule, Index, decide_frame
from facecam.recognition.tracking import Tracker, TrackInput
from facecam.settings import TrackSettings
from facecam.types import Decision, DecisionStatus, Event, EventCode, TrackDecision
from tests.color_reader import NETWORK, Color, ColorAnalyzer, Studio

RULE = DecisionRule(0.32, 0.03, 0.03)
RED, PINK, BLUE = (40, 40, 240), (90, 60, 240), (240, 40, 40)
"""Pink is near enough to red to be recognized as it."""


class Scene:
    """Recognition over a folder of colored patches: gallery, index, tracker and corrections, as a session has them."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.t_ms = 0.0
        self.restart()

    def restart(self) -> None:
        self.tracker = Tracker(TrackSettings(), NETWORK)
        self.corrections = Corrections(NETWORK, self.tracker.votes)
        self.load()

    def load(self) -> None:
        self.gallery = self.studio.load()
        self.index = Index(self.gallery.samples, self.gallery.rejected)

    def correct(self, correction: Correction) -> Event:
        event = self.corrections.apply(correction, self.gallery, self.studio.reader)
        self.tracker.reset_votes()
        self.load()
        return event

    def show(self, *colors: Color, times: int = 4) -> tuple[list[Decision], list[TrackDecision]]:
        bgr = self.studio.image(*colors)
        observations = sorted(self.studio.reader.analyze(bgr), key=lambda observation: observation.face.box.x)
        for _ in range(times):
            self.t_ms += 33
            matches = [
                self.index.nearest(observation.embedding) for observation in observations if observation.embedding is not None
            ]
            decisions = decide_frame(matches, RULE)
            seen = [TrackInput(r.face.box, d, 1.0, r.embedding) for r, d in zip(observations, decisions, strict=True)]
            votes, _ = self.tracker.update(seen, self.t_ms)
            self.corrections.observe(bgr, observations, votes)
        return decisions, votes

    def name(self, *colors: Color) -> str | None:
        """Return the name of the first patch's track after a few frames."""
        return self.show(*colors)[1][0].decision.name

    def leave(self) -> None:
        """Let a minute pass without faces, which ends all tracks."""
        self.t_ms += 60_000
        self.tracker.update([], self.t_ms)
        self.corrections.retain_tracks(self.tracker.track_ids)


@pytest.fixture
def scene(studio: Studio) -> Scene:
    studio.save(studio.root / "Ada" / "1.png", RED)
    (studio.root / "Ada" / "person.toml").write_text(to_toml(PersonFile.new("Ada")), encoding="utf-8")
    return Scene(studio)


def track_of(scene: Scene, *colors: Color) -> int:
    return scene.show(*colors)[1][0].track_id


def test_a_rejected_name_is_not_given_again(scene: Scene) -> None:
    assert scene.name(PINK) == "Ada"

    event = scene.correct(RejectName(track_of(scene, PINK), "Ada"))

    assert (event.kind, event.code, event.person) == ("correction", EventCode.NAME_REJECTED, "Ada")
    decisions, votes = scene.show(PINK, times=100)
    assert (decisions[0].status, decisions[0].reason) == (DecisionStatus.UNSURE, "corrected")
    assert (votes[0].decision.status, votes[0].decision.reason) == (DecisionStatus.UNSURE, "corrected")


def test_a_rejected_name_is_that_persons_whatever_another_program_renamed(scene: Scene) -> None:
    number, root = track_of(scene, PINK), scene.studio.root
    GalleryService(root).rename("Ada", "Eve")
    GalleryService(root).add_photos("Ada", [b"another person"])

    scene.correct(RejectName(number, "Ada"))

    assert {person.name: len(person.rejected) for person in read_people(root).people} == {"Ada": 0, "Eve": 1}


def test_the_real_person_keeps_the_name(scene: Scene) -> None:
    scene.correct(RejectName(track_of(scene, PINK), "Ada"))
    scene.leave()

    assert scene.name(RED) == "Ada"


def test_a_rejection_holds_for_later_tracks_and_after_a_restart(scene: Scene) -> None:
    scene.correct(RejectName(track_of(scene, PINK), "Ada"))

    scene.leave()
    assert scene.name(PINK) is None
    scene.restart()
    assert scene.name(PINK) is None


def test_a_corrected_track_never_gets_the_rejected_name(scene: Scene) -> None:
    number = track_of(scene, PINK)
    scene.correct(RejectName(number, "Ada"))

    decisions, votes = scene.show(RED, times=50)

    assert decisions[0].name == "Ada"
    assert votes[0].track_id == number
    assert (votes[0].decision.status, votes[0].decision.reason) == (DecisionStatus.UNSURE, "corrected")


def test_a_face_without_a_name_becomes_a_person(scene: Scene) -> None:
    assert scene.name(BLUE) is None

    event = scene.correct(AssignName(track_of(scene, BLUE), "Grace"))

    assert event.message == "named: Grace"
    assert scene.name(BLUE) == "Grace"
    scene.restart()
    assert scene.name(BLUE) == "Grace"


def test_a_similar_face_is_named_only_after_the_other_name_was_rejected(scene: Scene) -> None:
    number = track_of(scene, PINK)
    with pytest.raises(EnrollmentRefusedError, match="looks like Ada"):
        scene.correct(AssignName(number, "Grace"))

    scene.correct(RejectName(number, "Ada"))
    scene.correct(AssignName(number, "Grace"))

    assert scene.name(PINK) == "Grace"
    scene.leave()
    assert scene.name(RED) == "Ada"


def test_undo_reverts_corrections_one_by_one(scene: Scene) -> None:
    before = folder_fingerprint(scene.studio.root)
    number = track_of(scene, PINK)
    scene.correct(RejectName(number, "Ada"))
    scene.correct(AssignName(number, "Grace"))

    events = [scene.correct(UndoCorrection()), scene.correct(UndoCorrection())]

    assert [(event.code, event.person) for event in events] == [
        (EventCode.ASSIGNMENT_UNDONE, "Grace"), (EventCode.REJECTION_UNDONE, "Ada"),
    ]  # fmt: skip
    assert {path for path, _, _ in folder_fingerprint(scene.studio.root)} == {path for path, _, _ in before}
    assert scene.name(PINK) == "Ada"
    with pytest.raises(GalleryError, match="nothing to undo"):
        scene.correct(UndoCorrection())


def test_undo_keeps_a_person_who_gained_other_photos(scene: Scene) -> None:
    scene.correct(AssignName(track_of(scene, BLUE), "Grace"))
    scene.studio.save(scene.studio.root / "Grace" / "mine.png", (240, 60, 60))

    scene.correct(UndoCorrection())

    assert [path.name for path in GalleryService(scene.studio.root).person("Grace").photos] == ["mine.png"]


@pytest.mark.parametrize("correction", ["reject", "assign"])
def test_a_correction_is_undone_after_a_rename(scene: Scene, correction: str) -> None:
    scene.correct(
        RejectName(track_of(scene, PINK), "Ada") if correction == "reject" else AssignName(track_of(scene, PINK), "Ada")
    )
    GalleryService(scene.studio.root).rename("Ada", "Augusta")
    scene.load()

    event = scene.correct(UndoCorrection())

    assert (event.person, scene.corrections.journal.last) == ("Ada", None)
    assert [path.name for path in scene.studio.root.rglob("*.[jp][pn]g")] == ["1.png"]
    assert scene.name(PINK) == "Augusta"


def test_a_correction_of_a_removed_person_does_not_block_those_before_it(scene: Scene) -> None:
    scene.correct(RejectName(track_of(scene, PINK), "Ada"))
    scene.correct(AssignName(track_of(scene, BLUE), "Grace"))
    GalleryService(scene.studio.root).remove_person("Grace")
    scene.load()

    with pytest.raises(ChangeExpiredError, match="Grace is not enrolled any more"):
        scene.correct(UndoCorrection())
    event = scene.correct(UndoCorrection())

    assert (event.code, event.person) == (EventCode.REJECTION_UNDONE, "Ada")
    assert scene.name(PINK) == "Ada"


def test_an_undone_rejection_is_redone(scene: Scene) -> None:
    scene.correct(RejectName(track_of(scene, PINK), "Ada"))
    scene.correct(UndoCorrection())
    assert scene.name(PINK) == "Ada"

    event = scene.correct(RedoCorrection())

    assert (event.code, event.person, event.message) == (EventCode.NAME_REJECTED, "Ada", "not: Ada")
    assert scene.name(PINK) is None
    scene.correct(UndoCorrection())
    assert scene.name(PINK) == "Ada"


def test_an_undone_name_is_redone(scene: Scene) -> None:
    number = track_of(scene, BLUE)
    scene.correct(AssignName(number, "Grace"))
    person = GalleryService(scene.studio.root).person("Grace")
    scene.correct(UndoCorrection())

    event = scene.correct(RedoCorrection())

    assert (event.code, event.person, event.track_id) == (EventCode.NAME_ASSIGNED, "Grace", number)
    assert scene.name(BLUE) == "Grace"
    assert GalleryService(scene.studio.root).person("Grace") == person
    with pytest.raises(GalleryError, match="nothing to redo"):
        scene.correct(RedoCorrection())


def test_a_rejection_removes_the_photos_that_the_wrong_name_saved(scene: Scene) -> None:
    def stored() -> tuple[int, int]:
        ada = GalleryService(scene.studio.root).person("Ada")
        return len(ada.photos), len(ada.rejected)

    number = track_of(scene, PINK)
    scene.correct(AssignName(number, "Ada", force=True))
    assert stored() == (2, 0)
    scene.show(PINK)

    scene.correct(RejectName(number, "Ada"))
    assert stored() == (1, 1)
    scene.correct(UndoCorrection())
    assert stored() == (2, 0)
    scene.correct(RedoCorrection())
    assert stored() == (1, 1)


def contents(scene: Scene) -> dict[Path, bytes]:
    """Return Ada's photos with their contents."""
    return {path: path.read_bytes() for path in GalleryService(scene.studio.root).person("Ada").photos}


def test_a_rejection_removes_every_photo_of_the_wrong_name_and_none_from_before(scene: Scene) -> None:
    number = track_of(scene, PINK)
    scene.correct(AssignName(number, "Ada", force=True))
    before = contents(scene)
    scene.restart()
    number = track_of(scene, BLUE)
    scene.correct(AssignName(number, "Ada", force=True))
    after = contents(scene)
    assert len(after) == len(before) + 1
    scene.corrections.retain_tracks([])  # A later image of the track is not the same as the saved one.
    scene.show((238, 42, 42))

    scene.correct(RejectName(number, "Ada"))
    assert contents(scene) == before
    scene.correct(UndoCorrection())

    assert contents(scene) == after


def test_rejecting_the_only_naming_of_a_new_person_removes_the_person_and_the_consent(scene: Scene) -> None:
    number, root = track_of(scene, BLUE), scene.studio.root
    scene.correct(AssignName(number, "Grace", consent="agreed at the door"))
    named = GalleryService(root).person("Grace")
    scene.show(BLUE)

    event = scene.correct(RejectName(number, "Grace"))
    assert (event.code, event.person) == (EventCode.NAME_REJECTED, "Grace")
    assert read_people(root).find("Grace") is None
    assert [path for path in root.rglob("*") if path.is_file() and b"at the door" in path.read_bytes()] == []
    scene.correct(UndoCorrection())
    assert GalleryService(root).person("Grace") == named
    scene.correct(RedoCorrection())
    assert read_people(root).find("Grace") is None


def test_rejecting_a_naming_keeps_a_person_who_has_other_photos(scene: Scene) -> None:
    number = track_of(scene, BLUE)
    scene.correct(AssignName(number, "Grace", consent="agreed"))
    GalleryService(scene.studio.root).add_photos("Grace", [b"another photo"])

    scene.correct(RejectName(number, "Grace"))

    grace = GalleryService(scene.studio.root).person("Grace")
    assert (len(grace.photos), len(grace.rejected), grace.consent) == (1, 1, "agreed")


def test_an_undo_that_cannot_restore_the_photos_keeps_the_rejected_face(scene: Scene) -> None:
    number = track_of(scene, PINK)
    scene.correct(AssignName(number, "Ada", force=True))
    scene.show(PINK)
    before = set(GalleryService(scene.studio.root).person("Ada").photos)
    scene.correct(RejectName(number, "Ada"))
    (wrong,) = before - set(GalleryService(scene.studio.root).person("Ada").photos)
    wrong.write_bytes(b"another file")

    with pytest.raises(GalleryError, match="is another file now"):
        scene.correct(UndoCorrection())
    assert len(GalleryService(scene.studio.root).person("Ada").rejected) == 1
    wrong.unlink()
    scene.correct(UndoCorrection())

    ada = GalleryService(scene.studio.root).person("Ada")
    assert (set(ada.photos), ada.rejected) == (before, ())


def test_another_correction_ends_the_redo(scene: Scene) -> None:
    scene.correct(RejectName(track_of(scene, PINK), "Ada"))
    scene.correct(UndoCorrection())
    scene.correct(AssignName(track_of(scene, BLUE), "Grace"))

    with pytest.raises(GalleryError, match="nothing to redo"):
        scene.correct(RedoCorrection())


def test_a_track_that_has_ended_cannot_be_corrected(scene: Scene) -> None:
    number = track_of(scene, PINK)
    scene.leave()

    with pytest.raises(FaceGoneError, match=f"track {number} has ended"):
        scene.correct(RejectName(number, "Ada"))


def test_a_track_that_has_ended_is_named_by_an_image_and_undone(scene: Scene) -> None:
    number = track_of(scene, BLUE)
    scene.leave()

    event = scene.correct(AssignNameToImage(number, scene.studio.image(BLUE), "Grace"))

    assert (event.message, event.track_id) == ("named: Grace", number)
    assert scene.name(BLUE) == "Grace"
    scene.correct(UndoCorrection())
    assert scene.name(BLUE) is None
    assert [person.name for person in scene.gallery.people] == ["Ada"]


def test_a_track_that_has_ended_is_named_by_several_images_of_which_one_may_be_refused(scene: Scene) -> None:
    images = (scene.studio.image(BLUE, RED), scene.studio.image(BLUE))

    scene.correct(AssignNameToImage(7, scene.studio.image(BLUE), "Grace", more_bgr=images))

    assert scene.name(BLUE) == "Grace"


def test_an_image_with_several_faces_is_refused(scene: Scene) -> None:
    with pytest.raises(EnrollmentRefusedError, match=r"nothing was enrolled for Grace: several faces \(1\)"):
        scene.correct(AssignNameToImage(7, scene.studio.image(BLUE, RED), "Grace"))


def test_an_image_like_another_person_is_named_only_with_force(scene: Scene) -> None:
    with pytest.raises(EnrollmentRefusedError, match="looks like Ada"):
        scene.correct(AssignNameToImage(7, scene.studio.image(PINK), "Grace"))

    scene.correct(AssignNameToImage(7, scene.studio.image(PINK), "Grace", force=True))

    assert scene.name(PINK) == "Grace"


def test_crops_are_dropped_with_their_track(scene: Scene) -> None:
    for shade in range(60):
        scene.show((240, 40 + 3 * shade, 240 - 4 * shade), times=1)
    number = track_of(scene, BLUE)
    scene.corrections.retain_tracks([])

    with pytest.raises(EnrollmentRefusedError, match="nothing was enrolled for Grace"):
        scene.correct(AssignName(number, "Grace"))


def test_removing_a_person_deletes_their_rejected_faces(scene: Scene) -> None:
    scene.correct(RejectName(track_of(scene, PINK), "Ada"))
    assert len(list(scene.studio.root.rglob(".negatives/*.jpg"))) == 1

    removal = GalleryService(scene.studio.root).remove_person("Ada")

    assert removal.rejected == 1
    assert not list(scene.studio.root.rglob(".negatives"))
    assert removal.cached_entries == 2


def test_a_rejected_face_changes_the_gallery_but_adds_no_photo_or_sample(scene: Scene) -> None:
    before, seen = scene.gallery, folder_fingerprint(scene.studio.root)

    scene.correct(RejectName(track_of(scene, PINK), "Ada"))

    assert [len(person.photos) for person in scene.gallery.people] == [1]
    assert [sample.sample_id for sample in scene.gallery.samples] == ["Ada/1.png"]
    assert len(scene.gallery.rejected) == 1
    assert scene.gallery.revision != before.revision
    assert folder_fingerprint(scene.studio.root) != seen


@pytest.fixture(scope="module")
def scenes() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


COLORS = st.tuples(st.integers(90, 250), st.integers(90, 250), st.integers(90, 250))
STEPS = st.lists(st.tuples(st.sampled_from(["show", "go", "restart"]), st.lists(COLORS, min_size=1, max_size=3)), max_size=6)


@settings(max_examples=25)
@given(COLORS, COLORS, STEPS)
def test_a_rejected_face_never_gets_the_name_again(
    scenes: Path, ada: Color, other: Color, steps: list[tuple[str, list[Color]]]
) -> None:
    """It holds alone and among other faces, in this session and the next."""
    with tempfile.TemporaryDirectory(dir=scenes) as folder:
        studio = Studio(Path(folder) / "gallery", ColorAnalyzer())
        studio.save(studio.root / "Ada" / "1.png", ada)
        scene = Scene(studio)
        number = track_of(scene, other)
        scene.correct(RejectName(number, "Ada"))

        for what, colors in steps:
            if what == "restart":
                scene.restart()
                number = 0
            elif what == "go":
                scene.leave()
            decisions, votes = scene.show(*colors, other)
            named = {vote.track_id: vote.decision.name for vote in votes}
            assert decisions[-1].name is None
            assert named.get(number) is None
            scene.leave()
            assert scene.name(other) is None


def test_a_face_unlike_the_persons_photos_gets_their_name_only_by_force(scene: Scene) -> None:
    track_id = track_of(scene, BLUE)

    with pytest.raises(EnrollmentRefusedError, match="the enrolled photos of Ada") as refused:
        scene.correct(AssignName(track_id, "Ada"))
    assert refused.value.reason == "mixed_people"
    scene.correct(AssignName(track_id, "Ada", force=True))

    assert len(GalleryService(scene.studio.root).person("Ada").photos) == 2
