"""Object recognition: ImageNet labels and taught labels."""
