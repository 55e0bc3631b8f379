"""Gallery of enrolled people: photos in folders, the embedding cache, audits and undo."""
