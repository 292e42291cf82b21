"""Folders, archives, compression and standard input: everything in its order, nothing outside of the pack, bombs and damage counted."""

from __future__ import annotations

import io
import os
import sys
import tarfile
import zlib
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from runtime.helpers import Reading, chat, gz, json_lines, tar_of, write, zip_of
from runtime.sources import BROWSER, CHAT, REACT, REPORTS, SIMULATIONS, VERDICTS, module

from stepc.runtime.episode import File
from stepc.runtime.limits import Limits
from stepc.runtime.readers import UnknownInputError, read
from stepc.runtime.readers.globs import Glob, safe_path
from stepc.runtime.source import EVERY, Beside, EpisodeFile, EventPath, Input, Source

ONE, TWO = json_lines(chat("a", "1")), json_lines(chat("b", "2"))


def zst(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def traj(number: int) -> bytes:
    return orjson.dumps({"trajectory": [{"action": number}], "instance_id": f"i{number}"})


PACK = {
    "trajs/b.traj": traj(2),
    "results/results.json": b'{"resolved": ["a"]}',
    "trajs/a.traj": traj(1),
    "README.md": b"# read me",
    "trajs/deep/c.traj": traj(3),
}


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("*.json", "a.json", True),
        ("*.json", "a/b.json", False),
        ("**/*.json", "a.json", True),
        ("**/*.json", "a/b/c.json", True),
        ("a/**", "a/b/c", True),
        ("trajs/*/*.traj.json", "trajs/x/x.traj.json", True),
        ("trajs/*/*.traj.json", "trajs/x.traj.json", False),
        ("a?[0-9].t", "ab7.t", True),
        ("a[!0-9]", "a5", False),
        ("a+b(c).json", "a+b(c).json", True),
        ("é*", "éa", True),
    ],
)
def test_globs(glob: str, path: str, fits: bool) -> None:
    assert Glob(glob).matches(path) is fits


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a/b.json", "a/b.json"),
        ("./a//b.json", "a/b.json"),
        ("../a", None),
        ("a/../../b", None),
        ("/etc/passwd", None),
        ("C:/x", None),
        ("a\\..\\b", None),
        ("a\0b", None),
        ("", None),
        (".", None),
    ],
)
def test_names_of_members(name: str, path: str | None) -> None:
    assert safe_path(name) == path


def test_file_parts() -> None:
    assert File.at("runs/x/one.traj.json") == File(
        "runs/x/one.traj.json", "runs/x", "one.traj.json", "one.traj", ("runs", "x", "one.traj.json")
    )
    assert File.at(".hidden").stem == ".hidden" and File.at("plain").dir == ""


@pytest.mark.parametrize("kind", ["folder", "tar", "tar.gz", "tar.zst", "zip", "wrapped tar", "wrapped folder", "wrapped zip"])
def test_a_pack_in_every_wrapping(tmp_path: Path, kind: str) -> None:
    members = {f"top/{name}": data for name, data in PACK.items()} if "wrapped" in kind else PACK
    if "folder" in kind:
        for name, data in members.items():
            write(tmp_path / "pack" / name, data)
        path = tmp_path / "pack"
    else:
        made = zip_of(members) if "zip" in kind else tar_of(members)
        made = gz(made) if kind == "tar.gz" else zst(made) if kind == "tar.zst" else made
        path = write(tmp_path / "pack.bin", made)
    found = Reading(VERDICTS, path)
    assert sorted(found.paths) == ["trajs/a.traj", "trajs/b.traj"]
    assert found.paths == sorted(found.paths) or "folder" not in kind
    assert [episode.side for episode in found.episodes] == [{"verdicts": {"resolved": ["a"]}}] * 2
    assert found.kinds == {}


