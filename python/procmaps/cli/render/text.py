"""Sizes and names as people read them."""

from __future__ import annotations

UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
NO_TENTHS_FROM = 100

INVISIBLE = (
    # Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), as far as
    # Python calls it printable.
    *(("\u034f", "\u034f"), ("\u115f", "\u1160"), ("\u17b4", "\u17b5")),
    *(("\u180b", "\u180f"), ("\u3164", "\u3164"), ("\ufe00", "\ufe0f")),
    *(("\uffa0", "\uffa0"), ("\U000e0000", "\U000e0fff")),
    # What is drawn as nothing: blank braille, a null notehead, blank hieroglyphs.
    *(("\u2800", "\u2800"), ("\U0001d159", "\U0001d159")),
    ("\U00013441", "\U00013442"),
)
"""Ranges of characters that leave no trace on a terminal."""

HANGUL_PARTS = (("\u1160", "\u11ff"), ("\ud7b0", "\ud7fb"))


def human_size(size: int) -> str:
    """Return a size in bytes with a unit: exact, or rounded to three digits.

    >>> human_size(0), human_size(135168), human_size(1572864), human_size(2**64 - 1)
    ('0 B', '132 KiB', '1.5 MiB', '16.0 EiB')
    """
    power = min(max(size.bit_length() - 1, 0) // 10, len(UNITS) - 1)
    divisor = 1 << 10 * power
    whole, tenth = divmod((size * 10 + divisor // 2) // divisor, 10)
    if size % divisor == 0 or whole >= NO_TENTHS_FROM:
        return f"{(size + divisor // 2) // divisor} {UNITS[power]}"
    return f"{whole}.{tenth} {UNITS[power]}"


def printable(text: str) -> str:
    r"""Return text that does nothing to a terminal but be shown.

    Control characters and bytes that are not UTF-8 stand as `\xff`, and others that
    have no look of their own, such as one that turns the direction, as `\u202e`.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join([c if _has_look(c) else escape(c) for c in text])


def _has_look(character: str) -> bool:
    """Tell whether a character shows, by itself or on the one before it."""
    return character.isprintable() and not _is_in(INVISIBLE, character)


def _is_in(ranges: tuple[tuple[str, str], ...], character: str) -> bool:
    return any(first <= character <= last for first, last in ranges)


def printable_name(name: str) -> str:
    r"""Return a name as printable text that stands for no other name.

    Beyond what `printable` does, backslashes are doubled, and spaces at the end
    stand as `\x20`.
    """
    if "\\" not in name and name[-1:] != " ":
        return printable(name)
    body = name.rstrip(" ")
    return printable(body.replace("\\", r"\\")) + r"\x20" * (len(name) - len(body))


def escape(character: str) -> str:
    r"""Return a character as `\x1b`, or as `\u202e` if it is not ASCII.

    A byte that is not UTF-8 stands as `\xff`: it is not U+00FF, which is `\u00ff`.
    """
    code = ord(character)
    # Python keeps such a byte as the half of a pair, U+DC00 and more.
    if "\udc80" <= character <= "\udcff":
        return f"\\x{code - 0xDC00:02x}"
    if character.isascii():
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if character <= "\uffff" else f"\\U{code:08x}"


def cells(text: str) -> int:
    """Return how many columns of a terminal printable text takes."""
    if text.isascii():
        return len(text)
    return sum([_cell(character) for character in text])


def _cell(character: str) -> int:
    """Return the columns of one character, by what Unicode says of it.

    Marks are drawn on the character before them, and so are the vowels and final
    consonants of Hangul.
    """
    import unicodedata

    if unicodedata.category(character)[0] == "M" or _is_in(HANGUL_PARTS, character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, width: int, ellipsis: str = "…") -> str:
    """Return text cut in the middle to this many columns.

    What stands after the last slash is kept if it fits, and else the end gets two
    thirds of the room.

    >>> shorten("/usr/lib/x86_64-linux-gnu/libc.so.6", 20)
    '/usr/l…gnu/libc.so.6'
    """
    if cells(text) <= width:
        return text
    room = max(width - len(ellipsis), 2)
    last = cells(text[text.rfind("/") :])
    end = _fitting(text[::-1], max(room - room // 3, min(last, room - 1)))[::-1]
    return _fitting(text, room - cells(end)) + ellipsis + end


def _fitting(text: str, width: int) -> str:
    """Return as much of the beginning of a text as fits."""
    if text.isascii():
        return text[:width]
    for position, character in enumerate(text):
        width -= _cell(character)
        if width < 0:
            return text[:position]
    return text
