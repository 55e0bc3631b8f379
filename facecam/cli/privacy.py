"""facecam privacy: what is stored where, since when, about whom, and who can read it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from facecam.cli import context
from facecam.cli.options import GalleryOption, Input, JsonOption

if TYPE_CHECKING:
    from facecam.privacy.overview import PlaceOverview
    from facecam.privacy.permissions import ExposedPath
    from facecam.privacy.places import StoredPlace

LogDirOption = Annotated[
    Path | None, Option("--log", metavar="DIR", help="Folder of logs. Default: the user's data folder."), Input()
]
_MAX_LISTED = 20


def privacy(
    gallery: GalleryOption = None,
    log: LogDirOption = None,
    names: Annotated[bool, Option("--names", help="Also list the names of the people.")] = False,
    fix: Annotated[bool, Option("--fix", help="Take from others the permissions to read and change what is stored.")] = False,
    json: JsonOption = None,
) -> bool:
    """Show what is stored where, since when, and who can read it.

    Lists every place in which facecam stores something, with the number of people about whom it does. Files that you name for a
    command, such as those of --record and exports, are not in the list. The people of an encrypted gallery need its passphrase:
    add --names.

    With --fix, exit code 3: others can still read or change something, because it belongs to another user, or is a file in a
    gallery that facecam did not make.

    Examples:
        facecam privacy
        facecam privacy --names --json privacy.json
        facecam privacy --fix
    """
    from facecam.privacy.overview import overview
    from facecam.privacy.permissions import narrow_permissions

    places = places_in_use(gallery, log, unlock=names or context.invocation.passphrase_file is not None)
    changed, left = narrow_permissions(places) if fix else ([], [])
    with context.progress("looking at what is stored") as report_progress:
        found = overview(places, report_progress)
    payload: dict[str, Any] = {"places": [each.to_json(with_names=names) for each in found]}
    if fix:
        payload |= {"narrowed": [str(path) for path in changed], "exposed": [str(each.path) for each in left]}
    context.present(json, payload, lambda: _print(found, with_names=names))
    if fix:
        _print_fixed(changed, left)
    return bool(left)


def places_in_use(gallery: str | None, log: Path | None, *, unlock: bool = True) -> tuple[StoredPlace, ...]:
    """Return all places of this user with the gallery and the logs of these options, and the configuration file in use.

    With `unlock`, unlock an encrypted gallery.
    """
    from facecam.privacy.places import stored_places
    from facecam.settings import find_config

    root = context.gallery_dir(gallery, unlock=unlock).absolute()
    return stored_places(root, context.log_dir(log).absolute(), find_config(context.invocation.config))


def _print(found: list[PlaceOverview], *, with_names: bool) -> None:
    from rich.filesize import decimal

    rows = [
        (
            each.place.kind,
            each.files,
            decimal(each.size_bytes),
            "" if each.oldest_utc is None else f"{each.oldest_utc.astimezone():%Y-%m-%d}",
            "" if each.names is None else len(each.names),
            each.readers_text,
            each.place.path,
        )
        for each in found
        if each.files
    ]
    for path in [path for each in found for path in each.unreadable][:_MAX_LISTED]:
        context.print_note(f"{path} cannot be read, so what is in it is not in the list")
    if not rows:
        context.print_result("Nothing is stored." if not any(each.unreadable for each in found) else "Nothing that can be read.")
        return
    context.print_table(
        rows, ("what", "files", "size", "since", "people", "readable by", "where"), right=("files", "size", "people")
    )
    for each in found:
        if with_names and each.names:
            context.print_result(f"{each.place.kind}: {', '.join(each.names)}")
    context.print_note("not in the list: files that you named for a command, such as those of --record, reports and exports")
    exposed = sum(len(each.access.exposed) for each in found if each.access is not None)
    if exposed:
        context.print_note(f"files and folders that others can read, change or own: {exposed}; run facecam privacy --fix")


def _print_fixed(changed: list[Path], left: list[ExposedPath]) -> None:
    from facecam.privacy.permissions import IS_SUPPORTED, UNSUPPORTED, user_name

    if not IS_SUPPORTED:
        context.print_note(UNSUPPORTED)
        return
    context.print_note(f"permissions of {len(changed)} files and folders narrowed")
    for each in left[:_MAX_LISTED]:
        reason = f"it belongs to {user_name(each.owner_uid)}"
        if each.owner_uid == os.geteuid():
            reason = "facecam did not make it, or its file system has no permissions"
        context.print_note(f"{each.path} is still {each.exposure} by others: {reason}")
    if len(left) > _MAX_LISTED:
        context.print_note(f"and {len(left) - _MAX_LISTED} more")
