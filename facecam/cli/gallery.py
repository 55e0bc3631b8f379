"""facecam gallery and facecam calibrate: audit, verify, import and export photos; set the match threshold."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

import facecam
from facecam.cli import context
from facecam.cli.options import FIGURE, GalleryOption, Input, JsonOption, NetworkOption, Output, command
from facecam.cli.people import load_gallery, load_with_progress, open_default_analyzer
from facecam.errors import ModelError, OutputError, SettingsError
from facecam.fileio import check_output
from facecam.messages import MESSAGES, caption, caption_with_code
from facecam.settings import DISTANCES_NETWORK, PINNED_DISTANCES, Settings, find_config, read_setting, write_settings

if TYPE_CHECKING:
    from facecam.enrollment.enroll import FaceChooser, PhotoVerdict
    from facecam.enrollment.transfer import LeftOutFile, PersonToImport
    from facecam.gallery.audit import AuditResult, GalleryFigures
    from facecam.recognition.calibration import OperatingPoint
    from facecam.types import FaceObservation

_REASON_WIDTH = 14


gallery_group = typer.Typer(help="Check, import and export the photos of enrolled people.", no_args_is_help=True)


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
        set_name, count = moved.name, context.count_of(moved.photos, "photo")
        context.print_note(f"{count} moved to quarantine as {set_name}; `facecam gallery doctor --undo` restores them")
    if fix and (missing := forget_missing(root)):
        context.print_note(f"{context.count_of(len(missing), 'missing file')} taken off the list of files")
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
    context.print_note(f"{context.count_of(restored.photos, 'photo')} of {restored.name} restored")
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
    counts = f"{result.people} people, {result.photos} photos, {result.cached} of them in the cache"
    context.print_note(f"{counts}: {context.count_of(len(result.faults), 'fault')}")
    faults = [{"path": str(fault.path), "reason": fault.reason, "said": fault.detail} for fault in result.faults]
    context.write_json(json, faults)
    return bool(faults)


@command(gallery_group, "import")
def _import(
    source: Annotated[
        Path, Argument(metavar="DIR|ZIP", help="A folder with one folder of photos per person, or an exported gallery."), Input()
    ],
    yes: Annotated[bool, Option("--yes", help="Do not ask; skip images with several faces.")] = False,
    gallery: GalleryOption = None,
    network: NetworkOption = None,
    json: JsonOption = None,
) -> bool:
    """Import people from folders of photos or an exported gallery. Exit code 3: some photos were refused.

    Examples:
        facecam gallery import photos
        facecam gallery import people.zip --yes
    """
    from facecam.enrollment.transfer import open_import
    from facecam.errors import GalleryError

    root, settings = context.gallery_dir(gallery), context.settings({"identify.network": network})
    if source.resolve().is_relative_to(root.resolve()) and source.is_dir():
        raise GalleryError(f"{source} is the gallery itself or a folder in it; there is nothing to import")
    choose = _ask_face if sys.stdin.isatty() and not yes else None
    verdicts: list[PhotoVerdict] = []
    with open_import(source) as found:
        try:
            _import_people(found.people, verdicts, root, settings, choose, is_printed=json != "-")
        finally:  # After an interruption too, the JSON has what was imported before it.
            context.write_json(json, _import_json(verdicts, found.left_out))
        for file in found.left_out if json != "-" else ():
            context.print_result(f"{file.label}: left out: {file.detail or caption(file.reason)}")
        left_out = sum(file.is_refused for file in found.left_out)
    added = sum(verdict.reason == "ok" for verdict in verdicts)
    refused = sum(verdict.is_refused for verdict in verdicts) + left_out
    names = {verdict.name for verdict in verdicts if not verdict.is_refused}
    existing = len(verdicts) - added - (refused - left_out)
    people = "1 person" if len(names) == 1 else f"{len(names)} people"
    photos = f"{added} photo{'s'[: added != 1]} added"
    context.print_note(f"{people}, {photos}, {existing} already in the gallery, {refused} refused")
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
    context.print_result(f"{result.people} people, {result.photos} photos in {result.path}")
    return bool(result.left_out)


@command(gallery_group, "encrypt")
def _encrypt(
    keyring: Annotated[bool, Option("--keyring", help="Store the key in the system's keyring: nothing is asked then.")] = False,
    gallery: GalleryOption = None,
) -> bool:
    """Encrypt photos, names and cache with a passphrase.

    Without the passphrase all photos are lost. Plain copies can remain in backups and on flash storage. Exit code 3: some plain
    files could not be deleted.

    Examples:
        facecam gallery encrypt
        facecam gallery encrypt --gallery people --passphrase-file passphrase.txt
    """
    from facecam.gallery.conversion import check_convertible, encrypt_gallery
    from facecam.gallery.keychain import require_keyring, store_key

    root = context.gallery_dir(gallery, unlock=False)
    check_convertible(root)
    if keyring:
        require_keyring()
    passphrase = _new_passphrase(context.invocation.passphrase_file)
    with context.progress("encrypting") as report_progress:
        done = encrypt_gallery(root, passphrase, report_progress)
    if keyring:
        store_key(root)
    context.print_result(f"{root}: {done.people} people, {context.count_of(done.files, 'file')} encrypted")
    context.print_note(
        "keep the passphrase: without it and the file .encryption.toml the photos are lost. Backups and deleted files on flash "
        "storage can still hold the plain photos"
    )
    for path in done.leftovers:
        context.print_result(f"{path}: could not be deleted; delete it yourself")
    return bool(done.leftovers)


@command(gallery_group, "decrypt")
def _decrypt(gallery: GalleryOption = None) -> bool:
    """Decrypt the gallery: folders and files get their names again. Exit code 3: some files were missing.

    Examples:
        facecam gallery decrypt
        facecam gallery decrypt --gallery people --passphrase-file passphrase.txt
    """
    from facecam.gallery.conversion import decrypt_gallery
    from facecam.gallery.files import encryption_key
    from facecam.gallery.keychain import delete_key

    root = context.gallery_dir(gallery)
    key = encryption_key(root)
    with context.progress("decrypting") as report_progress:
        done = decrypt_gallery(root, progress=report_progress)
    if key is not None:
        delete_key(key.gallery_id)
    context.print_result(f"{root}: {done.people} people, {context.count_of(done.files, 'file')} decrypted")
    for name in done.missing:
        context.print_result(f"{name}: was missing; restore it from a backup of the encrypted gallery")
    for path in done.leftovers:
        context.print_result(f"{path}: could not be deleted; delete it yourself")
    return bool(done.missing or done.leftovers)


@command(gallery_group, "passphrase")
def _passphrase(
    new_passphrase_file: Annotated[
        Path | None, Option("--new-passphrase-file", metavar="FILE", help="File with the new passphrase."), Input()
    ] = None,
    gallery: GalleryOption = None,
) -> None:
    """Change the passphrase of the encrypted gallery. The files stay as they are.

    An older copy of .encryption.toml still opens with the passphrase of its time: delete such copies, or decrypt and encrypt.

    Examples:
        facecam gallery passphrase
        facecam gallery passphrase --passphrase-file old.txt --new-passphrase-file new.txt
    """
    from facecam.gallery.conversion import change_passphrase

    root = context.gallery_dir(gallery)
    change_passphrase(root, _new_passphrase(new_passphrase_file))
    context.print_result(f"{root}: the passphrase was changed")


def _new_passphrase(file: Path | None) -> str:
    """Return the passphrase in a file, else ask for a new one twice. GalleryError when it is too short."""
    from facecam.errors import GalleryError
    from facecam.gallery.encryption import check_passphrase

    if file is not None:
        passphrase = context.read_passphrase_file(file)
        check_passphrase(passphrase)
        return passphrase
    if not sys.stdin.isatty():
        raise GalleryError("there is no terminal to enter the passphrase; name a file with it by an option, see --help")
    context.print_note("choose a passphrase of at least 8 characters; five random words are strong, one word is not")
    while True:
        passphrase = context.ask_passphrase("New passphrase")
        try:
            check_passphrase(passphrase)
        except GalleryError as error:
            context.print_note(str(error))
            continue
        if context.ask_passphrase("The same again") == passphrase:
            return passphrase
        context.print_note("these were two different passphrases; enter it again")


def calibrate_threshold(
    directory: Annotated[Path | None, Argument(metavar="DIR", help="Gallery folder; the same as --gallery."), Input()] = None,
    far: Annotated[
        float | None,
        Option("--far", metavar="SHARE", help="Share of strangers that may get a name (not of comparisons): 0.01 is 1 in 100."),
    ] = None,
    apply: Annotated[
        bool, Option("--apply", help="Write the result to the configuration file; its other content stays.")
    ] = False,
    picture: Annotated[
        Path | None, Option("--picture", metavar="FILE", help="Draw the distances and the ROC curve."), FIGURE
    ] = None,
    people: Annotated[
        Path | None,
        Option("--people", metavar="DIR", help="Measure the distances of --network FILE.tflite on a folder of people instead."),
        Input(),
    ] = None,
    gallery: GalleryOption = None,
    network: NetworkOption = None,
    json: JsonOption = None,
) -> None:
    """Estimate recognition errors and set the match threshold.

    Shows how many strangers would get a name and how many sightings of enrolled people would get none. With --people, measures
    the distances of a network of yours, which it needs before its first use: DIR has one folder of photos for each person.

    Examples:
        facecam calibrate
        facecam calibrate --far 0.01 --apply
    """
    from facecam.recognition.open_set import load_distance_table

    if people is not None:
        others = {"DIR": directory, "--far": far, "--apply": apply or None, "--picture": picture, "--gallery": gallery}
        if given := [name for name, value in others.items() if value is not None]:
            raise typer.BadParameter(f"--people cannot be combined with {', '.join(given)}", param_hint="--people")
        _calibrate_network(network or "", people, json)
        return
    settings = context.settings({"identify.network": network})
    if far is not None:
        try:
            settings.replace({"identify.false_positive_identification_rate": far})
        except SettingsError as error:
            expected = str(error).partition(", ")[2]
            raise typer.BadParameter(f"the share is {far:g}, {expected}", param_hint="--far") from error
    folder = directory or context.gallery_dir(gallery)
    calibration = facecam.calibrate(load_gallery(folder, settings), settings.identify, target_fpir=far)
    context.present(json, _calibration_json(calibration), lambda: _print_calibration(calibration, folder))
    if picture is not None:
        from facecam.evaluation.figures import draw_calibration

        draw_calibration(calibration, load_distance_table(settings.identify.network), picture)
    if apply:
        _apply_calibration(calibration, settings.identify.network)


def _calibrate_network(network: str, people: Path, json: str | None) -> None:
    """Measure and store the distances of a user's network. Nothing is written if this is interrupted."""
    from facecam.evaluation.network_calibration import SURE_PEOPLE, calibrate_network
    from facecam.networks.user_embeddings import calibration_path
    from facecam.networks.user_networks import is_embedding_file

    if not is_embedding_file(network):
        raise typer.BadParameter("--people needs a network of yours: --network FILE.tflite", param_hint="--people")
    path = Path(network).absolute()
    target, overwrite = calibration_path(path), context.invocation.overwrite
    if target.is_file() and not overwrite:
        raise typer.BadParameter(
            f"{path.name} is calibrated already, in {target}; add --overwrite to measure it again", param_hint="--network"
        )
    try:
        check_output(target, [people], overwrite=overwrite)
    except OutputError as error:
        raise typer.BadParameter(str(error), param_hint="--network") from error
    with context.progress("reading the people's photos") as report_progress:
        result = calibrate_network(path, people, report_progress)
    low, high = result.interval_l2
    refused = ", ".join(f"{number} {caption_with_code(reason)}" for reason, number in result.refused.items())
    facts = [
        ("measured on", f"{result.people} people, {result.photos} photos"),
        ("not used", f"{context.count_of(sum(result.refused.values()), 'photo')}{refused and ': '}{refused}"),
        ("threshold", f"{result.threshold_l2:.3f}, 95 % interval {low:.3f} to {high:.3f}: 1 in 1000 pairs of people is nearer"),
        ("missed", f"{result.missed:.0%} of the photos are farther than this from another photo of their person"),
        ("written", result.path),
    ]
    if result.left_out:
        facts.insert(2, ("not read", f"{result.left_out} photos: the others are enough"))
    context.present(json, asdict(result) | {"path": str(result.path)}, lambda: context.print_table(facts, fold=False))
    if result.people < SURE_PEOPLE:
        context.print_note(f"the threshold is rough with {result.people} people; it is sure from {SURE_PEOPLE} people on")
    if result.is_doubtful:
        context.print_note(f"this network misses many photos: check channels, scaling and landmarks_xy in {path.stem}.toml")


