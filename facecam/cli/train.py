"""facecam train: fit one of the named recipes to pictures with labels; the result is one folder."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import context
from facecam.cli.context import GalleryOption, JsonOption, command
from facecam.errors import ImageError, TeachingError

if TYPE_CHECKING:
    from facecam.recognition.face_analyzer import FaceAnalyzer
    from facecam.settings import Settings
    from facecam.training.dataset import Dataset
    from facecam.training.object_teaching import FeatureSource, TeachingResult, Views
    from facecam.training.trainer import Epoch, TrainingResult
    from facecam.types import Image, Sample


NAMES = "names"

_Recipe = Annotated[
    str, typer.Option("--recipe", metavar="NAME", help="neuron, dense, mlp, cnn, transfer, finetune; or names for the gallery.")
]
_Data = Annotated[
    str | None,
    typer.Option("--data", metavar="DIR|mnist|cifar10|digits", help="A folder with a folder of pictures per label, or a set."),
]
_Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="DIR", help="Where the result goes; else the user's data folder.")
]
_Epochs = Annotated[int | None, typer.Option("--epochs", min=1, help="At most so many a stage; else the recipe's own.")]
_Seed = Annotated[int, typer.Option("--seed", min=0, help="Decides the split, the first weights and the order.")]
_Base = Annotated[str, typer.Option("--base", help="What transfer and finetune stand on: efficientnet_lite0 or mobilenet.")]
_Finetune = Annotated[bool, typer.Option("--finetune", help="With names: the network's last block too, by triplets.")]


def register_train(app: typer.Typer) -> None:
    """Add `train` to the command line."""
    command(app, "train")(train)


def train(
    recipe: _Recipe,
    data: _Data = None,
    output: _Output = None,
    epochs: _Epochs = None,
    seed: _Seed = 7,
    base: _Base = "efficientnet_lite0",
    finetune: _Finetune = False,
    gallery: GalleryOption = None,
    json: JsonOption = None,
) -> None:
    """Train a network; test loss and accuracy are printed. Status 3 when some pictures could not be read."""
    if recipe == NAMES:
        if data is not None:
            raise typer.BadParameter("the recipe names learns from the gallery; --gallery says which", param_hint="--data")
        train_names(gallery, output, finetune=finetune, seed=seed, json=json)
        return
    if data is None:
        raise typer.BadParameter("say what to learn from: --data DIR, mnist, cifar10 or digits", param_hint="--data")
    if finetune:
        raise typer.BadParameter(
            "--finetune goes with the recipe names; for objects take the recipe finetune", param_hint="--finetune"
        )
    _train_pictures(recipe, data, output, _options(seed, epochs, base), json)


def networks_dir() -> Path:
    """Where trained networks lie that were given no place: the user's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("facecam", appauthor=False)) / "networks"


def _options(seed: int, epochs: int | None, base: str) -> dict[str, int | str | None]:
    return {"seed": seed, "epochs": epochs, "base": base}


def _train_pictures(name: str, data: str, output: Path | None, options: dict[str, int | str | None], json: str | None) -> None:
    from facecam.networks.keras_imagenet import load_keras
    from facecam.training.dataset import load
    from facecam.training.recipes import BASE_PX, PICTURE_PX, find_recipe
    from facecam.training.trainer import TrainingOptions, save, train

    recipe = find_recipe(name)
    with context.progress("reading pictures") as told:
        dataset = load(data, BASE_PX if recipe.has_base else PICTURE_PX, told)
    for path, reason in dataset.skipped:
        context.err().print(f"skipped: {path}: {reason}", markup=False, soft_wrap=True)
    load_keras()
    with _epochs_shown(name) as shown:
        trained = train(dataset, recipe, TrainingOptions(**options), shown)  # type: ignore[arg-type]
    network = save(trained, dataset, output or networks_dir() / f"{dataset.name}-{name}")
    if json != "-":
        _print(trained, dataset, network.folder)
    context.write_json(json, {"folder": str(network.folder), "recipe": name, "labels": list(network.labels), **network.figures})
    if dataset.skipped:
        raise typer.Exit(context.FINDINGS)


