"""CSV logs: schema, writer, reader, queries and replay. docs/reference/log-format.md describes the format."""
