"""How good recognition is on pictures whose people are known."""
