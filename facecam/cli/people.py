"""facecam people and facecam enroll: list, rename, merge, remove and enroll people, and record their consent."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

import facecam
from facecam.cli import context
from facecam.cli.options import GalleryOption, Input, JsonOption, NetworkOption, command
from facecam.errors import GalleryError, ModelError
from facecam.messages import caption_with_code, count_of
from facecam.settings import Settings

if TYPE_CHECKING:
    from facecam.enrollment.enroll import PhotoVerdict
    from facecam.enrollment.samples import Selection, SelectionRule
    from facecam.gallery.network_comparison import NetworkComparison
    from facecam.gallery.people import Person
    from facecam.recognition.face_analyzer import ImageFaceAnalyzer
    from facecam.types import FaceObservation, Floats, Frame


AnalyzerOpener = Callable[[Settings], AbstractContextManager["ImageFaceAnalyzer"]]

LIVE_SECONDS = 20
"""Duration of enrollment from a camera: time to turn the head left, right, up and down."""

MIN_INTERVAL_MS = 30
"""Minimum time between two analyzed frames. Frames that follow faster are too similar to be worth the time."""


def open_default_analyzer(settings: Settings) -> AbstractContextManager[ImageFaceAnalyzer]:
    """Open the real networks."""
    return facecam.open_face_analyzer(settings)


def load_gallery(folder: Path, settings: Settings, open_analyzer: AnalyzerOpener = open_default_analyzer) -> facecam.Gallery:
    """Load a gallery, with a progress bar while photos are analyzed. Without photos no network is loaded."""
    from facecam.gallery.people import read_people

    listing = read_people(folder)
    if not any(person.photos for person in listing.people):
        return facecam.Gallery(folder, "", listing.people, problems=listing.problems)
    with open_analyzer(settings) as analyzer:
        return load_with_progress(folder, settings, analyzer)


def load_with_progress(folder: Path, settings: Settings, analyzer: ImageFaceAnalyzer) -> facecam.Gallery:
    """Load a gallery with an open analyzer, with a progress bar while photos are analyzed."""
    from facecam.gallery.gallery import analysis_conditions

    with context.progress("reading the gallery's photos") as report_progress:
        return facecam.Gallery.load(folder, analyzer, report_progress, conditions=analysis_conditions(settings))


def register_people(app: typer.Typer, open_analyzer: AnalyzerOpener = open_default_analyzer) -> None:
    """Add the group `people` to `app`. `open_analyzer` is used for photos that the gallery's cache does not contain."""
    group = typer.Typer(help="List, rename, merge and remove enrolled people.", no_args_is_help=True)
    app.add_typer(group, name="people")

    @command(group, "list")
    def _list(gallery: GalleryOption = None, network: NetworkOption = None, json: JsonOption = None) -> None:
        """List all people, and each unusable photo with the reason. Suggest high accuracy if it names more photos right.

        Examples:
            facecam people list
            facecam people list --json people.json
        """
        from facecam.gallery.people import nested_photos

        settings = context.settings({"identify.network": network})
        loaded = load_gallery(context.gallery_dir(gallery), settings, open_analyzer)
        loaded = replace(loaded, problems=(*loaded.problems, *nested_photos(loaded.folder)))
        usable = Counter(sample.person_id for sample in loaded.samples)
        comparison = _compare_networks(loaded, settings, open_analyzer)
        payload = {
            "people": _people_json(loaded, usable),
            "network_comparison": None if comparison is None else comparison.to_dict(),
        }
        context.present(json, payload, lambda: _print_people(loaded, usable, settings, comparison))

    @command(group, "merge")
    def _merge(
        name: Annotated[str, Argument(metavar="NAME", help="Person who is merged; the name is removed.", show_default=False)],
        into: Annotated[str, Argument(metavar="INTO", help="The same person under the name that stays.", show_default=False)],
        force: Annotated[bool, Option("--force", help="Merge even if the two look different.")] = False,
        gallery: GalleryOption = None,
        network: NetworkOption = None,
    ) -> None:
        """Merge two enrolled people who are one person. All photos of NAME move to INTO.

        If the two look different, a terminal asks; elsewhere --force is needed. The command cannot be undone.

        Examples:
            facecam people merge "Ada L." "Ada Lovelace"
            facecam people merge "Ada (2)" Ada --force
        """
        from facecam.gallery.person_comparison import compare_people
        from facecam.gallery.service import GalleryService
        from facecam.networks.embedding_networks import embedding_network

        settings = context.settings({"identify.network": network})
        service = GalleryService(context.gallery_dir(gallery))
        source, target = service.person(name), service.person(into)
        loaded = load_gallery(service.root, settings, open_analyzer)
        used = embedding_network(settings.identify.network)
        comparison = compare_people(loaded, (source, target), used)
        if comparison is None:
            context.print_note(f"{source.name} and {target.name} could not be compared: one of them has no usable photo")
        elif comparison.look_different:
            distances = f"distance {comparison.distance_l2:.2f}, one person up to {comparison.max_l2:.2f}"
            context.print_note(f"{comparison.warning} ({distances})")
            if not force:
                _confirm_merge(source.name)
        merged = service.merge(source, target, loaded, used.threshold_l2)
        photos = count_of(merged.photos, "photo")
        context.print_result(f"{source.name} is now {target.name}: {photos} moved to {target.folders[0]}")

    command(group, "rename")(_rename)
    command(group, "consent")(_consent)
    command(group, "remove")(_remove)


