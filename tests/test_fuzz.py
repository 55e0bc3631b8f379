"""Damaged files: those that once failed, and new ones. `python -m tools.fuzz` searches for longer."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tools.fuzz.__main__ import damaged_file, fuzz
from tools.fuzz.readers import READERS, read

CORPUS = Path(__file__).with_name("corpus")
FILES = sorted(path for path in CORPUS.glob("*/*"))
QUICK_S, LONG_S = 1.0, 1800.0


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_file_that_once_failed_is_read_or_refused(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    shutil.copy(path, copy)
    began_s = time.monotonic()

    read(path.parent.name, copy)

    assert time.monotonic() - began_s < 5


@pytest.mark.parametrize("reader", [reader for reader in READERS if reader != "calibration"])
def test_most_undamaged_files_are_read(reader: str, tmp_path: Path) -> None:
    refused = []
    for suffix, content in READERS[reader].valid():
        path = tmp_path / f"valid{suffix}"
        path.write_bytes(content)
        refused.append(read(reader, path))

    assert refused.count(None) > len(refused) / 2, refused


def test_the_number_of_an_input_determines_its_content() -> None:
    assert damaged_file("image", 7) == damaged_file("image", 7)
    assert damaged_file("image", 7) != damaged_file("image", 8)


@pytest.mark.parametrize(
    "seconds",
    [QUICK_S, pytest.param(LONG_S, marks=[pytest.mark.long, pytest.mark.timeout(2000)])],
    ids=["quick", "long"],
)
@pytest.mark.parametrize("reader", READERS)
def test_damaged_files_are_refused_in_words_in_time_and_within_the_memory(reader: str, seconds: float, tmp_path: Path) -> None:
    result = fuzz(reader, time.time_ns() % 10**9, None, time.monotonic() + seconds, tmp_path)

    assert result.count or result.failures
    assert result.failures == []
