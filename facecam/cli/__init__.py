"""The commands. One file per group: parse, call, print, exit code. Heavy imports stand inside the commands."""
