"""Training on images: classic recipes, taught objects and names."""
