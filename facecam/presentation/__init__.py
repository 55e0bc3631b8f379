"""Detection of presentation attacks: photos and films of a person that are shown to the camera."""
