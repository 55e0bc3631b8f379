"""What a face shows: seven expressions."""
