"""facecam calibrate: what the threshold means for the gallery, and how to change it."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facecam.cli import common
from facecam.cli.common import GalleryOption, JsonOption, NetworkOption, command
from facecam.cli.people import ReaderOpener, load_gallery, open_shipped_reader

if TYPE_CHECKING:
    from facecam.identify.calibrate import Calibration
    from facecam.settings import Settings

_Folder = Annotated[Path | None, typer.Argument(metavar="[DIR]", help="The people's folder; the same as --gallery.")]
_Far = Annotated[
    float | None,
    typer.Option(
        "--far", metavar="SHARE", help="The share of strangers that may get a name, 0.01 for 1 in 100. Not of comparisons."
    ),
]
_Apply = Annotated[bool, typer.Option("--apply", help="Write it into the configuration file; everything else in it stays.")]
_Plot = Annotated[Path | None, typer.Option("--picture", metavar="FILE", help="Draw the distances and the ROC curve.")]


def register(app: typer.Typer, open_reader: ReaderOpener = open_shipped_reader) -> None:
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
        from facecam.identify.calibrate import calibrate

        settings = common.settings({"identify.network": network})
        settings.replace({"identify.stranger_rate": far if far is not None else settings.identify.stranger_rate})
        folder = directory or common.gallery_dir(gallery)
        found = calibrate(load_gallery(folder, settings, open_reader), settings.identify, stranger_rate=far)
        if json != "-":
            _print(found, folder)
        common.write_json(json, _as_json(found))
        if picture is not None:
            _draw(found, settings, picture)
        if apply:
            _apply(found)

    command(app, "calibrate")(_calibrate)


def _print(found: Calibration, folder: Path) -> None:
    if found.people:
        common.out().print(found.sentence(), markup=False)
    else:
        common.out().print(f"nobody is enrolled in {folder}: `facecam enroll NAME PHOTO ...` adds somebody", markup=False)
    for what, is_so in (*_threshold_facts(found), *_own_facts(found)):
        common.out().print(f"{what:24} {is_so}", markup=False)


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


def _as_json(found: Calibration) -> dict[str, Any]:
    tree = asdict(found)
    return tree | {
        "sentence": found.sentence(),
        "genuine_l2": [round(float(distance), 6) for distance in found.genuine_l2],
        "impostor_l2": [round(float(distance), 6) for distance in found.impostor_l2],
    }


def _draw(found: Calibration, settings: Settings, path: Path) -> None:
    from facecam.errors import PictureError
    from facecam.evaluate.calibration_picture import draw_calibration
    from facecam.identify.distances import packaged

    try:
        draw_calibration(found, packaged(settings.identify.network), path)
    except (OSError, ValueError) as error:  # matplotlib answers an unknown suffix with ValueError
        raise PictureError(f"{path} cannot be written: {error}; name a .png file in a folder that exists") from error


def _apply(found: Calibration) -> None:
    """Write the rate, or where the threshold is pinned the threshold for it; say what was there and how to go back."""
    from facecam.config_file import read_setting, write_setting
    from facecam.configuration import find_config

    path = find_config(common.invocation.config) or Path("facecam.toml")
    key, value = "identify.stranger_rate", found.stranger_rate
    if found.pinned:
        key, value = "identify.threshold_l2", round(found.chosen.threshold_l2, 4)
    before = read_setting(path, key)
    write_setting(path, key, value)
    undo = f"delete the line {key.partition('.')[2]}" if before is None else f"set it to {before:g} again"
    common.out().print(f"{path}: {key} is {value:g} now, {'not set' if before is None else f'{before:g}'} before", markup=False)
    common.out().print(f"to undo, {undo} in [identify] of {path}", markup=False)
    variable = f"FACECAM_{key.replace('.', '_')}".upper()
    if variable in os.environ:
        common.err().print(f"{variable} is set in the environment and wins over the file", markup=False)