@contextlib.contextmanager
def _epochs_shown(name: str) -> Iterator[Callable[[Epoch], None]]:
    """A bar on stderr with the newest figures; without a terminal a line for every tenth epoch."""
    import sys

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    drawn = sys.stderr.isatty()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=context.err(), transient=True, disable=not drawn) as bar:
        task = bar.add_task(f"{name}: preparing", total=None)

        def told(epoch: Epoch) -> None:
            words = f"{name}: loss {epoch.loss:.3f}, held back {epoch.validation_loss:.3f}, {epoch.validation_accuracy:.1%} right"
            bar.update(task, completed=epoch.number, total=epoch.most, description=words)
            if not drawn and epoch.number % 10 == 1:
                context.err().print(f"epoch {epoch.number}: {words}", markup=False)

        yield told


def _print(trained: TrainingResult, dataset: Dataset, folder: Path) -> None:
    fitted, validated, tested = trained.counts
    out = context.out()
    out.print(f"{'recipe':14} {trained.recipe.name}: {trained.recipe.says}", markup=False)
    out.print(f"{'data':14} {dataset.name}, {len(dataset.labels)} labels", markup=False)
    out.print(f"{'pictures':14} {fitted} fitted, {validated} held back, {tested} for testing")
    out.print(f"{'epochs':14} {len(trained.history)}")
    out.print(f"{'test loss':14} {trained.test_loss:.4f}")
    out.print(f"{'test accuracy':14} {trained.test_accuracy:.4f}")
    out.print(f"{'folder':14} {folder}", markup=False)


# MERGED cli.train_names: facecam train --recipe names: a head for the people enrolled, from the photos of their gallery.

FAR = 0.01
"""At most so many strangers may get a name, as far as the people enrolled can tell."""


def train_names(gallery: str | None, output: Path | None, *, finetune: bool, seed: int, json: str | None) -> None:
    """Fit the head to the gallery's usable photos, with `finetune` after moving the network's last block; say what came of it."""
    from facecam.gallery.gallery import Gallery, reading_conditions
    from facecam.networks.convert import ensure_compiled
    from facecam.networks.keras_imagenet import load_keras
    from facecam.recognition.face_analyzer import FaceAnalyzer, analyzer_networks
    from facecam.training import names
    from facecam.training.names import NamesData

    settings, folder = context.settings(), context.gallery_dir(gallery)
    with context.progress("preparing networks") as told:
        ensure_compiled(analyzer_networks(settings), lambda done, total, _: told(done, total))
    with FaceAnalyzer(settings) as pipeline:
        with context.progress("reading the gallery") as told:
            found = Gallery.load(folder, pipeline, told, conditions=reading_conditions(settings))
        crops = _crops(found.samples, pipeline) if finetune else None
    data = NamesData.of(found.samples, settings.identify.network, crops)
    if finetune:
        load_keras()
    with context.progress("moving the last block") as told:
        moved = names.finetune_names(data, seed, lambda epoch, epochs, loss: told(epoch, epochs)) if finetune else data
    network = names.save(moved, FAR, _cap_l2(settings), output or networks_dir() / "names")
    if json != "-":
        out = context.out()
        out.print(
            f"{len(data.names)} people, {len(data.people)} photos; a face farther than {network.figures['threshold_l2']:.3f}"
        )
        out.print("from everybody is a stranger. `facecam evaluate names` tells how such a head does beside nearest-L2.")
        out.print(f"{network.folder}", markup=False)
    context.write_json(json, {"folder": str(network.folder), "names": list(data.names), **network.figures})


def _cap_l2(settings: Settings) -> float:
    from facecam.recognition.matching import own_threshold_l2

    return own_threshold_l2(settings.identify.network)