def _compare_networks(gallery: facecam.Gallery, settings: Settings, open_analyzer: AnalyzerOpener) -> NetworkComparison | None:
    """Compare the networks on the gallery's photos, with a progress bar while the other network reads them."""
    from facecam.gallery.network_comparison import compare_networks

    try:
        with context.progress("reading the photos with the other network") as report_progress:
            return compare_networks(gallery, settings, report_progress, open_analyzer)
    except ModelError as error:
        context.print_note(f"the networks were not compared: {error}")
        return None


def _comparison_sentence(comparison: NetworkComparison, settings: Settings) -> str:
    """Return a sentence with the figures of both networks; "" while nn4.small2 is in use and high accuracy not clearly better."""
    from facecam.networks.embedding_networks import HIGH_ACCURACY_NETWORK

    is_in_use = settings.identify.network == HIGH_ACCURACY_NETWORK
    if not is_in_use and not comparison.favors_high_accuracy:
        return ""
    names = "names" if is_in_use else "would name"
    figures = (
        f"high accuracy {names} {comparison.high_accuracy.named_right} of {comparison.photos} photos right when each is compared "
        f"with the others, nn4.small2 {comparison.default.named_right}"
    )
    if is_in_use:
        return figures
    return f'{figures}; to use it, set network = "{HIGH_ACCURACY_NETWORK}" under [identify] in facecam.toml'


def _print_people(
    gallery: facecam.Gallery, usable: Counter[str], settings: Settings, comparison: NetworkComparison | None
) -> None:
    if gallery.people:
        rows = [
            (p.name, len(p.photos), usable[p.person_id], f"{p.created_at:%Y-%m-%d}", _consent_state(p)) for p in gallery.people
        ]
        context.print_table(rows, ("name", "photos", "usable", "created", "consent"), right=("photos", "usable"))
        context.print_result(facecam.calibrate(gallery, settings.identify).sentence())
        if comparison is not None and (sentence := _comparison_sentence(comparison, settings)):
            context.print_result(sentence)
    else:
        context.print_note(context.empty_gallery_message(gallery.folder))
    for problem in gallery.problems:
        context.print_note(f"{problem.path}: {problem.detail or caption_with_code(problem.reason)}")


def _consent_state(person: Person) -> str:
    if person.consent:
        return "recorded"
    return "withdrawn" if person.withdrawn else "none"


