"""Recognition of archives of video: many files and long ones, by several processes, into one Parquet file per video."""
