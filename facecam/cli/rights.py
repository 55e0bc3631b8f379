"""facecam forget and facecam export-person: the rights of a person to get their data and to have them deleted."""

from __future__ import annotations

import contextlib
import difflib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from facecam.cli import context
from facecam.cli.options import GalleryOption, Input, NetworkOption, Output
from facecam.cli.people import load_with_progress, open_default_analyzer
from facecam.messages import count_of

if TYPE_CHECKING:
    from facecam.privacy.forgetting import ForgetPlan, ForgetReport, LogChoice
    from facecam.privacy.places import StoredPlace

_OUT_OF_REACH = (
    "Not searched: backups, files that were exported or copied, other galleries, logs in folders that are not named by --log, "
    "the contents of recordings and snapshots, and a window that is open meanwhile."
)

LogOption = Annotated[
    Path | None,
    Option("--log", metavar="DIR", help="Further folder of logs. The user's data folder is always included."),
    Input(),
]
NameArgument = Annotated[str, Argument(metavar="NAME", help="Name as shown by `facecam people list`.", show_default=False)]


def export_person(
    name: NameArgument,
    output: Annotated[
        Path,
        Option("--output", "-o", metavar="FILE.zip", help="ZIP file to write, readable by you only."),
        Output(suffixes=(".zip",)),
    ],
    gallery: GalleryOption = None,
    log: LogOption = None,
    network: NetworkOption = None,
) -> None:
    """Export everything about a person as a ZIP file.

    It has photos, person.toml, embeddings, rows of logs as CSV, and a README that explains each file. Names of other people are
    left out. Rejected faces in it show other people: look at them before you pass the file on.

    Examples:
        facecam export-person Ada --output ada.zip
        facecam export-person Ada --output ada.zip --log logs
    """
    from facecam.privacy.person_export import export_person as export

    places = _places(gallery, log)
    plan = _plan(name, places, network, while_running=True)
    folders = [place.path for place in places if place.kind == "logs"]
    with _progress() as report_progress:
        done = export(plan, output, folders, report_progress)
    context.print_result(f"{name}: {done.sentence()}; written to {output}")
    context.print_note(
        "the file has biometric data: it is readable by you only; store it encrypted, and delete it when it is not needed"
    )


def forget(
    name: Annotated[
        str | None, Argument(metavar="NAME", help="Name as shown by `facecam people list`.", show_default=False)
    ] = None,
    everything: Annotated[bool, Option("--everything", help="Delete all that facecam has stored, about everyone.")] = False,
    pseudonymize: Annotated[
        bool, Option("--pseudonymize", help="Replace the person in logs by a pseudonym that cannot be reversed.")
    ] = False,
    keep_logs: Annotated[bool, Option("--keep-logs", help="Leave the name in logs.")] = False,
    recordings: Annotated[
        bool, Option("--recordings", help="With --everything: also delete the window's recordings, snapshots and reports.")
    ] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Show what would be removed, and change nothing.")] = False,
    yes: Annotated[bool, Option("--yes", help="Do not ask for confirmation.")] = False,
    gallery: GalleryOption = None,
    log: LogOption = None,
    network: NetworkOption = None,
) -> bool:
    """Remove a person everywhere; a scan of all files proves it.

    Photos, quarantined photos, rejected faces, images of the person that were rejected for others, caches, trained names, and
    notifications are removed; in logs, the name stays or gets a pseudonym. Exit code 3: the scan found something, or something
    is kept that may be about the person. All of it is listed. An interrupted call is finished by the next one.

    Examples:
        facecam forget Ada --pseudonymize
        facecam forget Ada --keep-logs --dry-run
        facecam forget --everything --recordings
    """
    if (name is None) == (not everything):
        raise typer.BadParameter("give either a NAME or --everything", param_hint="NAME")
    if pseudonymize and keep_logs:
        raise typer.BadParameter("--pseudonymize and --keep-logs cannot be combined", param_hint="--pseudonymize")
    if recordings and not everything:
        raise typer.BadParameter("it belongs to --everything; recordings of one person are not known", param_hint="--recordings")
    places = _places(gallery, log, unlock=name is not None)
    if name is None:
        return _forget_everything(places, with_media=recordings, dry_run=dry_run, yes=yes)
    choice = True if pseudonymize else False if keep_logs else None
    return _forget_person(name, places, network, choice, dry_run=dry_run, yes=yes)


def _forget_person(
    name: str, places: tuple[StoredPlace, ...], network: str | None, pseudonymize: bool | None, *, dry_run: bool, yes: bool
) -> bool:
    from facecam.privacy.forgetting import finish_interrupted
    from facecam.privacy.forgetting import forget as forget_person

    if not dry_run:
        for line in finish_interrupted(_gallery_of(places), places):
            context.print_note(line)
    plan = _plan(name, places, network, while_running=dry_run)
    _print_plan(plan)
    if dry_run:
        context.print_note("nothing was changed")
        return False
    choice = _log_choice(plan, pseudonymize)
    if not yes:
        _confirm(plan)
    with _progress() as report_progress:
        report = forget_person(plan, choice, places, report_progress)
    _print_report(report)
    return not report.is_complete