def _people_json(gallery: facecam.Gallery, usable: Counter[str]) -> list[dict[str, Any]]:
    return [
        {
            "name": person.name,
            "person_id": person.person_id,
            "photos": len(person.photos),
            "usable": usable[person.person_id],
            "created": person.created_at.isoformat(),
            "consent": person.consent,
            "consent_withdrawn": person.withdrawn,
            "folders": [str(folder) for folder in person.folders],
            "problems": {p.path.name: p.reason for p in gallery.problems if p.path.parent in person.folders},
        }
        for person in gallery.people
    ]


def _rename(
    old: Annotated[str, Argument(metavar="OLD", help="Current name.", show_default=False)],
    new: Annotated[str, Argument(metavar="NEW", help="New name, in any script.", show_default=False)],
    gallery: GalleryOption = None,
) -> None:
    """Rename a person. Photos and history stay. The name of another person is refused.

    Examples:
        facecam people rename Ada "Ada Lovelace"
        facecam people rename Ada Augusta --gallery people
    """
    from facecam.gallery.service import GalleryService

    renamed = GalleryService(context.gallery_dir(gallery)).rename(old, new)
    context.print_result(f"{old} is now {renamed.name}")


def _confirm_merge(name: str) -> None:
    """Ask on a terminal. BadParameter without one, Abort for a no."""
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"cannot ask without a terminal: add --force to merge {name}", param_hint="--force")
    typer.confirm(f"Merge {name}? This cannot be undone.", abort=True, err=True)


def _consent(
    name: Annotated[str, Argument(metavar="NAME", help="Name as shown by `facecam people list`.", show_default=False)],
    text: Annotated[
        str | None, Option("--text", metavar="TEXT", help="What the person agreed to; person.toml keeps it with the time.")
    ] = None,
    withdraw: Annotated[bool, Option("--withdraw", help="Withdraw the consent; person.toml keeps it with the date.")] = False,
    gallery: GalleryOption = None,
) -> None:
    """Show, record or withdraw the consent of a person. A withdrawal leaves the photos: remove the person to delete them.

    Examples:
        facecam people consent Ada --text "Signed form 12"
        facecam people consent Ada --withdraw
    """
    from facecam.gallery.service import GalleryService

    if text is not None and (withdraw or not text.strip()):
        hint = "--text and --withdraw cannot be combined" if withdraw else "the text is empty; write what the person agreed to"
        raise typer.BadParameter(hint, param_hint="--text")
    service, now = GalleryService(context.gallery_dir(gallery)), datetime.now().astimezone()
    if text is not None:
        service.record_consent(name, consent_entry(text, now))
    elif withdraw:
        service.withdraw_consent(name, now.date())
    person = service.person(name)
    context.print_result(f"{person.name}: {person.consent or 'no consent is recorded'}")
    if person.withdrawn:
        context.print_result(f"withdrawn consent: {person.withdrawn}")
        if not person.consent:
            context.print_note(f"{person.name} is still recognized; to delete everything about this person: facecam forget NAME")


def consent_entry(text: str, now: datetime) -> str:
    """Return the entry of person.toml: the text and the time."""
    return f"{text.strip()} ({now.isoformat(timespec='seconds')})"


def _remove(
    name: Annotated[str, Argument(metavar="NAME", help="Name as shown by `facecam people list`.", show_default=False)],
    yes: Annotated[bool, Option("--yes", help="Do not ask for confirmation.")] = False,
    gallery: GalleryOption = None,
) -> None:
    """Delete a person with all photos and cached data. Logs keep the name; `facecam forget` removes it there too.

    Examples:
        facecam people remove Ada
        facecam people remove Ada --yes
    """
    from facecam.gallery.service import GalleryService
    from facecam.networks.names_heads import forget_name

    service = GalleryService(context.gallery_dir(gallery))
    person = service.person(name)
    if not yes:
        if not sys.stdin.isatty():
            raise typer.BadParameter(f"cannot ask without a terminal: add --yes to delete {person.name}", param_hint="--yes")
        photos = count_of(len(person.photos), "photo")
        typer.confirm(f"Delete {person.name} with {photos}? This cannot be undone.", abort=True, err=True)
    removal = service.remove_person(person, keep_undo=False)
    context.print_result(
        f"removed {person.name}: {count_of(removal.photos, 'photo')}, "
        f"{count_of(removal.cached_entries, 'cached observation')}, "
        f"{count_of(removal.rejected, 'rejected face')}, {count_of(removal.quarantined, 'quarantined photo')} "
        f"({', '.join(str(path) for path in removal.paths)})"
    )
    for head in forget_name(person.name, [person.person_id]):
        change = "is deleted: train it again" if head.is_deleted else "does not name this person any more"
        context.print_note(f"the head in {head.folder} {change}")
    if removal.leftovers:
        files = ", ".join(str(path) for path in removal.leftovers)
        raise GalleryError(f"{person.name} is removed, but these files still exist, delete them yourself: {files}")


