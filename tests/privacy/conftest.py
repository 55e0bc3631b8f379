"""Fixtures of the tests of privacy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def open_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that everyone can enter, with all folders above it."""
    closed = {folder: folder.stat().st_mode for folder in (tmp_path, *tmp_path.parents) if not folder.stat().st_mode & 0o001}
    for folder, mode in closed.items():
        folder.chmod(mode | 0o011)
    yield tmp_path
    for folder, mode in closed.items():
        folder.chmod(mode)
