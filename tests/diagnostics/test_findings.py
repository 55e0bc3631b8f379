"""A finding has a verdict, and advice unless all is well; a check that breaks becomes one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from facecam.diagnostics.checks import guarded
from facecam.diagnostics.findings import Finding, Verdict
from facecam.errors import CameraError, SettingsError


def test_whatever_is_not_ok_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="needs one"):
        Finding("disk", Verdict.FAULT, "full")
    with pytest.raises(ValueError, match="needs one"):
        Finding("disk", Verdict.OK, "empty", "Fill it.")


def test_an_errors_sentence_is_parted_into_what_is_and_what_to_do() -> None:
    finding = Finding.of("source", CameraError("camera 0 does not open; plug it in; or try: facecam demo"), "Look for it.")

    assert finding.found == "camera 0 does not open"
    assert finding.advice == "Plug it in; or try: facecam demo"


def test_an_error_that_does_not_say_what_to_do_gets_the_checks_own_advice() -> None:
    finding = Finding.of("configuration", SettingsError("detect.threads is 0, expected 1 to 64"), "Correct it.")

    assert (finding.found, finding.advice) == ("detect.threads is 0, expected 1 to 64", "Correct it.")


@pytest.mark.parametrize("error", [PermissionError("not yours"), ImportError("libGL.so.1: not found"), CameraError("it is gone")])
def test_a_check_that_breaks_keeps_what_it_found_and_says_why_it_went_no_further(error: Exception) -> None:
    def breaks() -> Iterator[Finding]:
        yield Finding("cameras", Verdict.OK, "0: front")
        raise error

    first, last = guarded("cameras", breaks)

    assert first.verdict is Verdict.OK
    assert (last.check, last.verdict) == ("cameras", Verdict.FAULT)
    assert str(error) in last.found
