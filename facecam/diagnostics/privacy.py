"""Checks of what others can read or change of facecam's files, and of its connections to other computers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from facecam.diagnostics.connections import facecam_processes, open_connections
from facecam.diagnostics.machine import Finding, Verdict
from facecam.privacy.permissions import (
    IS_SUPPORTED,
    UNSUPPORTED,
    ExposedPath,
    Exposure,
    PlaceAccess,
    Readers,
    check_access,
    group_name,
    unsafe_parents,
    user_name,
)
from facecam.privacy.places import StoredPlace

_NARROW = "Run facecam privacy --fix"


def check_permissions(places: Sequence[StoredPlace]) -> Iterator[Finding]:
    """Report files and folders of facecam that others own, can change or can read, a line for each place and kind."""
    if not IS_SUPPORTED:
        yield Finding("permissions", Verdict.OK, UNSUPPORTED)
        return
    findings, shared = list[Finding](), list[str]()
    parents: dict[Path, None] = {}
    for place in places:
        if (access := check_access(place)) is None:
            continue
        if access.is_shared:
            shared.append(f"; {place.path} is shared with the group {group_name(access.group_gid)}")
        findings += [finding for exposure in Exposure if (finding := _exposed(place, access, exposure)) is not None]
        parents |= dict.fromkeys(unsafe_parents(place))
    for parent in parents:
        found = f"others can replace what is in {parent}, where facecam stores something"
        findings.append(Finding("permissions", Verdict.WARNING, found, f"Run chmod o-w {parent}, or choose another folder"))
    yield from findings
    if not findings:
        yield Finding("permissions", Verdict.OK, f"only you can read what facecam has stored{''.join(shared)}")


def _exposed(place: StoredPlace, access: PlaceAccess, exposure: Exposure) -> Finding | None:
    """Return the finding of everything in a place that is exposed in this way, None without any."""
    found = [each for each in access.exposed if each.exposure is exposure]
    if not found:
        return None
    paths = f"{place.kind}: {found[0].path}" + (f" and {len(found) - 1} more" if len(found) > 1 else "")
    if exposure is Exposure.OWNED:
        owner = user_name(found[0].owner_uid)
        advice = f"If {owner} should not be able to change it: sudo chown -R $USER {place.path}"
        return Finding("permissions", Verdict.WARNING, f"{paths}: owned by {owner}", advice)
    who = "the group" if _is_group_only(found) else "everyone"
    verb = "changed" if exposure is Exposure.WRITABLE else "read"
    return Finding("permissions", Verdict.WARNING, f"{paths}: can be {verb} by {who}", _NARROW)


def _is_group_only(found: Sequence[ExposedPath]) -> bool:
    return all(each.readers is Readers.GROUP for each in found)


def check_connections() -> Finding:
    """Report the connections to other computers that this user's running processes of facecam have open."""
    processes = sorted(facecam_processes())
    measured = {process: found for process in processes if (found := open_connections(process)) is not None}
    if not measured and (found := open_connections()) is not None:
        measured[0] = found
    if not measured:
        text = "not measured on this system; facecam connects to the network cameras that you name, and to nothing else"
        return Finding("connections", Verdict.OK, text)
    hosts = dict.fromkeys(str(each) for found in measured.values() for each in found)
    count = f"{len(measured)} running process{'es' if len(measured) != 1 else ''} of facecam"
    if not hosts:
        return Finding("connections", Verdict.OK, f"no connection open ({count})")
    return Finding("connections", Verdict.OK, f"connected to {', '.join(hosts)} ({count})")
