"""The notebook in docs/ runs without errors on a log of real videos."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "analysis.ipynb"

# In a separate process, because the kernel's client leaves threads and sockets open.
RUN = """
import sys
import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=250, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""


def test_every_cell_of_the_notebook_runs(real_log: Path, tmp_path: Path) -> None:
    done = tmp_path / "done.ipynb"
    environment = os.environ | {"FACECAM_LOG": str(real_log), "IPYTHONDIR": str(tmp_path), "MPLBACKEND": "Agg"}
    environment["PYTHONPATH"] = os.pathsep.join([str(NOTEBOOK.parents[2]), environment.get("PYTHONPATH", "")])
    run = [sys.executable, "-c", RUN, str(NOTEBOOK), str(done)]
    ended = subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=280, check=False)

    assert ended.returncode == 0, ended.stderr[-2000:]
    cells = [cell for cell in json.loads(done.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells)
    assert not [output for cell in cells for output in cell["outputs"] if output["output_type"] == "error"]
    assert "rows of" in "".join(cells[0]["outputs"][0]["data"]["text/plain"])


def test_the_notebook_is_stored_without_outputs() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]

    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in cells)