def _print_calibration(calibration: facecam.Calibration, folder: Path) -> None:
    has_people = bool(calibration.people)
    context.print_result(calibration.sentence() if has_people else context.empty_gallery_message(folder))
    context.print_table([*_threshold_facts(calibration), *_gallery_facts(calibration)], fold=False)


def _threshold_facts(calibration: facecam.Calibration) -> list[tuple[str, str]]:
    current, target, (low, high) = calibration.current, calibration.target, calibration.target_interval_l2
    facts = [
        ("threshold now", f"{current.threshold_l2:.3f}, {'fixed' if calibration.pinned else 'adapts to the gallery'}"),
        (f"for {calibration.target_fpir:g} of strangers", f"{target.threshold_l2:.3f}, 95 % interval {low:.3f} to {high:.3f}"),
        ("", "share of all strangers, each compared with the whole gallery; not of comparisons"),
        ("", "the interval is a bootstrap over the people of the packaged table"),
    ]
    if not calibration.people:
        return facts
    if target.threshold_l2 >= calibration.statistics.spread * calibration.cap_l2:
        share = target.false_positive_identification_rate
        facts.append(("", f"this is the largest automatic threshold of this gallery: {share:.2%} of strangers would get a name"))
    missed = target.false_negative_identification_rate
    return [*facts, ("", f"{missed:.0%} of the sightings of enrolled people would stay unnamed")]


