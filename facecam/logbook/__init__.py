"""CSV logs: schema, writer, reader, queries and replay. docs/logbook.md describes the format."""
