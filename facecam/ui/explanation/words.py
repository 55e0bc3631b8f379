"""What a decision says, and why, in plain sentences: one for every reason code of recognition.

Codes for photos are in reasons.py.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from facecam.recognition.quality import GateCheck
from facecam.session.visitors import DecisionReport
from facecam.types import Candidate, DecisionStatus
from facecam.ui.language import QT_TRANSLATE_NOOP, number, told_apart

translate = QCoreApplication.translate

SENTENCES = {
    "match": QT_TRANSLATE_NOOP("Decisions", "Near enough to one person, and far enough from all others."),
    "votes": QT_TRANSLATE_NOOP("Decisions", "Most of the last looks say so."),
    "gallery_empty": QT_TRANSLATE_NOOP("Decisions", "Nobody is enrolled yet."),
    "too_far": QT_TRANSLATE_NOOP("Decisions", "Nobody who is enrolled looks like this."),
    "near_threshold": QT_TRANSLATE_NOOP("Decisions", "Like somebody who is enrolled, but not quite enough for the name."),
    "margin": QT_TRANSLATE_NOOP("Decisions", "Like two people nearly equally."),
    "corrected": QT_TRANSLATE_NOOP("Decisions", "You said that this is not who it looks like."),
    "name_taken": QT_TRANSLATE_NOOP("Decisions", "Another face in the picture has a better claim to this name."),
    "few_sightings": QT_TRANSLATE_NOOP("Decisions", "Not looked at often enough yet."),
    "still_picture": QT_TRANSLATE_NOOP("Decisions", "It moves as a photo does, and not as a head."),
    "settled": QT_TRANSLATE_NOOP("Decisions", "The same face as just before: it need not be compared again."),
    "low_score": QT_TRANSLATE_NOOP("Decisions", "Hardly a face: it is half hidden, or something else."),
    "too_small": QT_TRANSLATE_NOOP("Decisions", "The face is too far away: come nearer."),
    "clipped": QT_TRANSLATE_NOOP("Decisions", "The edge of the picture cuts the face: move to the middle."),
    "blurry": QT_TRANSLATE_NOOP("Decisions", "The face is blurred: hold still, or clean the camera."),
    "dark": QT_TRANSLATE_NOOP("Decisions", "The face is too dark: more light is needed."),
    "bright": QT_TRANSLATE_NOOP("Decisions", "The face is too bright: less light is needed."),
    "extreme_pose": QT_TRANSLATE_NOOP("Decisions", "The face is turned too far away: look at the camera."),
}

_LIKE = {
    "corrected": QT_TRANSLATE_NOOP("Decisions", "It looks like {name}, but you said that it is somebody else."),
    "name_taken": QT_TRANSLATE_NOOP("Decisions", "It looks like {name}, but another face here does so more."),
    "still_picture": QT_TRANSLATE_NOOP("Decisions", "It looks like {name}, but moves as a photo does."),
}

_GATES = {
    "score": QT_TRANSLATE_NOOP("Decisions", "Surely a face"),
    "size_px": QT_TRANSLATE_NOOP("Decisions", "Large enough"),
    "clipped_fraction": QT_TRANSLATE_NOOP("Decisions", "Not cut off"),
    "sharpness": QT_TRANSLATE_NOOP("Decisions", "Sharp"),
    "brightness": QT_TRANSLATE_NOOP("Decisions", "Well lit"),
    "yaw_deg": QT_TRANSLATE_NOOP("Decisions", "Not turned aside"),
    "pitch_deg": QT_TRANSLATE_NOOP("Decisions", "Not up or down"),
    "roll_deg": QT_TRANSLATE_NOOP("Decisions", "Not tilted"),
}


def sentence_for(code: str) -> str:
    """What a reason code means; a code that is not known stands for itself."""
    return translate("Decisions", SENTENCES[code]) if code in SENTENCES else code


def headline(account: DecisionReport) -> str:
    """Who it is taken for, and why, in one sentence with its figures."""
    decision, near = account.decision, account.figures.nearest
    match decision.status:
        case DecisionStatus.KNOWN:
            return _known(account, decision.name or "")
        case DecisionStatus.SKIPPED:
            return translate("Decisions", "Not compared. {why}").format(why=sentence_for(account.fault or decision.reason))
        case DecisionStatus.UNKNOWN:
            return _unknown(account, near)
        case DecisionStatus.UNSURE:
            return _unsure(account, decision.reason, near)


def _known(account: DecisionReport, name: str) -> str:
    figures, rule = account.figures, account.rule
    nearest, margin = figures.nearest, figures.margin_l2
    if account.look is None:
        return translate("Decisions", "Known as {name}.").format(name=name)
    if not account.agrees or nearest is None or rule is None:
        said = translate("Decisions", "Known as {name} by most of the last looks, though the last one alone does not say so.")
        return said.format(name=name)
    distance, threshold = told_apart(nearest.distance_l2, rule.threshold_l2)
    if margin is None:
        said = translate("Decisions", "Known as {name}: distance {distance} is under {threshold}, and nobody else is enrolled.")
        return said.format(name=name, distance=distance, threshold=threshold)
    said = translate(
        "Decisions", "Known as {name}: distance {distance} is under {threshold}, and the next person is {margin} farther away."
    )
    return said.format(name=name, distance=distance, threshold=threshold, margin=number(margin))


def _unknown(account: DecisionReport, nearest: Candidate | None) -> str:
    if nearest is None or account.rule is None:
        return translate("Decisions", "Unknown. {why}").format(why=sentence_for("too_far" if nearest else "gallery_empty"))
    if not account.agrees:
        return translate("Decisions", "Unknown by most of the last looks, though the last one alone does not say so.")
    distance, limit = told_apart(nearest.distance_l2, account.rule.threshold_l2 + account.rule.unsure_band_l2)
    said = translate("Decisions", "Unknown: the nearest person, {name}, is {distance} away, and more than {limit} is too far.")
    return said.format(name=nearest.name, distance=distance, limit=limit)


def _unsure(account: DecisionReport, reason: str, nearest: Candidate | None) -> str:
    figures, rule, margin = account.figures, account.rule, account.figures.margin_l2
    if nearest is None or rule is None:
        return translate("Decisions", "Unsure. {why}").format(why=sentence_for(reason))
    distance, threshold = told_apart(nearest.distance_l2, rule.threshold_l2)
    match reason:
        case "near_threshold" if nearest.distance_l2 > rule.threshold_l2:
            said = translate("Decisions", "Perhaps {name}: distance {distance} is a little over {threshold}.")
            return said.format(name=nearest.name, distance=distance, threshold=threshold)
        case "margin" if margin is not None and figures.second is not None and margin < rule.margin_l2:
            said = translate("Decisions", "{name} or {second}? They are {margin} apart, and {least} is asked for.")
            apart, least = told_apart(margin, rule.margin_l2)
            return said.format(name=nearest.name, second=figures.second.name, margin=apart, least=least)
    if reason in _LIKE:
        return translate("Decisions", _LIKE[reason]).format(name=nearest.name)
    return translate("Decisions", "Unsure. {why}").format(why=sentence_for(reason))


def gate_words(check: GateCheck) -> tuple[str, str, str]:
    """What a gate asks for, what was measured, and the limit; the measure is "" when there is none."""
    measured = "" if check.value is None else _measured(check.measure, check.value)
    return translate("Decisions", _GATES[check.measure]), measured, _limit(check)


def _measured(measure: str, value: float) -> str:
    match measure:
        case "score":
            return number(value)
        case "size_px":
            return translate("Decisions", "{pixels} px").format(pixels=round(value))
        case "clipped_fraction":
            return translate("Decisions", "{percent} %").format(percent=round(value * 100))
        case "yaw_deg" | "pitch_deg" | "roll_deg":
            return translate("Decisions", "{degrees}°").format(degrees=number(value, 0))
    return str(round(value))


def _limit(check: GateCheck) -> str:
    least = None if check.least is None else _measured(check.measure, check.least)
    most = None if check.most is None else _measured(check.measure, check.most)
    if least is None or check.least == -(check.most or 0):
        return translate("Decisions", "≤ {most}").format(most=most)
    if most is None:
        return translate("Decisions", "≥ {least}").format(least=least)
    return translate("Decisions", "{least} to {most}").format(least=least, most=most)