def _gallery_facts(calibration: facecam.Calibration) -> list[tuple[str, str]]:
    """Return the facts from the gallery's own distances, or why there are none."""
    if calibration.closest is None:
        return [("closest pair", "fewer than two people have a usable photo; all figures are from the packaged table")]
    low, high = calibration.confusable_interval
    confusable = f"{calibration.confusable_people} of {calibration.people} people are within the threshold of another person"
    measured, closest = calibration.fnir_is_measured, calibration.closest
    to_mean = f" to the mean of the photos of {closest.mean_of}" if closest.mean_of else ""
    lowered = f"{calibration.lowered_people} of {calibration.people} people, whom many faces resemble or whose photos are alike"
    return [
        ("closest pair", f"{' and '.join(closest.names)}, distance {closest.distance_l2:.3f}{to_mean}"),
        ("", " and ".join(closest.sample_ids)),
        ("confusable people", confusable),
        ("", f"95 % Wilson interval {low:.1%} to {high:.1%}"),
        ("lower threshold", "no one: it is fixed" if calibration.pinned else lowered),
        ("distances between people", f"{calibration.statistics.fixed_spread:.2f} times those of the packaged table"),
        ("missed sightings from", "leave-one-out" if measured else "the packaged table: too few people with two photos"),
    ]


