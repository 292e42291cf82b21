"""Monitors: what they look at, what they predict, and that no outcome reaches the first from the second."""

from stepc.check.monitors.block import declare, lower

__all__ = ["declare", "lower"]
