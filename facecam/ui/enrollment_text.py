"""What guided enrollment says, in the user's language: for every code of its checklist, verdicts and self-test a sentence."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from facecam.enrollment.enroll import ALREADY_THERE, PhotoAddition, PhotoOutcome
from facecam.enrollment.guided import ANOTHER_NAME, FEW_SIGHTINGS, SelfCheckReport
from facecam.enrollment.poses import Check, Pose, PoseHint
from facecam.recognition.face_analyzer import OK
from facecam.ui.language import QT_TRANSLATE_NOOP

_CONTEXT = "Enrollment"

_POSES = {
    Pose.CENTER: QT_TRANSLATE_NOOP("Enrollment", "Straight ahead"),
    Pose.LEFT: QT_TRANSLATE_NOOP("Enrollment", "To the left"),
    Pose.RIGHT: QT_TRANSLATE_NOOP("Enrollment", "To the right"),
    Pose.UP: QT_TRANSLATE_NOOP("Enrollment", "Chin up"),
    Pose.DOWN: QT_TRANSLATE_NOOP("Enrollment", "Chin down"),
}
_CHECKS = {
    Check.ONE_FACE: QT_TRANSLATE_NOOP("Enrollment", "One face"),
    Check.BIG_ENOUGH: QT_TRANSLATE_NOOP("Enrollment", "Near enough"),
    Check.SHARP: QT_TRANSLATE_NOOP("Enrollment", "Sharp"),
    Check.LIT: QT_TRANSLATE_NOOP("Enrollment", "Well lit"),
    Check.POSE: QT_TRANSLATE_NOOP("Enrollment", "Head turned as asked"),
}
_HINTS = {
    "": QT_TRANSLATE_NOOP("Enrollment", "Very good, stay like this."),
    "no_face": QT_TRANSLATE_NOOP("Enrollment", "Come before the camera."),
    "several_faces": QT_TRANSLATE_NOOP("Enrollment", "One face only, please."),
    "outlier": QT_TRANSLATE_NOOP("Enrollment", "This is somebody else: the same person as before, please."),
    "low_score": QT_TRANSLATE_NOOP("Enrollment", "Show your whole face, with nothing before it."),
    "clipped": QT_TRANSLATE_NOOP("Enrollment", "Move to the middle: the edge cuts your face."),
    "too_small": QT_TRANSLATE_NOOP("Enrollment", "Come nearer."),
    "blurry": QT_TRANSLATE_NOOP("Enrollment", "Hold still."),
    "dark": QT_TRANSLATE_NOOP("Enrollment", "More light on your face, please."),
    "bright": QT_TRANSLATE_NOOP("Enrollment", "Less light on your face, please."),
    "extreme_pose": QT_TRANSLATE_NOOP("Enrollment", "Not so far: turn back a little."),
    PoseHint.LOOK_STRAIGHT: QT_TRANSLATE_NOOP("Enrollment", "Look straight into the camera and hold still."),
    PoseHint.TURN_LEFT: QT_TRANSLATE_NOOP("Enrollment", "Turn your head slowly to your left."),
    PoseHint.TURN_RIGHT: QT_TRANSLATE_NOOP("Enrollment", "Turn your head slowly to your right."),
    PoseHint.CHIN_UP: QT_TRANSLATE_NOOP("Enrollment", "Raise your chin a little."),
    PoseHint.CHIN_DOWN: QT_TRANSLATE_NOOP("Enrollment", "Lower your chin a little."),
    PoseHint.ASKEW: QT_TRANSLATE_NOOP(
        "Enrollment", "The camera stands too far to one side: put it at eye level, or skip this pose."
    ),
}
_VERDICTS = {
    "left_out": QT_TRANSLATE_NOOP("Enrollment", "Left out by you"),
    "too_alike": QT_TRANSLATE_NOOP("Enrollment", "Too like another picture: it would add nothing"),
    "already_enrolled": QT_TRANSLATE_NOOP("Enrollment", "Too like a photo that is there already"),
    "not_found_again": QT_TRANSLATE_NOOP("Enrollment", "The face is not found again in it"),
    "outlier": QT_TRANSLATE_NOOP("Enrollment", "Looks like somebody else"),
}
_FAILED = {
    ANOTHER_NAME: QT_TRANSLATE_NOOP("Enrollment", "{name} is not recognized yet: the face was taken for {other}."),
    FEW_SIGHTINGS: QT_TRANSLATE_NOOP("Enrollment", "{name} was seen too briefly to be tested."),
    "too_far": QT_TRANSLATE_NOOP("Enrollment", "{name} is not recognized yet: too different from the pictures."),
    "near_threshold": QT_TRANSLATE_NOOP(
        "Enrollment", "{name} is not recognized for sure yet: almost too different from the pictures."
    ),
    "margin": QT_TRANSLATE_NOOP("Enrollment", "{name} is not recognized for sure: {other} looks almost the same."),
    "corrected": QT_TRANSLATE_NOOP("Enrollment", "{name} looks like a face of which you said that it is somebody else."),
    "no_face": QT_TRANSLATE_NOOP("Enrollment", "{name} was not tested: nobody was before the camera."),
    "several_faces": QT_TRANSLATE_NOOP("Enrollment", "{name} was not tested: several faces were before the camera."),
}
_BADLY_SEEN = QT_TRANSLATE_NOOP("Enrollment", "{name} was not seen well enough to be tested. {advice}")
_PASSED = QT_TRANSLATE_NOOP("Enrollment", "{name} is recognized.")

ARROWS = {
    PoseHint.TURN_LEFT: Pose.LEFT,
    PoseHint.TURN_RIGHT: Pose.RIGHT,
    PoseHint.CHIN_UP: Pose.UP,
    PoseHint.CHIN_DOWN: Pose.DOWN,
}
"""Which way a hint points."""


def pose_words(pose: Pose) -> str:
    """Where the head is turned."""
    return QCoreApplication.translate(_CONTEXT, _POSES[pose])


def check_words(check: Check) -> str:
    """What a picture must have."""
    return QCoreApplication.translate(_CONTEXT, _CHECKS[check])


def hint_words(code: str) -> str:
    """What to do now, for a code of the checklist; "" is praise."""
    return QCoreApplication.translate(_CONTEXT, _HINTS[code])


def verdict_words(code: str) -> str:
    """Why a picture is not kept, "" for one that is."""
    return QCoreApplication.translate(_CONTEXT, _VERDICTS[code]) if code in _VERDICTS else ""


def report_words(report: SelfCheckReport, name: str) -> str:
    """How the self-test ended."""
    translate = QCoreApplication.translate
    if report.passed:
        return translate(_CONTEXT, _PASSED).format(name=name)
    if report.reason in _FAILED:
        return translate(_CONTEXT, _FAILED[report.reason]).format(name=name, other=report.other_name or "?")
    advice = hint_words(report.reason) if report.reason in _HINTS else ""
    return translate(_CONTEXT, _BADLY_SEEN).format(name=name, advice=advice).strip()


def figure_words(report: SelfCheckReport, locale: QLocale) -> str:
    """The distances that the self-test measured, "" without any."""
    translate, lines = QCoreApplication.translate, []
    if report.own_l2 is not None:
        said = translate("Enrollment", "Distance to the pictures: {distance}. A name is given up to {threshold}.")
        lines.append(said.format(distance=number(report.own_l2, locale), threshold=number(report.threshold_l2, locale)))
    if report.other_l2 is not None and report.other_name is not None:
        said = translate("Enrollment", "Next is {other}, at {distance}.")
        lines.append(said.format(other=report.other_name, distance=number(report.other_l2, locale)))
    return " ".join(lines)


def number(distance_l2: float, locale: QLocale) -> str:
    """A distance as the user's language writes it."""
    return locale.toString(distance_l2, "f", 2)


