"""facecam identify, classify, compare: still pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import context
from facecam.cli.context import NETWORK_OF, GalleryOption, JsonOption, NetworkOption, command
from facecam.errors import ImageError
from facecam.settings import Mode

if TYPE_CHECKING:
    from rich.table import Table

    from facecam.gallery.gallery import Gallery
    from facecam.recognition.face_analyzer import ImageFaceAnalyzer
    from facecam.recognizer import Recognizer
    from facecam.settings import GateSettings, Settings
    from facecam.types import Face, Floats, Image, Result, Sample


_Pictures = Annotated[list[Path], typer.Argument(metavar="PICTURE ...", help="Picture files.")]
_Csv = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write a row per face or picture, in the log's columns.")
]

_ObjectNetwork = Annotated[
    str | None,
    typer.Option("--network", metavar="NAME|DIR", help="A network of keras.applications, or the folder of a trained one."),
]


def register_pictures(app: typer.Typer) -> None:
    """Add the commands on still pictures to the command line."""
    command(app, "identify")(identify)
    command(app, "classify")(classify)


def identify(
    pictures: _Pictures,
    csv: _Csv = None,
    network: NetworkOption = None,
    gallery: GalleryOption = None,
) -> None:
    """Say who is on pictures: a row per face."""
    _recognize(pictures, Mode.FACES, csv, network, gallery)


def classify(pictures: _Pictures, csv: _Csv = None, network: _ObjectNetwork = None) -> None:
    """Name the object on pictures: the three likeliest labels of each."""
    _recognize(pictures, Mode.OBJECTS, csv, network, None)


def _recognize(pictures: list[Path], mode: Mode, csv: Path | None, network: str | None, gallery: str | None) -> None:
    from facecam.logbook import schema
    from facecam.logbook.schema import csv_lines
    from facecam.networks.convert import ensure_compiled
    from facecam.recognizer import Recognizer, networks_for
    from facecam.session.config import describe
    from facecam.types import Event

    settings = context.settings({NETWORK_OF[mode]: network})
    with context.progress("preparing networks") as told:
        ensure_compiled(networks_for(settings, mode), lambda done, total, _: told(done, total))
    directory = context.gallery_dir(gallery)
    lines: list[list[str]] = []
    refused = 0
    with context.progress("reading the gallery") as told, Recognizer(settings, directory, mode, progress=told) as recognizer:
        _warn_of_empty_gallery(recognizer, directory)
        session = describe(settings, mode, [str(path) for path in pictures], recognizer.gallery.revision)
        table = _table(mode)
        for path, outcome in _outcomes(pictures, recognizer):
            if isinstance(outcome, ImageError):
                refused += 1
                event = Event("error", str(outcome))
                lines.append(schema.event_row(event, session, 0.0, schema.RowOrigin(str(path), mode=mode)))
                context.err().print(f"{outcome}", markup=False)
            else:
                lines += schema.rows(outcome, session, dropped_frames=0)
                _add_rows(table, outcome)
    if csv is not None:
        csv.write_bytes("".join(csv_lines(lines)).encode("utf-8", "backslashreplace"))
    if table.row_count:
        context.out().print(table)
    if refused:
        raise typer.Exit(context.FINDINGS)


def _outcomes(pictures: list[Path], recognizer: Recognizer) -> Iterator[tuple[Path, Result | ImageError]]:
    """What each picture shows, or why it could not be read."""
    from facecam.imageio import read_image
    from facecam.types import Frame

    for number, path in enumerate(pictures):
        try:
            frame = Frame(read_image(path), number, 0.0, 0.0, str(path))
        except ImageError as error:
            yield path, error
        else:
            yield path, recognizer.still(frame)


def _warn_of_empty_gallery(recognizer: Recognizer, directory: Path) -> None:
    if recognizer.mode is Mode.FACES and not recognizer.gallery.samples:
        context.err().print(f"Nobody is enrolled in {directory}; `facecam enroll NAME PHOTO` adds a person.", markup=False)


def _table(mode: Mode) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    headings = (
        ("picture", "face", "who", "nearest", "distance", "expression") if mode is Mode.FACES else ("picture", "label", "share")
    )
    for heading in headings:
        table.add_column(heading, justify="right" if heading in ("distance", "share") else "left", overflow="fold")
    return table


def _add_rows(table: Table, result: Result) -> None:
    from rich.text import Text

    for label in result.labels:
        table.add_row(Text(result.source), Text(label.name), f"{label.probability:.0%}")
    for number, sighting in enumerate(result.sightings, start=1):
        decision, nearest = sighting.decision, sighting.decision.nearest
        who = decision.name or (f"skipped ({decision.reason})" if sighting.gate else decision.status.value)
        distance = f"{nearest.distance_l2:.2f}" if nearest else ""
        expression = sighting.expression.label if sighting.expression else ""
        table.add_row(Text(result.source), str(number), Text(who), Text(nearest.name if nearest else ""), distance, expression)
    if result.mode is Mode.FACES and not result.sightings:
        table.add_row(Text(result.source), "", "no face", "", "", "")


# MERGED cli.compare: `facecam compare`: whether two pictures show the same person.

if TYPE_CHECKING:
    pass

_A = Annotated[Path, typer.Argument(metavar="A", help="A picture with a face.", show_default=False)]
_B = Annotated[Path, typer.Argument(metavar="B", help="Another one.", show_default=False)]
_Drawn = Annotated[
    Path | None, typer.Option("--picture", metavar="FILE", help="Draw both aligned faces side by side, with the verdict.")
]


def register_compare(app: typer.Typer) -> None:
    """Add `compare` to the command line."""
    command(app, "compare")(compare)


def compare(a: _A, b: _B, picture: _Drawn = None, network: NetworkOption = None, json: JsonOption = None) -> None:
    """Say how far apart the faces on two pictures are, and whether that is the same person. Status 3: not the same."""
    import numpy as np

    from facecam.recognition.face_analyzer import open_face_analyzer
    from facecam.recognition.matching import decision_rule
    from facecam.settings import GateSettings
    from facecam.types import Sample

    settings = context.settings({"identify.network": network})
    with open_face_analyzer(replace(settings, gate=GateSettings.none())) as reader:
        subjects = tuple(read_primary_face(path, reader, settings.gate, "compared") for path in (a, b))
    enrolled = Sample(str(a), "A", str(a), a, subjects[0].embedding)  # the threshold of a gallery that holds nothing but A
    threshold_l2 = decision_rule(settings.identify, [enrolled]).threshold_l2
    distance_l2 = float(np.linalg.norm(subjects[0].embedding - subjects[1].embedding))
    same = distance_l2 <= threshold_l2
    verdict = "the same person" if same else "not the same person"
    figures = f"distance {distance_l2:.3f}, the same up to {threshold_l2:.3f}"
    if picture is not None:
        _draw(picture, subjects, verdict, figures, same=same)
    if json != "-":
        context.out().print(f"{verdict}: {figures}", markup=False, soft_wrap=True)
    context.write_json(json, {"distance_l2": distance_l2, "threshold_l2": threshold_l2, "same": same})
    if not same:
        raise typer.Exit(context.FINDINGS)


def _draw(target: Path, subjects: tuple[PrimaryFace, ...], verdict: str, figures: str, *, same: bool) -> None:
    from facecam.imageio import write_image
    from facecam.rendering.figures import Comparison, draw_comparison

    first, second = subjects
    comparison = Comparison((first.path.name, second.path.name), verdict, figures, same)
    write_image(target, draw_comparison((first.crop_rgb, second.crop_rgb), comparison))


# MERGED cli.subject: The face of a picture that a command is about: the largest, and what has to be said of it.


@dataclass(frozen=True, slots=True, eq=False)
class PrimaryFace:
    """A picture (height, width, 3) uint8 BGR, its largest face, and that face's embedding (128,)."""

    path: Path
    bgr: Image
    face: Face
    embedding: Floats

    @property
    def crop_rgb(self) -> Image:
        """The aligned face, (96, 96, 3) uint8 RGB."""
        from facecam.embedding.embedder import align

        return align(self.bgr, self.face.landmarks_xy)