def _crops(samples: tuple[Sample, ...], pipeline: FaceAnalyzer) -> list[Image]:
    """Each sample's aligned face; the gallery keeps embeddings only."""
    from facecam.embedding.embedder import align
    from facecam.errors import GalleryError
    from facecam.imageio import read_image
    from facecam.recognition.face_analyzer import FaceObservation, single_face

    crops = []
    for sample in samples:
        bgr = read_image(sample.photo)
        face = single_face(pipeline.analyze(bgr))
        if not isinstance(face, FaceObservation):
            raise GalleryError(f"{sample.photo} changed while it was read ({face}); try again")
        crops.append(align(bgr, face.face.landmarks_xy))
    return crops


# MERGED cli.teach: facecam teach, facecam forget-label: a thing held up to the camera, known from then on.

CONFUSION = "confusion.png"

_Label = Annotated[str, typer.Argument(metavar="LABEL", help='What it is called; "background" teaches the empty scene.')]
_Photos = Annotated[
    list[Path] | None, typer.Argument(metavar="[PHOTO or DIR]...", help="Pictures of it; of a folder all its pictures.")
]
_Source = Annotated[
    str | None,
    typer.Option("--source", metavar="S", help="A camera's number, a video file or an address; camera 0 without pictures."),
]
_Folder = Annotated[
    Path | None,
    typer.Option("--objects", metavar="DIR", help="What was taught; else $FACECAM_OBJECTS, else the user's data folder."),
]
_PictureFile = Annotated[
    Path | None, typer.Option("--picture", metavar="FILE", help="Where the confusion picture goes; else beside what was taught.")
]
_Undo = Annotated[bool, typer.Option("--undo", help="Put the label back that was forgotten last.")]


def register_teach(app: typer.Typer) -> None:
    """Add `teach` and `forget-label` to the command line."""
    command(app, "teach")(teach)
    command(app, "forget-label")(forget_label)


def teach(
    label: _Label,
    photos: _Photos = None,
    source: _Source = None,
    objects: _Folder = None,
    picture: _PictureFile = None,
    json: JsonOption = None,
) -> None:
    """Teach a thing: hold it up to the camera and turn it for ten seconds, or give pictures. Status 3: some were unreadable."""
    from facecam.objects.taught import BACKGROUND, FeatureReader, taught_dir
    from facecam.training import object_teaching
    from facecam.training.object_teaching import background_views

    if photos and source:
        raise typer.BadParameter("give pictures or --source, not both", param_hint="PHOTO or --source")
    name, settings, refused = object_teaching.label_name(label), context.settings(), 0
    _prepare()
    reader = FeatureReader(settings.identify.threads)
    if not photos:
        new = _from_source(source or "0", settings, reader, empty=name == BACKGROUND)
    else:
        new, refused = _from_photos(photos, reader)
    context.err().print(f"{new.seen} looked at, {len(new.views)} different views kept, {new.alike} nearly the same as another")
    taught = new.label(name)
    started = time.monotonic()
    folder = taught_dir(objects)
    lesson = object_teaching.teach(folder, taught, lambda: background_views(reader))
    _tell(lesson, folder, picture, json, f"{name}: learned in {time.monotonic() - started:.1f} s")
    if refused:
        raise typer.Exit(context.FINDINGS)


def forget_label(
    label: Annotated[str | None, typer.Argument(metavar="LABEL", help="What to forget.")] = None,
    undo: _Undo = False,
    objects: _Folder = None,
    picture: _PictureFile = None,
    json: JsonOption = None,
) -> None:
    """Forget a taught thing; --undo puts the last one back."""
    from facecam.objects.taught import taught_dir
    from facecam.training import object_teaching

    if (label is None) != undo:
        raise typer.BadParameter("give a label, or --undo", param_hint="LABEL or --undo")
    folder = taught_dir(objects)
    if label is None:
        _tell(object_teaching.restore_label(folder), folder, picture, json, "the last label is back")
    else:
        name = object_teaching.label_name(label)
        words = f"{name} is forgotten; `facecam forget-label --undo` puts it back"
        _tell(object_teaching.forget(folder, name), folder, picture, json, words)


def _prepare() -> None:
    from facecam.networks.convert import ensure_compiled
    from facecam.objects.taught import FEATURE_NETWORK

    with context.progress("preparing the network") as told:
        ensure_compiled([FEATURE_NETWORK], lambda done, total, _: told(done, total))


