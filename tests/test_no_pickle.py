"""No pickle, eval, yaml.load or shell: a scan of the source tree, and commands whose every unpickling is recorded."""

from __future__ import annotations

import ast
import os
import pickle
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from facecam.imageio import read_image, write_image
from tests.cli.conftest import environment_in

ROOT = Path(__file__).parents[1]
FOLDERS = ("facecam", "scripts", "tools", "benchmarks", "packaging")

FORBIDDEN_MODULES = {
    *("_pickle", "cPickle", "cloudpickle", "code", "codeop", "dill", "joblib", "jsonpickle", "marshal", "pickle", "runpy"),
    *("shelve", "xmlrpc", "yaml"),
}
BUILTINS = {"__import__", "compile", "eval", "exec"}
FORBIDDEN_CALLS = {
    *("os.popen", "os.system", "tempfile.mktemp", "torch.load", "asyncio.create_subprocess_shell"),
    *("pandas.read_pickle", "pd.read_pickle", "subprocess.getoutput", "subprocess.getstatusoutput"),
}


def faults_of(source: str) -> list[str]:
    """Return what in this source can run code that it reads from a file, or hands a text to a shell."""
    return [fault for node in ast.walk(ast.parse(source)) for fault in _faults(node)]


def _faults(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (f"imports {name.name}" for name in node.names if name.name.partition(".")[0] in FORBIDDEN_MODULES)
    elif isinstance(node, ast.ImportFrom):
        if str(node.module).partition(".")[0] in FORBIDDEN_MODULES:
            yield f"imports {node.module}"
        yield from (name for each in node.names if (name := f"{node.module}.{each.name}") in FORBIDDEN_CALLS)
        yield from (f"imports {each.name}" for each in node.names if node.module == "builtins" and each.name in BUILTINS)
    elif isinstance(node, ast.Name) and node.id in BUILTINS:
        yield f"uses {node.id}"
    elif isinstance(node, ast.Call):
        yield from _faults_of_call(node)


def _faults_of_call(node: ast.Call) -> Iterator[str]:
    name = ast.unparse(node.func)
    last = name.rpartition(".")[2]
    options = {option.arg: ast.unparse(option.value) for option in node.keywords}
    if name in FORBIDDEN_CALLS:
        yield f"calls {name}"
    if last in ("import_module", "getattr"):
        texts = {each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)}
        yield from (f"looks up {text}" for text in texts & (FORBIDDEN_MODULES | BUILTINS))
    yield from (f"calls {name} with {one}" for one in ("allow_pickle", "shell") if options.get(one, "False") != "False")
    if last == "load_model" and options.get("safe_mode") != "True":
        yield f"calls {name} without safe_mode=True"


def test_no_file_of_the_source_tree_can_run_what_it_reads() -> None:
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]

    faults = [f"{path.relative_to(ROOT)} {fault}" for path in files for fault in faults_of(path.read_text(encoding="utf-8"))]

    assert len(files) > 200
    assert faults == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "def f():\n    from joblib import load",
        "import yaml",
        "from os import system",
        "from builtins import eval as run",
        "importlib.import_module('pickle')",
        "getattr(builtins, 'exec')(text)",
        "run = eval",
        "eval('1')",
        "exec(text)",
        "os.system(text)",
        "tempfile.mktemp()",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=wanted)",
        "torch.load(path)",
        "subprocess.run(text, shell=True)",
        "keras.models.load_model(path)",
        "keras.models.load_model(path, safe_mode=False)",
    ],
)
def test_each_way_to_run_what_is_read_is_found(source: str) -> None:
    assert len(faults_of(source)) == 1


RECORDER = '''
"""Imported by every Python process of a test at its start: records where anything is unpickled."""

import os
import pickle
import sys
import traceback


def record(what):
    with open(os.environ["RECORD_UNPICKLING"], "a") as file:
        file.write(what + "\\n" + "".join(traceback.format_stack(limit=12)) + "\\n")


def hook(event, args):
    if event == "pickle.find_class":
        record(f"{event} {args}")


def recorded(function):
    def call(*args, **options):
        record(f"{function} was called")
        return function(*args, **options)

    return call


class Recorded(pickle.Unpickler):
    def load(self):
        record("Unpickler.load was called")
        return super().load()


sys.addaudithook(hook)
pickle.load, pickle.loads, pickle.Unpickler = recorded(pickle.load), recorded(pickle.loads), Recorded
pickle._Unpickler.load = recorded(pickle._Unpickler.load)
'''


