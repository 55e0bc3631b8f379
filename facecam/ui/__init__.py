"""Desktop window. It shows what a session reports and passes on what the user asks for."""
