"""`facecam people list` and its suggestion of a network; consent and names of `facecam enroll` and `people rename`."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from facecam.gallery.people import read_people
from facecam.networks.embedding_networks import HIGH_ACCURACY_NETWORK
from tests.cli.conftest import Command, run_in
from tests.hard_people import HARD_PEOPLE, enroll_hard_people

SUGGESTION = "high accuracy would name "


@pytest.fixture(scope="module")
def listed_gallery(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gallery of six people that was listed once, so that both networks have read it."""
    home = tmp_path_factory.mktemp("listed")
    enroll_hard_people(test_data, home / "gallery")
    done = run_in(home, "people", "list")
    assert SUGGESTION in done.stdout, done.stderr
    return home / "gallery"


@pytest.fixture
def listed(listed_gallery: Path, tmp_path: Path) -> Path:
    """A copy of it, in the folder in which commands run."""
    return shutil.copytree(listed_gallery, tmp_path / "gallery")


def test_high_accuracy_is_suggested_with_both_figures_and_the_setting(facecam: Command, listed: Path) -> None:
    figures = json.loads(facecam("people", "list", "--json", "-").stdout)["network_comparison"]
    line = facecam("people", "list").stdout.splitlines()[-1]

    assert (figures["people"], figures["photos"]) == (len(HARD_PEOPLE), 12)
    right, default = figures["high_accuracy"]["named_right"], figures["default"]["named_right"]
    assert right > default
    assert line == (
        f"{SUGGESTION}{right} of 12 photos right when each is compared with the others, nn4.small2 {default}; "
        f'to use it, set network = "{HIGH_ACCURACY_NETWORK}" under [identify] in facecam.toml'
    )


def test_the_suggested_setting_is_accepted_and_prints_both_figures(facecam: Command, listed: Path, tmp_path: Path) -> None:
    (tmp_path / "facecam.toml").write_text(f'[identify]\nnetwork = "{HIGH_ACCURACY_NETWORK}"\n')

    done = facecam("people", "list")

    assert done.returncode == 0, done.stderr
    line = done.stdout.splitlines()[-1]
    assert line.startswith("high accuracy names ")
    assert ", nn4.small2 " in line
    assert "facecam.toml" not in line


def test_a_small_gallery_is_not_compared(facecam: Command, listed: Path) -> None:
    for person in HARD_PEOPLE[:2]:
        shutil.rmtree(listed / person.replace("_", " "))

    payload = json.loads(facecam("people", "list", "--json", "-").stdout)

    assert len(payload["people"]) == 4
    assert payload["network_comparison"] is None
    assert SUGGESTION not in facecam("people", "list").stdout


def test_enroll_keeps_the_consent_with_its_time(facecam: Command, portraits: dict[str, Path], tmp_path: Path) -> None:
    earliest = datetime.now(UTC).replace(microsecond=0)

    done = facecam("enroll", "Grace", portraits["grace_hopper"], "--consent", 'Signed form 12, "A"')

    assert done.returncode == 0, done.stderr
    (grace,) = (person for person in read_people(tmp_path / "data" / "facecam" / "gallery").people if person.name == "Grace")
    text, _, time_text = grace.consent.removesuffix(")").rpartition(" (")
    assert text == 'Signed form 12, "A"'
    assert earliest <= datetime.fromisoformat(time_text) <= datetime.now(UTC)


def test_enroll_names_the_refused_photos_and_sums_up(facecam: Command, portraits: dict[str, Path], tmp_path: Path) -> None:
    for folder in ("photos", "more"):
        (tmp_path / folder).mkdir()
    for name in ("grace_hopper", "cat", "coffee"):
        shutil.copy(portraits[name], tmp_path / "photos")
    shutil.copy(portraits["cat"], tmp_path / "more")

    done = facecam("enroll", "Grace", "photos", "more", "--gallery", "there")

    assert done.returncode == 3
    assert done.stdout.splitlines() == [
        f"{Path('photos/cat.jpg')}: refused: no face found (no_face)",
        "coffee.jpg: refused: no face found (no_face)",
        f"{Path('more/cat.jpg')}: refused: no face found (no_face)",
        f"Grace: 1 photo added, 3 refused, 1 in total, in {Path('there/Grace')}",
    ]


def test_a_withdrawal_says_that_the_person_is_still_recognized(facecam: Command, portraits: dict[str, Path]) -> None:
    facecam("enroll", "Grace", portraits["grace_hopper"], "--consent", "by mail")

    done = facecam("people", "consent", "Grace", "--withdraw")

    assert "withdrawn consent: by mail" in done.stdout
    assert "Grace is still recognized; to delete everything about this person: facecam forget NAME" in done.stderr
    assert "withdrawn" in facecam("people", "list").stdout
    facecam("people", "consent", "Grace", "--text", "by phone")
    assert "still recognized" not in facecam("people", "consent", "Grace").stderr


def test_consent_is_added_to_a_person_without_a_record_and_a_record_stays(
    facecam: Command, portraits: dict[str, Path], tmp_path: Path
) -> None:
    facecam("enroll", "Grace", portraits["grace_hopper"])
    toml = tmp_path / "data" / "facecam" / "gallery" / "Grace" / "person.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + "# met in 1984\n", encoding="utf-8")

    facecam("enroll", "Grace", portraits["grace_hopper"], "--consent", "by mail")
    again = facecam("enroll", "Grace", portraits["grace_hopper"], "--consent", "by phone")

    text = toml.read_text(encoding="utf-8")
    assert 'consent = "by mail (' in text
    assert "# met in 1984" in text
    assert "Grace has agreed before, and this entry stays: by mail (" in again.stderr


@pytest.mark.parametrize(
    ("args", "exit_code", "message"),
    [
        (["enroll", "Ada", "a.jpg", "--consent", " "], 2, "write what the person agreed to"),
        (["enroll", "grace", "PHOTO", "--force"], 1, "grace differs from Grace, who is enrolled already, only in case"),
        (["people", "rename", "Eileen", "GRACE"], 1, "GRACE differs from Grace, who is enrolled already, only in case"),
    ],
)
def test_names_and_consent_that_cannot_be_used(
    facecam: Command, portraits: dict[str, Path], args: list[str], exit_code: int, message: str
) -> None:
    facecam("enroll", "Grace", portraits["grace_hopper"])
    facecam("enroll", "Eileen", portraits["eileen_collins"])

    done = facecam(*(str(portraits["coffee"]) if arg == "PHOTO" else arg for arg in args))

    assert done.returncode == exit_code
    assert message in done.stderr