def test_side_documents_by_template(tmp_path: Path) -> None:
    members = [
        ("trajs/x/x.traj.json", orjson.dumps({"instance_id": "x", "messages": []})),
        ("trajs/y/y.traj.json", orjson.dumps({"instance_id": "../y", "messages": []})),
        ("trajs/z/z.traj.json", orjson.dumps({"messages": []})),
        ("logs/x/report.json", b'{"resolved": true}'),
        ("y/report.json", b'{"secret": true}'),
    ]
    found = Reading(REPORTS, write(tmp_path / "p.tar.gz", gz(tar_of(members))))
    assert [episode.side["verdict"] for episode in found.episodes] == [{"resolved": True}, None, None]
    assert found.kinds == {"unsafe_path": 1}
    for name, data in members:
        write(tmp_path / "f" / name, data)
    assert [episode.side["verdict"] for episode in Reading(REPORTS, tmp_path / "f").episodes] == [{"resolved": True}, None, None]


def test_side_documents_of_the_same_folder(tmp_path: Path) -> None:
    pack = {
        "app/run/t1/result.json": b'{"passed": true}',
        "app/run/t1/history.json": b'{"history": [1]}',
        "app/run/t2/history.json": b'{"history": []}',
        "app/run/t2/result.json": b"{broken",
        "app/run/t3/history.json": b'{"history": []}',
    }
    for path in (write(tmp_path / "p.tar", tar_of(pack)), write(tmp_path / "p.zip", zip_of(pack))):
        found = Reading(BROWSER, path)
        assert [episode.side["task"] for episode in found.episodes] == [{"passed": True}, None, None]
        assert found.episodes[0].file.dir == "app/run/t1"
        assert found.kinds == {"bad_json": 1} or found.kinds == {"truncated": 1}
        assert found.places == ["app/run/t2/result.json"]


def test_side_documents_are_bounded(tmp_path: Path) -> None:
    pack = {"trajs/a.traj": traj(1), "results/results.json": orjson.dumps(["x" * 5_000])}
    write(tmp_path / "f" / "trajs/a.traj", pack["trajs/a.traj"])
    write(tmp_path / "f" / "results/results.json", pack["results/results.json"])
    limits = Limits(side=1_000)
    for path in (write(tmp_path / "p.tar", tar_of(pack)), write(tmp_path / "p.zip", zip_of(pack)), tmp_path / "f"):
        found = Reading(VERDICTS, path, limits=limits)
        assert found.episodes[0].side == {"verdicts": None} and found.kinds == {"too_large": 1}


def test_links_do_not_lead_out(tmp_path: Path) -> None:
    write(tmp_path / "outside.json", b'{"secret": 1}')
    pack = tmp_path / "pack"
    write(pack / "trajs" / "a.traj", traj(1))
    (pack / "results").mkdir()
    (pack / "results" / "results.json").symlink_to(tmp_path / "outside.json")
    (pack / "trajs" / "b.traj").symlink_to(tmp_path / "outside.json")
    (pack / "trajs" / "c.traj").symlink_to(pack / "trajs" / "a.traj")
    (pack / "loop").symlink_to(pack)
    os.mkfifo(pack / "trajs" / "d.traj")
    found = Reading(VERDICTS, pack)
    assert found.paths == ["trajs/a.traj", "trajs/c.traj"]
    assert found.episodes[0].side == {"verdicts": None}
    assert found.kinds == {"unsafe_path": 2}


def test_hostile_members_of_a_tar(tmp_path: Path) -> None:
    link, device = tarfile.TarInfo("link.jsonl"), tarfile.TarInfo("device.jsonl")
    link.type, link.linkname, device.type = tarfile.SYMTYPE, "/etc/passwd", tarfile.CHRTYPE
    members = [
        ("../up.jsonl", ONE),
        ("/abs.jsonl", ONE),
        ("ok.jsonl", ONE),
        ("a\\b.jsonl", ONE),
        ("sub/../x.jsonl", ONE),
        ("in.zip", zip_of({"x.jsonl": ONE})),
    ]
    found = Reading(CHAT, write(tmp_path / "x.tar", tar_of(members, link=link, device=device)))
    assert found.paths == ["ok.jsonl"]
    assert found.kinds == {"unsafe_path": 6}


