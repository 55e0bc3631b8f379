"""Face detection with MTCNN on LiteRT.

References:
    Zhang, Zhang, Li, Qiao: "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional Networks", IEEE Signal
    Processing Letters, 2016.
"""
