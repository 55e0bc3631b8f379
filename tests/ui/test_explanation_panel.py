"""The explanation panel shows the values of the result and the compared images, and can be frozen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from facecam.embedding.embedder import align
from facecam.gallery.gallery import Gallery
from facecam.messages import MESSAGES, sentence
from facecam.networks.embedding_networks import DEFAULT_NETWORK, embedding_network
from facecam.recognition.liveness import LIVE_SCORE_LIMIT
from facecam.recognition.matching import DecisionRule, decision_rule
from facecam.session.visitors import DecisionReport, VisitorSummary, decision_report, photo_crop
from facecam.settings import Settings
from facecam.types import Candidate, Decision, DecisionStatus, Sample, Sighting
from facecam.ui.explanation.panel import CropView, DistanceScale, ExplanationPanel, GateList
from facecam.ui.explanation.text import headline
from facecam.ui.icons import StatusIcon, StatusIconView
from facecam.ui.language import distinct_numbers, format_number
from facecam.ui.session_controller import SessionController
from tests.ui.leaks import count_objects, open_and_close
from tests.ui.portraits import EILEEN, EVERY_FRAME, GRACE, PortraitStream, enroll_portraits, portraits_controller, tracks_by_name

RULE = DecisionRule(0.32, 0.03, 0.03)
ANN, BEN = Candidate("Ann", "ann", "Ann/1.jpg", 0.21), Candidate("Ben", "ben", "Ben/1.jpg", 0.39)


@pytest.fixture
def controller(qapp: QApplication, tmp_path: Path) -> Iterator[SessionController]:
    controller = portraits_controller(tmp_path, EILEEN, GRACE)
    yield controller
    assert controller.stop()


@pytest.fixture
def stream(controller: SessionController, tmp_path: Path) -> Iterator[PortraitStream]:
    """Both portraits, with both people enrolled."""
    stream = PortraitStream(enroll_portraits(tmp_path / "gallery", EILEEN, GRACE), EILEEN, GRACE)
    with stream.recognizer:
        yield stream


@pytest.fixture
def panel(qtbot: QtBot, controller: SessionController) -> Iterator[ExplanationPanel]:
    panel = ExplanationPanel(controller)
    qtbot.addWidget(panel)
    panel.resize(320, 700)
    panel.show()
    yield panel
    panel.close()


def latest_sighting(stream: PortraitStream, track_id: int) -> Sighting:
    """Return a track's sighting in the newest result."""
    return next(item for item in stream.results[-1][1].sightings if item.track_decision.track_id == track_id)


def pixels(view: CropView) -> np.ndarray:
    """Return the shown face (height, width, 3) RGB."""
    assert view.image.pixmap is not None
    image = view.image.pixmap.toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[:, :, 2::-1].copy()


def visible_gates(gates: GateList) -> list[str]:
    return [label.accessibleName() for label in gates.findChildren(QLabel) if label.accessibleName() and label.isVisible()]


def test_without_a_visitor_a_hint_explains_how_to_choose_one(panel: ExplanationPanel) -> None:
    panel.show_track(7)

    texts = [label.text() for label in panel.findChildren(QLabel) if label.isVisible() and label.text()]
    assert len(texts) == 1
    assert "choose “Why?”" in texts[0]


def test_the_values_are_those_of_the_result(
    panel: ExplanationPanel, controller: SessionController, stream: PortraitStream
) -> None:
    result = stream.show(controller)
    track_id = tracks_by_name(controller)[EILEEN]
    panel.show_track(track_id)

    sighting = latest_sighting(stream, track_id)
    nearest, second, margin = sighting.decision.nearest, sighting.decision.second, sighting.decision.margin_l2
    assert nearest is not None
    assert second is not None
    assert margin is not None
    assert result.threshold_l2 is not None
    values = panel.values
    assert values.distance.text() == f"{nearest.distance_l2:.2f} to the nearest photo of {EILEEN}"
    assert values.second.text() == f"{second.distance_l2:.2f} to {GRACE}"
    assert values.margin.text() == f"{margin:.2f}, at least {decision_rule(Settings().identify, ()).margin_l2:.2f} required"
    assert values.threshold.text() == f"{result.threshold_l2:.2f}: the match threshold of this gallery."
    assert values.votes.text() == f"{sighting.track_decision.votes_for:.1f} of {sighting.track_decision.votes_total:.1f}"
    distance, threshold = distinct_numbers(nearest.distance_l2, result.threshold_l2)
    assert panel.headline.text() == (
        f"Known as {EILEEN}: distance {distance} is below {threshold}, and the next person is {margin:.2f} farther away."
    )


