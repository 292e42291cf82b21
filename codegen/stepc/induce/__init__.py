"""From raw samples to a proposed spec: profile, rules, score, repair."""