def _forget_everything(places: tuple[StoredPlace, ...], *, with_media: bool, dry_run: bool, yes: bool) -> bool:
    from facecam.privacy.forgetting_everything import forget_everything, plan_everything

    plan = plan_everything(_gallery_of(places), places, with_media=with_media)
    people = count_of(len(plan.people), "enrolled person")
    if plan.is_encrypted:
        people = "everyone"
    context.print_result(f"{people} in {plan.gallery}{'; it is encrypted: no passphrase is needed' if plan.is_encrypted else ''}")
    for kind, files in plan.files.items():
        if files:
            context.print_result(f"{count_of(len(files), 'file')} of {kind}")
    if dry_run:
        context.print_note("nothing was changed")
        return False
    if not yes:
        if not sys.stdin.isatty():
            raise typer.BadParameter("cannot ask without a terminal: add --yes to delete everything", param_hint="--yes")
        if typer.prompt("This cannot be undone. Type EVERYTHING to delete all of it", err=True) != "EVERYTHING":
            raise typer.Abort
    with _progress() as report_progress:
        report = forget_everything(plan, places, report_progress)
    for line in report.removed:
        context.print_result(f"removed: {line}")
    _print_kept(report.kept)
    context.print_result("everything else that facecam has stored is deleted" if report.kept else "nothing is left")
    context.print_note(_OUT_OF_REACH)
    return bool(report.kept)


def _plan(name: str, places: tuple[StoredPlace, ...], network: str | None, *, while_running: bool) -> ForgetPlan:
    """Find everything about a person; images of them among other people's with the networks, if there are such images.

    With `while_running`, it is done while a session is running too.
    """
    from facecam.gallery.people import read_people
    from facecam.gallery.quarantine import quarantine_sets
    from facecam.gallery.transaction import finish_change
    from facecam.networks.embedding_networks import embedding_network
    from facecam.privacy.forgetting import FaceReader, plan_forgetting

    root = _gallery_of(places)
    finish_change(root)
    settings = context.settings({"identify.network": network})
    person = read_people(root).find(name)
    if person is None or not person.photos:
        return plan_forgetting(name, root, places, while_running=while_running)
    with contextlib.ExitStack() as stack:
        analyzer = stack.enter_context(open_default_analyzer(settings))
        loaded = load_with_progress(root, settings, analyzer)
        used = embedding_network(settings.identify.network)
        with context.progress("searching the logs"):
            reader = FaceReader(loaded, used, analyzer if quarantine_sets(root) else None)
            return plan_forgetting(name, root, places, reader, while_running=while_running)


def _places(gallery: str | None, log: Path | None, *, unlock: bool = True) -> tuple[StoredPlace, ...]:
    """Return all places of this user, with the logs of --log too. With `unlock`, unlock an encrypted gallery."""
    from facecam.privacy.places import stored_places, with_logs
    from facecam.settings import find_config

    root, config = context.gallery_dir(gallery, unlock=unlock).absolute(), find_config(context.invocation.config)
    places = stored_places(root, context.log_dir(None).absolute(), config)
    return places if log is None else with_logs(places, [context.log_dir(log).absolute()])


def _gallery_of(places: tuple[StoredPlace, ...]) -> Path:
    return next(place.path for place in places if place.kind == "gallery")


def _print_plan(plan: ForgetPlan) -> None:
    if plan.person is None:
        name = plan.traces.names[0]
        alike = [other for other in plan.traces.others if name.casefold() in other.casefold().split()]
        alike += [other for other in difflib.get_close_matches(name, plan.traces.others) if other not in alike]
        context.print_note(f"{name} is not enrolled in {plan.gallery}; searching everywhere else for the name as you wrote it")
        if alike:
            context.print_note(f"did you mean {' or '.join(alike)}?")
    else:
        person = plan.person
        context.print_result(
            f"{person.name}: {count_of(len(plan.files), 'file')} in {', '.join(str(folder) for folder in person.folders)}"
        )
    for path in plan.among_others:
        context.print_result(f"shows this person, rejected or quarantined for someone else: {path}")
    if plan.log_files:
        context.print_result(f"named in {count_of(len(plan.log_files), 'file')} of logs")


def _log_choice(plan: ForgetPlan, pseudonymize: bool | None) -> LogChoice:
    from facecam.privacy.forgetting import LogChoice

    if pseudonymize is None and plan.log_files:
        if not sys.stdin.isatty():
            raise typer.BadParameter(
                "logs name this person: add --pseudonymize to replace the name, or --keep-logs to leave it",
                param_hint="--pseudonymize",
            )
        pseudonymize = typer.confirm("Replace the name in logs by a pseudonym that cannot be reversed?", default=True, err=True)
    return LogChoice.KEEP if pseudonymize is False else LogChoice.PSEUDONYMIZE


def _confirm(plan: ForgetPlan) -> None:
    """Ask on a terminal. BadParameter without one, Abort for a no."""
    name = plan.traces.names[0]
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"cannot ask without a terminal: add --yes to forget {name}", param_hint="--yes")
    typer.confirm(f"Forget {name}? This cannot be undone.", abort=True, err=True)


def _print_report(report: ForgetReport) -> None:
    for line in report.removed:
        context.print_result(f"removed: {line}")
    _print_kept(report.kept)
    for finding in report.scan.findings:
        context.print_result(f"found: {finding}")
    for path in report.scan.unreadable:
        context.print_result(f"could not be searched: {path}")
    context.print_result(report.scan.sentence())
    context.print_note(_OUT_OF_REACH)


def _print_kept(kept: list[str]) -> None:
    for line in kept:
        context.print_result(f"kept: {line}")


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None]]:
    """Show a progress bar of several steps."""
    with context.progress("") as report_progress:
        yield report_progress
