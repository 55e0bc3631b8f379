"""Events of a session for other programs: arrivals, departures, taught objects and cameras."""
