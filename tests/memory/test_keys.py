import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.errors import JournalError
from companion.memory.keys import KEY_FILE, Cipher, load_cipher


@given(text=st.text(st.characters()), about=st.text(max_size=20))
def test_any_text_comes_back(text, about):
    cipher = Cipher(b"k" * 32)
    assert cipher.open(cipher.seal(text, about), about) == text


def test_the_same_text_is_never_sealed_alike():
    cipher = Cipher(b"k" * 32)
    assert len({cipher.seal("hello", "a") for _ in range(50)}) == 50


@pytest.mark.parametrize("place", [0, 1, 12, 13, -1])
def test_a_changed_byte_does_not_open(place):
    sealed = bytearray(Cipher(b"k" * 32).seal("hello", "a"))
    sealed[place] ^= 1
    with pytest.raises(JournalError):
        Cipher(b"k" * 32).open(bytes(sealed), "a")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + b"x" * 12, b"plain text"])
def test_what_is_no_sealed_text_does_not_open(sealed):
    with pytest.raises(JournalError):
        Cipher(b"k" * 32).open(sealed, "a")


def test_another_place_or_key_does_not_open():
    sealed = Cipher(b"k" * 32).seal("hello", "turns.reply:1")
    with pytest.raises(JournalError, match=r"turns\.reply:2"):
        Cipher(b"k" * 32).open(sealed, "turns.reply:2")
    with pytest.raises(JournalError):
        Cipher(b"K" * 32).open(sealed, "turns.reply:1")


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path):
    folder = tmp_path / "some" / "keys"
    sealed = load_cipher(folder, data_exists=False).seal("hello", "a")
    assert load_cipher(folder, data_exists=True).open(sealed, "a") == "hello"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]


def test_a_missing_key_is_not_replaced_while_there_is_data(tmp_path):
    with pytest.raises(JournalError, match="is missing"):
        load_cipher(tmp_path / "keys", data_exists=True)
    assert not (tmp_path / "keys" / KEY_FILE).exists()


def test_loose_permissions_are_tightened(tmp_path):
    load_cipher(tmp_path, data_exists=False)
    tmp_path.chmod(0o755)
    (tmp_path / KEY_FILE).chmod(0o644)
    load_cipher(tmp_path, data_exists=True)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"companion-key-1 zz zz", b"one two"])
def test_a_damaged_key_is_said_and_left_alone(tmp_path, content):
    (tmp_path / KEY_FILE).write_bytes(content)
    with pytest.raises(JournalError, match="is damaged"):
        load_cipher(tmp_path, data_exists=True)
    assert (tmp_path / KEY_FILE).read_bytes() == content


def test_a_key_with_one_wrong_digit_is_damaged(tmp_path):
    load_cipher(tmp_path, data_exists=False)
    path = tmp_path / KEY_FILE
    label, key, check = path.read_text().split()
    other = "0" if key[0] != "0" else "1"
    path.write_text(f"{label} {other}{key[1:]} {check}\n")
    with pytest.raises(JournalError, match="is damaged"):
        load_cipher(tmp_path, data_exists=True)