def _from_source(source: str, settings: Settings, reader: FeatureSource, *, empty: bool) -> Views:
    """The views of the thing in a source: of a file all of it, of a camera the room, then ten seconds or until Ctrl-C."""
    from facecam.capture.source import frames, open_source
    from facecam.training.object_teaching import LIVE_SECONDS, ROOM_SECONDS, CapturePhase, ObjectFinder, ViewCollector

    with open_source(source, settings.capture, time.monotonic()) as opened, ObjectFinder(settings) as eyes:
        room_s, thing_s = (ROOM_SECONDS, LIVE_SECONDS) if opened.live else (0.0, None)
        collector = ViewCollector(reader, eyes, room_s, thing_s, empty=empty)
        _say_what_to_do(collector.part, opened.live)
        with context.progress("looking") as bar, _ended_by_ctrl_c(opened.live):
            for frame in frames(opened):
                if collector.wants(frame):
                    before = collector.part
                    collector.take(frame)
                    bar(len(collector.views.views), collector.views.seen)
                    if collector.part is not before:
                        _say_what_to_do(collector.part, opened.live)
                if collector.part is CapturePhase.DONE:
                    break
    return collector.views


def _say_what_to_do(part: str, live: bool) -> None:
    from facecam.training.object_teaching import LIVE_SECONDS, ROOM_SECONDS, CapturePhase

    if live and part == CapturePhase.ROOM:
        context.err().print(f"Keep it out of the picture for {ROOM_SECONDS:.0f} seconds.")
    elif live and part == CapturePhase.THING:
        context.err().print(f"Now hold it up and turn it, nearer and farther, for {LIVE_SECONDS:.0f} seconds.")


def _ended_by_ctrl_c(live: bool) -> contextlib.AbstractContextManager[None]:
    """Of a camera Ctrl-C ends the looking; what was seen until then is learned."""
    return contextlib.suppress(KeyboardInterrupt) if live else contextlib.nullcontext()


def _from_photos(paths: Sequence[Path], reader: FeatureSource) -> tuple[Views, int]:
    """The views that the pictures give, and how many pictures could not be read."""
    from facecam.imageio import PICTURE_SUFFIXES, read_image
    from facecam.training.object_teaching import from_photos

    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise TeachingError(f"there is no picture or folder {path}; nothing was taught")
        inside = sorted(p for p in path.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES) if path.is_dir() else [path]
        files += inside
    pictures, refused = [], 0
    for path in files:
        try:
            pictures.append(read_image(path))
        except ImageError as error:
            refused += 1
            context.err().print(f"skipped: {error}", markup=False, soft_wrap=True)
    if not pictures:
        raise TeachingError("none of the pictures can be read; nothing was taught")
    with context.progress("looking") as told:
        return from_photos(pictures, reader, told), refused


def _tell(lesson: TeachingResult, folder: Path, picture: Path | None, json: str | None, words: str) -> None:
    from facecam.fileio import write_atomic
    from facecam.objects.taught import BACKGROUND

    views = {label.name: len(label.views) for label in lesson.taught.labels if label.name != BACKGROUND}
    accuracy = None if lesson.checked is None else lesson.checked.accuracy
    if lesson.checked is not None:
        from facecam.training.trainer import confusion_png

        place = picture or folder / CONFUSION
        try:
            write_atomic(place, confusion_png(lesson.checked.confusion, lesson.checked.names, "views held back"))
        except OSError as error:
            raise TeachingError(f"{place} cannot be written: {error.strerror}; what was taught is kept") from error
    if json != "-":
        out = context.out()
        out.print(words, markup=False)
        for name, count in views.items():
            out.print(f"{count:6} views  {name}", markup=False)
        if accuracy is not None:
            out.print(f"validation accuracy {accuracy:.4f}")
        out.print(f"{folder}", markup=False)
    context.write_json(json, {"folder": str(folder), "views": views, "validation_accuracy": accuracy})
