"""Monitors as plain data and as generated modules."""

from stepc.emit.monitor.plan import plan_hash, plan_of

__all__ = ["plan_hash", "plan_of"]
