"""`facecam gallery`: what is wrong with the people's photos, and whether everything is whole. Import and export: transfer.py."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facecam.cli import context
from facecam.cli.context import GalleryOption, JsonOption, NetworkOption, command
from facecam.cli.people import ReaderOpener, explained, load_gallery, load_with_progress, open_shipped_reader

if TYPE_CHECKING:
    from facecam.enrollment.transfer import ImportVerdict
    from facecam.gallery.audit import AuditResult, GalleryFigures, PhotoFinding
    from facecam.recognition.calibration import Calibration
    from facecam.recognition.face_analyzer import FaceObservation
    from facecam.recognition.matching import DecisionRule
    from facecam.settings import Settings


# MERGED cli.transfer: `facecam gallery import` and `export`: people from photos in folders, and a gallery's way to another machine.

_TAKEN = {"ok": "added", "already_there": "was there already"}

_From = Annotated[
    Path, typer.Argument(metavar="DIR|ZIP", help="A folder for each person with photos inside, or what export wrote.")
]
_To = Annotated[Path, typer.Argument(metavar="FILE.zip|DIR", help="What must not be there yet.", show_default=False)]
_Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing: pictures with several faces are skipped.")]


def register_transfer(group: typer.Typer, open_reader: ReaderOpener) -> None:
    """Add import and export to the group `gallery`."""

    def _import(
        source: _From, yes: _Yes = False, gallery: GalleryOption = None, network: NetworkOption = None, json: JsonOption = None
    ) -> None:
        """Take people over from folders of photos or from an exported gallery. Status 3 when some photos were refused."""
        from facecam.enrollment.samples import SelectionRule
        from facecam.enrollment.transfer import Importer, open_incoming
        from facecam.errors import GalleryError
        from facecam.recognition.matching import decision_rule, own_threshold_l2

        root, settings = context.gallery_dir(gallery), context.settings({"identify.network": network})
        if source.resolve().is_relative_to(root.resolve()) and source.is_dir():
            raise GalleryError(f"{source} is the gallery itself, or lies in it: there is nothing to import")
        choose = _ask_which if sys.stdin.isatty() and not yes else None
        verdicts: list[ImportVerdict] = []
        with open_incoming(source) as people, open_reader(settings) as reader:
            known = load_with_progress(root, settings, reader)
            threshold_l2 = decision_rule(settings.identify, known.samples).threshold_l2
            rule = SelectionRule.for_threshold(own_threshold_l2(settings.identify.network))
            importer = Importer(known, reader, threshold_l2, rule, choose)
            for person in people:
                new = importer.take(person)
                verdicts += new
                if json != "-":
                    _print_new(new)
        _print_counts(verdicts)
        context.write_json(json, [_as_json_transfer(verdict) for verdict in verdicts])
        if any(verdict.refused for verdict in verdicts):
            raise typer.Exit(context.FINDINGS)

    command(group, "import")(_import)
    command(group, "export")(_export)


def _export(target: _To, gallery: GalleryOption = None) -> None:
    """Pack people and photos into a ZIP file or a new folder; the same gallery gives the same bytes."""
    from facecam.enrollment.transfer import export_gallery

    done = export_gallery(context.gallery_dir(gallery), target)
    context.out().print(f"{done.people} people, {done.photos} photos in {done.path}", markup=False, soft_wrap=True)


def _ask_which(path: Path, readings: Sequence[FaceObservation]) -> FaceObservation | None:
    """Ask on the terminal which face of a picture is meant; None to skip it."""
    context.err().print(f"{path} shows {len(readings)} faces, the largest first:", markup=False, soft_wrap=True)
    for number, reading in enumerate(readings, start=1):
        box = reading.face.box
        unusable = f" ({explained(reading.gate)})" if reading.gate else ""
        where = f"x {box.x:.0f} to {box.x + box.w:.0f}, y {box.y:.0f} to {box.y + box.h:.0f}"
        context.err().print(f"  {number}: {where}{unusable}", markup=False, soft_wrap=True)
    answer = -1
    while not 0 <= answer <= len(readings):
        answer = typer.prompt(f"Which one is {path.parent.name}? 0 skips the picture", default=0, type=int, err=True)
    return readings[answer - 1] if answer else None


def _print_new(verdicts: Sequence[ImportVerdict]) -> None:
    for verdict in verdicts:
        said = f"refused: {verdict.said or explained(verdict.reason)}" if verdict.refused else _TAKEN[verdict.reason]
        context.out().print(f"{verdict.name}: {verdict.label}: {said}", markup=False, soft_wrap=True)


def _print_counts(verdicts: Sequence[ImportVerdict]) -> None:
    added = sum(verdict.path is not None and verdict.reason == "ok" for verdict in verdicts)
    refused = sum(verdict.refused for verdict in verdicts)
    people = len({verdict.name for verdict in verdicts if not verdict.refused})
    there = len(verdicts) - added - refused
    context.err().print(
        f"{people} people, {added} photos added, {there} were there already, {refused} refused", markup=False, soft_wrap=True
    )


def _as_json_transfer(verdict: ImportVerdict) -> dict[str, str | None]:
    saved = str(verdict.path) if verdict.path is not None else None
    return {"photo": verdict.label, "name": verdict.name, "reason": verdict.reason, "path": saved}


_Fix = Annotated[bool, typer.Option("--fix", help="Set the photos aside that hurt. Nothing is deleted.")]
_Undo = Annotated[bool, typer.Option("--undo", help="Bring back what was set aside last; again for the time before.")]

_ADVICE = {
    "several_faces": "not used: crop it to one face",
    "cross_risk": "stays, it is the person's last one: enroll more photos of both",
}
_REASON_WIDTH = 14


def register_gallery(app: typer.Typer, open_reader: ReaderOpener = open_shipped_reader) -> None:
    """Add the group `gallery` to `app`; `open_reader` opens what finds and embeds faces."""
    group = typer.Typer(help="Look after the people's photos.", no_args_is_help=True)
    app.add_typer(group, name="gallery")

    def _doctor(
        fix: _Fix = False,
        undo: _Undo = False,
        gallery: GalleryOption = None,
        network: NetworkOption = None,
        json: JsonOption = None,
    ) -> None:
        """Find photos that hurt: of somebody else, twice there, too small, unusable. Status 3 when there are some."""
        if fix and undo:
            raise typer.BadParameter("--fix sets aside, --undo brings back: give one of them", param_hint="--fix or --undo")
        root = context.gallery_dir(gallery)
        if undo:
            _undo_last(root, json)
        else:
            _examine_and_tell(root, context.settings({"identify.network": network}), open_reader, json, fix=fix)

    def _verify(gallery: GalleryOption = None, network: NetworkOption = None, json: JsonOption = None) -> None:
        """Read every person.toml and every photo, and compare the cache with what the networks say. Status 3 on faults."""
        _verify_and_tell(context.gallery_dir(gallery), context.settings({"identify.network": network}), open_reader, json)

    command(group, "doctor")(_doctor)
    command(group, "verify")(_verify)
    register_transfer(group, open_reader)


def _examine_and_tell(root: Path, settings: Settings, open_reader: ReaderOpener, json: str | None, *, fix: bool) -> None:
    examination, rule, embedding_id = _examine(root, settings, open_reader)
    if json != "-":
        _print_examination(examination, rule)
    moved = _set_aside(root, examination) if fix else None
    _tell_other_networks(root, embedding_id)
    context.write_json(json, _as_json_gallery(examination, rule, moved))
    if examination.findings:
        raise typer.Exit(context.FINDINGS)


def _verify_and_tell(root: Path, settings: Settings, open_reader: ReaderOpener, json: str | None) -> None:
    from facecam.gallery.gallery import reading_conditions
    from facecam.gallery.verify import verify_gallery

    with open_reader(settings) as reader, context.progress("reading photos") as told:
        verified = verify_gallery(root, reader, reading_conditions(settings), told)
    if json != "-":
        for fault in verified.faults:
            context.out().print(_line(str(fault.path), fault.reason, fault.said), markup=False, soft_wrap=True)
    counts = f"{verified.people} people, {verified.photos} photos, {verified.cached} of them in the cache"
    context.err().print(f"{counts}: {_counted(len(verified.faults), 'fault')}", markup=False, soft_wrap=True)
    context.write_json(json, [asdict(fault) | {"path": str(fault.path)} for fault in verified.faults])
    if verified.faults:
        raise typer.Exit(context.FINDINGS)


def _examine(root: Path, settings: Settings, open_reader: ReaderOpener) -> tuple[AuditResult, DecisionRule, str]:
    """What is wrong with the photos, the rule in force that names people now, and which network they were read with."""
    from facecam.gallery.audit import AuditRule, audit_photos
    from facecam.gallery.people import read_people
    from facecam.gallery.verify import PhotoReader, read_photos
    from facecam.recognition.matching import decision_rule, own_threshold_l2
    from facecam.settings import GateSettings

    with open_reader(replace(settings, gate=GateSettings.none())) as faces, context.progress("reading photos") as told:
        embedding_id = faces.embedding_id
        photos = read_photos(read_people(root), PhotoReader(faces, settings.gate), told)
    rule = decision_rule(settings.identify, [sample for photo in photos if (sample := photo.sample()) is not None])
    limits = AuditRule.for_threshold(own_threshold_l2(settings.identify.network), settings.gate.min_size_px)
    return audit_photos(photos, limits, rule), rule, embedding_id


def _set_aside(root: Path, examination: AuditResult) -> str | None:
    """Move what hurts out of use; the set's name, None when there was nothing."""
    from facecam.gallery.quarantine import quarantine

    photos = [photo.path for photo in examination.to_set_aside]
    if not photos:
        return None
    moved = quarantine(root, photos)
    told = f"{_counted(len(moved.photos), 'photo')} set aside as {moved.name}"
    context.err().print(f"{told}; `facecam gallery doctor --undo` brings them back", markup=False, soft_wrap=True)
    return moved.name


