"""Repair: the smallest change of a spec that restores its account on traces of a changed format."""

from stepc.induce.update.search import Proposal, propose

__all__ = ["Proposal", "propose"]
