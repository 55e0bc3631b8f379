"""Detection of presentation attacks: photos and videos of a person that are shown to the camera."""
