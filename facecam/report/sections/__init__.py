"""The sections of a report, in their order. Each file makes one or two of them from the facts."""
