"""The frame and the kernel of Lumisift."""

__version__ = "0.1.0"