def register_enroll(app: typer.Typer, open_analyzer: AnalyzerOpener = open_default_analyzer) -> None:
    """Add `enroll` to `app`. `open_analyzer` opens the detection and embedding of faces."""

    @command(app, "enroll")
    def _enroll(
        name: Annotated[
            str, Argument(metavar="NAME", help="Name in any script; an enrolled person gets more photos.", show_default=False)
        ],
        photos: Annotated[
            list[Path] | None, Argument(metavar="PHOTO|DIR", help="Photos with one face each, or folders of them."), Input()
        ] = None,
        source: Annotated[
            str | None,
            Option("--source", metavar="S", help="Camera index, video file, folder or address instead of photos."),
            Input(),
        ] = None,
        force: Annotated[
            bool, Option("--force", help="Enroll even if the face resembles another person, or the photos show different ones.")
        ] = False,
        consent: Annotated[
            str | None,
            Option("--consent", metavar="TEXT", help="What the person agreed to; person.toml keeps it with the time."),
        ] = None,
        gallery: GalleryOption = None,
        network: NetworkOption = None,
    ) -> bool:
        """Enroll a person from photos, a video or a camera. Exit code 3: some photos were refused.

        Examples:
            facecam enroll Ada photos --consent "recognition at the door"
            facecam enroll Ada --source 0
        """
        from facecam.enrollment.enroll import EnrollmentOptions, enroll, selection_from
        from facecam.enrollment.samples import SelectionRule
        from facecam.gallery.people import display_name, require_distinct_name
        from facecam.networks.embedding_networks import embedding_network

        if consent is not None and not consent.strip():
            raise typer.BadParameter("the text is empty; write what the person agreed to", param_hint="--consent")
        if bool(photos) == bool(source):
            raise typer.BadParameter("give either photos or --source", param_hint="PHOTO or --source")
        person_name, settings = display_name(name), context.settings({"identify.network": network})
        verdicts: Sequence[PhotoVerdict] = ()
        with open_analyzer(settings) as analyzer:
            loaded = load_with_progress(context.gallery_dir(gallery), settings, analyzer)
            known_person = next((person for person in loaded.people if person.name == person_name), None)
            if known_person is None:
                require_distinct_name(loaded.people, person_name)
            rule = SelectionRule.for_network(embedding_network(settings.identify.network))
            if source:
                known = [sample.embedding for sample in loaded.samples if sample.name == person_name]
                selection = _select_from_source(source, settings, analyzer, rule, known, allow_mixed=force)
            else:
                verdicts = _judge_photos(photos or (), analyzer, rule)
                selection = selection_from(verdicts)
        record = consent_entry(consent, datetime.now().astimezone()) if consent else ""
        enrolled = enroll(loaded, person_name, selection, EnrollmentOptions(rule, force, record, allow_mixed=force))
        if record and known_person is not None and known_person.consent:
            context.print_note(f"{person_name} has agreed before, and this entry stays: {known_person.consent}")
        already_there, person = len(selection.samples) - enrolled.photos, enrolled.person
        existing = f", {already_there} already enrolled" if already_there else ""
        refused = sum(verdict.sample is None for verdict in verdicts)
        refusals = f", {refused} refused" if refused else ""
        total = len({*person.photos, *enrolled.paths})
        added = count_of(enrolled.photos, "photo")
        context.print_result(f"{person.name}: {added} added{existing}{refusals}, {total} in total, in {person.folders[0]}")
        return refused > 0


