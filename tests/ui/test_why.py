"""Why?: its figures are those of the result, its pictures those that were compared, and it can be held."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

import facecam
from facecam.embedding.embedder import align
from facecam.recognition.matching import DecisionRule, decision_rule
from facecam.session.visitors import DecisionReport, VisitorSummary, decision_report, photo_crop
from facecam.settings import Settings
from facecam.types import Candidate, Decision, DecisionStatus, Sighting
from facecam.ui.enrollment_text import reason_words
from facecam.ui.explanation.panel import GateList, GateSign, WhyPanel, WhyScale
from facecam.ui.explanation.words import SENTENCES, headline, sentence_for
from facecam.ui.language import number, told_apart
from facecam.ui.session_controller import SessionController
from tests.ui.leaks import count_objects, open_and_close
from tests.ui.seen import EILEEN, GRACE, Sight, enroll, live_of_portraits, tracks

PATIENCE_MS = 60_000
RULE = DecisionRule(0.32, 0.03, 0.03)
ANN, BEN = Candidate("Ann", "ann", "Ann/1.jpg", 0.21), Candidate("Ben", "ben", "Ben/1.jpg", 0.39)


@pytest.fixture
def live(qapp: QApplication, tmp_path: Path) -> Iterator[SessionController]:
    made = live_of_portraits(tmp_path, EILEEN, GRACE)
    yield made
    assert made.stop()


@pytest.fixture
def sight(live: SessionController, tmp_path: Path) -> Iterator[Sight]:
    """Both portraits, with both people enrolled."""
    made = Sight(enroll(tmp_path / "gallery", EILEEN, GRACE), EILEEN, GRACE)
    with made.recognizer:
        yield made


@pytest.fixture
def panel(qtbot: QtBot, live: SessionController) -> Iterator[WhyPanel]:
    made = WhyPanel(live)
    qtbot.addWidget(made)
    made.resize(320, 700)
    made.show()
    yield made
    made.close()


def of(sight: Sight, track_id: int) -> Sighting:
    """What the newest result says of a track."""
    return next(one for one in sight.seen[-1][1].sightings if one.track_decision.track_id == track_id)


def gates_shown(gates: GateList) -> list[str]:
    return [label.accessibleName() for label in gates.findChildren(QLabel) if label.accessibleName() and label.isVisible()]


def test_before_anybody_is_asked_about_a_sentence_says_how(panel: WhyPanel) -> None:
    panel.show_track(7)

    shown = [label.text() for label in panel.findChildren(QLabel) if label.isVisible() and label.text()]
    assert len(shown) == 1
    assert "ask “Why?”" in shown[0]


def test_the_figures_are_the_results(panel: WhyPanel, live: SessionController, sight: Sight) -> None:
    result = sight.look(live)
    track_id = tracks(live)[EILEEN]
    panel.show_track(track_id)

    sighting = of(sight, track_id)
    nearest, second, margin = sighting.decision.nearest, sighting.decision.second, sighting.decision.margin_l2
    assert nearest is not None
    assert second is not None
    assert margin is not None
    assert result.threshold_l2 is not None
    figures = panel.figures
    assert figures.distance.text() == f"{nearest.distance_l2:.2f} to {EILEEN}"
    assert figures.second.text() == f"{second.distance_l2:.2f} to {GRACE}"
    assert figures.margin.text() == f"{margin:.2f}, at least {decision_rule(Settings().identify, ()).margin_l2:.2f}"
    assert figures.threshold.text() == f"{result.threshold_l2:.2f}"
    assert figures.votes.text() == f"{sighting.track_decision.votes_for:.1f} of {sighting.track_decision.votes_total:.1f}"
    distance, threshold = told_apart(nearest.distance_l2, result.threshold_l2)
    assert panel.sentence.text() == (
        f"Known as {EILEEN}: distance {distance} is under {threshold}, and the next person is {margin:.2f} farther away."
    )


def test_the_scale_has_both_people_and_the_threshold(panel: WhyPanel, live: SessionController, sight: Sight) -> None:
    result = sight.look(live)
    track_id = tracks(live)[GRACE]
    panel.show_track(track_id)

    decision = of(sight, track_id).decision
    assert decision.nearest is not None
    assert decision.second is not None
    assert result.threshold_l2 is not None
    assert panel.scale.accessibleDescription() == (
        f"Threshold {result.threshold_l2:.2f}, {GRACE} {decision.nearest.distance_l2:.2f}, "
        f"{EILEEN} {decision.second.distance_l2:.2f}"
    )


def test_the_pictures_are_the_face_and_the_photo_that_were_compared(
    panel: WhyPanel, live: SessionController, sight: Sight, qtbot: QtBot, tmp_path: Path
) -> None:
    sight.look(live)
    track_id = tracks(live)[EILEEN]
    panel.show_track(track_id)
    qtbot.waitUntil(lambda: panel.photo.crop_rgb is not None, timeout=PATIENCE_MS)

    frame, _ = sight.seen[-1]
    seen, photo = panel.seen.crop_rgb, panel.photo.crop_rgb
    assert seen is not None
    assert photo is not None
    assert (seen == align(frame.bgr, of(sight, track_id).face.landmarks_xy)).all()
    expected = photo_crop(tmp_path / "gallery" / EILEEN / "eileen_collins.jpg", Settings())
    assert expected is not None
    assert (photo == expected).all()
    assert panel.photo.caption == f"The nearest photo of {EILEEN}"


def test_a_photo_that_has_gone_leaves_an_empty_place(
    panel: WhyPanel, live: SessionController, sight: Sight, qtbot: QtBot, tmp_path: Path
) -> None:
    sight.look(live)
    (tmp_path / "gallery" / EILEEN / "eileen_collins.jpg").unlink()

    panel.show_track(tracks(live)[EILEEN])

    qtbot.waitUntil(lambda: panel.photo.caption == f"A photo of {EILEEN} that cannot be read now", timeout=PATIENCE_MS)
    assert panel.photo.crop_rgb is None


def test_every_gate_is_listed_with_value_limit_and_verdict(panel: WhyPanel, live: SessionController, sight: Sight) -> None:
    sight.look(live)
    panel.show_track(tracks(live)[EILEEN])

    shown = gates_shown(panel.gates)
    assert len(shown) == 8
    assert all(words.endswith("passed") for words in shown)
    assert shown[1].startswith("Large enough, ")
    assert "(≥ 40 px)" in shown[1]


def test_a_face_that_fails_a_gate_is_explained_by_it_and_still_by_its_last_comparison(
    panel: WhyPanel, live: SessionController, sight: Sight
) -> None:
    sight.look(live)
    track_id = tracks(live)[EILEEN]
    frame, result = sight.seen[-1]
    blurred = tuple(
        replace(one, gate="blurry", embedded=False, quality=replace(one.quality, sharpness=3.0)) for one in result.sightings
    )
    live.presence.see(0, frame, replace(result, sightings=blurred))
    panel.show_track(track_id)

    assert panel.sentence.text().startswith(f"Known as {EILEEN}: distance ")
    assert panel.note.text() == f"Right now it is not compared. {sentence_for('blurry')}"
    assert [words for words in gates_shown(panel.gates) if words.endswith("failed")] == ["Sharp, 3 (≥ 15), failed"]


def test_what_is_held_stays_until_it_goes_on(panel: WhyPanel, live: SessionController, sight: Sight) -> None:
    sight.look(live)
    panel.show_track(tracks(live)[EILEEN])
    panel.hold.setChecked(True)
    held = panel.account
    sight.look(live)
    panel.refresh()
    assert panel.account is held

    panel.hold.setChecked(False)

    assert panel.account is not held


def test_it_refreshes_by_itself_twice_a_second(panel: WhyPanel, live: SessionController, sight: Sight, qtbot: QtBot) -> None:
    sight.look(live)
    panel.show_track(tracks(live)[EILEEN])
    before = panel.account
    sight.look(live)

    qtbot.waitUntil(lambda: panel.account is not before, timeout=PATIENCE_MS)


def test_a_person_who_comes_back_on_another_track_is_followed(panel: WhyPanel, live: SessionController, sight: Sight) -> None:
    sight.look(live)
    first = tracks(live)[EILEEN]
    panel.show_track(first)
    sight.pass_time(live, 4)
    sight.look(live)
    panel.refresh()

    assert panel.account is not None
    assert panel.account.card.name == EILEEN
    assert panel.account.card.last_track_id != first


def test_who_has_gone_is_still_explained(panel: WhyPanel, live: SessionController, sight: Sight) -> None:
    sight.look(live)
    number_of_eileen = tracks(live)[EILEEN]
    card = live.presence.card_of(number_of_eileen)
    assert card is not None
    assert card.person_id is not None
    sight.pass_time(live, 60)

    panel.show_person(card.person_id)

    assert panel.sentence.text().startswith(f"Known as {EILEEN}: distance ")
    assert panel.note.text().startswith("No longer here, last seen at ")


def test_fifty_panels_leave_nothing_behind(live: SessionController, sight: Sight, qtbot: QtBot) -> None:
    sight.look(live)

    def make() -> WhyPanel:
        made = WhyPanel(live)
        made.show_track(1)
        return made

    open_and_close(qtbot, make, 3)
    before = count_objects()
    open_and_close(qtbot, make, 50)

    assert count_objects() == before


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory, qapp: QApplication) -> VisitorSummary:
    """Grace Hopper, whom nobody knows."""
    folder = tmp_path_factory.mktemp("why")
    live, sight = live_of_portraits(folder, GRACE), Sight(folder / "gallery", GRACE)
    with sight.recognizer:
        sight.look(live)
    return live.presence.cards[0]


def an_account(card: VisitorSummary, decision: Decision, look: Decision | None) -> DecisionReport:
    """The account of a real face with other decisions."""
    sighting = replace(card.sighting, vote=replace(card.sighting.track_decision, decision=decision))
    account = decision_report(replace(card, sighting=sighting), Settings())
    return replace(account, look=look, rule=RULE if look is not None else None)


KNOWN = Decision(DecisionStatus.KNOWN, "match", "Ann", ANN, BEN)
NEAR = Decision(DecisionStatus.UNSURE, "near_threshold", None, replace(ANN, distance_l2=0.33), BEN)
BETWEEN = Decision(DecisionStatus.UNSURE, "margin", None, ANN, replace(BEN, distance_l2=0.22))
FAR = Decision(DecisionStatus.UNKNOWN, "too_far", None, replace(ANN, distance_l2=0.61), BEN)


@pytest.mark.parametrize(
    ("decision", "look", "said"),
    [
        (KNOWN, KNOWN, "Known as Ann: distance 0.21 is under 0.32, and the next person is 0.18 farther away."),
        (KNOWN, replace(KNOWN, second=None), "Known as Ann: distance 0.21 is under 0.32, and nobody else is enrolled."),
        (KNOWN, FAR, "Known as Ann by most of the last looks, though the last one alone does not say so."),
        (KNOWN, None, "Known as Ann."),
        (FAR, FAR, "Unknown: the nearest person, Ann, is 0.61 away, and more than 0.35 is too far."),
        (FAR, KNOWN, "Unknown by most of the last looks, though the last one alone does not say so."),
        (
            Decision(DecisionStatus.UNKNOWN, "votes"),
            Decision(DecisionStatus.UNKNOWN, "gallery_empty"),
            "Unknown. Nobody is enrolled yet.",
        ),
        (NEAR, NEAR, "Perhaps Ann: distance 0.33 is a little over 0.32."),
        (BETWEEN, BETWEEN, "Ann or Ben? They are 0.01 apart, and 0.03 is asked for."),
        (replace(NEAR, reason="corrected"), KNOWN, "It looks like Ann, but you said that it is somebody else."),
        (replace(NEAR, reason="name_taken"), KNOWN, "It looks like Ann, but another face here does so more."),
        (replace(NEAR, reason="still_picture"), KNOWN, "It looks like Ann, but moves as a photo does."),
        (replace(NEAR, reason="few_sightings"), KNOWN, "Unsure. Not looked at often enough yet."),
        (Decision(DecisionStatus.SKIPPED, "dark"), None, "Not compared. The face is too dark: more light is needed."),
    ],
)
def test_one_sentence_says_the_decision_and_its_reason(
    card: VisitorSummary, decision: Decision, look: Decision | None, said: str
) -> None:
    assert headline(an_account(card, decision, look)) == said


def test_figures_that_differ_never_look_the_same() -> None:
    assert told_apart(0.318, 0.322) == ("0.318", "0.322")
    assert told_apart(0.21, 0.32) == ("0.21", "0.32")
    assert told_apart(0.3, 0.3) == ("0.30", "0.30")
    assert number(-0.001) == "0.00"


@pytest.mark.parametrize("threshold_l2", [0.28, 1.0])
@pytest.mark.parametrize("width", [60, 320, 900])
def test_the_scale_is_painted_at_every_width_for_every_network(qtbot: QtBot, threshold_l2: float, width: int) -> None:
    scale = WhyScale()
    qtbot.addWidget(scale)
    scale.resize(width, scale.sizeHint().height())
    scale.show_decision(replace(KNOWN, second=replace(BEN, name="X" * 200)), DecisionRule(threshold_l2, 0.03, 0.05))

    assert scale.end_l2 > threshold_l2
    assert not scale.grab().isNull()


@pytest.mark.parametrize("passed", [True, False, None])
def test_passed_failed_and_not_measured_differ_in_shape(qtbot: QtBot, passed: bool | None) -> None:
    pictures = []
    for verdict in (passed, True, False, None):
        sign = GateSign()
        qtbot.addWidget(sign)
        sign.resize(24, 24)
        sign.show_verdict(verdict)
        image = sign.grab().toImage()
        pictures.append(np.array([image.pixel(x, y) for x in range(24) for y in range(24)]))

    assert sum((picture == pictures[0]).all() for picture in pictures[1:]) == 1


ASSIGNED = {"reason", "OK", "NO_FACE", "SEVERAL_FACES", "UNREADABLE", "STILL_PICTURE"}


def codes_in(module: str) -> set[str]:
    """The reason codes that a module makes decisions with, read from its source."""
    tree = ast.parse((Path(facecam.__file__).parent / module).read_text(encoding="utf-8"))
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            found += node.args[1:2] if called in ("Decision", "withheld") else []
            found += node.args[-2:] if called == "GateCheck" else []
            found += [keyword.value for keyword in node.keywords if keyword.arg == "reason"]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ASSIGNED:
            found += [part for part in ast.walk(node.value) if isinstance(part, ast.Constant)]
    return {part.value for part in found if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value}


@pytest.mark.parametrize("module", ["recognition/matching.py", "recognition/quality.py", "recognition/tracking.py"])
def test_every_reason_code_of_a_decision_has_a_sentence(qapp: QApplication, module: str) -> None:
    codes = codes_in(module)

    assert codes
    assert codes <= set(SENTENCES)
    assert all(sentence_for(code).endswith(".") for code in codes)


def test_every_verdict_on_a_photo_has_words(qapp: QApplication) -> None:
    refusals = codes_in("recognition/face_analyzer.py") - {"ok"}

    assert len(refusals) == 3
    assert all(reason_words(code) != code for code in refusals)


def test_a_face_that_was_not_compared_again_has_a_sentence(qapp: QApplication, live: SessionController, sight: Sight) -> None:
    followed = Sight(sight.gallery.folder, EILEEN, settings=Settings())
    with followed.recognizer:
        reasons = {one.decision.reason for one in followed.look(live, times=12).sightings}

    assert reasons == {"settled"}
    assert reasons <= set(SENTENCES)
