"""Training of the shipped networks for embeddings (`distill`) and expressions (`expression`). See docs/internals/training.md."""
