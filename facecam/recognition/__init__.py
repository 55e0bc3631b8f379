"""Recognition of faces: quality gates, open-set matching, tracking and calibration."""