@pytest.mark.parametrize("check", [True, False])
def test_the_live_score_is_shown_with_its_limit_while_faces_are_checked(
    panel: ExplanationPanel, controller: SessionController, tmp_path: Path, check: bool
) -> None:
    settings = EVERY_FRAME.replace({"track.presentation_check": check})
    stream = PortraitStream(enroll_portraits(tmp_path / "gallery", EILEEN), EILEEN, settings=settings)
    with stream.recognizer:
        stream.show(controller, times=30)
    track_id = tracks_by_name(controller)[EILEEN]
    panel.show_track(track_id)

    score, values = latest_sighting(stream, track_id).track_decision.live_score, panel.values
    shown = "" if score is None else f"{distinct_numbers(score, LIVE_SCORE_LIMIT)[0]} (a picture or a screen: below "
    assert (score is not None) == check
    assert values.live_score.text().startswith(shown)
    assert values.live_bar.score == score
    assert [values.live_score.isVisible(), values.live_bar.isVisible()] == [check, check]


def test_no_value_is_cut_in_a_narrow_panel(
    panel: ExplanationPanel, qapp: QApplication, stream: PortraitStream, controller: SessionController
) -> None:
    stream.show(controller, times=10)
    panel.show_track(tracks_by_name(controller)[EILEEN])
    panel.resize(260, 700)

    qapp.processEvents()

    values = panel.values
    for label in (values.distance, values.second, values.margin, values.threshold, values.votes):
        assert label.height() >= label.heightForWidth(label.width()), label.text()
    assert values.distance.height() > values.fontMetrics().height()


def test_screen_readers_read_each_value_next_to_its_name(panel: ExplanationPanel) -> None:
    labels = [label for label in panel.values.findChildren(QLabel) if label.parent() is panel.values]

    assert [label.buddy() for label in labels[1::2]] == labels[::2]


def test_the_images_are_square_at_any_width_up_to_a_height(panel: ExplanationPanel) -> None:
    image, line = panel.face.image, panel.fontMetrics().height()

    assert [image.heightForWidth(width) for width in (5 * line, 12 * line, 40 * line)] == [5 * line, 12 * line, 14 * line]


def test_the_scale_has_both_people_and_the_threshold(
    panel: ExplanationPanel, controller: SessionController, stream: PortraitStream
) -> None:
    result = stream.show(controller)
    track_id = tracks_by_name(controller)[GRACE]
    panel.show_track(track_id)

    decision = latest_sighting(stream, track_id).decision
    assert decision.nearest is not None
    assert decision.second is not None
    assert result.threshold_l2 is not None
    assert panel.scale.accessibleDescription() == (
        f"Match threshold {result.threshold_l2:.2f}, {GRACE} {decision.nearest.distance_l2:.2f}, "
        f"{EILEEN} {decision.second.distance_l2:.2f}"
    )


def test_the_images_are_the_face_and_the_photo_that_were_compared(
    panel: ExplanationPanel, controller: SessionController, stream: PortraitStream, qtbot: QtBot, tmp_path: Path
) -> None:
    stream.show(controller)
    track_id = tracks_by_name(controller)[EILEEN]
    panel.show_track(track_id)
    qtbot.waitUntil(lambda: panel.photo.image.pixmap is not None)

    frame, _ = stream.results[-1]
    face, photo = pixels(panel.face), pixels(panel.photo)
    landmarks_xy = latest_sighting(stream, track_id).face.landmarks_xy
    assert (face == align(frame.bgr, landmarks_xy, embedding_network(DEFAULT_NETWORK).alignment)).all()
    expected = photo_crop(tmp_path / "gallery" / EILEEN / "eileen_collins.jpg", Settings())
    assert expected is not None
    assert (photo == expected).all()
    assert panel.photo.caption == f"Nearest photo of {EILEEN}"


