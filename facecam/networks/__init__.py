"""Neural network files: weights verified by hash, LiteRT interpreters and the conversion from Keras."""
