"""facecam train: fit one of the named recipes to pictures with labels; the result is one folder."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import common
from facecam.cli.common import GalleryOption, JsonOption, command

if TYPE_CHECKING:
    from facecam.teach.dataset import Dataset
    from facecam.teach.train import Epoch, Trained

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


def register(app: typer.Typer) -> None:
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
        from facecam.cli.train_names import train_names

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
    from facecam.quiet import load_keras
    from facecam.teach.dataset import load
    from facecam.teach.recipes import BASE_PX, PICTURE_PX, find_recipe
    from facecam.teach.result import save
    from facecam.teach.train import Options, train

    recipe = find_recipe(name)
    with common.progress("reading pictures") as told:
        dataset = load(data, BASE_PX if recipe.has_base else PICTURE_PX, told)
    for path, reason in dataset.skipped:
        common.err().print(f"skipped: {path}: {reason}", markup=False, soft_wrap=True)
    load_keras()
    with _epochs_shown(name) as shown:
        trained = train(dataset, recipe, Options(**options), shown)  # type: ignore[arg-type]
    network = save(trained, dataset, output or networks_dir() / f"{dataset.name}-{name}")
    if json != "-":
        _print(trained, dataset, network.folder)
    common.write_json(json, {"folder": str(network.folder), "recipe": name, "labels": list(network.labels), **network.figures})
    if dataset.skipped:
        raise typer.Exit(common.FINDINGS)


@contextlib.contextmanager
def _epochs_shown(name: str) -> Iterator[Callable[[Epoch], None]]:
    """A bar on stderr with the newest figures; without a terminal a line for every tenth epoch."""
    import sys

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    drawn = sys.stderr.isatty()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=common.err(), transient=True, disable=not drawn) as bar:
        task = bar.add_task(f"{name}: preparing", total=None)

        def told(epoch: Epoch) -> None:
            words = f"{name}: loss {epoch.loss:.3f}, held back {epoch.validation_loss:.3f}, {epoch.validation_accuracy:.1%} right"
            bar.update(task, completed=epoch.number, total=epoch.most, description=words)
            if not drawn and epoch.number % 10 == 1:
                common.err().print(f"epoch {epoch.number}: {words}", markup=False)

        yield told


def _print(trained: Trained, dataset: Dataset, folder: Path) -> None:
    fitted, validated, tested = trained.counts
    out = common.out()
    out.print(f"{'recipe':14} {trained.recipe.name}: {trained.recipe.says}", markup=False)
    out.print(f"{'data':14} {dataset.name}, {len(dataset.labels)} labels", markup=False)
    out.print(f"{'pictures':14} {fitted} fitted, {validated} held back, {tested} for testing")
    out.print(f"{'epochs':14} {len(trained.history)}")
    out.print(f"{'test loss':14} {trained.test_loss:.4f}")
    out.print(f"{'test accuracy':14} {trained.test_accuracy:.4f}")
    out.print(f"{'folder':14} {folder}", markup=False)