def test_a_deleted_photo_leaves_a_crossed_square(
    panel: ExplanationPanel, controller: SessionController, stream: PortraitStream, qtbot: QtBot, tmp_path: Path
) -> None:
    stream.show(controller)
    (tmp_path / "gallery" / EILEEN / "eileen_collins.jpg").unlink()

    panel.show_track(tracks_by_name(controller)[EILEEN])

    qtbot.waitUntil(lambda: panel.photo.caption == f"Unreadable photo of {EILEEN}")
    assert panel.photo.image.pixmap is not None
    assert panel.photo.image.pixmap.isNull()


def test_every_gate_is_listed_with_value_limit_and_result(
    panel: ExplanationPanel, controller: SessionController, stream: PortraitStream
) -> None:
    stream.show(controller)
    panel.show_track(tracks_by_name(controller)[EILEEN])

    gates = visible_gates(panel.gates)
    assert len(gates) == 8
    assert all(text.endswith("passed") for text in gates)
    assert gates[1].startswith("Large enough, ")
    assert "(≥ 40 px)" in gates[1]


def test_a_face_that_fails_a_gate_is_explained_by_it_and_still_by_its_last_comparison(
    panel: ExplanationPanel, controller: SessionController, stream: PortraitStream
) -> None:
    stream.show(controller)
    track_id = tracks_by_name(controller)[EILEEN]
    frame, result = stream.results[-1]
    blurred = tuple(
        replace(item, gate="blurry", embedded=False, quality=replace(item.quality, sharpness=3.0)) for item in result.sightings
    )
    controller.visitor_tracker.update(0, frame, replace(result, sightings=blurred))
    panel.show_track(track_id)

    assert panel.headline.text().startswith(f"Known as {EILEEN}: distance ")
    assert panel.note.text() == f"Currently not compared. {sentence('blurry')}"
    assert [text for text in visible_gates(panel.gates) if text.endswith("failed")] == ["Sharp, 3 (≥ 15), failed"]


def test_a_frozen_explanation_stays_until_it_is_resumed(
    panel: ExplanationPanel, controller: SessionController, stream: PortraitStream
) -> None:
    stream.show(controller)
    panel.show_track(tracks_by_name(controller)[EILEEN])
    panel.freeze.setChecked(True)
    frozen = panel.report
    stream.show(controller)
    panel.refresh()
    assert panel.report is frozen

    panel.freeze.setChecked(False)

    assert panel.report is not frozen


def test_the_panel_refreshes_periodically(
    panel: ExplanationPanel, controller: SessionController, stream: PortraitStream, qtbot: QtBot
) -> None:
    stream.show(controller)
    panel.show_track(tracks_by_name(controller)[EILEEN])
    before = panel.report
    stream.show(controller)

    qtbot.waitUntil(lambda: panel.report is not before)


def test_a_person_who_returns_on_another_track_is_followed(
    panel: ExplanationPanel, controller: SessionController, stream: PortraitStream
) -> None:
    stream.show(controller)
    first = tracks_by_name(controller)[EILEEN]
    panel.show_track(first)
    stream.pass_time(controller, 4)
    stream.show(controller)
    panel.refresh()

    assert panel.report is not None
    assert panel.report.visitor.name == EILEEN
    assert panel.report.visitor.last_track_id != first


def test_the_decision_about_a_person_who_left_is_still_explained(
    panel: ExplanationPanel, controller: SessionController, stream: PortraitStream
) -> None:
    stream.show(controller)
    panel.show_track(tracks_by_name(controller)[EILEEN])
    stream.pass_time(controller, 60)
    panel.refresh()

    assert panel.headline.text().startswith(f"Known as {EILEEN}: distance ")
    assert panel.note.text().startswith("No longer here. Last seen at ")


def test_opening_and_closing_leaks_no_objects(controller: SessionController, stream: PortraitStream, qtbot: QtBot) -> None:
    stream.show(controller)

    def make() -> ExplanationPanel:
        panel = ExplanationPanel(controller)
        panel.show_track(1)
        return panel

    open_and_close(qtbot, make, 3)
    before = count_objects()
    open_and_close(qtbot, make, 10)

    assert count_objects() == before


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory, qapp: QApplication) -> VisitorSummary:
    """Grace Hopper, not enrolled."""
    folder = tmp_path_factory.mktemp("explanation")
    controller, stream = portraits_controller(folder, GRACE), PortraitStream(folder / "gallery", GRACE)
    with stream.recognizer:
        stream.show(controller)
    return controller.visitor_tracker.visitors[0]


