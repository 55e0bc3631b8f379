"""What is drawn over a frame: `annotate` says what, as data; `draw` paints it into a picture. Neither recognises anything."""

from facecam.overlay.drawing import draw
from facecam.overlay.shapes import Bar, Mark, Overlay, Stroke, Words, annotate

__all__ = ["Bar", "Mark", "Overlay", "Stroke", "Words", "annotate", "draw"]
