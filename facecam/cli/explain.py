"""`facecam explain`: what in a picture decided its label or its distance, and the network's feature maps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import common
from facecam.cli.common import GalleryOption, NetworkOption, command
from facecam.mode import Mode

if TYPE_CHECKING:
    from facecam.cli.subject import Subject
    from facecam.identify.gallery import Gallery, Sample
    from facecam.settings import Settings
    from facecam.types import Picture

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


def register(app: typer.Typer) -> None:
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
    from facecam.picture import read_picture, write_picture

    settings = common.settings({"identify.network": network})
    if mode is Mode.OBJECTS:
        bgr = read_picture(picture)
        said, drawn = _object_layers(bgr, picture) if layers else _object(bgr, picture, label, settings)
    else:
        subject = _subject(picture, settings)
        said, drawn = _face_layers(subject, settings) if layers else _face(subject, label, settings, gallery)
    target = output or Path(f"{picture.stem}-explained.png")
    write_picture(target, drawn)
    common.out().print(f"{said}\n{target}", markup=False, soft_wrap=True)


def _subject(path: Path, settings: Settings) -> Subject:
    """The largest face, whether or not it would be enrolled: what is blurred or turned away is worth a look, too."""
    from dataclasses import replace

    from facecam.cli.subject import read_subject
    from facecam.faces import open_face_reader
    from facecam.settings import GateSettings

    with open_face_reader(replace(settings, gate=GateSettings.none())) as reader:
        return read_subject(path, reader, settings.gate, "explained")


def _object(bgr: Picture, path: Path, name: str | None, settings: Settings) -> tuple[str, Picture]:
    from facecam.explain.objects import ObjectExplainer
    from facecam.explain.pictures import object_picture

    explainer = ObjectExplainer(settings.identify.threads)
    wanted = (None,) if name is None else explainer.label_ids(name)
    found = max((explainer.explain(bgr, one) for one in wanted), key=lambda heat: heat.label.probability)
    said = f"{found.label.name}: {found.label.probability * 100:.1f} %"
    return said, object_picture(bgr, found, path.name)


def _object_layers(bgr: Picture, path: Path) -> tuple[str, Picture]:
    from facecam.explain.layers import object_layers
    from facecam.explain.pictures import layers_picture
    from facecam.objects.classifier import centre, cut, lite0_input
    from facecam.objects.imagenet import INPUT_SIZE_PX

    rgb = cut(bgr, centre(bgr), INPUT_SIZE_PX)
    layers = object_layers(lite0_input(rgb))
    said = f"EfficientNet-Lite0, {len(layers)} layers"
    return said, layers_picture(rgb, layers, f"What EfficientNet-Lite0 sees in {path.name}")


def _face(subject: Subject, name: str | None, settings: Settings, gallery: str | None) -> tuple[str, Picture]:
    from facecam.errors import GalleryError
    from facecam.explain.faces import FaceExplainer
    from facecam.explain.pictures import face_picture
    from facecam.identify.index import Index
    from facecam.identify.rule import decision_rule
    from facecam.runtime.account import photo_crop

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
    from facecam.identify.folder import GalleryFolder

    directory = common.gallery_dir(gallery)
    person = None if name is None else GalleryFolder(directory).person(name)
    people = load_gallery(directory, settings, open_shipped_reader)
    samples = [sample for sample in people.samples if person is None or sample.person_id == person.person_id]
    if not samples:
        who = "nobody is enrolled" if person is None else f"{person.name} has no photo that can be used"
        raise GalleryError(f"{who} in {directory}; `facecam enroll NAME PHOTO` adds one")
    return people, samples


def _face_layers(subject: Subject, settings: Settings) -> tuple[str, Picture]:
    from facecam.explain.layers import face_layers
    from facecam.explain.pictures import layers_picture

    layers = face_layers(subject.crop_rgb, settings.identify.network)
    said = f"{settings.identify.network}, {len(layers)} layers"
    return said, layers_picture(subject.crop_rgb, layers, f"What {settings.identify.network} sees in {subject.path.name}")