def make_report(visitor: VisitorSummary, decision: Decision, face_decision: Decision | None) -> DecisionReport:
    """Return the report of a real face with other decisions."""
    sighting = replace(visitor.sighting, track_decision=replace(visitor.sighting.track_decision, decision=decision))
    report = decision_report(replace(visitor, sighting=sighting), Settings())
    return replace(report, face_decision=face_decision, rule=RULE if face_decision is not None else None)


KNOWN = Decision(DecisionStatus.KNOWN, "match", "Ann", ANN, BEN)
NEAR = Decision(DecisionStatus.UNSURE, "near_threshold", None, replace(ANN, distance_l2=0.33), BEN)
BETWEEN = Decision(DecisionStatus.UNSURE, "margin", None, ANN, replace(BEN, distance_l2=0.22))
FAR = Decision(DecisionStatus.UNKNOWN, "too_far", None, replace(ANN, distance_l2=0.61), BEN)


@pytest.mark.parametrize(
    ("decision", "face_decision", "text"),
    [
        (KNOWN, KNOWN, "Known as Ann: distance 0.21 is below 0.32, and the next person is 0.18 farther away."),
        (KNOWN, replace(KNOWN, second=None), "Known as Ann: distance 0.21 is below 0.32, and no one else is enrolled."),
        (KNOWN, FAR, "Known as Ann by most of the recent comparisons, but not by the last one alone."),
        (KNOWN, None, "Known as Ann."),
        (FAR, FAR, "Unknown: the nearest person, Ann, is at distance 0.61, above the limit of 0.35."),
        (FAR, KNOWN, "Unknown by most of the recent comparisons, but not by the last one alone."),
        (
            Decision(DecisionStatus.UNKNOWN, "votes"),
            Decision(DecisionStatus.UNKNOWN, "gallery_empty"),
            "Unknown. No one is enrolled yet.",
        ),
        (NEAR, NEAR, "Perhaps Ann: distance 0.33 is slightly above 0.32."),
        (BETWEEN, BETWEEN, "Ann or Ben? Their distances differ by 0.01; at least 0.03 is required."),
        (replace(NEAR, reason="corrected"), KNOWN, "Similar to Ann. You said that it is someone else."),
        (replace(NEAR, reason="name_taken"), KNOWN, "Similar to Ann. Another face in the video matches this name better."),
        (replace(NEAR, reason="presentation_undecided"), KNOWN, "Similar to Ann. Still being checked for a picture or a screen."),
        (
            replace(NEAR, reason="presentation_attack"),
            KNOWN,
            "Similar to Ann. Looks like a picture or a screen: face the camera, with nothing in front of the face.",
        ),
        (replace(NEAR, reason="still_picture"), KNOWN, "Similar to Ann. Moves like a photo, not like a head."),
        (replace(NEAR, reason="few_sightings"), KNOWN, "Unsure. Not compared often enough yet."),
        (Decision(DecisionStatus.SKIPPED, "dark"), None, "Not compared. Too dark: turn on a light in front of you."),
    ],
)
def test_the_headline_states_the_decision_and_its_reason(
    visitor: VisitorSummary, decision: Decision, face_decision: Decision | None, text: str
) -> None:
    assert headline(make_report(visitor, decision, face_decision)) == text


def report_of(visitor: VisitorSummary, nearest: Candidate, settings: Settings | None = None) -> DecisionReport:
    """Return the report of a real face that was compared with another person at a threshold of the gallery of 0.9."""
    assert visitor.last_compared is not None
    sighting = replace(visitor.last_compared.sighting, decision=Decision(DecisionStatus.UNKNOWN, "too_far", None, nearest, BEN))
    compared = replace(visitor.last_compared, sighting=sighting, threshold_l2=0.9)
    return decision_report(replace(visitor, last_compared=compared), settings or Settings())


