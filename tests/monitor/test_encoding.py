"""What points are made of is part of an artefact's form: weights of one encoding mean nothing under another."""

from __future__ import annotations

import json
from hashlib import sha256

from monitor.small import PLAN, events, runs

from stepwatch.artefact import SCHEMA
from stepwatch.encode import Encoder

ENCODED = {1: "5e13fcbc255de729", 2: "f13386ccee00ca4f", 3: "f13386ccee00ca4f"}
"""By `artefact.SCHEMA` the digest of the points of the samples. Where this test fails, trained artefacts no longer fit: raise `SCHEMA`,
which refuses them, and write the digest of the new encoding beside its number. It rises too where scorers read more of an artefact."""


def test_artefacts_are_refused_when_points_change() -> None:
    told = sha256()
    encoder = Encoder(PLAN)
    told.update(json.dumps(encoder.names).encode())
    for ran in runs():
        state = encoder.begin()
        for steps in events(ran):
            ends = [encoder.step(state, step) for step in steps]
            if any(ends):
                point = encoder.point(state)
                dense = [round(float(value), 9) for value in point.dense]
                told.update(json.dumps([point.index, point.key, dense, sorted(point.tokens)], ensure_ascii=False).encode())
    assert told.hexdigest()[:16] == ENCODED[SCHEMA]
