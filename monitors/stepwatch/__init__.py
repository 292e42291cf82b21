"""From typed steps to risk: what is measured on steps and outcomes, whatever adapter made them.

Nothing here knows the compiler. Steps, labels and groups come in as arguments, so the same code judges a generated adapter's output
and somebody else's converted data.
"""
