"""Automata: what a monitor has learned as a small machine that a person can audit.

`extract` is the one way in: traces of symbols go to one of the methods, states get risks from runs of their own, and the machine is
minimised, numbered and judged against the scorer it stands for.
"""

from stepwatch.automata.extract import METHODS, Extraction, Settings, extract
from stepwatch.automata.machine import UNKNOWN, Machine
from stepwatch.automata.traces import Trace

__all__ = ["METHODS", "UNKNOWN", "Extraction", "Machine", "Settings", "Trace", "extract"]