def test_hostile_members_of_a_zip(tmp_path: Path) -> None:
    found = Reading(CHAT, write(tmp_path / "x.zip", zip_of({"../up.jsonl": ONE, "/abs.jsonl": ONE, "ok.jsonl": ONE, "a\\b.jsonl": ONE})))
    assert found.paths == ["ok.jsonl"]
    assert found.kinds == {"unsafe_path": 3}


def test_long_names_and_sizes(tmp_path: Path) -> None:
    name = "d" * 90 + "/" + "é" * 120 + "/" + "x" * 90 + ".jsonl"
    for style in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w", format=style) as archive:
            info = tarfile.TarInfo(name)
            info.size = len(ONE)
            archive.addfile(info, io.BytesIO(ONE))
        assert Reading(CHAT, write(tmp_path / "x.tar", made.getvalue())).paths == [name]


@pytest.mark.parametrize("cut", [1_200, 700, 515, 300])
def test_a_damaged_archive_keeps_what_stands_before(tmp_path: Path, cut: int) -> None:
    data = tar_of([("a.jsonl", ONE), ("b.jsonl", TWO)])
    found = Reading(CHAT, write(tmp_path / "x.tar", data[:cut]))
    assert found.paths == (["a.jsonl"] if cut > 600 else [])
    assert sum(found.kinds.values()) == 1


