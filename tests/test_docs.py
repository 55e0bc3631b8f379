"""Settings, links and example of the documentation."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
import sys
from pathlib import Path

from facecam.settings import Settings

DOCS = Path(__file__).parents[1] / "docs"


def test_every_setting_is_documented_with_its_default() -> None:
    document = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    lines = {line for line in document.splitlines() if line.startswith("| `")}

    for section in dataclasses.fields(Settings):
        branch = getattr(Settings(), section.name)
        for setting in dataclasses.fields(branch):
            (line,) = [line for line in lines if f"`{section.name}.{setting.name}`" in line.split("|")[1]]
            default = getattr(branch, setting.name)
            text = "the network's" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
            assert text in line.split("|")[2], f"{line} does not contain {text}"


def test_no_document_links_to_a_missing_file() -> None:
    root = DOCS.parent
    for document in [root / "README.md", *DOCS.rglob("*.md"), *(root / "models").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_the_example_of_the_readme_runs(tmp_path: Path, portraits: dict[str, Path]) -> None:
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"## In Python\n\n```python\n(.*?)```", readme, re.DOTALL)
    person = tmp_path / "gallery" / "Eileen Collins"
    person.mkdir(parents=True)
    shutil.copy(portraits["eileen_collins"], person)

    done = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert sum("Eileen Collins: votes" in line for line in lines) > 50
    assert sum("unknown: votes" in line for line in lines) > 50
