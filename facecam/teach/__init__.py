"""Learning from pictures: the classic recipes, things held up to the camera, and people's names. The only folder that trains."""
