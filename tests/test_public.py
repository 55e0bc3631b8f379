"""The public interface: what `import facecam` promises."""

from __future__ import annotations

import subprocess
import sys

import pytest

import facecam


@pytest.mark.parametrize("name", facecam.__all__)
def test_every_public_name_is_there_and_knows_its_own_name(name: str) -> None:
    assert getattr(facecam, name).__name__ == name
    assert name in dir(facecam)


def test_the_names_are_sorted_and_each_stands_once() -> None:
    assert facecam.__all__ == sorted(set(facecam.__all__))


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="recognise"):
        facecam.recognise  # noqa: B018


def test_importing_facecam_imports_nothing_heavy() -> None:
    code = "import sys, facecam; print(*sorted({'numpy', 'cv2', 'PySide6', 'pandas', 'tensorflow'} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == ""