def _calibration_json(calibration: facecam.Calibration) -> dict[str, Any]:
    def point(operating_point: OperatingPoint) -> dict[str, float]:
        return {
            "threshold_l2": operating_point.threshold_l2,
            "stranger_share": operating_point.false_positive_identification_rate,
            "miss_share": operating_point.false_negative_identification_rate,
        }

    return {
        "people": calibration.people,
        "photos": calibration.photos,
        "crowd": asdict(calibration.statistics),
        "stranger_rate": calibration.target_fpir,
        "pinned": calibration.pinned,
        "now": point(calibration.current),
        "chosen": point(calibration.target),
        "chosen_interval_l2": calibration.target_interval_l2,
        "closest": None if calibration.closest is None else asdict(calibration.closest),
        "genuine_l2": [round(float(distance), 6) for distance in calibration.genuine_l2],
        "impostor_l2": [round(float(distance), 6) for distance in calibration.impostor_l2],
        "lowered_people": calibration.lowered_people,
        "confused": calibration.confusable_people,
        "confused_interval": calibration.confusable_interval,
        "own_misses": calibration.fnir_is_measured,
        "sentence": calibration.sentence(),
    }


def _apply_calibration(calibration: facecam.Calibration, network: str) -> None:
    """Write the rate, or the threshold if that is fixed, to the configuration file, and print how to undo it.

    Distances in the file that belong to another network are deleted.
    """
    path = find_config(context.invocation.config) or Path("facecam.toml")
    key, value = "identify.false_positive_identification_rate", calibration.target_fpir
    if calibration.pinned:
        key, value = "identify.threshold_l2", round(calibration.target.threshold_l2, 4)
    before = {name: read_setting(path, name) for name in dict.fromkeys((key, *PINNED_DISTANCES))}
    write_settings(path, {key: value, DISTANCES_NETWORK: network})
    previous = before[key]
    undo = f"delete the line {key.partition('.')[2]}" if previous is None else f"set it to {previous:g} again"
    context.print_result(f"{path}: {key} is now {value:g}, previously {'not set' if previous is None else f'{previous:g}'}")
    context.print_result(f"to undo, {undo} in [identify] of {path}")
    for name, distance in before.items():
        if distance is not None and read_setting(path, name) is None:
            context.print_result(f"{path}: {name} = {distance:g} of another network is deleted")
    variable = f"FACECAM_{key.replace('.', '_')}".upper()
    if variable in os.environ:
        context.print_note(f"the environment variable {variable} is set and overrides the file")
