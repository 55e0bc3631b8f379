"""What is held up to the camera: ImageNet's thousand names."""
