"""Verdict and advice of a finding, and findings from errors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from facecam.diagnostics.checks import guarded
from facecam.diagnostics.machine import Finding, Verdict
from facecam.errors import CameraError, SettingsError


def test_every_verdict_but_ok_needs_advice() -> None:
    with pytest.raises(ValueError, match="needs advice"):
        Finding("disk", Verdict.FAULT, "full")
    with pytest.raises(ValueError, match="needs advice"):
        Finding("disk", Verdict.OK, "empty", "Fill it.")


def test_an_error_message_is_split_into_observation_and_advice() -> None:
    finding = Finding.from_error("source", CameraError("camera 0 does not open; plug it in; or try: facecam demo"), "Check it.")

    assert finding.found == "camera 0 does not open"
    assert finding.advice == "Plug it in; or try: facecam demo"


def test_an_error_without_advice_gets_the_default_advice() -> None:
    finding = Finding.from_error("configuration", SettingsError("detect.threads is 0, expected 1 to 64"), "Correct it.")

    assert (finding.found, finding.advice) == ("detect.threads is 0, expected 1 to 64", "Correct it.")


@pytest.mark.parametrize("error", [PermissionError("not yours"), ImportError("libGL.so.1: not found"), CameraError("it is gone")])
def test_a_check_that_raises_keeps_its_findings_and_adds_a_fault(error: Exception) -> None:
    def breaks() -> Iterator[Finding]:
        yield Finding("cameras", Verdict.OK, "0: front")
        raise error

    first, last = guarded("cameras", breaks)

    assert first.verdict is Verdict.OK
    assert (last.check, last.verdict) == ("cameras", Verdict.FAULT)
    assert str(error) in last.found
