"""The desktop window: shows what a session sees and says, and passes on what the user wants. It recognises nothing itself."""
