"""facecam sees through a webcam: it finds faces, says who they are, reads expressions, names objects, and logs it all."""

__version__ = "0.1.0"
