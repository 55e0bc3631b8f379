"""What training leaves behind: one folder with plain weights, what they are, and two pictures."""

from __future__ import annotations

import hashlib
from pathlib import Path

from facecam import __version__
from facecam.atomic import write_atomic
from facecam.errors import TeachError
from facecam.teach.dataset import Dataset
from facecam.teach.pictures import confusion_png, history_png
from facecam.teach.recipes import arrays_of
from facecam.teach.train import Trained
from facecam.trained import NETWORK_FILE, TrainedNetwork


def save(trained: Trained, dataset: Dataset, folder: Path) -> TrainedNetwork:
    """Write `folder`, over what an earlier training left there. TeachError when it cannot be written, or holds something else.

    network.json is moved into place last: until then the folder is what it was.
    """
    from safetensors.numpy import save as packed

    if folder.is_dir() and any(folder.iterdir()) and not (folder / NETWORK_FILE).is_file():
        raise TeachError(f"{folder} holds other things than a trained network; name another folder with -o")
    content = packed(arrays_of(trained.model))
    digest = hashlib.sha256(content).hexdigest()
    network = TrainedNetwork(
        folder=folder,
        recipe=trained.recipe.name,
        base=trained.options.base if trained.recipe.has_base else "",
        form=trained.form,
        labels=trained.labels,
        weights=f"weights-{digest[:12]}.safetensors",
        sha256=digest,
        figures=_figures(trained, dataset),
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / network.weights, content)
        write_atomic(folder / "history.png", history_png(trained.history, f"{trained.recipe.name} on {dataset.name}"))
        write_atomic(folder / "confusion.png", confusion_png(trained.confusion, trained.labels, "test pictures"))
        write_atomic(folder / NETWORK_FILE, network.to_json().encode())
        for old in folder.glob("weights-*.safetensors"):
            if old.name != network.weights:
                old.unlink(missing_ok=True)
    except OSError as error:
        raise TeachError(f"{folder} cannot be written: {error.strerror}; name another folder with -o") from error
    return network


def _figures(trained: Trained, dataset: Dataset) -> dict[str, object]:
    fitted, validated, tested = trained.counts
    return {
        "facecam": __version__,
        "data": dataset.name,
        "data_sha256": dataset.sha256,
        "seed": trained.options.seed,
        "epochs": len(trained.history),
        "pictures": {"train": fitted, "validation": validated, "test": tested},
        "test_loss": round(trained.test_loss, 6),
        "test_accuracy": round(trained.test_accuracy, 6),
    }
