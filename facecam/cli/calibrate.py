"""facecam calibrate: estimate recognition errors and set the match threshold, or measure a user's network."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

import facecam
from facecam.cli import context
from facecam.cli.options import FIGURE, GalleryOption, Input, JsonOption, NetworkOption
from facecam.cli.people import load_gallery
from facecam.errors import OutputError, SettingsError
from facecam.fileio import check_output
from facecam.messages import caption_with_code, count_of
from facecam.settings import DISTANCES_NETWORK, PINNED_DISTANCES, find_config, read_setting, write_settings

if TYPE_CHECKING:
    from facecam.recognition.calibration import OperatingPoint


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
        ("not used", f"{count_of(sum(result.refused.values()), 'photo')}{refused and ': '}{refused}"),
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
