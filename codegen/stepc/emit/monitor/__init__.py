"""Monitors as plain data and as generated modules."""

from stepc.emit.monitor.output import MonitorOutput, compile_monitor
from stepc.emit.monitor.pins import Damaged, Reader, Trained
from stepc.emit.monitor.plan import plan_hash, plan_of
from stepc.emit.monitor.wrapper import render_monitor

__all__ = ["Damaged", "MonitorOutput", "Reader", "Trained", "compile_monitor", "plan_hash", "plan_of", "render_monitor"]
