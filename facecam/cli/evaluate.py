"""facecam evaluate: accuracy on labeled photos, by groups of people, and of expressions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

import facecam
from facecam.cli import context
from facecam.cli.options import FIGURE, Input, JsonOption, NetworkOption, command
from facecam.settings import GateSettings

if TYPE_CHECKING:
    from facecam.evaluation.groups import GroupReport

_Directory = Annotated[Path, Argument(metavar="DIR", help="Folder with DIR/Name/Name_0001.jpg"), Input()]


evaluate_group = typer.Typer(help="Measure accuracy on photos with labels.", no_args_is_help=True)


@command(evaluate_group, "names")
def names(
    directory: _Directory,
    pairs: Annotated[Path, Option("--pairs", metavar="FILE", help="Pair list of the people to report on."), Input()],
    train_pairs: Annotated[
        Path, Option("--train-pairs", metavar="FILE", help="Pair list of other people, to choose the thresholds on."), Input()
    ],
    far: Annotated[
        float, Option("--far", metavar="SHARE", min=0.0001, max=0.5, help="Share of strangers that may get a name.")
    ] = 0.01,
    finetune: Annotated[
        bool, Option("--finetune", help="Also evaluate with the last block of the network fine-tuned by triplet loss.")
    ] = False,
    head: Annotated[
        Path | None,
        Option(
            "--head",
            metavar="DIR",
            help="Also evaluate this head of `train --recipe names`; all methods then use the network it was trained on.",
        ),
        Input(),
    ] = None,
    network: NetworkOption = None,
    json: JsonOption = None,
) -> None:
    """Compare the nearest L2 distance with a trained head.

    Both identify people in photos that they have not seen; --finetune adds a fine-tuned network.

    Examples:
        facecam evaluate names lfw --pairs pairsDevTest.txt --train-pairs pairsDevTrain.txt
        facecam evaluate names lfw --pairs pairsDevTest.txt --train-pairs pairsDevTrain.txt --finetune
    """
    from facecam.evaluation import lfw
    from facecam.evaluation import names as by_name
    from facecam.training.names import read_names

    stored = None if head is None else read_names(head)
    settings = context.settings({"identify.network": network if stored is None else stored.weights})
    split = by_name.split_photos(directory, lfw.read_pairs(pairs), lfw.read_pairs(train_pairs))
    with facecam.open_face_analyzer(settings) as analyzer, context.progress("reading faces") as report_progress:
        read = lfw.read_faces(split.photos, directory, analyzer, report_progress)
    faces = {photo: face for photo, face in read.items() if face is not None}
    embeddings = {photo: embedding for photo, (embedding, _) in faces.items()}
    crops = {photo: crop for photo, (_, crop) in faces.items()}
    figures = by_name.compare_both(split, embeddings, far)
    if finetune:
        with context.progress("fine-tuning the last block") as report_progress:
            tuned = by_name.finetuned_embeddings(split, crops, settings.identify.network, report_progress)
        figures += by_name.compare_both(split, tuned, far, ", fine-tuned")
    if stored is not None:
        own = by_name.tuned_embeddings(stored, crops) if stored.tuned_arrays else embeddings
        figures.append(by_name.evaluate_head(split, own, stored, far))
    ways = [way.to_dict() for way in figures]
    counts = {
        "people": len({photo.name for photo in split.enrolled}),
        "enrolled": len(split.enrolled),
        "unseen": len(split.unseen),
        "strangers": len(split.strangers),
        "choosing": len(split.choosing),
        "without_a_face": len(set(split.photos) - set(faces)),
    }

    def print_text() -> None:
        context.print_table(counts.items())
        head = ("method", "correct", "wrong", "strangers named", "threshold", f"correct at {far:g}")
        context.print_table((way.values() for way in ways), head, right=head[1:])

    context.present(json, {**counts, "ways": ways}, print_text)


@command(evaluate_group, "lfw")
def lfw(
    directory: _Directory,
    pairs: Annotated[Path, Option("--pairs", metavar="FILE", help="Pair list to report on."), Input()],
    train_pairs: Annotated[
        Path | None, Option("--train-pairs", metavar="FILE", help="Pair list to choose the threshold on."), Input()
    ] = None,
    network: NetworkOption = None,
    mirrored: Annotated[bool, Option(help="Average each face with its mirror image.")] = True,
    json: JsonOption = None,
    picture: Annotated[Path | None, Option("--picture", metavar="FILE", help="Draw the ROC curve."), FIGURE] = None,
) -> None:
    """Evaluate verification on Labeled Faces in the Wild. Each pair is the same person or not.

    Examples:
        facecam evaluate lfw lfw --pairs pairsDevTest.txt
        facecam evaluate lfw lfw --pairs pairsDevTest.txt --train-pairs pairsDevTrain.txt --picture roc.png
    """
    from facecam.evaluation import lfw as labeled_faces

    settings = context.settings({"identify.network": network, "identify.mirrored": mirrored})
    ungated = replace(settings, gate=GateSettings.none())
    listed = labeled_faces.read_pairs(pairs)
    train = labeled_faces.read_pairs(train_pairs) if train_pairs else None
    photos = {photo for pair in [*listed, *(train or [])] for photo in (pair.a, pair.b)}
    with facecam.open_face_analyzer(ungated) as analyzer, context.progress("reading faces") as report_progress:
        embeddings = labeled_faces.embed_photos(photos, directory, analyzer, report_progress)
    figures = labeled_faces.evaluate(listed, embeddings, train).to_dict()
    if picture is not None:
        from facecam.evaluation.figures import draw_roc

        draw_roc(*labeled_faces.distances(listed, embeddings), settings.identify.network, picture)
    context.present(json, {"network": settings.identify.network, **figures}, lambda: context.print_table(figures.items()))


@command(evaluate_group, "groups")
def groups(
    directory: Annotated[
        Path,
        Argument(
            metavar="DIR", help="Folder with DIR/labels.csv (image, age, gender, group) and DIR/images, one photo of each person"
        ),
        Input(),
    ],
    people: Annotated[
        int,
        Option("--people", min=1, metavar="N", help="Use the automatic threshold of N people with one photo each."),
    ] = 10,
    part: Annotated[
        str, Option("--part", metavar="I/N", help="Use only every N-th image of labels.csv, from the I-th on.")
    ] = "1/1",
    network: NetworkOption = None,
    json: JsonOption = None,
    picture: Annotated[Path | None, Option("--picture", metavar="FILE", help="Draw the rates as bars."), FIGURE] = None,
) -> None:
    """Measure how often two people of one group are confused.

    Prints the false match rate between people of the same group, gender and age at the automatic threshold, for the shipped
    networks or the one of --network. FairFace's validation part has this layout.

    Examples:
        facecam evaluate groups fairface
        facecam evaluate groups fairface --people 50 --picture groups.png
    """
    from facecam.evaluation import groups as by_group
    from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK

    settings = context.settings({"identify.network": network})
    networks = [settings.identify.network] if network else [DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK]
    images = by_group.read_labels(directory, _part(part))
    with context.progress("reading faces") as report_progress:
        faces = by_group.embed_images(images, networks, settings, report_progress)
    fpir = settings.identify.false_positive_identification_rate
    reports = [by_group.evaluate(faces, name, people, fpir) for name in networks]
    if picture is not None:
        from facecam.evaluation.figures import draw_groups

        draw_groups(reports, picture)

    def print_text() -> None:
        for report in reports:
            _print_groups(report)
        for report in reports:
            context.print_result(report.summary)

    context.present(json, {"networks": [report.to_dict() for report in reports]}, print_text)


def _part(option: str) -> tuple[int, int]:
    first, _, step = option.partition("/")
    if not (first.isdecimal() and step.isdecimal() and 1 <= int(first) <= int(step)):
        raise typer.BadParameter(f"{option} is not a part such as 2/3, the second, fifth, eighth ... image", param_hint="--part")
    return int(first), int(step)


def _print_groups(report: GroupReport) -> None:
    context.print_result(f"{report.label}, {report.enrolled} people, threshold {report.threshold_l2:.3f}")
    head = (
        *("", "photos", "people", "pairs", "match", "95 %", "of mean", "without cohort", "of mean ", "own threshold"),
        *("strangers named", "own threshold "),
    )
    rows = [
        (
            f"{rate.label}: {rate.value}",
            rate.photos,
            rate.people,
            rate.pairs,
            _percent(rate.false_match_rate),
            f"{_percent(rate.low)} to {_percent(rate.high)}" if rate.pairs else "",
            _times(rate.ratio),
            _percent(rate.uncorrected_rate),
            _times(rate.uncorrected_ratio),
            _distance(rate.threshold_l2),
            _percent(rate.strangers_named),
            _distance(rate.strangers_threshold_l2),
        )
        for rate in report.rates
    ]
    context.print_table(rows, head, right=head[1:])
    context.print_result()


def _percent(rate: float | None) -> str:
    return "" if rate is None else f"{100 * rate:.2f} %"


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.1f}"


def _distance(distance_l2: float | None) -> str:
    return "" if distance_l2 is None else f"{distance_l2:.3f}"


@command(evaluate_group, "expressions")
def expressions(
    directory: Annotated[Path, Argument(metavar="DIR", help="Folder with FER+ faces and votes.csv"), Input()],
    every: Annotated[
        bool, Option("--all", help="Include the even-numbered images, which the network was calibrated on.")
    ] = False,
    json: JsonOption = None,
    picture: Annotated[
        Path | None, Option("--picture", metavar="FILE", help="Draw the confusion matrix and the reliability diagram."), FIGURE
    ] = None,
) -> None:
    """Evaluate the expression network against human votes. Images that it was calibrated on are left out.

    `cross_fitted_ece` is the expected calibration error over both halves, each calibrated on the other. It needs images of both.

    Examples:
        facecam evaluate expressions ferplus
        facecam evaluate expressions ferplus --picture expressions.png
    """
    from facecam.errors import ImageError
    from facecam.evaluation import expressions as votes
    from facecam.expression.reader import NETWORK, ExpressionReader

    faces = votes.read_votes(directory)
    if not every and all(face.used_for_calibration for face in faces):
        raise ImageError(f"{directory} contains only even-numbered images, which the network was calibrated on; add --all")
    with context.progress("reading faces") as report_progress:
        predictions = votes.predict_expressions(faces, ExpressionReader(threads=2), report_progress)
    evaluation = predictions if every else predictions.unseen
    if picture is not None:
        from facecam.evaluation.figures import draw_expressions

        draw_expressions(evaluation, picture)
    figures = {"network": NETWORK, "cross_fitted_ece": predictions.cross_fitted_ece(), **evaluation.to_dict()}
    context.present(json, figures, lambda: _print_expressions(figures))


def _print_expressions(figures: dict[str, Any]) -> None:
    context.print_table((name, value) for name, value in figures.items() if name != "classes" and value is not None)
    rows = [
        (name, row["pictures"], *("" if row[share] is None else f"{100 * row[share]:.1f} %" for share in ("recall", "precision")))
        for name, row in figures["classes"].items()
    ]
    context.print_table(rows, ("expression", "images", "recall", "precision"))