def _undo_last(root: Path, json: str | None) -> None:
    from facecam.gallery.quarantine import restore

    back = restore(root)
    if json != "-":
        for photo in back.photos:
            context.out().print(str(photo), markup=False, soft_wrap=True)
    context.err().print(f"{_counted(len(back.photos), 'photo')} of {back.name} brought back", markup=False, soft_wrap=True)
    context.write_json(json, {"set": back.name, "photos": [str(photo) for photo in back.photos]})


def _tell_other_networks(root: Path, embedding_id: str) -> None:
    """Embeddings of other networks hurt nobody, since they are never compared with; but they are there."""
    from facecam.gallery.cache import cached_networks

    others = {network for network in cached_networks(root).values() if network is not None} - {embedding_id}
    for network in sorted(others):
        context.err().print(
            f"the cache also holds embeddings of another network ({network}): never compared with", markup=False, soft_wrap=True
        )


def _print_examination(examination: AuditResult, rule: DecisionRule) -> None:
    console = context.out()
    for finding in examination.findings:
        line = _line(finding.photo.photo_id, finding.reason, "; ".join(filter(None, (finding.said, _remedy(finding)))))
        console.print(line, markup=False, soft_wrap=True)
    if examination.findings:
        console.print()
    for row in _figure_rows(examination.before, examination.after, rule):
        console.print(row, markup=False, soft_wrap=True)