@pytest.mark.parametrize(
    ("nearest", "own_l2", "text"),
    [
        (ANN, 0.9, "0.90: the match threshold of this gallery."),
        (
            replace(ANN, threshold_reduction_l2=0.08),
            0.82,
            "0.82: the match threshold of this gallery, 0.90, lowered because many faces resemble Ann.",
        ),
        (
            replace(ANN, threshold_limit_l2=0.7, threshold_reduction_l2=0.08),
            0.7,
            (
                "0.70: the match threshold of this gallery, 0.90, lowered because the photos of Ann are very similar. "
                "Photos from other days raise it."
            ),
        ),
        (replace(ANN, threshold_limit_l2=0.95), 0.9, "0.90: the match threshold of this gallery."),
    ],
)
def test_the_persons_own_threshold_is_shown_with_what_it_comes_from(
    panel: ExplanationPanel, visitor: VisitorSummary, nearest: Candidate, own_l2: float, text: str
) -> None:
    panel._show(report_of(visitor, nearest))

    assert panel.values.threshold.text() == text
    assert panel.scale.accessibleDescription().startswith(f"Match threshold {own_l2:.2f}, ")


def test_a_fixed_threshold_was_set_by_the_user(panel: ExplanationPanel, visitor: VisitorSummary) -> None:
    panel._show(report_of(visitor, ANN, Settings().replace({"identify.threshold_l2": 0.9})))

    assert panel.values.threshold.text() == "0.90: set by you for everyone."


def test_a_threshold_fixed_after_the_comparison_is_not_that_of_the_decision(
    panel: ExplanationPanel, visitor: VisitorSummary
) -> None:
    panel._show(report_of(visitor, ANN, Settings().replace({"identify.threshold_l2": 0.5})))

    assert panel.values.threshold.text() == "0.90: the match threshold of this gallery."


def test_the_distance_to_the_mean_of_a_persons_photos_is_shown_as_such(
    panel: ExplanationPanel, controller: SessionController, visitor: VisitorSummary
) -> None:
    photos = tuple(
        Sample(f"Ann/{number}.jpg", "ann", "Ann", Path(f"{number}.jpg"), np.zeros(128, np.float32)) for number in "123"
    )
    controller.gallery = Gallery(Path("gallery"), "any", samples=photos)

    panel._show(report_of(visitor, replace(ANN, distance_l2=0.61, sample_l2=0.68)))

    assert panel.values.distance.text() == "0.61 to the mean of the 3 photos of Ann, 0.68 to the nearest of them"


def test_different_numbers_never_look_the_same() -> None:
    assert distinct_numbers(0.318, 0.322) == ("0.318", "0.322")
    assert distinct_numbers(0.21, 0.32) == ("0.21", "0.32")
    assert distinct_numbers(0.3, 0.3) == ("0.30", "0.30")
    assert format_number(-0.001) == "0.00"


@pytest.mark.parametrize("threshold_l2", [0.28, 1.0])
@pytest.mark.parametrize("width", [60, 320, 900])
def test_the_scale_is_painted_at_every_width_for_every_network(qtbot: QtBot, threshold_l2: float, width: int) -> None:
    scale = DistanceScale()
    qtbot.addWidget(scale)
    scale.resize(width, scale.sizeHint().height())
    scale.show_decision(replace(KNOWN, second=replace(BEN, name="X" * 200)), DecisionRule(threshold_l2, 0.03, 0.05))

    assert scale.end_l2 > threshold_l2
    assert not scale.grab().isNull()


@pytest.mark.parametrize("status", StatusIcon)
def test_status_icons_differ_in_shape(qtbot: QtBot, status: StatusIcon) -> None:
    images = []
    for other in (status, *StatusIcon):
        icon = StatusIconView(other)
        qtbot.addWidget(icon)
        icon.resize(24, 24)
        image = icon.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        images.append(np.array([image.pixel(x, y) for x in range(24) for y in range(24)]))

    assert sum((image == images[0]).all() for image in images[1:]) == 1


def test_a_face_that_was_not_compared_again_has_a_sentence(
    qapp: QApplication, controller: SessionController, stream: PortraitStream
) -> None:
    tracking = PortraitStream(stream.gallery.folder, EILEEN, settings=Settings())
    with tracking.recognizer:
        reasons = {sighting.decision.reason for sighting in tracking.show(controller, times=12).sightings}

    assert reasons == {"settled"}
    assert reasons <= set(MESSAGES)
