"""`facecam cameras`: which there are, and what they offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from facecam.cli import common
from facecam.cli.common import JsonOption, command

if TYPE_CHECKING:
    from facecam.capture.probe import CameraReport, Known


def listed() -> Mapping[int, str]:
    """The cameras that the system lists."""
    from facecam.capture.camera import known_cameras

    return known_cameras()


def register(app: typer.Typer, known: Known = listed) -> None:
    """Add the command `cameras` to `app`; `known` lists the cameras."""

    def cameras(json: JsonOption = None) -> None:
        """List the cameras: index, name, lasting path, sizes and rates. Each is opened for a moment."""
        from facecam.capture.probe import probe

        with common.progress("asking the cameras") as told:
            reports = list(probe(common.settings().capture, told, known))
        if json != "-":
            _print(reports)
        common.write_json(json, [_as_json(report) for report in reports])

    command(app, "cameras")(cameras)


def _print(reports: list[CameraReport]) -> None:
    if not reports:
        common.out().print("There is no camera on this machine; plug one in, or try without: facecam demo")
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from facecam.capture.probe import backend_name

    common.out().print(f"through {backend_name()}:")
    table = Table(box=box.SIMPLE)
    for column in ("index", "name", "path", "opens in", "gives", "offers"):
        table.add_column(column, overflow="fold")
    for report in reports:
        opens = "" if report.opens_in_ms is None else f"{report.opens_in_ms:.0f} ms"
        offers = ", ".join(f"{o.size_wh[0]}x{o.size_wh[1]} ({'/'.join(f'{fps:g}' for fps in o.fps)})" for o in report.offers)
        given = str(report.given or report.error)
        # As Text: a name may hold what Rich would take for its markup.
        table.add_row(*(Text(cell) for cell in (str(report.index), report.name, report.path, opens, given, offers)))
    common.out().print(table)


def _as_json(report: CameraReport) -> dict[str, Any]:
    from facecam.capture.probe import backend_name

    given = report.given
    width_px, height_px = (given.size_wh if given else None) or (None, None)
    return {
        "index": report.index,
        "name": report.name,
        "path": report.path,
        "backend": backend_name(),
        "opens_in_ms": None if report.opens_in_ms is None else round(report.opens_in_ms, 1),
        "fourcc": given.fourcc if given else None,
        "width_px": width_px,
        "height_px": height_px,
        "fps": given.fps if given else None,
        "offers": [{"width_px": o.size_wh[0], "height_px": o.size_wh[1], "fps": list(o.fps)} for o in report.offers],
        "error": report.error,
    }
