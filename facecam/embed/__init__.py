"""From a face to 128 numbers: align the crop, run nn4.small2."""
