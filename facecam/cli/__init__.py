"""Commands, one module per group. Heavy imports stand inside the commands."""
