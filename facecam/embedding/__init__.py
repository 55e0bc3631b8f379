"""Face alignment and embedding networks."""
