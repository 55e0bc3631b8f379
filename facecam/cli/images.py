"""Commands on single images: facecam identify, classify, compare and explain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

import facecam
from facecam.cli import context
from facecam.cli.options import (
    IMAGE_SUFFIXES,
    ExpressionsOption,
    GalleryOption,
    Input,
    JsonOption,
    NetworkOption,
    Output,
    csv_files,
)
from facecam.errors import FacecamError, GalleryError, ImageError
from facecam.fileio import write_output
from facecam.messages import THRESHOLD_ORIGINS, caption_with_code
from facecam.settings import GateSettings, Mode, Settings

if TYPE_CHECKING:
    from facecam.types import Candidate, Floats, Image


_Images = Annotated[list[Path], Argument(metavar="IMAGE", help="Image files.", show_default=False), Input()]
_Csv = Annotated[
    Path | None,
    Option("--csv", metavar="FILE", help="Write rows with the columns of the log."),
    Output(lambda path, _: csv_files(path)),
]


def identify(
    images: _Images,
    csv: _Csv = None,
    network: NetworkOption = None,
    expressions: ExpressionsOption = None,
    gallery: GalleryOption = None,
) -> bool:
    """Identify the people in images: one row per face. Exit code 3: some images could not be read.

    Examples:
        facecam identify class.jpg
        facecam identify photos/*.jpg --csv people.csv
    """
    return _recognize(images, Mode.FACES, csv, {"identify.network": network, "express.enabled": expressions}, gallery)


def classify(
    images: _Images,
    csv: _Csv = None,
    network: Annotated[
        str | None,
        Option("--network", metavar="NAME|DIR", help="A network of keras.applications, or the folder of a trained one."),
        Input(),
    ] = None,
) -> bool:
    """Classify the object in images: the three best labels. Exit code 3: some images could not be read.

    Examples:
        facecam classify mug.jpg
        facecam classify things/*.jpg --csv objects.csv
    """
    return _recognize(images, Mode.OBJECTS, csv, {"objects.network": network}, None)


def _recognize(images: list[Path], mode: Mode, csv: Path | None, options: Mapping[str, object], gallery: str | None) -> bool:
    from facecam.capture.recording_time import image_time
    from facecam.logbook import schema
    from facecam.logbook.dictionary import data_dictionary, write_dictionary_of
    from facecam.session.config import describe_session
    from facecam.types import Event, EventCode

    settings = context.settings(options)
    folder = context.gallery_dir(gallery)
    lines: list[list[str]] = []
    rows: list[tuple[str, ...]] = []
    notes: list[str] = []
    refused = 0
    with (
        context.progress("reading the gallery") as report_progress,
        facecam.Recognizer(settings, folder, mode, progress=report_progress) as recognizer,
    ):
        if mode is Mode.FACES and not recognizer.gallery.samples:
            context.print_note(context.empty_gallery_message(folder))
        session = describe_session(settings, mode, [str(path) for path in images], recognizer.gallery.revision)
        for number, path in enumerate(images):
            taken = image_time(path) if csv is not None else None
            try:
                result = _recognize_image(recognizer, path, number)
            except ImageError as error:
                refused += 1
                event = Event("error", str(error), code=EventCode.UNREADABLE)
                lines.append(schema.event_row(event, session, 0.0, schema.RowOrigin(str(path), mode=mode, time=taken)))
                context.print_note(str(error))
            else:
                lines += schema.result_rows(result, session, dropped_frames=0, time=taken)
                rows += _rows(result)
                notes += _lowered_thresholds(result)
    if csv is not None:
        write_output(csv, "".join(schema.csv_lines(lines)).encode("utf-8", "backslashreplace"))
        write_dictionary_of(csv, data_dictionary())
    if rows:
        faces = ("image", "face", "person", "nearest", "distance", "measured to", "threshold", "expression")
        objects = ("image", "label", "probability")
        head = objects if mode is Mode.OBJECTS else faces if settings.express.enabled else faces[:-1]
        table = (row[: len(head)] for row in rows)
        context.print_table(table, head, right=("distance", "threshold", "probability"))
    for note in dict.fromkeys(notes):
        context.print_note(note)
    return refused > 0


def _recognize_image(recognizer: facecam.Recognizer, path: Path, number: int) -> facecam.Result:
    frame = facecam.Frame(facecam.read_image(path), number, 0.0, 0.0, str(path))
    try:
        return recognizer.recognize_image(frame)
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error
    except FacecamError:
        raise
    except Exception as error:  # one image must not stop the others
        raise ImageError(f"{path} could not be analyzed ({error}); save it again or reduce it") from error


def _rows(result: facecam.Result) -> Iterator[tuple[str, ...]]:
    for label in result.labels:
        yield result.source, label.name, f"{label.probability:.0%}"
    for number, sighting in enumerate(result.sightings, start=1):
        decision, nearest = sighting.decision, sighting.decision.nearest
        name = f"skipped: {caption_with_code(decision.reason)}" if sighting.gate else decision.name or decision.status.value
        compared = ("", "", "", "")
        if nearest is not None and result.threshold_l2 is not None:
            measured_to = "nearest photo" if nearest.sample_l2 is None else "mean of photos"
            own_l2 = nearest.own_threshold_l2(result.threshold_l2)
            compared = nearest.name, f"{nearest.distance_l2:.2f}", measured_to, f"{own_l2:.2f}"
        expression = sighting.expression.label if sighting.expression else ""
        yield result.source, str(number), name, *compared, expression
    if result.mode is Mode.FACES and not result.sightings:
        yield result.source, "", "no face", *[""] * 5


def _lowered_thresholds(result: facecam.Result) -> Iterator[str]:
    """Yield a sentence for each nearest person whose match threshold is lower than the gallery's."""
    for sighting in result.sightings:
        nearest, threshold_l2 = sighting.decision.nearest, result.threshold_l2
        if nearest is not None and threshold_l2 is not None and nearest.own_threshold_l2(threshold_l2) < threshold_l2:
            yield _threshold_sentence(nearest, threshold_l2)


def _threshold_sentence(nearest: Candidate, threshold_l2: float, *, is_fixed: bool = False) -> str:
    """Return a person's own match threshold and what it comes from, given the gallery's."""
    text = THRESHOLD_ORIGINS["fixed" if is_fixed else nearest.threshold_origin(threshold_l2)]
    return text.format(own=f"{nearest.own_threshold_l2(threshold_l2):.3f}", gallery=f"{threshold_l2:.3f}", name=nearest.name)


@dataclass(frozen=True, slots=True, eq=False)
class PrimaryFace:
    """Largest face of an image: `crop_rgb` is the aligned crop (size, size, 3) uint8, `embedding` has shape (d,)."""

    path: Path
    crop_rgb: Image
    embedding: Floats


def read_primary_faces(paths: tuple[Path, ...], settings: Settings, action: str) -> list[PrimaryFace]:
    """Read the largest face of each image, even if it fails the quality gates. Reasons for doubt are printed to stderr.

    `action` completes the note about other faces, as in "the largest is compared". Raises ImageError without a face.
    """
    from facecam.recognition.quality import failed_gate

    faces: list[PrimaryFace] = []
    with facecam.open_face_analyzer(replace(settings, gate=GateSettings.none())) as analyzer:
        for path in paths:
            bgr = facecam.read_image(path)
            try:
                observations = analyzer.analyze(bgr)
            except ImageError as error:
                raise ImageError(f"{path}: {error}") from error
            if not observations:
                raise ImageError(f"no frontal face of sufficient size found in {path}; try another image")
            largest = observations[0]
            assert largest.embedding is not None
            assert largest.crop_rgb is not None
            if len(observations) > 1:
                box = largest.face.box
                position = f"x {box.x:.0f}, y {box.y:.0f}, {box.w:.0f} x {box.h:.0f} px"
                context.print_note(f"{path} shows {len(observations)} faces: the largest is {action}, at {position}")
            if code := failed_gate(largest.face, largest.quality, (bgr.shape[1], bgr.shape[0]), settings.gate):
                reason = caption_with_code(code)
                context.print_note(f"the face in {path} fails a quality check: {reason}; its distance is less reliable")
            faces.append(PrimaryFace(path, largest.crop_rgb, largest.embedding))
    return faces


def compare(
    a: Annotated[Path, Argument(metavar="A", help="Image with a face.", show_default=False), Input()],
    b: Annotated[Path, Argument(metavar="B", help="Another image with a face.", show_default=False), Input()],
    picture: Annotated[
        Path | None,
        Option("--picture", metavar="FILE", help="Draw both aligned faces with the verdict."),
        Output(suffixes=IMAGE_SUFFIXES),
    ] = None,
    network: NetworkOption = None,
    json: JsonOption = None,
) -> bool:
    """Compare the faces in two images. Exit code 3: not the same person.

    Examples:
        facecam compare ada-1.jpg ada-2.jpg
        facecam compare ada-1.jpg ada-2.jpg --picture faces.png
    """
    import numpy as np

    from facecam.imageio import write_image
    from facecam.recognition.matching import decision_rule, gallery_index
    from facecam.rendering.figures import draw_comparison
    from facecam.types import Sample

    settings = context.settings({"identify.network": network})
    first, second = read_primary_faces((a, b), settings, "compared")
    samples = [Sample(str(face.path), "A", str(face.path), face.path, face.embedding) for face in (first, second)]
    # The threshold of a gallery with one of the two people alone; the lower one, so that their order does not matter.
    rule = decision_rule(settings.identify, samples[:1])
    threshold_l2 = min(
        rule.own_threshold_l2(nearest)
        for sample in samples
        if (nearest := gallery_index(settings.identify, [sample]).nearest(sample.embedding)[0]) is not None
    )
    if threshold_l2 < rule.threshold_l2:
        reason = "many faces resemble one of the two"
        context.print_note(f"the threshold is {threshold_l2:.3f} instead of {rule.threshold_l2:.3f}, because {reason}")
    distance_l2 = float(np.linalg.norm(first.embedding - second.embedding))
    same = distance_l2 <= threshold_l2
    verdict = "the same person" if same else "not the same person"
    figures = f"distance {distance_l2:.3f}, threshold {threshold_l2:.3f}"
    if picture is not None:
        crops = first.crop_rgb, second.crop_rgb
        write_image(picture, draw_comparison(crops, (a.name, b.name), verdict, figures, is_same=same))
    payload = {"distance_l2": distance_l2, "threshold_l2": threshold_l2, "same": same}
    context.present(json, payload, lambda: context.print_result(f"{verdict}: {figures}"))
    return not same


def _explained_files(output: Path | None, arguments: Mapping[str, Any]) -> list[Path]:
    return [output or Path(f"{arguments['image'].stem}-explained.png")]


def explain(
    image: Annotated[Path, Argument(metavar="IMAGE", help="Image of a face or an object.", show_default=False), Input()],
    output: Annotated[
        Path | None,
        Option("-o", "--output", metavar="FILE", help="Image to write. Default: ./IMAGE-explained.png"),
        Output(_explained_files, IMAGE_SUFFIXES),
    ] = None,
    label: Annotated[
        str | None, Option("--label", metavar="NAME", help="Person or label to explain. Default: the nearest or most likely one.")
    ] = None,
    layers: Annotated[bool, Option("--layers", help="Show the feature maps of each layer instead.")] = False,
    mode: Annotated[Mode, Option("--mode", help="Explain a face or an object.")] = Mode.FACES,
    network: NetworkOption = None,
    gallery: GalleryOption = None,
) -> None:
    """Show the image regions that decide a label or a match.

    For a face: the regions that make it similar to the nearest enrolled photo. For an object: the regions that support a label.

    Examples:
        facecam explain ada.jpg
        facecam explain mug.jpg --mode objects --label cup
    """
    from facecam.imageio import write_image

    settings = context.settings({context.NETWORK_OF[mode]: network})
    if mode is Mode.OBJECTS:
        bgr = facecam.read_image(image)
        text, drawn = _object_layers(bgr, image) if layers else _explain_object(bgr, image, label, settings)
    else:
        (face,) = read_primary_faces((image,), settings, "explained")
        text, drawn = _face_layers(face, settings) if layers else _explain_face(face, label, settings, gallery)
    (target,) = _explained_files(output, {"image": image})
    write_image(target, drawn)
    context.print_result(f"{text}\n{target}")


def _explain_object(bgr: Image, path: Path, name: str | None, settings: Settings) -> tuple[str, Image]:
    from facecam.explain.feature_maps import object_sheet
    from facecam.explain.occlusion import ObjectExplainer

    explainer = ObjectExplainer(settings.identify.threads)
    label_ids = (None,) if name is None else explainer.label_ids(name)
    best = max((explainer.explain(bgr, label_id) for label_id in label_ids), key=lambda heat: heat.label.probability)
    return f"{best.label.name}: {best.label.probability * 100:.1f} %", object_sheet(bgr, best, path.name)


def _object_layers(bgr: Image, path: Path) -> tuple[str, Image]:
    from facecam.explain.feature_maps import layers_sheet, object_layers
    from facecam.objects.classifier import central_crop, crop_square, lite0_input
    from facecam.objects.imagenet import INPUT_SIZE_PX

    rgb = crop_square(bgr, central_crop(bgr), INPUT_SIZE_PX)
    layers = object_layers(lite0_input(rgb))
    name = "EfficientNet-Lite0"
    return f"{name}, {len(layers)} layers", layers_sheet(rgb, layers, f"Feature maps of {name} for {path.name}")


def _explain_face(face: PrimaryFace, name: str | None, settings: Settings, gallery: str | None) -> tuple[str, Image]:
    from facecam.cli.people import load_gallery
    from facecam.explain.feature_maps import face_sheet
    from facecam.explain.occlusion import FaceExplainer
    from facecam.gallery.service import GalleryService
    from facecam.recognition.matching import decision_rule, gallery_index
    from facecam.session.visitors import photo_crop

    folder = context.gallery_dir(gallery)
    person_id = None if name is None else GalleryService(folder).person(name).person_id
    loaded = load_gallery(folder, settings)
    samples = [sample for sample in loaded.samples if person_id in (None, sample.person_id)]
    if not samples and name is None:
        raise GalleryError(context.empty_gallery_message(folder))
    if not samples:
        raise GalleryError(f"{name} has no usable photo in {folder}; to add one: facecam enroll NAME PHOTO")
    nearest, _ = gallery_index(settings.identify, samples).nearest(face.embedding)
    assert nearest is not None
    sample = next(sample for sample in samples if sample.sample_id == nearest.sample_id)
    photo_rgb = photo_crop(sample.photo, settings)
    if photo_rgb is None:
        raise GalleryError(f"{sample.photo} no longer shows exactly one face; run `facecam gallery doctor` for details")
    threshold_l2 = decision_rule(settings.identify, loaded.samples).threshold_l2
    to_mean = "" if nearest.sample_l2 is None else f" to the mean of {len(loaded.samples_of(nearest.person_id))} photos"
    title = f"{nearest.name}: distance {nearest.distance_l2:.3f}{to_mean}"
    title += f", threshold {nearest.own_threshold_l2(threshold_l2):.3f}"
    lines = [title] if nearest.sample_l2 is None else [title, f"distance to the nearest of these photos: {nearest.sample_l2:.3f}"]
    lines.append(_threshold_sentence(nearest, threshold_l2, is_fixed=settings.identify.threshold_l2 is not None))
    heat = FaceExplainer(settings.identify).explain(face.crop_rgb, sample.embedding)
    return "\n".join(lines), face_sheet(face.crop_rgb, heat, photo_rgb, title, (face.path.name, sample.sample_id))


def _face_layers(face: PrimaryFace, settings: Settings) -> tuple[str, Image]:
    from facecam.explain.feature_maps import face_layers, layers_sheet
    from facecam.networks.embedding_networks import embedding_network

    network = embedding_network(settings.identify.network)
    layers = face_layers(face.crop_rgb, network)
    sheet = layers_sheet(face.crop_rgb, layers, f"Feature maps of {network.name} for {face.path.name}")
    return f"{network.name}, {len(layers)} layers", sheet
