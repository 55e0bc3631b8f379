"""What a track stands for when somebody says who it is not, and when other people are enrolled."""

from __future__ import annotations

from facecam.recognition.tracking import TrackVotes
from facecam.types import Candidate, Decision, DecisionStatus


def known(name: str) -> Decision:
    return Decision(DecisionStatus.KNOWN, "match", name=name, nearest=Candidate(name, f"id-{name}", f"{name}/1.jpg", 0.1))


def voted(ballot: TrackVotes, *names: str) -> Decision:
    """What stands after a sighting of each of these people."""
    for name in names:
        ballot.add(known(name), 1.0)
    return ballot.count(known(names[-1]), 3)[0]


def test_who_was_denied_gets_no_vote_however_often_seen() -> None:
    ballot = TrackVotes()
    assert voted(ballot, *["Ada"] * 5).name == "Ada"

    ballot.deny("id-Ada")

    decision = voted(ballot, *["Ada"] * 100)
    assert (decision.status, decision.reason) == (DecisionStatus.UNSURE, "corrected")


def test_who_was_denied_may_still_be_somebody_else() -> None:
    ballot = TrackVotes()
    ballot.deny("id-Ada")

    assert voted(ballot, *["Grace"] * 3).name == "Grace"


def test_a_denial_that_is_taken_back_needs_the_votes_of_a_first_name() -> None:
    ballot = TrackVotes()
    ballot.deny("id-Ada")
    voted(ballot, *["Ada"] * 10)

    ballot.allow("id-Ada")

    assert [voted(ballot, "Ada").name for _ in range(3)] == [None, None, "Ada"]


def test_other_people_begin_the_votes_anew_but_a_denial_stays() -> None:
    ballot = TrackVotes()
    ballot.deny("id-Ada")
    voted(ballot, *["Grace"] * 10)

    ballot.begin_anew()

    assert len(ballot) == 0
    assert [voted(ballot, "Grace").name for _ in range(3)] == [None, None, "Grace"]
    assert voted(ballot, *["Ada"] * 30).name != "Ada"