# MERGED ui.reasons: Why a photo is not used, in the user's language.

_WORDS = {
    "no_face": QT_TRANSLATE_NOOP("Reasons", "no face was found"),
    "several_faces": QT_TRANSLATE_NOOP("Reasons", "several faces: crop the photo to one"),
    "unreadable": QT_TRANSLATE_NOOP("Reasons", "not a picture that can be read"),
    "low_score": QT_TRANSLATE_NOOP("Reasons", "the face is not clear enough"),
    "too_small": QT_TRANSLATE_NOOP("Reasons", "the face is too small"),
    "clipped": QT_TRANSLATE_NOOP("Reasons", "the face is cut by the edge"),
    "blurry": QT_TRANSLATE_NOOP("Reasons", "the face is blurred"),
    "dark": QT_TRANSLATE_NOOP("Reasons", "the face is too dark"),
    "bright": QT_TRANSLATE_NOOP("Reasons", "the face is too bright"),
    "extreme_pose": QT_TRANSLATE_NOOP("Reasons", "the face is turned too far"),
    "not_found_again": QT_TRANSLATE_NOOP("Reasons", "the face was not found again in the saved picture"),
    "duplicate": QT_TRANSLATE_NOOP("Reasons", "the same picture is there already"),
    "outlier": QT_TRANSLATE_NOOP("Reasons", "looks like somebody else"),
    "cross_risk": QT_TRANSLATE_NOOP("Reasons", "too like a photo of another person"),
    "no_person": QT_TRANSLATE_NOOP("Reasons", "lies outside a person's folder"),
    "bad_name": QT_TRANSLATE_NOOP("Reasons", "the folder's name cannot be a person's"),
    "person_file_damaged": QT_TRANSLATE_NOOP("Reasons", "person.toml is damaged"),
    "duplicate_person_id": QT_TRANSLATE_NOOP("Reasons", "has the same id as another person"),
}


def reason_words(code: str) -> str:
    """The reason for a code; a code that is not known stands for itself."""
    return QCoreApplication.translate("Reasons", _WORDS[code]) if code in _WORDS else code


# MERGED ui.verdict_words: What became of photos that were to be added, in the user's language.


def outcome_words(outcome: PhotoOutcome, *, saved: bool) -> str:
    """What became of one photo; what would have, if nothing was saved."""
    translate = QCoreApplication.translate
    if outcome.reason == ALREADY_THERE:
        said = translate("Verdicts", "{file}: is there already")
    elif outcome.reason != OK:
        said = translate("Verdicts", "{file}: refused, {reason}")
    else:
        said = translate("Verdicts", "{file}: added") if saved else translate("Verdicts", "{file}: good")
    return said.format(file=outcome.path.name, reason=reason_words(outcome.reason))


def addition_words(addition: PhotoAddition, locale: QLocale) -> str:
    """All photos summed up in a sentence."""
    translate = QCoreApplication.translate
    if addition.rival is not None:
        said = translate(
            "Verdicts",
            "Nothing was added: these photos look like {rival}, who is enrolled (distance {distance}). If they do show "
            "{name}, add them all the same.",
        )
        distance = locale.toString(addition.rival.distance_l2, "f", 2)
        return said.format(rival=addition.rival.name, distance=distance, name=addition.name)
    if not addition.outcomes:
        return translate("Verdicts", "There was no picture among the files.")
    there = sum(outcome.reason == ALREADY_THERE for outcome in addition.outcomes)
    counts = {"added": addition.added, "there": there, "refused": len(addition.outcomes) - addition.added - there}
    said = translate("Verdicts", "Photos for {name}. Added: {added}, there already: {there}, refused: {refused}.")
    return said.format(name=addition.name, **counts)