def test_damaged_headers_and_compression(tmp_path: Path) -> None:
    data = bytearray(tar_of([("a.jsonl", ONE), ("b.jsonl", TWO)]))
    data[1_024 + 150] ^= 0x55
    found = Reading(CHAT, write(tmp_path / "x.tar", bytes(data)))
    assert found.paths == ["a.jsonl"] and found.kinds == {"corrupt": 1}
    many = b"".join(json_lines(chat(str(number), os.urandom(300).hex())) for number in range(500))
    for packed in (gz(many), zst(many)):
        short = Reading(CHAT, write(tmp_path / "x.jsonl.gz", packed[: len(packed) // 2]))
        assert 100 < len(short.episodes) < 400 and "truncated" in short.kinds
        broken = Reading(CHAT, write(tmp_path / "x.jsonl.gz", packed[:20_000] + b"\0\0\0\0" + packed[20_000:]))
        assert len(broken.episodes) < 500 and broken.kinds
    assert Reading(CHAT, write(tmp_path / "x.zip", zip_of({"a.jsonl": ONE})[:-30])).kinds == {"corrupt": 1}
    whole = bytearray(zip_of({"a.jsonl": many, "b.jsonl": ONE}))
    whole[200:400] = os.urandom(200)
    assert "b.jsonl" in Reading(CHAT, write(tmp_path / "x.zip", bytes(whole))).paths


def test_several_streams_in_one_file(tmp_path: Path) -> None:
    assert len(Reading(CHAT, write(tmp_path / "x.jsonl.gz", gz(ONE) + gz(TWO) + b"\0" * 100)).episodes) == 2
    assert len(Reading(CHAT, write(tmp_path / "x.jsonl.zst", zst(ONE) + zst(TWO))).episodes) == 2


@pytest.mark.parametrize("damage", ["no trailer", "garbage behind"])
@pytest.mark.parametrize("form", ["lines", "one episode of lines", "document", "list over lines", "text"])
def test_what_stands_before_the_damage_of_a_stream_is_kept(tmp_path: Path, form: str, damage: str) -> None:
    records = [chat("a", "1"), chat("b", "2"), chat("c", "3")]
    made = {
        "lines": (CHAT, json_lines(*records)[:-1]),
        "one episode of lines": (
            module(Source(name="events", format="jsonl", episode=EpisodeFile(), event=EventPath())),
            json_lines(*records)[:-1],
        ),
        "document": (SIMULATIONS, orjson.dumps({"simulations": records})),
        "list over lines": (CHAT, orjson.dumps(records, option=orjson.OPT_INDENT_2)),
        "text": (REACT, b"Question: a\nThought 1: b\nQuestion: c\nThought 1: d"),
    }
    source, data = made[form]
    path = tmp_path / "react" / "fever_episodes" / "x.txt"
    path.parent.mkdir(parents=True)
    path.write_bytes(gz(data)[:-8] if damage == "no trailer" else gz(data) + b"garbage")
    found = Reading(source, path)
    write(path, data)
    assert found.events == Reading(source, path).events
    assert found.kinds == {"truncated" if damage == "no trailer" else "corrupt": 1}


def test_a_line_that_a_stream_breaks_off_in_is_one_defect(tmp_path: Path) -> None:
    whole = zlib.compressobj(wbits=31)
    data = whole.compress(ONE + ONE[:20]) + whole.flush(zlib.Z_SYNC_FLUSH)
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(data)
    found = Reading(CHAT, path)
    assert len(found.episodes) == 1
    assert found.kinds == {"truncated": 1}


@pytest.mark.parametrize("kind", ["gz", "zst", "zip", "tar.gz"])
def test_bombs(tmp_path: Path, kind: str) -> None:
    limits = Limits(ratio=100, ratio_from=1 << 20, line=1_000)
    data = ONE + b" " * 30_000_000
    made = {
        "gz": lambda: gz(data),
        "zst": lambda: zst(data),
        "zip": lambda: zip_of({"x.jsonl": data}),
        "tar.gz": lambda: gz(tar_of({"x.jsonl": data})),
    }
    found = Reading(CHAT, write(tmp_path / f"x.jsonl.{kind}", made[kind]()), limits=limits)
    assert [episode.element["id"] for episode in found.episodes] == ["a"]
    assert found.kinds["bomb"] == 1
    total = Reading(CHAT, tmp_path / f"x.jsonl.{kind}", limits=Limits(expanded=1 << 20, line=1_000))
    assert total.kinds["bomb"] == 1


def test_too_many_members(tmp_path: Path) -> None:
    data = tar_of([(f"{number}.jsonl", ONE) for number in range(20)])
    found = Reading(CHAT, write(tmp_path / "x.tar", data), limits=Limits(members=5))
    assert len(found.episodes) == 5 and found.kinds == {"too_large": 1}


def test_folders_are_walked_in_order(tmp_path: Path) -> None:
    for name, data in {
        "b.jsonl": TWO,
        "a/z.jsonl": ONE,
        "a.jsonl": ONE,
        "c.jsonl.gz": gz(ONE),
        ".git/x.jsonl": ONE,
        "x.txt": b"?",
        "d.ndjson": TWO,
    }.items():
        write(tmp_path / name, data)
    write(tmp_path / "e.tar.gz", gz(tar_of({"in/e.jsonl": ONE})))
    found = Reading(CHAT, tmp_path)
    assert found.paths == ["a/z.jsonl", "a.jsonl", "b.jsonl", "c.jsonl", "d.ndjson", "in/e.jsonl"]
    assert found.episodes[3].file.stem == "c" and found.kinds == {}


def test_nothing_to_read(tmp_path: Path) -> None:
    write(tmp_path / "d" / "x.txt", "?")
    assert Reading(CHAT, tmp_path / "d").kinds == {"no_match": 1}
    assert Reading(CHAT, tmp_path / "missing.jsonl", tmp_path / "also\0odd").kinds == {"unreadable": 2}
    assert Reading(CHAT).kinds == {}


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a/x.jsonl", "b/y.jsonl"):
        write(tmp_path / name, ONE)
    listed = os.scandir

    def denied(path: Path) -> Any:  # whoever runs the tests may be allowed everything
        if path.name != "a":
            return listed(path)
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", denied)
    within, alone = Reading(CHAT, tmp_path), Reading(CHAT, tmp_path / "a")
    assert (within.kinds, within.places, within.paths) == ({"unreadable": 1}, ["a"], ["b/y.jsonl"])
    assert alone.places[0] == str(tmp_path / "a")


def test_single_files_belong_to_the_pack_around_them(tmp_path: Path) -> None:
    for name, data in PACK.items():
        write(tmp_path / name, data)
    found = Reading(VERDICTS, tmp_path / "trajs" / "a.traj")
    assert found.paths == ["trajs/a.traj"] and found.episodes[0].side["verdicts"] == {"resolved": ["a"]}
    other = Reading(VERDICTS, write(tmp_path / "elsewhere.json", traj(7)))
    assert other.paths == ["elsewhere.json"] and other.episodes[0].side["verdicts"] == {"resolved": ["a"]}
    rooted = Reading(CHAT, write(tmp_path / "x" / "y.jsonl", ONE), root=tmp_path)
    assert rooted.paths == ["x/y.jsonl"]


def test_which_input(tmp_path: Path) -> None:
    path = write(tmp_path / "0001.txt", "Action: x\n")
    assert Reading(REACT, path).kinds == {"no_input": 1}
    found = Reading(REACT, path, input="webshop")
    assert found.episodes[0].input == "webshop" and found.events == [[{"kind": "action", "text": "x", "line": 1}]]
    inside = Reading(REACT, write(tmp_path / "react" / "fever_episodes" / "1.txt", "Action: x\n"))
    assert inside.episodes[0].input == "fever" and inside.paths == ["react/fever_episodes/1.txt"]
    with pytest.raises(UnknownInputError, match="'nope'; it has hotpot, thoughts"):
        list(read(REACT, [path], input="nope"))


class Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


@pytest.mark.parametrize("wrap", [bytes, gz, zst, lambda data: gz(tar_of({"x.jsonl": data}))], ids=["plain", "gz", "zst", "tar.gz"])
def test_standard_input(monkeypatch: pytest.MonkeyPatch, wrap: object) -> None:
    assert callable(wrap)
    monkeypatch.setattr(sys, "stdin", Stdin(wrap(ONE + TWO)))
    found = Reading(CHAT, "-")
    assert len(found.episodes) == 2 and found.kinds == {}


def test_odd_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(zip_of({"x.jsonl": ONE})))
    assert Reading(CHAT, "-").kinds == {"unreadable": 1}
    monkeypatch.setattr(sys, "stdin", Stdin(traj(1)))
    assert Reading(VERDICTS, "-").episodes[0].side == {"verdicts": None}
    monkeypatch.setattr(sys, "stdin", Stdin(b"[1]\n"))
    assert Reading(SIMULATIONS, "-").kinds == {"not_accepted": 1}


def test_stopping_early_closes_everything(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tar.gz", gz(tar_of([("a.jsonl", ONE), ("b.jsonl", TWO)])))
    episodes = read(CHAT, [path])
    assert next(episodes).element["id"] == "a"
    episodes.close()  # type: ignore[attr-defined]


def test_a_template_that_names_a_shared_document_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(
        name="s",
        format="json",
        inputs=(Input("", "*.traj"),),
        beside=(Beside("shared", lambda episode: ("all", "shared.json")),),
        event=EventPath(("trajectory", EVERY)),
    )
    for number in range(5):
        write(tmp_path / f"{number}.traj", traj(number))
    write(tmp_path / "all" / "shared.json", b"{}")
    found = Reading(module(source), tmp_path)
    assert len({id(episode.side["shared"]) for episode in found.episodes}) == 1


def test_a_folder_that_holds_archives_alone_is_no_misfit(tmp_path: Path) -> None:
    write(tmp_path / "runs.zip", zip_of({"a.jsonl": json_lines(chat("a", "1"))}))
    (tmp_path / "index.csv").write_text("a,1")
    found = Reading(CHAT, tmp_path)
    assert len(found.events) == 1
    assert not found.kinds


def test_a_link_to_an_archive_outside_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "outside.zip", zip_of({"a.jsonl": json_lines(chat("a", "1"))}))
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "link.zip").symlink_to(tmp_path / "outside.zip")
    found = Reading(CHAT, tmp_path / "d")
    assert not found.events
    assert found.kinds == {"unsafe_path": 1}
