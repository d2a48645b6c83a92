"""A language in which a text that was translated shows: every letter of it has a mark, and what has no
mark was never looked up. Formats, and what a text has in their places, stay as they are."""

import gettext
import json
import re
import subprocess

LANGUAGE = "qps"  # of no people
PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
MARKED = "àƀçđéƒĝĥîĵķļɱñöþʠŕšţûṽŵẋýžÀƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞɊŔŠŢÛṼŴẊÝŽ"
FORMAT = re.compile(r"(%[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|ll|l|z|j|t)?[a-zA-Z%])")
WORD = re.compile(r"[\w$'][\w./:@=$'-]*")


def mark(text):
    parts = FORMAT.split(text)
    parts[::2] = [part.translate(str.maketrans(PLAIN, MARKED)) for part in parts[::2]]
    return "".join(parts)


def known(catalogue):
    """The texts of a compiled catalogue."""
    with open(catalogue, "rb") as file:
        return {text: said for text, said in gettext.GNUTranslations(file)._catalog.items() if text}


def make(locale):
    """The catalogue of this language, beside the Dutch one."""
    folder = locale / LANGUAGE / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    lines = ['msgid ""', 'msgstr "Content-Type: text/plain; charset=UTF-8\\n"']
    for text in known(locale / "nl" / "LC_MESSAGES" / "waternet.mo"):
        # The one that asks for the labels of the rows, which are Dutch.
        said = "nl" if text == "language" else mark(text)
        lines += ["", f"msgid {json.dumps(text)}",
                  f"msgstr {json.dumps(said, ensure_ascii=False)}"]
    subprocess.run(["msgfmt", "-o", folder / "waternet.mo", "-"], input="\n".join(lines),
                   text=True, check=True, timeout=60)
    return folder.parent


def words(text):
    """As they stand in a sentence; what belongs together, like a path, is one."""
    return {word.rstrip(".:'-=/@") for word in WORD.findall(text)}


def parts(word):
    """twente/member/enschede is three, what they are made of stays whole."""
    return set(re.split(r"[./:@=]", word))


def unmarked(text, vocabulary):
    """The words that are neither translated nor in the vocabulary."""
    return {word for word in words(text) if word not in vocabulary and
            any(re.search("[A-Za-z]{2}", part) and part.isascii() and part not in vocabulary
                for part in parts(word))}
