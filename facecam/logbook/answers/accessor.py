"""`df.facecam`: one method per question. The work is done in people.py and shown.py."""

from __future__ import annotations

import pandas as pd

from facecam.logbook.answers import people, shown


@pd.api.extensions.register_dataframe_accessor("facecam")
class Answers:
    """Questions to a log as `read_log` gives it; several sessions and cameras may stand in it.

    Every answer is a new DataFrame, empty when there is nothing to say. Times end in `_utc`, other ones are local; lengths are
    seconds from the first sighting to the last. A question whose columns the log was read without is a LogError.

    The examples ask a log of ten minutes, in which Ada comes twice, Grace once, and somebody whom nobody knows.
    """

    def __init__(self, log: pd.DataFrame) -> None:
        if "event" not in log.columns:
            raise AttributeError("only a log has `facecam`, as facecam.read_log() gives it; this has no column `event`")
        self._log = log

    def presence(self, gap_s: float = people.PRESENCE_GAP_S) -> pd.DataFrame:
        """When each person was seen by each camera; gaps shorter than `gap_s` are bridged.

        >>> log.facecam.presence()[["name", "begin_utc", "seconds"]]
            name                 begin_utc  seconds
        0    Ada 2026-01-02 03:04:05.250+00:00     60.0
        1    Ada 2026-01-02 03:09:05.250+00:00     30.0
        2  Grace 2026-01-02 03:04:35.250+00:00    120.0
        """
        return people.presence(self._log, gap_s)

    def visits(self, gap_s: float = people.VISIT_GAP_S) -> pd.DataFrame:
        """When each person was there, whichever camera saw it; who is back within `gap_s` has not been away.

        >>> log.facecam.visits().name.value_counts()
        name
        Ada      2
        Grace    1
        Name: count, dtype: int64
        """
        return people.visits(self.presence(), gap_s)

    def first_last_seen(self) -> pd.DataFrame:
        """Per person: seen first, seen last, how many visits, how long in all.

        >>> log.facecam.first_last_seen()[["first_utc", "visits", "seconds"]]
                              first_utc  visits  seconds
        name
        Ada   2026-01-02 03:04:05.250+00:00       2     90.0
        Grace 2026-01-02 03:04:35.250+00:00       1    120.0
        """
        return people.first_last_seen(self.visits())

    def attendance(self, zone: str | None = None) -> pd.DataFrame:
        """Per day and person: came, went, visits, how long. In this machine's local time, or in a zone like "Europe/Berlin".

        >>> log.facecam.attendance("Asia/Tokyo")[["first", "visits"]]
                                       first  visits
        day        name
        2026-01-02 Ada   2026-01-02 12:04:05.250       2
                   Grace 2026-01-02 12:04:35.250       1
        """
        return people.attendance(self.visits(), zone)

    def together(self, gap_s: float = people.PRESENCE_GAP_S) -> pd.DataFrame:
        """Who was before the same camera at the same time: per pair how often and how long, the longest first.

        >>> log.facecam.together()[["times", "seconds"]]
                       times  seconds
        name_1 name_2
        Ada    Grace       1     30.0
        """
        return people.together(self.presence(gap_s))

    def unknown_visits(self) -> pd.DataFrame:
        """The tracks that nobody was known by: when, how long, and the nearest that an enrolled person came to it.

        >>> log.facecam.unknown_visits()[["track_id", "seconds", "nearest_name", "distance_l2"]]
           track_id  seconds nearest_name  distance_l2
        0         4     10.0        Grace         0.45
        """
        return people.unknown_visits(self._log)

    def expressions(self) -> pd.DataFrame:
        """Per person the mean of the seven probabilities and of valence. What a face shows is not what a person feels.

        >>> log.facecam.expressions()[["p_happy", "p_neutral", "valence"]]
               p_happy  p_neutral  valence
        name
        Ada        0.6        0.4    0.486
        Grace      0.1        0.9    0.081
        """
        return shown.expressions(self._log)

    def sentiment(self, every: str = "1min") -> pd.DataFrame:
        """The same over time: per person and minute, or any step that pandas knows ("10s", "1h").

        >>> log.facecam.sentiment("5min")["valence"]
        name   begin_utc
        Ada    2026-01-02 03:00:00+00:00    0.486
               2026-01-02 03:05:00+00:00    0.486
        Grace  2026-01-02 03:00:00+00:00    0.081
               2026-01-02 03:05:00+00:00    0.081
        Name: valence, dtype: Float64
        """
        return shown.sentiment(self._log, every)

    def objects(self, least_p: float = 0.5, gap_s: float = people.PRESENCE_GAP_S) -> pd.DataFrame:
        """What was held up: labels of at least this probability, the most frequent first.

        >>> log.facecam.objects()[["times", "seconds", "frames"]]
                                times  seconds  frames
        label_1    label_1_id
        coffee mug n03063599        2     14.0      16
        banana     n07753592        1      4.0       5
        """
        return shown.objects(self._log, least_p, gap_s)

    def decisions(self) -> pd.DataFrame:
        """Why faces have the name they have, or none: how many faces and tracks stand for each reason.

        >>> log.facecam.decisions()[["faces", "tracks"]]
                          faces  tracks
        decision reason
        known    votes      213       3
        unknown  too_far     11       1
        """
        return shown.decisions(self._log)