def _remedy(finding: PhotoFinding) -> str:
    return "to be set aside" if finding.set_aside else _ADVICE.get(finding.reason, "not used, and harmless")


def _figure_rows(before: GalleryFigures, after: GalleryFigures, rule: DecisionRule) -> list[str]:
    def row(what: str, *values: object) -> str:
        return f"{what:44}" + "".join(f"{value:>14}" for value in values)

    def distance(value: float | None) -> str:
        return "-" if value is None else f"{value:.3f}"

    def share(value: float | None) -> str:
        return "-" if value is None else f"{value:.1%}"

    return [
        row(f"threshold {rule.threshold_l2:.3f}, margin {rule.margin_l2:.3f}", "as it is", "without those"),
        row("photos in use", before.samples, after.samples),
        row("median distance within a person", distance(before.genuine_median_l2), distance(after.genuine_median_l2)),
        row("median distance between people", distance(before.impostor_median_l2), distance(after.impostor_median_l2)),
        row("pairs of one person within the threshold", *(share(f.genuine_within_threshold) for f in (before, after))),
        row("pairs of two people within the threshold", *(f.impostors_within_threshold for f in (before, after))),
        row("photos that the others name right", before.named_right, after.named_right),
        row("photos that the others give a false name", before.named_wrong, after.named_wrong),
        row("photos that the others leave unnamed", before.unnamed, after.unnamed),
    ]


