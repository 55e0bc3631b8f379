"""Where faces are: MTCNN (Zhang, Zhang, Li, Qiao, "Joint Face Detection and Alignment Using Multitask Cascaded
Convolutional Networks", IEEE Signal Processing Letters 2016), run by LiteRT.
"""
