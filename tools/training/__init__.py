"""Training of the embedding network by distillation: `python -m tools.training.distill`. See docs/internals/training.md."""
