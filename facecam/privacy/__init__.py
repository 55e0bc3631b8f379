"""Data that facecam stores about people: where it is, who can read it, its export, and its deletion."""
