"""The room that Chroma reserves in its files never holds what the process's memory held."""

import struct

import numpy as np

from companion.domain import ReflectionKind
from companion.memory.index import ChromaIndex
from companion.memory.reserved import blank_reserved
from companion.ports import Entry


def write(folder, *, version=1, capacity=4, count=1, element=8):
    folder.mkdir()
    (folder / "header.bin").write_bytes(
        struct.pack("<iQQQQ", version, 0, capacity, count, element) + bytes(10)
    )
    (folder / "data_level0.bin").write_bytes(b"kept-one" + b"forgotten words of a person"[:24])
    (folder / "length.bin").write_bytes(b"\1\0\0\0" + b"forgotten wo")


def test_what_lies_in_reserved_room_is_blanked_and_elements_stay(tmp_path):
    write(tmp_path / "a")
    blank_reserved(tmp_path)
    assert (tmp_path / "a/data_level0.bin").read_bytes() == b"kept-one" + bytes(24)
    assert (tmp_path / "a/length.bin").read_bytes() == b"\1\0\0\0" + bytes(12)


def test_a_file_of_another_format_is_left_alone(tmp_path):
    write(tmp_path / "a", version=2)
    write(tmp_path / "b", capacity=3)
    (tmp_path / "c").mkdir()
    (tmp_path / "c/header.bin").write_bytes(b"short")
    blank_reserved(tmp_path)
    assert b"forgotten" in (tmp_path / "a/data_level0.bin").read_bytes()
    assert b"forgotten" in (tmp_path / "b/data_level0.bin").read_bytes()


def test_an_index_leaves_its_reserved_room_blank_and_still_finds(tmp_path):
    vectors = np.random.default_rng(7).normal(size=(1200, 8)).astype(np.float32)
    index = ChromaIndex(tmp_path)
    for start in (0, 3, 1100):
        end = {0: 3, 3: 1100, 1100: 1200}[start]
        index.put(
            "anna",
            [
                Entry(str(n), vectors[n], ReflectionKind.MOMENT, "2025-01-01")
                for n in range(start, end)
            ],
        )
        index.search("anna", vectors[0], 1)
        index.mark("anna", str(end))
        (level,) = tmp_path.rglob("data_level0.bin")
        *_, capacity, count, element = struct.unpack_from(
            "<iQQQQ", level.with_name("header.bin").read_bytes()
        )
        assert start or level.stat().st_size == capacity * element > 0 == count
        assert not any(level.read_bytes()[count * element :])
    index.close()
    again = ChromaIndex(tmp_path)
    assert again.marked("anna") == "1200"
    for n in (0, 500, 1199):
        assert again.search("anna", vectors[n], 1)[0].id == str(n)
    again.close()
