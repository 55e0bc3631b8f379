"""Sources of frames: cameras, files, folders and network streams."""
