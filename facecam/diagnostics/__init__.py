"""Checks of the installation and this machine. They report and change nothing."""