def _as_json_gallery(examination: AuditResult, rule: DecisionRule, moved: str | None) -> dict[str, Any]:
    return {
        "findings": [
            {
                "photo": finding.photo.photo_id,
                "name": finding.photo.name,
                "path": str(finding.photo.path),
                "reason": finding.reason,
                "said": finding.said,
                "set_aside": finding.set_aside,
            }
            for finding in examination.findings
        ],
        "threshold_l2": rule.threshold_l2,
        "before": asdict(examination.before),
        "after": asdict(examination.after),
        "set": moved,
    }


def _line(what: str, reason: str, said: str) -> str:
    return f"{reason:{_REASON_WIDTH}} {what}" + (f": {said}" if said else "")


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'s'[: number != 1]}"


# MERGED cli.calibrate: facecam calibrate: what the threshold means for the gallery, and how to change it.

_Folder = Annotated[Path | None, typer.Argument(metavar="[DIR]", help="The people's folder; the same as --gallery.")]
_Far = Annotated[
    float | None,
    typer.Option(
        "--far", metavar="SHARE", help="The share of strangers that may get a name, 0.01 for 1 in 100. Not of comparisons."
    ),
]
_Apply = Annotated[bool, typer.Option("--apply", help="Write it into the configuration file; everything else in it stays.")]
_Plot = Annotated[Path | None, typer.Option("--picture", metavar="FILE", help="Draw the distances and the ROC curve.")]


def register_calibrate(app: typer.Typer, open_reader: ReaderOpener = open_shipped_reader) -> None:
    """Add `calibrate` to `app`; `open_reader` reads photos that the gallery's cache does not know."""

    def _calibrate(
        directory: _Folder = None,
        far: _Far = None,
        apply: _Apply = False,
        picture: _Plot = None,
        gallery: GalleryOption = None,
        network: NetworkOption = None,
        json: JsonOption = None,
    ) -> None:
        """Say how many strangers get a name and how many sightings of enrolled people none, now and for another share."""
        from facecam.recognition.calibration import calibrate

        settings = context.settings({"identify.network": network})
        settings.replace({"identify.stranger_rate": far if far is not None else settings.identify.stranger_rate})
        folder = directory or context.gallery_dir(gallery)
        found = calibrate(load_gallery(folder, settings, open_reader), settings.identify, stranger_rate=far)
        if json != "-":
            _print(found, folder)
        context.write_json(json, _as_json_calibrate(found))
        if picture is not None:
            _draw(found, settings, picture)
        if apply:
            _apply(found)

    command(app, "calibrate")(_calibrate)


