"""facecam gallery: audit, verify, import, export and encrypt photos."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from facecam.cli import context, encryption
from facecam.cli.options import GalleryOption, Input, JsonOption, NetworkOption, Output, command
from facecam.cli.people import load_with_progress, open_default_analyzer
from facecam.errors import ModelError, OutputError
from facecam.messages import MESSAGES, caption, caption_with_code, count_of
from facecam.settings import Settings

if TYPE_CHECKING:
    from facecam.enrollment.enroll import FaceChooser, PhotoVerdict
    from facecam.enrollment.transfer import LeftOutFile, PersonToImport
    from facecam.gallery.audit import AuditResult, GalleryFigures
    from facecam.types import FaceObservation

_REASON_WIDTH = 14


gallery_group = typer.Typer(help="Check, import, export and encrypt photos of people.", no_args_is_help=True)


@command(gallery_group, "doctor")
def _doctor(
    fix: Annotated[bool, Option("--fix", help="Move harmful photos to quarantine. Nothing is deleted.")] = False,
    undo: Annotated[bool, Option("--undo", help="Restore the photos of the last --fix; repeat it for earlier ones.")] = False,
    gallery: GalleryOption = None,
    network: NetworkOption = None,
    json: JsonOption = None,
) -> bool:
    """Find photos that harm recognition.

    These are photos of another person, duplicates, and too small or unusable ones. Exit code 3: some were found.

    Examples:
        facecam gallery doctor
        facecam gallery doctor --fix
    """
    if fix and undo:
        raise typer.BadParameter("--fix and --undo cannot be combined", param_hint="--fix or --undo")
    root = context.gallery_dir(gallery)
    if undo:
        _restore(root, json)
        return False
    from facecam.gallery.audit import audit_gallery
    from facecam.gallery.cache import cached_networks
    from facecam.gallery.conversion import forget_missing
    from facecam.gallery.encryption import FILE_PROBLEMS
    from facecam.gallery.people import read_people
    from facecam.gallery.service import GalleryService

    settings = context.settings({"identify.network": network})
    with context.progress("reading photos") as report_progress:
        result = audit_gallery(root, settings, report_progress)
    problems = [problem for problem in read_people(root).problems if problem.reason in FILE_PROBLEMS]
    if json != "-":
        for problem in problems:
            detail = f"{caption(problem.reason)}; {MESSAGES[problem.reason].photo_advice}"
            context.print_result(_finding_line(problem.path.relative_to(root).as_posix(), problem.reason, detail))
    if not result.before.samples and not result.findings and not problems:
        context.print_note(context.empty_gallery_message(root))
    elif json != "-":
        _print_audit(result)
    set_name = None
    if fix and result.to_quarantine:
        moved = GalleryService(root).quarantine([photo.path for photo in result.to_quarantine])
        set_name, count = moved.name, count_of(moved.photos, "photo")
        context.print_note(f"{count} moved to quarantine as {set_name}; `facecam gallery doctor --undo` restores them")
    if fix and (missing := forget_missing(root)):
        context.print_note(f"{count_of(len(missing), 'missing file')} taken off the list of files")
    # Cached embeddings of other networks are harmless, since only embeddings of one network are compared.
    for network_id in sorted(set(filter(None, cached_networks(root).values())) - {result.embedding_id}):
        context.print_note(
            f"the cache also contains embeddings of another network ({_network_label(network_id)}), which are not used"
        )
    payload = _audit_json(result, set_name)
    payload["files"] = [{"path": str(problem.path), "reason": problem.reason} for problem in problems]
    context.write_json(json, payload)
    return bool(result.findings or problems)


def _network_label(embedding_id: str) -> str:
    """Return the label of the network in an embedding_id, or the id of an unknown network."""
    from facecam.networks.embedding_networks import embedding_network

    try:
        return embedding_network(embedding_id.partition(":")[0]).label
    except ModelError:
        return embedding_id


def _restore(root: Path, json: str | None) -> None:
    from facecam.gallery.service import GalleryService

    restored = GalleryService(root).restore()
    if json != "-":
        for photo in restored.paths:
            context.print_result(str(photo))
    context.print_note(f"{count_of(restored.photos, 'photo')} of {restored.name} restored")
    context.write_json(json, {"set": restored.name, "photos": [str(photo) for photo in restored.paths]})


def _print_audit(result: AuditResult) -> None:
    for finding in result.findings:
        remedy = "will be quarantined by --fix" if finding.should_quarantine else MESSAGES[finding.reason].photo_advice
        detail = f"{finding.detail or caption(finding.reason)}; {remedy}"
        context.print_result(_finding_line(finding.photo.photo_id, finding.reason, detail))
    if result.findings:
        context.print_result()
    rule = result.decision
    head = (f"threshold {rule.threshold_l2:.3f}, margin {rule.margin_l2:.3f}", "now", "after --fix")
    context.print_table(_figure_rows(result.before, result.after), head, right=head[1:])


def _finding_line(subject: str, reason: str, detail: str) -> str:
    return f"{reason:{_REASON_WIDTH}} {subject}: {detail}"


def _figure_rows(before: GalleryFigures, after: GalleryFigures) -> Iterator[tuple[str, ...]]:
    for title, name, form in (
        ("photos in use", "samples", ""),
        ("median distance within a person", "genuine_median_l2", ".3f"),
        ("median distance between people", "impostor_median_l2", ".3f"),
        ("pairs of one person within the threshold", "genuine_within_threshold", ".1%"),
        ("pairs of two people within the threshold", "impostors_within_threshold", ""),
        ("photos identified correctly by the others", "named_right", ""),
        ("photos identified wrongly by the others", "named_wrong", ""),
        ("photos not identified by the others", "unnamed", ""),
    ):
        values = (getattr(figures, name) for figures in (before, after))
        yield title, *("-" if value is None else f"{value:{form}}" for value in values)


def _audit_json(result: AuditResult, set_name: str | None) -> dict[str, Any]:
    return {
        "findings": [
            {
                "photo": finding.photo.photo_id,
                "name": finding.photo.name,
                "path": str(finding.photo.path),
                "reason": finding.reason,
                "said": finding.detail,
                "set_aside": finding.should_quarantine,
            }
            for finding in result.findings
        ],
        "threshold_l2": result.decision.threshold_l2,
        "before": asdict(result.before),
        "after": asdict(result.after),
        "set": set_name,
    }


@command(gallery_group, "verify")
def _verify(gallery: GalleryOption = None, network: NetworkOption = None, json: JsonOption = None) -> bool:
    """Verify person.toml files, photos and cached embeddings. Exit code 3: faults found.

    Examples:
        facecam gallery verify
        facecam gallery verify --gallery people --json -
    """
    from facecam.gallery.gallery import analysis_conditions
    from facecam.gallery.verify import verify_gallery

    root, settings = context.gallery_dir(gallery), context.settings({"identify.network": network})
    with open_default_analyzer(settings) as analyzer, context.progress("reading photos") as report_progress:
        result = verify_gallery(root, analyzer, analysis_conditions(settings), report_progress)
    if json != "-":
        for fault in result.faults:
            context.print_result(_finding_line(str(fault.path), fault.reason, fault.detail or caption(fault.reason)))
    if not result.people:
        context.print_note(context.empty_gallery_message(root))
    people, photos = count_of(result.people, "person"), count_of(result.photos, "photo")
    context.print_note(f"{people}, {photos}, {result.cached} of them in the cache: {count_of(len(result.faults), 'fault')}")
    faults = [{"path": str(fault.path), "reason": fault.reason, "said": fault.detail} for fault in result.faults]
    context.write_json(json, faults)
    return bool(faults)


@command(gallery_group, "import")
def _import(
    source: Annotated[
        Path, Argument(metavar="DIR|ZIP", help="A folder with one folder of photos per person, or an exported gallery."), Input()
    ],
    yes: Annotated[bool, Option("--yes", help="Do not ask; skip images with several faces.")] = False,
    xmp_regions: Annotated[
        bool, Option("--xmp-regions", help="Import the faces that a photo manager has given a name in the photos (XMP).")
    ] = False,
    gallery: GalleryOption = None,
    network: NetworkOption = None,
    json: JsonOption = None,
) -> bool:
    """Import people from folders of photos or an exported gallery. Exit code 3: some photos were refused.

    With --xmp-regions, the people are those whose faces a photo manager has named in the photos, in whatever folders they are.

    Examples:
        facecam gallery import photos
        facecam gallery import people.zip --yes
        facecam gallery import Pictures --xmp-regions
    """
    from facecam.enrollment.transfer import NO_REGION, open_import
    from facecam.errors import GalleryError

    root, settings = context.gallery_dir(gallery), context.settings({"identify.network": network})
    if source.resolve().is_relative_to(root.resolve()) and source.is_dir():
        raise GalleryError(f"{source} is the gallery itself or a folder in it; there is nothing to import")
    choose = _ask_face if sys.stdin.isatty() and not yes else None
    verdicts: list[PhotoVerdict] = []
    with ExitStack() as stack:
        with context.progress("reading names in photos") if xmp_regions else nullcontext() as report_progress:
            opened = open_import(source, xmp_regions=xmp_regions, report_progress=report_progress)
            found = stack.enter_context(opened)
        try:
            _import_people(found.people, verdicts, root, settings, choose, is_printed=json != "-")
        finally:  # After an interruption too, the JSON has what was imported before it.
            context.write_json(json, _import_json(verdicts, found.left_out))
        unnamed = sum(file.reason == NO_REGION for file in found.left_out)
        if unnamed:
            context.print_note(f"{count_of(unnamed, 'photo')} without the name of a face")
        for file in found.left_out if json != "-" else ():
            if file.reason != NO_REGION:
                context.print_result(f"{file.label}: left out: {file.detail or caption(file.reason)}")
        left_out = sum(file.is_refused for file in found.left_out)
    added = sum(verdict.reason == "ok" for verdict in verdicts)
    refused = sum(verdict.is_refused for verdict in verdicts) + left_out
    names = {verdict.name for verdict in verdicts if not verdict.is_refused}
    existing = len(verdicts) - added - (refused - left_out)
    people, photos = count_of(len(names), "person"), count_of(added, "photo")
    context.print_note(f"{people}, {photos} added, {existing} already in the gallery, {refused} refused")
    return refused > 0


def _import_json(verdicts: Sequence[PhotoVerdict], left_out: Sequence[LeftOutFile]) -> list[dict[str, str | None]]:
    rows = [(str(verdict.path), verdict.name, verdict.reason, verdict.saved_as) for verdict in verdicts]
    rows += [(file.label, "", file.reason, None) for file in left_out]
    return [
        {"photo": photo, "name": name, "reason": reason, "path": str(path) if path else None}
        for photo, name, reason, path in rows
    ]


def _import_people(
    people: Sequence[PersonToImport],
    verdicts: list[PhotoVerdict],
    root: Path,
    settings: Settings,
    choose: FaceChooser | None,
    *,
    is_printed: bool,
) -> None:
    """Import people and add the verdict for each photo to `verdicts`. Progress is shown unless `choose` asks questions."""
    from facecam.enrollment.enroll import EnrollmentOptions
    from facecam.enrollment.transfer import Importer

    with open_default_analyzer(settings) as analyzer:
        loaded = load_with_progress(root, settings, analyzer)
        importer = Importer(loaded, analyzer, EnrollmentOptions.for_network(settings.identify.network, choose))
        with context.progress("importing photos") if choose is None else nullcontext() as report_progress:
            for new in importer.import_people(people, report_progress):
                verdicts += new
                if is_printed:
                    _print_refused(new)


def _ask_face(path: Path, observations: Sequence[FaceObservation]) -> FaceObservation | None:
    """Ask on the terminal which face of an image to use; None skips the image."""
    context.print_note(f"{path} shows {len(observations)} faces, the largest first:")
    for number, observation in enumerate(observations, start=1):
        box = observation.face.box
        unusable = f" ({caption_with_code(observation.gate)})" if observation.gate else ""
        context.print_note(f"  {number}: x {box.x:.0f} to {box.x + box.w:.0f}, y {box.y:.0f} to {box.y + box.h:.0f}{unusable}")
    question = f"Which one is {context.visible(path.parent.name)}? 0 skips the image"
    answer = -1
    while not 0 <= answer <= len(observations):
        answer = typer.prompt(question, default=0, type=int, err=True)
    return observations[answer - 1] if answer else None


def _print_refused(verdicts: Sequence[PhotoVerdict]) -> None:
    for verdict in verdicts:
        if verdict.is_refused:
            reason = verdict.detail or caption_with_code(verdict.reason)
            context.print_result(f"{verdict.name}: {verdict.path.name}: refused: {reason}")


@command(gallery_group, "export")
def _export(
    target: Annotated[Path, Argument(metavar="FILE.zip|DIR", help="ZIP file or folder to create.", show_default=False), Output()],
    gallery: GalleryOption = None,
) -> bool:
    """Export people and photos to a ZIP file or a new folder. Equal galleries give equal bytes.

    Exit code 3: some files could not be read.

    Examples:
        facecam gallery export people.zip
        facecam gallery export people
    """
    from facecam.enrollment.transfer import export_gallery

    try:
        result = export_gallery(context.gallery_dir(gallery), target, overwrite=context.invocation.overwrite)
    except OutputError as error:
        raise typer.BadParameter(str(error), param_hint="FILE.zip|DIR") from error
    for file in result.left_out:
        context.print_result(f"{file.label}: left out: {file.detail}")
    context.print_result(f"{count_of(result.people, 'person')}, {count_of(result.photos, 'photo')} in {result.path}")
    return bool(result.left_out)


command(gallery_group, "encrypt")(encryption.encrypt)
command(gallery_group, "decrypt")(encryption.decrypt)
command(gallery_group, "passphrase")(encryption.change_passphrase)
