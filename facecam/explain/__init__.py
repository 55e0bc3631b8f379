"""What the networks see: where in a picture lies what decided, and their feature maps layer by layer."""
