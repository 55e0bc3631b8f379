"""Live image: painting of frames, annotations and saliency maps."""
