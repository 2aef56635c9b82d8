"""Answers of a guest: taken exactly as the script writes them, or refused in words; and how paths are shown."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.replication.manifest import EMPTY, MOST_OUTPUT, digest_of
from shared.replication.proof import (
    AnswerUnreadable,
    Side,
    begin,
    first_request,
    learn,
    next_question,
    read_manifest,
    shown,
    verdict,
)
from tests.shared.digesting import DATA, NOON, SYSTEM, Guest, a_fleet_of_folders, a_guest, copy_of, flip

DISKS = (SYSTEM, DATA)
QUICK = settings(deadline=None, max_examples=200)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Guest:
    guest = a_guest(tmp_path_factory.mktemp("pair") / "source")
    a_fleet_of_folders(guest, "fleet")
    return guest


@pytest.fixture(scope="module")
def output(source: Guest) -> bytes:
    return source.run(first_request(DISKS)).output


@pytest.fixture(scope="module")
def replica(source: Guest) -> Guest:
    """One file differs."""
    guest = copy_of(source, source.home.parent / "replica")
    flip(guest.disk() / "fleet/77/file e")
    return guest


def signed(body: str) -> bytes:
    """An answer of these lines, with the digest that belongs at its end."""
    return f"{body}end {hashlib.sha256(body.encode()).hexdigest()}\n".encode()


def test_an_answer_cut_anywhere_is_refused(output: bytes) -> None:
    """A truncated answer is never half believed."""
    for length in [*range(0, len(output) - 1, 97), len(output) - 2]:
        with pytest.raises(AnswerUnreadable):
            read_manifest(output[:length], DISKS, NOON)
    assert read_manifest(output.rstrip(b"\n"), DISKS, NOON) == read_manifest(output.decode(), DISKS, NOON)


@QUICK
@given(data=st.data())
def test_a_changed_byte_anywhere_is_refused(output: bytes, data: st.DataObject) -> None:
    """An answer that was changed on its way is noticed."""
    at = data.draw(st.integers(0, len(output) - 2))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != output[at]))
    with pytest.raises(AnswerUnreadable):
        read_manifest(output[:at] + bytes([byte]) + output[at + 1 :], DISKS, NOON)


@QUICK
@given(output=st.one_of(st.binary(max_size=400), st.text(max_size=400)))
def test_nonsense_is_refused(output: bytes | str) -> None:
    """Whatever bytes come, the answer is refused in words."""
    with pytest.raises(AnswerUnreadable):
        read_manifest(output, (SYSTEM,), NOON)


KEYS = "disk unread boot dir gone later big end failed d f l p s c b % - ! 0 1 2 3 64 644"
PATHS = "1/0 1/0/etc 1/0/etc/hostname 9/0 %~07 %41 %zz %0A .. . / > =x a etc why"
WORDS = st.sampled_from([*f"{KEYS} {PATHS}".split(), "a" * 32, "0" * 64, "9" * 400, EMPTY, ""])


@QUICK
@given(lines=st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=8))
def test_well_signed_nonsense_is_refused_or_read(lines: list[str]) -> None:
    """A guest that makes up its answer, digest and all, brings nothing down."""
    echo = hashlib.sha256(first_request((SYSTEM,)).encode()).hexdigest()[:16]
    body = "".join(f"{line}\n" for line in (f"ferry-digest 1 {echo}", *lines))
    try:
        manifest = read_manifest(signed(body), (SYSTEM,), NOON)
    except AnswerUnreadable:
        return
    verdict(begin(manifest, (SYSTEM,)))


def test_an_overlong_answer_is_refused() -> None:
    """Nothing longer than Cloud Assistant lets through is even looked at."""
    with pytest.raises(AnswerUnreadable, match="longer"):
        read_manifest(b"a" * (MOST_OUTPUT + 1), (SYSTEM,), NOON)


LINE = "a f 644 " + "1" * 32


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([LINE, LINE], "order"),
        (["b f 644 " + "1" * 32, LINE], "order"),
        (["a f 644 " + "1" * 31], "form"),
        (["a f 999 " + "1" * 32], "form"),
        (["a x 644 -"], "form"),
        (["a/b f 644 " + "1" * 32], "form"),
        ([".. d 755 " + "1" * 32], "form"),
        (["%41 f 644 " + "1" * 32], "form"),
        (["%00 f 644 " + "1" * 32], "form"),
        (["%0 f 644 " + "1" * 32], "form"),
        (["%~07 f 644 " + "1" * 32], "form"),
        (["%~07 % - !"], "form"),
        (["a l 777 etc"], "form"),
        (["a c 644 1"], "form"),
        (["a p 644 x"], "form"),
    ],
)
def test_a_listing_out_of_form_is_refused(lines: list[str], why: str) -> None:
    """A listing is taken only exactly as the script would write it."""
    echo = hashlib.sha256(first_request((DATA,)).encode()).hexdigest()[:16]
    inner = digest_of(lines)[:32]
    root = digest_of([f"0 d 755 {inner}"])
    body = f"ferry-digest 1 {echo}\ndisk 1 1 1 {root} 0\ndir 1 0 1\n0 d 755 {inner}\ndir 1/0 0 {len(lines)}\n"
    with pytest.raises(AnswerUnreadable, match=why):
        read_manifest(signed(body + "".join(f"{line}\n" for line in lines)), (DATA,), NOON)


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("disk 1 1 1 {root} 0\ndir 1 0 1\n0 d 755 {other}\n", "digest"),
        ("disk 1 1 1 {root} 0\n", "missing"),
        ("disk 2 1 1 {root} 0\ndir 2 0 1\n0 d 755 {inner}\n", "other disks"),
        ("disk 1 1 1 {root} 0\ndisk 1 1 1 {root} 0\n", "twice"),
        ("disk 1 1 1 {root} 0\ndir 1 0 1\n0 d 755 {inner}\ndir 1/0 0 1\n" + LINE + "\n", "digest"),
        ("disk 1 1 1 {root} 0\ndir 1 0 1\n0 d 755 {inner}\ndir 1/0/x 0 0\n", "digest"),
        ("disk 1 1 1 {root} 0\ndir 1 0 1\n0 d 755 {inner}\nboot 1/0/etc/hostname 644 {inner}\n", "data disk"),
        ("disk 1 1 1 {root} 0\ndir 1 0 1\n0 d 755 {inner}\nboot 1/0/etc/passwd 644 {inner}\n", "boot"),
        ("disk 1 1 1 {root} 0\ndir 1 0 1\n0 d 755 {inner}\nunread 7/0 why\n", "not asked"),
        ("disk 1 1 1 {root} 0\ndir 1 0 9\n0 d 755 {inner}\n", "cut short"),
        ("failed no space left\n", "no space left"),
    ],
)
def test_an_answer_that_contradicts_itself_is_refused(head: str, why: str) -> None:
    """Listings must have the digests that are claimed for them, and speak of what was asked."""
    echo = hashlib.sha256(first_request((DATA,)).encode()).hexdigest()[:16]
    inner = digest_of(["b f 644 " + "1" * 32])[:32]
    told = head.format(root=digest_of([f"0 d 755 {inner}"]), inner=inner, other="2" * 32)
    with pytest.raises(AnswerUnreadable, match=why):
        read_manifest(signed(f"ferry-digest 1 {echo}\n{told}"), (DATA,), NOON)


def test_an_answer_to_another_question_is_refused(source: Guest, replica: Guest) -> None:
    """A late answer, or one of the other side, teaches nothing and the question stands."""
    manifest = source.manifest(SYSTEM, DATA)
    exam = begin(manifest, DISKS)
    first = replica.run(first_request(DISKS)).output
    with pytest.raises(AnswerUnreadable):
        learn(exam, Side.SOURCE, first)
    exam = learn(exam, Side.REPLICA, first)
    question = next_question(exam)
    assert question is not None
    with pytest.raises(AnswerUnreadable):
        learn(exam, question.side, first)
    assert next_question(exam) == question


def test_a_listing_that_was_not_asked_for_must_have_its_digest(source: Guest, replica: Guest) -> None:
    """What is told beside the question counts only with the digest that the listing above it says."""
    exam = begin(source.manifest(SYSTEM, DATA), DISKS)
    exam = learn(exam, Side.REPLICA, replica.run(first_request(DISKS)).output)
    question = next_question(exam)
    assert question is not None
    assert question.side is Side.SOURCE
    output = source.run(question.parameter).output.decode()
    body = output[: output.index("end ")]
    learn(exam, Side.SOURCE, signed(body))
    for extra in ("dir 1/0/fleet/77/more 0 0\n", "dir 1/0/etc 0 0\n", "dir 9/0/etc 0 0\n", "gone 1/0/etc\n"):
        with pytest.raises(AnswerUnreadable):
            learn(exam, Side.SOURCE, signed(body + extra))


# --- what is shown


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (b"/etc/passwd", "/etc/passwd"),
        ("/srv/grün 中".encode(), "/srv/grün 中"),
        (b"/a\nb\x1b[31m\x7f", "/a%0Ab%1B[31m%7F"),
        (b"/100%", "/100%25"),
        (b"/\xff\xc3\x28", "/%FF%C3("),
        ("/\u202etxt.exe\u2028".encode(), "/%E2%80%AEtxt.exe%E2%80%A8"),
    ],
)
def test_paths_are_shown_safely(path: bytes, text: str) -> None:
    """What a terminal or a reader could misread is shown as bytes."""
    assert shown(path) == text


@given(one=st.binary(max_size=12), other=st.binary(max_size=12))
def test_no_two_paths_look_the_same(one: bytes, other: bytes) -> None:
    """What is shown stands for one path only, and is printable."""
    assert (shown(one) == shown(other)) == (one == other)
    assert shown(one).isprintable()