def read_primary_face(path: Path, reader: ImageFaceAnalyzer, gates: GateSettings, done: str) -> PrimaryFace:
    """The largest face of a picture; `reader` must read faces that fail the gates, too.

    PictureError when there is none. What makes the answer less sure is said on stderr; `done` is what the command does with it.
    """
    from facecam.errors import ImageError
    from facecam.imageio import read_image
    from facecam.recognition.quality import gate

    bgr = read_image(path)
    readings = reader.analyze(bgr)
    if not readings:
        raise ImageError(f"there is no face on {path} that is large enough and seen from the front; try another picture")
    largest = readings[0]
    assert largest.embedding is not None
    if len(readings) > 1:
        box = largest.face.box
        where = f"at x {box.x:.0f}, y {box.y:.0f}, {box.w:.0f} x {box.h:.0f} px"
        context.err().print(f"{path} shows {len(readings)} faces: the largest is {done}, {where}", markup=False, soft_wrap=True)
    code = gate(largest.face, largest.quality, (bgr.shape[1], bgr.shape[0]), gates)
    if code is not None:
        context.err().print(
            f"the face on {path} would not be enrolled ({code}): its distance says less", markup=False, soft_wrap=True
        )
    return PrimaryFace(path, bgr, largest.face, largest.embedding)


# MERGED cli.explain: `facecam explain`: what in a picture decided its label or its distance, and the network's feature maps.

_Picture = Annotated[Path, typer.Argument(metavar="PICTURE", help="A picture with a face, or of an object.", show_default=False)]
_Out = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="The picture that is made; else PICTURE-explained.png here.")
]
_Label = Annotated[
    str | None,
    typer.Option("--label", metavar="NAME", help="Explain this person or label, and not the nearest or likeliest one."),
]
_Layers = Annotated[bool, typer.Option("--layers", help="Show the feature maps layer by layer instead.")]
_Mode = Annotated[Mode, typer.Option("--mode", help="What is explained.")]