class Home:
    """Folder with a gallery, in which commands run with the recorder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.record = folder / "unpickled"
        self._site = folder / "site"
        self._site.mkdir()
        (self._site / "sitecustomize.py").write_text(RECORDER, encoding="utf-8")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a Python command in its own process."""
        self.record.unlink(missing_ok=True)
        env = environment_in(self.folder) | {
            "PYTHONPATH": os.pathsep.join((str(self._site), str(ROOT))), "RECORD_UNPICKLING": str(self.record),
        }  # fmt: skip
        return subprocess.run(
            [sys.executable, *command], cwd=self.folder, env=env, capture_output=True, text=True, timeout=250, check=False
        )

    def unpickled(self) -> str:
        """Return what the last command has unpickled."""
        return self.record.read_text(encoding="utf-8") if self.record.exists() else ""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, portraits: dict[str, Path]) -> Home:
    folder = tmp_path_factory.mktemp("unpickling")
    for number, name in enumerate(("eileen_collins", "grace_hopper")):
        person = folder / "gallery" / ("Ada", "Grace")[number]
        person.mkdir(parents=True)
        shutil.copy(portraits[name], person / "1.jpg")
        write_image(person / "2.jpg", read_image(portraits[name])[:, ::-1])
    shutil.copy(portraits["eileen_collins"], folder / "face.jpg")
    shutil.copy(portraits["coffee"], folder / "cup.jpg")
    (folder / "package.toml").write_text('[detect]\ndetector = "package"\n', encoding="utf-8")
    found = Home(folder)
    done = found.run("-m", "facecam", "run", "--no-window", "--source", "face.jpg", "--log", "logs")
    assert done.returncode == 0, done.stderr
    return found


def test_the_recorder_sees_an_unpickling(home: Home) -> None:
    (home.folder / "stored").write_bytes(pickle.dumps(Path("x")))
    program = """
        import io, pickle, joblib
        content = open("stored", "rb").read()
        by_class = lambda file: pickle.Unpickler(file).load()
        for load in (lambda file: pickle.loads(file.read()), pickle.load, by_class, joblib.load):
            load(io.BytesIO(content))
            print(open("unpickled").read().count("was called"))
    """

    done = home.run("-c", textwrap.dedent(program))

    assert done.returncode == 0, done.stderr
    counts = [int(line) for line in done.stdout.split()]
    assert counts == sorted(set(counts)), "each of the four adds to the record"
    assert "pickle.find_class" in home.unpickled()


COMMANDS = (
    "run --no-window --source face.jpg --no-log --config package.toml",
    "identify face.jpg",
    "gallery doctor",
    "train --recipe mlp --data digits --epochs 1 -o digits",
    "explain cup.jpg --mode objects --layers",
    "report logs -o report.html",
)
MORE_COMMANDS = (
    "run --no-window --source face.jpg --log logs",
    "run --no-window --source cup.jpg --mode objects --no-log",
    "enroll Mary face.jpg --gallery other",
    "people list",
    "calibrate",
    "models verify",
    "train --recipe names -o names",
    "explain face.jpg",
    "log export logs --format parquet -o rows.parquet",
    "gallery export people.zip",
    "gallery import gallery --gallery imported",
    "doctor",
    "privacy",
    "licenses",
)


ONE_PROCESS = """
import sys
from facecam.cli.main import main
for command in sys.argv[1:]:
    sys.argv = ["facecam", *command.split()]
    try:
        main()
    except SystemExit as ended:
        print(f"exit code {ended.code or 0}:", command)
"""
"""Runs commands in one process: TensorFlow, which three of them need, is imported once."""


def test_commands_unpickle_nothing(home: Home) -> None:
    done = home.run("-c", ONE_PROCESS, *COMMANDS)

    codes = [line for line in done.stdout.splitlines() if line.startswith("exit code ")]
    assert [line.split(": ", 1)[1] for line in codes] == [*COMMANDS], done.stderr
    assert {line.split(":")[0] for line in codes} <= {"exit code 0", "exit code 3"}, done.stdout + done.stderr
    assert home.unpickled() == ""


@pytest.mark.long
@pytest.mark.parametrize("command", [*COMMANDS, *MORE_COMMANDS])
def test_a_command_unpickles_nothing(home: Home, command: str) -> None:
    done = home.run("-m", "facecam", *command.split())

    assert done.returncode in (0, 3), done.stderr
    assert home.unpickled() == ""


@pytest.mark.parametrize(
    "command",
    [
        "identify face.jpg",
        pytest.param("explain face.jpg --overwrite", marks=pytest.mark.long),
        "explain cup.jpg --mode objects --overwrite",
    ],
)
def test_a_module_in_the_working_folder_is_not_imported(home: Home, command: str) -> None:
    script = shutil.which("facecam", path=str(Path(sys.executable).parent))
    if script is None:
        pytest.skip("facecam is not installed beside this Python")
    for name in ("numpy", "cv2", "json", "keras", "tensorflow", "facecam"):
        (home.folder / f"{name}.py").write_text("open('code ran', 'w')", encoding="utf-8")

    done = subprocess.run(
        [script, *command.split()],
        cwd=home.folder,
        env=environment_in(home.folder),
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )

    for name in ("numpy", "cv2", "json", "keras", "tensorflow", "facecam"):
        (home.folder / f"{name}.py").unlink()
    assert done.returncode in (0, 3), done.stderr
    assert not (home.folder / "code ran").exists()
