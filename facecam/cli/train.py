"""facecam train, teach and forget-label: train networks, and teach or forget objects."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

import facecam
from facecam.cli import context
from facecam.cli.options import GalleryOption, Input, JsonOption, Output, OutputFolder
from facecam.fileio import write_output
from facecam.messages import count_of
from facecam.settings import Settings

if TYPE_CHECKING:
    from facecam.training.dataset import Dataset
    from facecam.training.object_teaching import CapturedViews, FeatureSource, TeachingResult
    from facecam.training.trainer import Epoch, TrainingResult

NAMES = "names"
"""Recipe that trains on the gallery instead of --data."""

MAX_FAR = 0.01
"""Largest share of strangers that may get a name from the `names` recipe, estimated on the enrolled people."""

CONFUSION_FILE = "confusion.png"
NETWORK_FILE = "network.json"


def _taught_folder(option: Path | None) -> list[Path]:
    from facecam.objects.taught import taught_dir

    return [taught_dir(option)]


_ObjectsDir = Annotated[
    Path | None,
    Option("--objects", metavar="DIR", help="Taught objects. Default: $FACECAM_OBJECTS, or the user's data folder."),
    Input(_taught_folder),
]
_ConfusionFile = Annotated[
    Path | None,
    Option("--picture", metavar="FILE", help="Confusion matrix to draw. Default: confusion.png with the taught objects."),
    Output(suffixes=(".png",)),
]


def train(
    recipe: Annotated[
        str, Option("--recipe", metavar="NAME", help="neuron, dense, mlp, cnn, transfer or finetune; names for the gallery.")
    ],
    data: Annotated[
        str | None,
        Option("--data", metavar="DIR|mnist|cifar10|digits", help="Folder with a folder of images per label, or a data set."),
        Input(),
    ] = None,
    output: Annotated[
        Path | None,
        Option("-o", "--output", metavar="DIR", help="Folder to write. Default: the user's data folder."),
        OutputFolder(own_file=NETWORK_FILE),
    ] = None,
    epochs: Annotated[
        int | None, Option("--epochs", metavar="N", min=1, help="Maximum epochs per stage. Default: those of the recipe.")
    ] = None,
    seed: Annotated[int, Option("--seed", metavar="N", min=0, help="Seed of the split, the initial weights and the order.")] = 7,
    base: Annotated[
        str, Option("--base", metavar="NAME", help="Base network of transfer and finetune: efficientnet_lite0 or mobilenet.")
    ] = "efficientnet_lite0",
    finetune: Annotated[
        bool, Option("--finetune", help="With names: also fine-tune the network's last block by triplet loss.")
    ] = False,
    gallery: GalleryOption = None,
    json: JsonOption = None,
) -> bool:
    """Train a network and print its test loss and accuracy. Exit code 3: some images could not be read.

    Examples:
        facecam train --recipe cnn --data mnist
        facecam train --recipe transfer --data things
    """
    if recipe == NAMES:
        if data is not None:
            raise typer.BadParameter("the recipe names trains on the gallery: use --gallery", param_hint="--data")
        _train_names(gallery, output, finetune=finetune, seed=seed, json=json)
        return False
    if data is None:
        raise typer.BadParameter("give the training data: --data DIR, mnist, cifar10 or digits", param_hint="--data")
    if finetune:
        raise typer.BadParameter(
            "--finetune belongs to the recipe names; for objects use the recipe finetune", param_hint="--finetune"
        )
    return _train_images(recipe, data, output, seed=seed, epochs=epochs, base=base, json=json)


def _train_images(
    name: str, data: str, output: Path | None, *, seed: int, epochs: int | None, base: str, json: str | None
) -> bool:
    from facecam.networks.keras_imagenet import load_keras
    from facecam.training.dataset import load_dataset
    from facecam.training.recipes import BASE_PX, IMAGE_PX, find_recipe
    from facecam.training.trainer import TrainingOptions, save_network, train

    recipe = find_recipe(name)
    with context.progress("reading images") as report_progress:
        dataset = load_dataset(data, BASE_PX if recipe.has_base else IMAGE_PX, report_progress)
    for path, reason in dataset.skipped:
        context.print_note(f"skipped: {path}: {reason}")
    load_keras()
    with context.progress(f"{name}: preparing") as report_progress:

        def report_epoch(epoch: Epoch) -> None:
            validation = f"validation loss {epoch.validation_loss:.3f}, validation accuracy {epoch.validation_accuracy:.1%}"
            text = f"{name}: loss {epoch.loss:.3f}, {validation}"
            report_progress(epoch.number, epoch.total, text)
            if not sys.stderr.isatty() and epoch.number % 10 == 1:
                context.print_note(f"epoch {epoch.number}: {text}")

        result = train(dataset, recipe, TrainingOptions(seed=seed, epochs=epochs, base=base), report_epoch)
    network = save_network(result, dataset, output or context.user_data_dir("networks") / f"{dataset.name}-{name}")
    payload = {"folder": str(network.folder), "recipe": name, "labels": list(network.labels), **network.figures}
    context.present(json, payload, lambda: _print_training(result, dataset, network.folder))
    return bool(dataset.skipped)


def _print_training(result: TrainingResult, dataset: Dataset, folder: Path) -> None:
    facts = {
        "recipe": f"{result.recipe.name}: {result.recipe.description}",
        "data": f"{dataset.name}, {len(dataset.labels)} labels",
        "images": "{} for training, {} for validation, {} for testing".format(*result.counts),
        "epochs": len(result.history),
        "test loss": result.test_loss,
        "test accuracy": result.test_accuracy,
        "folder": folder,
    }
    context.print_table(facts.items(), fold=False)


def _train_names(gallery: str | None, output: Path | None, *, finetune: bool, seed: int, json: str | None) -> None:
    """Train a head on the usable photos of a gallery, with `finetune` after fine-tuning the last block of the network."""
    from facecam.cli.people import load_with_progress
    from facecam.networks.embedding_networks import embedding_network
    from facecam.networks.keras_imagenet import load_keras
    from facecam.training import names

    settings, folder = context.settings(), context.gallery_dir(gallery)
    weights = settings.identify.network
    with facecam.open_face_analyzer(settings) as analyzer:
        samples = load_with_progress(folder, settings, analyzer).samples
        crops = names.aligned_crops(samples, analyzer) if finetune else None
    data = names.NamesData.from_samples(samples, weights, crops)
    if finetune:
        load_keras()
        with context.progress("fine-tuning the last block") as report_progress:
            data = names.finetune_names(data, seed, lambda epoch, epochs, _: report_progress(epoch, epochs))
    target = output or context.user_data_dir("networks") / "names"
    network = names.save_names(data, MAX_FAR, embedding_network(weights).threshold_l2, target)
    text = (
        f"{len(data.names)} people, {len(data.people)} photos; match threshold {network.figures['threshold_l2']:.3f}\n"
        f"To compare this head with nearest-L2: facecam evaluate names --head {network.folder}\n{network.folder}"
    )
    payload = {"folder": str(network.folder), "names": list(data.names), **network.figures}
    context.present(json, payload, lambda: context.print_result(text))


def teach(
    label: Annotated[
        str, Argument(metavar="LABEL", help='Name of the object; "background" teaches the empty scene.', show_default=False)
    ],
    photos: Annotated[
        list[Path] | None, Argument(metavar="PHOTO|DIR", help="Photos of the object, or folders of them."), Input()
    ] = None,
    source: Annotated[
        str | None,
        Option("--source", metavar="S", help="Camera index, video file or address. Default without photos: camera 0."),
        Input(),
    ] = None,
    objects: _ObjectsDir = None,
    picture: _ConfusionFile = None,
    json: JsonOption = None,
) -> bool:
    """Teach an object from photos, a video or the camera.

    With a camera, first keep the object out of view, then turn it in front of the camera for ten seconds.
    Exit code 3: some photos could not be read.

    Examples:
        facecam teach "my mug"
        facecam teach "my mug" mug-photos
    """
    from facecam.objects.taught import BACKGROUND, FeatureExtractor, taught_dir
    from facecam.training import object_teaching
    from facecam.training.object_teaching import background_views

    if photos and source:
        raise typer.BadParameter("give either photos or --source", param_hint="PHOTO or --source")
    name, settings, refused = object_teaching.normalize_label(label), context.settings(), 0
    extractor = FeatureExtractor(settings.identify.threads)
    if photos:
        views, refused = _views_from_photos(photos, extractor)
    else:
        views = _views_from_source(source or "0", settings, extractor, background_only=name == BACKGROUND)
    context.print_note(f"{views.frames} images: {len(views.views)} different views used, {views.duplicates} nearly the same")
    new_label = views.label(name)
    started = time.monotonic()
    folder = taught_dir(objects)
    with context.progress(f"learning {name}"):
        result = object_teaching.teach(folder, new_label, lambda: background_views(extractor))
    if result.label != name:
        context.print_note(f"{name} is the label {result.label}: only case or spaces differ")
    _report_teaching(result, folder, picture, json, f"{result.label}: learned in {time.monotonic() - started:.1f} s")
    return refused > 0


def forget_label(
    label: Annotated[str | None, Argument(metavar="LABEL", help="Label to forget.")] = None,
    undo: Annotated[bool, Option("--undo", help="Restore the label that was forgotten last.")] = False,
    objects: _ObjectsDir = None,
    picture: _ConfusionFile = None,
    json: JsonOption = None,
) -> None:
    """Forget a taught object; --undo restores the last one.

    Examples:
        facecam forget-label "my mug"
        facecam forget-label --undo
    """
    from facecam.objects.taught import taught_dir
    from facecam.training import object_teaching

    if (label is None) != undo:
        raise typer.BadParameter("give either a label or --undo", param_hint="LABEL or --undo")
    folder = taught_dir(objects)
    if label is None:
        _report_teaching(object_teaching.restore_label(folder), folder, picture, json, "restored the last label")
    else:
        name = object_teaching.normalize_label(label)
        result = object_teaching.forget(folder, name)
        text = f"{result.label} is forgotten; `facecam forget-label --undo` restores it"
        _report_teaching(result, folder, picture, json, text)


def _views_from_source(source: str, settings: Settings, extractor: FeatureSource, *, background_only: bool) -> CapturedViews:
    """Collect views from a whole file, or from a camera: first the empty scene, then the object, or until Ctrl-C."""
    from facecam.capture.source import frames, open_source
    from facecam.training.object_teaching import OBJECT_SECONDS, SCENE_SECONDS, ObjectFinder, TeachingPhase, ViewCollector

    instructions = {
        TeachingPhase.SCENE: f"Keep the object out of view for {SCENE_SECONDS:.0f} seconds.",
        TeachingPhase.OBJECT: f"Now show the object for {OBJECT_SECONDS:.0f} seconds; turn it and vary the distance.",
    }
    with open_source(source, settings.capture, time.monotonic()) as opened:
        scene_s, object_s = (SCENE_SECONDS, OBJECT_SECONDS) if opened.live else (0.0, None)
        collector = ViewCollector(extractor, ObjectFinder(settings), scene_s, object_s, background_only=background_only)
        # With a camera, Ctrl-C ends the capture, and the views so far are used.
        ctrl_c = contextlib.suppress(KeyboardInterrupt) if opened.live else contextlib.nullcontext()
        phase = None
        with context.progress("reading the video") as report_progress, ctrl_c:
            for number, frame in enumerate(frames(opened), start=1):
                if opened.live and collector.phase is not phase:
                    phase = collector.phase
                    context.print_note(instructions[phase])
                if collector.wants(frame):
                    collector.add(frame)
                if opened.live:
                    seconds = SCENE_SECONDS if collector.phase is TeachingPhase.SCENE else OBJECT_SECONDS
                    report_progress(round(collector.phase_share() * seconds), round(seconds), f"{collector.phase}: seconds")
                else:
                    views = count_of(len(collector.views.views), "view")
                    report_progress(number, opened.frame_count, f"reading the video: {views}")
                if collector.phase is TeachingPhase.DONE:
                    break
    return collector.views


def _views_from_photos(paths: Sequence[Path], extractor: FeatureSource) -> tuple[CapturedViews, int]:
    """Return the views of all photos and the number of photos that could not be read."""
    from facecam.cli.people import list_photos
    from facecam.training.object_teaching import RefusedPhoto, views_from_photos

    files, refused = list_photos(paths, "nothing was taught"), list[RefusedPhoto]()
    try:
        with context.progress("reading photos") as report_progress:
            views = views_from_photos(files, extractor, report_progress, refused.append)
    finally:
        for photo in refused:
            context.print_note(f"skipped: {photo.reason}")
    return views, len(refused)


def _report_teaching(result: TeachingResult, folder: Path, picture: Path | None, json: str | None, text: str) -> None:
    from facecam.objects.taught import BACKGROUND

    views = {label.name: len(label.views) for label in result.taught.labels if label.name != BACKGROUND}
    evaluation = result.evaluation
    if evaluation is not None:
        from facecam.training.trainer import confusion_png

        drawn = confusion_png(evaluation.confusion, evaluation.names, "validation views")
        write_output(picture or folder / CONFUSION_FILE, drawn, private=picture is None)

    def print_text() -> None:
        context.print_result(text)
        for name, count in views.items():
            context.print_result(f"{count:6} views  {name}")
        if evaluation is not None:
            context.print_result(f"validation accuracy {evaluation.accuracy:.4f}")
        context.print_result(f"{folder}")

    accuracy = None if evaluation is None else evaluation.accuracy
    context.present(json, {"folder": str(folder), "views": views, "validation_accuracy": accuracy}, print_text)