def register_explain(app: typer.Typer) -> None:
    """Add `explain` to the command line."""
    command(app, "explain")(explain)


def explain(
    picture: _Picture,
    output: _Out = None,
    label: _Label = None,
    layers: _Layers = False,
    mode: _Mode = Mode.FACES,
    network: NetworkOption = None,
    gallery: GalleryOption = None,
) -> None:
    """Show what in a picture decided: the parts that make the face like the photo it is nearest to, or speak for a label."""
    from facecam.imageio import read_image, write_image

    settings = context.settings({"identify.network": network})
    if mode is Mode.OBJECTS:
        bgr = read_image(picture)
        said, drawn = _object_layers(bgr, picture) if layers else _object(bgr, picture, label, settings)
    else:
        subject = _subject(picture, settings)
        said, drawn = _face_layers(subject, settings) if layers else _face(subject, label, settings, gallery)
    target = output or Path(f"{picture.stem}-explained.png")
    write_image(target, drawn)
    context.out().print(f"{said}\n{target}", markup=False, soft_wrap=True)


def _subject(path: Path, settings: Settings) -> PrimaryFace:
    """The largest face, whether or not it would be enrolled: what is blurred or turned away is worth a look, too."""
    from dataclasses import replace

    from facecam.recognition.face_analyzer import open_face_analyzer
    from facecam.settings import GateSettings

    with open_face_analyzer(replace(settings, gate=GateSettings.none())) as reader:
        return read_primary_face(path, reader, settings.gate, "explained")


def _object(bgr: Image, path: Path, name: str | None, settings: Settings) -> tuple[str, Image]:
    from facecam.explain.feature_maps import object_picture
    from facecam.explain.occlusion import ObjectExplainer

    explainer = ObjectExplainer(settings.identify.threads)
    wanted = (None,) if name is None else explainer.label_ids(name)
    found = max((explainer.explain(bgr, one) for one in wanted), key=lambda heat: heat.label.probability)
    said = f"{found.label.name}: {found.label.probability * 100:.1f} %"
    return said, object_picture(bgr, found, path.name)


def _object_layers(bgr: Image, path: Path) -> tuple[str, Image]:
    from facecam.explain.feature_maps import layers_picture, object_layers
    from facecam.objects.classifier import central_crop, cut, lite0_input
    from facecam.objects.imagenet import INPUT_SIZE_PX

    rgb = cut(bgr, central_crop(bgr), INPUT_SIZE_PX)
    layers = object_layers(lite0_input(rgb))
    said = f"EfficientNet-Lite0, {len(layers)} layers"
    return said, layers_picture(rgb, layers, f"What EfficientNet-Lite0 sees in {path.name}")


def _face(subject: PrimaryFace, name: str | None, settings: Settings, gallery: str | None) -> tuple[str, Image]:
    from facecam.errors import GalleryError
    from facecam.explain.feature_maps import face_picture
    from facecam.explain.occlusion import FaceExplainer
    from facecam.recognition.matching import Index, decision_rule
    from facecam.session.visitors import photo_crop

    people, samples = _enrolled(settings, name, gallery)
    nearest, _ = Index(samples).nearest(subject.embedding)
    assert nearest is not None
    sample = next(sample for sample in samples if sample.sample_id == nearest.sample_id)
    photo_rgb = photo_crop(sample.photo, settings)
    if photo_rgb is None:
        raise GalleryError(f"{sample.photo} shows no single face any more; `facecam gallery doctor` says what is wrong")
    threshold_l2 = decision_rule(settings.identify, people.samples).threshold_l2
    said = f"{nearest.name}: distance {nearest.distance_l2:.3f}, the same up to {threshold_l2:.3f}"
    heat = FaceExplainer(settings.identify).explain(subject.crop_rgb, sample.embedding)
    return said, face_picture(subject.crop_rgb, heat, photo_rgb, said, (subject.path.name, sample.sample_id))


def _enrolled(settings: Settings, name: str | None, gallery: str | None) -> tuple[Gallery, list[Sample]]:
    """The gallery, and the samples that may be compared with: everybody's, or those of one name. GalleryError without any."""
    from facecam.cli.people import load_gallery, open_shipped_reader
    from facecam.errors import GalleryError
    from facecam.gallery.store import GalleryFolder

    directory = context.gallery_dir(gallery)
    person = None if name is None else GalleryFolder(directory).person(name)
    people = load_gallery(directory, settings, open_shipped_reader)
    samples = [sample for sample in people.samples if person is None or sample.person_id == person.person_id]
    if not samples:
        who = "nobody is enrolled" if person is None else f"{person.name} has no photo that can be used"
        raise GalleryError(f"{who} in {directory}; `facecam enroll NAME PHOTO` adds one")
    return people, samples


def _face_layers(subject: PrimaryFace, settings: Settings) -> tuple[str, Image]:
    from facecam.explain.feature_maps import face_layers, layers_picture

    layers = face_layers(subject.crop_rgb, settings.identify.network)
    said = f"{settings.identify.network}, {len(layers)} layers"
    return said, layers_picture(subject.crop_rgb, layers, f"What {settings.identify.network} sees in {subject.path.name}")