def _print(found: Calibration, folder: Path) -> None:
    if found.people:
        context.out().print(found.sentence(), markup=False)
    else:
        context.out().print(f"nobody is enrolled in {folder}: `facecam enroll NAME PHOTO ...` adds somebody", markup=False)
    for what, is_so in (*_threshold_facts(found), *_own_facts(found)):
        context.out().print(f"{what:24} {is_so}", markup=False)


def _threshold_facts(found: Calibration) -> list[tuple[str, str]]:
    now, chosen, (low, high) = found.now, found.chosen, found.chosen_interval_l2
    facts = [
        ("threshold now", f"{now.threshold_l2:.3f}, {'pinned' if found.pinned else 'moving with the gallery'}"),
        (f"for {found.stranger_rate:g} of strangers", f"{chosen.threshold_l2:.3f}, 95 % interval {low:.3f} to {high:.3f}"),
        ("", "of all strangers, each compared with the whole gallery; not of comparisons"),
        ("", "the interval is a bootstrap over the people of the packaged table"),
    ]
    if not found.people:
        return facts
    if chosen.stranger_share < 0.95 * found.stranger_rate:
        facts.append(("", f"the widest that is set by itself: {chosen.stranger_share:.2%} of strangers would get a name"))
    return [*facts, ("", f"{chosen.miss_share:.0%} of the sightings of enrolled people would stay unnamed")]


def _own_facts(found: Calibration) -> list[tuple[str, str]]:
    """What the gallery's own distances say, or why they say nothing."""
    if found.closest is None:
        return [("closest pair", "there are not two people with a usable photo; all figures are the packaged table's")]
    low, high = found.confused_interval
    source = "their own photos, leave one out" if found.own_misses else "the packaged table: too few people with two photos"
    return [
        ("closest pair", f"{' and '.join(found.closest.names)}, {found.closest.distance_l2:.3f} apart"),
        ("", " and ".join(found.closest.sample_ids)),
        ("too near each other", f"{found.confused} of {found.people} people lie within the threshold of somebody else"),
        ("", f"95 % Wilson interval {low:.1%} to {high:.1%}"),
        ("apart from each other", f"{found.crowd.spread:.2f} times as far as the packaged table's people"),
        ("sightings missed, from", source),
    ]


def _as_json_calibrate(found: Calibration) -> dict[str, Any]:
    tree = asdict(found)
    return tree | {
        "sentence": found.sentence(),
        "genuine_l2": [round(float(distance), 6) for distance in found.genuine_l2],
        "impostor_l2": [round(float(distance), 6) for distance in found.impostor_l2],
    }


def _draw(found: Calibration, settings: Settings, path: Path) -> None:
    from facecam.errors import ImageError
    from facecam.evaluation.figures import draw_calibration
    from facecam.recognition.open_set import packaged

    try:
        draw_calibration(found, packaged(settings.identify.network), path)
    except (OSError, ValueError) as error:  # matplotlib answers an unknown suffix with ValueError
        raise ImageError(f"{path} cannot be written: {error}; name a .png file in a folder that exists") from error


def _apply(found: Calibration) -> None:
    """Write the rate, or where the threshold is pinned the threshold for it; say what was there and how to go back."""
    from facecam.settings import find_config, read_setting, write_setting

    path = find_config(context.invocation.config) or Path("facecam.toml")
    key, value = "identify.stranger_rate", found.stranger_rate
    if found.pinned:
        key, value = "identify.threshold_l2", round(found.chosen.threshold_l2, 4)
    before = read_setting(path, key)
    write_setting(path, key, value)
    undo = f"delete the line {key.partition('.')[2]}" if before is None else f"set it to {before:g} again"
    context.out().print(f"{path}: {key} is {value:g} now, {'not set' if before is None else f'{before:g}'} before", markup=False)
    context.out().print(f"to undo, {undo} in [identify] of {path}", markup=False)
    variable = f"FACECAM_{key.replace('.', '_')}".upper()
    if variable in os.environ:
        context.err().print(f"{variable} is set in the environment and wins over the file", markup=False)
