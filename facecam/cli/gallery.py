"""`facecam gallery`: what is wrong with the people's photos, and whether everything is whole. Import and export: transfer.py."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facecam.cli import common, transfer
from facecam.cli.common import GalleryOption, JsonOption, NetworkOption, command
from facecam.cli.people import open_shipped_reader

if TYPE_CHECKING:
    from facecam.identify.decide import DecisionRule
    from facecam.identify.gallery_doctor import Examination, Finding
    from facecam.identify.gallery_figures import GalleryFigures
    from facecam.identify.reading import FaceReader
    from facecam.settings import Settings

ReaderOpener = Callable[["Settings"], AbstractContextManager["FaceReader"]]

_Fix = Annotated[bool, typer.Option("--fix", help="Set the photos aside that hurt. Nothing is deleted.")]
_Undo = Annotated[bool, typer.Option("--undo", help="Bring back what was set aside last; again for the time before.")]

_ADVICE = {
    "several_faces": "not used: crop it to one face",
    "cross_risk": "stays, it is the person's last one: enrol more photos of both",
}
_REASON_WIDTH = 14


def register(app: typer.Typer, open_reader: ReaderOpener = open_shipped_reader) -> None:
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
        root = common.gallery_dir(gallery)
        if undo:
            _undo_last(root, json)
        else:
            _examine_and_tell(root, common.settings({"identify.network": network}), open_reader, json, fix=fix)

    def _verify(gallery: GalleryOption = None, network: NetworkOption = None, json: JsonOption = None) -> None:
        """Read every person.toml and every photo, and compare the cache with what the networks say. Status 3 on faults."""
        _verify_and_tell(common.gallery_dir(gallery), common.settings({"identify.network": network}), open_reader, json)

    command(group, "doctor")(_doctor)
    command(group, "verify")(_verify)
    transfer.register(group, open_reader)


def _examine_and_tell(root: Path, settings: Settings, open_reader: ReaderOpener, json: str | None, *, fix: bool) -> None:
    examination, rule, embedding_id = _examine(root, settings, open_reader)
    if json != "-":
        _print_examination(examination, rule)
    moved = _set_aside(root, examination) if fix else None
    _tell_other_networks(root, embedding_id)
    common.write_json(json, _as_json(examination, rule, moved))
    if examination.findings:
        raise typer.Exit(common.FINDINGS)


def _verify_and_tell(root: Path, settings: Settings, open_reader: ReaderOpener, json: str | None) -> None:
    from facecam.identify.gallery import reading_conditions
    from facecam.identify.gallery_verify import verify_gallery

    with open_reader(settings) as reader, common.progress("reading photos") as told:
        verified = verify_gallery(root, reader, reading_conditions(settings), told)
    if json != "-":
        for fault in verified.faults:
            common.out().print(_line(str(fault.path), fault.reason, fault.said), markup=False, soft_wrap=True)
    counts = f"{verified.people} people, {verified.photos} photos, {verified.cached} of them in the cache"
    common.err().print(f"{counts}: {_counted(len(verified.faults), 'fault')}", markup=False, soft_wrap=True)
    common.write_json(json, [asdict(fault) | {"path": str(fault.path)} for fault in verified.faults])
    if verified.faults:
        raise typer.Exit(common.FINDINGS)


def _examine(root: Path, settings: Settings, open_reader: ReaderOpener) -> tuple[Examination, DecisionRule, str]:
    """What is wrong with the photos, the rule in force that names people now, and which network they were read with."""
    from facecam.identify.gallery_doctor import DoctorRule, examine
    from facecam.identify.people import read_people
    from facecam.identify.photo_facts import PhotoReader, read_photos
    from facecam.identify.rule import decision_rule, own_threshold_l2
    from facecam.settings import GateSettings

    with open_reader(replace(settings, gate=GateSettings.none())) as faces, common.progress("reading photos") as told:
        embedding_id = faces.embedding_id
        photos = read_photos(read_people(root), PhotoReader(faces, settings.gate), told)
    rule = decision_rule(settings.identify, [sample for photo in photos if (sample := photo.sample()) is not None])
    limits = DoctorRule.for_threshold(own_threshold_l2(settings.identify.network), settings.gate.min_size_px)
    return examine(photos, limits, rule), rule, embedding_id


def _set_aside(root: Path, examination: Examination) -> str | None:
    """Move what hurts out of use; the set's name, None when there was nothing."""
    from facecam.identify.set_aside import set_aside

    photos = [photo.path for photo in examination.to_set_aside]
    if not photos:
        return None
    moved = set_aside(root, photos)
    told = f"{_counted(len(moved.photos), 'photo')} set aside as {moved.name}"
    common.err().print(f"{told}; `facecam gallery doctor --undo` brings them back", markup=False, soft_wrap=True)
    return moved.name


def _undo_last(root: Path, json: str | None) -> None:
    from facecam.identify.set_aside import bring_back

    back = bring_back(root)
    if json != "-":
        for photo in back.photos:
            common.out().print(str(photo), markup=False, soft_wrap=True)
    common.err().print(f"{_counted(len(back.photos), 'photo')} of {back.name} brought back", markup=False, soft_wrap=True)
    common.write_json(json, {"set": back.name, "photos": [str(photo) for photo in back.photos]})


def _tell_other_networks(root: Path, embedding_id: str) -> None:
    """Embeddings of other networks hurt nobody, since they are never compared with; but they are there."""
    from facecam.identify.cache import cached_networks

    others = {network for network in cached_networks(root).values() if network is not None} - {embedding_id}
    for network in sorted(others):
        common.err().print(
            f"the cache also holds embeddings of another network ({network}): never compared with", markup=False, soft_wrap=True
        )


def _print_examination(examination: Examination, rule: DecisionRule) -> None:
    console = common.out()
    for finding in examination.findings:
        line = _line(finding.photo.photo_id, finding.reason, "; ".join(filter(None, (finding.said, _remedy(finding)))))
        console.print(line, markup=False, soft_wrap=True)
    if examination.findings:
        console.print()
    for row in _figure_rows(examination.before, examination.after, rule):
        console.print(row, markup=False, soft_wrap=True)


def _remedy(finding: Finding) -> str:
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


def _as_json(examination: Examination, rule: DecisionRule, moved: str | None) -> dict[str, Any]:
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
