"""Explanations of decisions: occlusion saliency maps and feature maps."""
