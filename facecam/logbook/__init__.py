"""The CSV logs: schema, writer, reader. The format is described in docs/logbook.md."""
