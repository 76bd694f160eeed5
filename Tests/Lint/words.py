"""Finds phrases and names of phrases.py in documents, texts and comments: words.py [FILE...]

Prints `file:line: "found": write ...` for each and exits with 1 if there is one. Without arguments it reads
every text file that git tracks. A line that contains `words: keep` is left out, and so are the files that
`EXCLUDED` names.
"""

import re
import subprocess
import sys
from pathlib import Path

from phrases import NAMES, NAMES_IN_IDENTIFIERS, PHRASES

PROJECT = Path(__file__).resolve().parents[2]
KEEP = "words: keep"
# The lists themselves, texts of others, and generated files.
EXCLUDED = re.compile(r"^(Tests/Lint/|LICENSE$|Sources/Credentials/CommonPasswords\.txt$|.*\.svg$)")

TEXT = re.compile(r"\b(?:" + "|".join(f"(?P<p{n}>{row[0]})" for n, row in enumerate(PHRASES)) + r")\b", re.I)
# What begins a line of a comment, a list or a continued string, and what ends the line before.
LINE_BEGIN = re.compile(r"^\s*(?:///?|#+|--|\*|/\*+|>|\+\s*f?\"|f?\")?\s*")
LINE_END = re.compile(r"\s*(?:\"|\\)?\s*$")
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


def parts(identifier):
    return tuple(part.lower() for part in PART.findall(identifier))


ANYWHERE = {parts(name): better for name, better in NAMES.items()}
IN_IDENTIFIERS = {parts(name): better for name, better in NAMES_IN_IDENTIFIERS.items()}


def names(text):
    """(offset, identifier, better wording) for each identifier with a name of phrases.py."""
    for match in IDENTIFIER.finditer(text):
        identifier = match[0]
        # Settings keep their names.
        if identifier.isupper() and "_" in identifier:
            continue
        whole = parts(identifier)
        for first in range(len(whole)):
            for last in range(first + 1, len(whole) + 1):
                better = ANYWHERE.get(whole[first:last])
                if better is None and len(whole) > 1:
                    better = IN_IDENTIFIERS.get(whole[first:last])
                if better is not None:
                    yield match.start(), identifier, better


def phrases(text):
    """(offset, phrase, better wording) for each phrase."""
    for match in TEXT.finditer(text):
        yield match.start(), match[0], PHRASES[int(match.lastgroup[1:])][1]


def found(text):
    """(line, what, better wording) for each phrase and name. A phrase may go over the end of a line."""
    joined, starts = "", []
    for line in text.splitlines():
        if KEEP in line:
            line = ""
        starts.append(len(joined))
        joined += LINE_END.sub("", LINE_BEGIN.sub("", line)) + " "
    for offset, what, better in [*phrases(joined), *names(joined)]:
        yield sum(start <= offset for start in starts), what, better


def tracked():
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=PROJECT, text=True).split("\0")
    return [name for name in listed if name and not EXCLUDED.match(name) and (PROJECT / name).is_file()]


def findings(name):
    for _, what, better in names(name):
        yield 0, what, better
    bytes_ = (PROJECT / name).read_bytes()
    if b"\0" not in bytes_:
        yield from found(bytes_.decode(errors="replace"))


def main(files):
    count = 0
    for name in files or tracked():
        for line, what, better in findings(name):
            count += 1
            print(f'{name}:{line}: "{what}": write {better}')
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