def list_photos(paths: Sequence[Path], nothing_done: str) -> list[Path]:
    """Return the photos, and for a folder the images directly in it. GalleryError if a path or an image is missing."""
    from facecam.enrollment.enroll import expand_photo_paths
    from facecam.imageio import describe_skipped, list_images

    for path in paths:
        if not path.exists():
            raise GalleryError(f"{path} does not exist; {nothing_done}")
        try:
            images, skipped = list_images(path) if path.is_dir() else ([path], [])
        except OSError as error:
            raise GalleryError(f"the folder {path} cannot be read: {error.strerror}; {nothing_done}") from error
        if skipped:
            context.print_note(describe_skipped(path, skipped))
        if not images:
            raise GalleryError(f"the folder {path} contains no image; {nothing_done}")
    return expand_photo_paths(paths)


def _judge_photos(paths: Sequence[Path], analyzer: ImageFaceAnalyzer, rule: SelectionRule) -> list[PhotoVerdict]:
    """Judge photos and print the refused ones. Nothing is read if a path does not exist."""
    from facecam.enrollment.enroll import judge_photo

    verdicts = []
    photos = list_photos(paths, "nothing was enrolled")
    with context.progress("reading photos") as report_progress:
        for photo in photos:
            verdicts.append(judge_photo(photo, analyzer, rule))
            report_progress(len(verdicts), len(photos))
    names = Counter(photo.name for photo in photos)
    for verdict in verdicts:
        if verdict.sample is None:
            label = verdict.path.name if names[verdict.path.name] == 1 else str(verdict.path)
            context.print_result(f"{label}: refused: {caption_with_code(verdict.reason)}")
    return verdicts


def _select_from_source(
    source: str,
    settings: Settings,
    analyzer: ImageFaceAnalyzer,
    rule: SelectionRule,
    enrolled: Sequence[Floats],
    *,
    allow_mixed: bool,
) -> Selection:
    from facecam.enrollment.samples import CandidatePool, select_from_pool

    are_photos = Path(source).is_dir()
    live = not (Path(source).is_file() or are_photos)
    pool = CandidatePool(rule.min_distance_l2)
    with context.progress("opening the source") as report_progress:
        for number, (frame, observations) in enumerate(_analyzed_frames(source, settings, analyzer, live=live), start=1):
            report_progress(number, None, f"frames; {len(observations)} faces in this one")
            minutes, seconds = divmod(int(frame.t_ms / 1000), 60)
            pool.offer(frame.bgr, observations, f"image {frame.index + 1}" if are_photos else f"{minutes}:{seconds:02}")
        if are_photos:
            rule = replace(rule, video_apart_l2=rule.outlier_l2)
        selection = select_from_pool(pool, analyzer, rule, enrolled, allow_mixed=allow_mixed)
    context.print_result(f"{count_of(len(selection.samples), 'frame')} selected")
    for reason, count in selection.refused.items():
        context.print_result(f"{count} skipped: {caption_with_code(reason)}")
    return selection


def _analyzed_frames(
    source: str, settings: Settings, analyzer: ImageFaceAnalyzer, *, live: bool
) -> Iterator[tuple[Frame, tuple[FaceObservation, ...]]]:
    """Yield frames with their faces, at most one per MIN_INTERVAL_MS; from a camera for LIVE_SECONDS or until Ctrl-C."""
    from facecam.capture.source import frames, open_source

    last_ms = float("-inf")
    with open_source(source, settings.capture, time.monotonic()) as opened:
        if live:
            context.print_note("Look into the camera, then slowly left, right, up and down. Press Ctrl-C to finish early.")
        try:
            for frame in frames(opened):
                if live and frame.t_ms > LIVE_SECONDS * 1000:
                    return
                if frame.t_ms - last_ms >= MIN_INTERVAL_MS:
                    last_ms = frame.t_ms
                    yield frame, analyzer.analyze(frame.bgr)
        except KeyboardInterrupt:
            if not live:
                raise
