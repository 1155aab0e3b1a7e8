"""The language of texts, docstrings, comments and messages: plain technical English.

A reader should meet the words of the AWS, Jenkins and Python documentation. Each row of WORDS names words that those
documents do not use in this sense, and what to write instead.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Paths of files, or of directories with all their files, that contain the words as data.
EXCEPTIONS = ("tests/test_language.py",)

WORDS = (
    (r"nobody|anybody|somebody|everybody|whoever", "name the person or program"),
    (r"whatever|wherever|whichever", "any, every"),
    (r"hears?|heard|says?|said|tells?|told|knows?|asks?|asked|asking", "read, request, report, return, state"),
    (r"answers?(?![:,])|answered|answering", "response, respond, result"),
    (r"the like|as ever|so many|so much|so few|as well as ever", "name the thing or the number"),
    (r"whole(?! numbers?\b)|wholly", "complete, all"),
    (r"arrived?|arrives|arriving", "receive"),
    (r"(?:to be|was|were|be) had", "available"),
    (r"born|made once|(?:is|are|was) made|made (?:of|here)", "create, consist of"),
    (r"mend(?:ed|s)?", "fix, repair"),
    (r"reckon(?:ed|s|ing)?", "compute"),
    (r"owed|hopeless|anew|thereof|hitherto|apiece|lest|lively|ere", "everyday words"),
    (r"besides?", "next to, compared with, in addition to"),
    (r"stands? (?:in|for|beside|at|with|between|here|there)|stood", "is defined in, means, contains"),
    (r"shar(?:ed|ing) out", "allocate"),
    (r"rose|risen|fell|fallen", "increase, decrease"),
    (r"(?:is|are) no more|(?:is|are|was) gone", "deleted, no longer exists"),
    (r"(?:is|are) unknown:", "could not be read"),
    (r"of wh(?:ich|om|ose)|whereof", "two sentences, whose, that"),
    (r"(?:one of them|th(?:e|at|is) one|(?:the )?other one|each one)", "repeat the noun"),
    (r"one after (?:another|the other)|one by one", "in order, sequentially"),
    (r"dear(?:er|est)?", "expensive"),
    (r"cut short|cut off", "truncated"),
)
WORD = re.compile("|".join(rf"(?P<w{i}>(?<![\w`-])(?:{words})(?![\w`-]))" for i, (words, _) in enumerate(WORDS)), re.I)

# A docstring of a function that begins like this has no verb, or has it last.
NO_VERB = re.compile(
    r"(?:A|An|The|Its?|Their|This|That|These|Those|Of|As|In|On|At|From|With|Without|What|Which|Where|Whether|When"
    r"|Who|Why|How|If|No|Not|Nothing|None|One|All|Every|Each|Also|Only|So|To|For)\b"
)


def texts() -> list[Path]:
    """Return the files of the repository that contain prose."""
    suffixes = {".py", ".md", ".html", ".txt", ".groovy", ".toml", ".yaml", ".yml", ".xml", ".tf"}
    places = ("s3_monitor", "jenkins", "tools", "tests", "bench", "docs", "deploy", ".github")
    below = (path for place in places for path in (ROOT / place).rglob("*") if path.suffix in suffixes)
    skipped = {"node_modules", "golden"}
    top = [path for path in ROOT.iterdir() if path.suffix in suffixes or path.name in {"Jenkinsfile", "Makefile"}]
    return sorted([*top, *(path for path in below if not skipped & set(path.parts))])


def excepted(path: Path) -> bool:
    name = path.relative_to(ROOT).as_posix()
    return any(name == exception or name.startswith(f"{exception}/") for exception in EXCEPTIONS)


PATHS = [path for path in texts() if not excepted(path)]
SOURCES = [path for path in PATHS if path.suffix == ".py" and not {"tests", "bench"} & set(path.parts)]
TESTS = [path for path in PATHS if path.name.startswith("test_")]


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each line of prose with its number: of Python, comments and texts of more than one word."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        text = re.sub(r"```\w.*?```", lambda block: "\n" * block[0].count("\n"), text, flags=re.DOTALL)
        text = re.sub(r"`[^`\n]*`|\{[%{#].*?[%}#]\}|<[^>\n]*>|https?://\S+", "", text)
        yield from enumerate(text.splitlines(), 1)
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield from enumerate(re.sub(r"`[^`\n]*`", "", node.value).splitlines(), node.lineno)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions that are not properties: the docstring of a property is a noun phrase."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            decorators = {ast.unparse(decorator).partition("(")[0] for decorator in node.decorator_list}
            if not any(name.endswith("property") for name in decorators):
                yield node


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_texts_use_standard_words(path: Path) -> None:
    found = []
    for number, line in prose(path):
        for match in WORD.finditer(line):
            better = WORDS[int(str(match.lastgroup)[1:])][1]
            found.append(f"{path.relative_to(ROOT)}:{number}: {match[0]!r} (write: {better}): {line.strip()[:100]}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_docstrings_of_functions_begin_with_a_verb(path: Path) -> None:
    docstrings = ((node.lineno, ast.get_docstring(node) or "") for node in functions(path))
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text.splitlines()[0]}" for line, text in docstrings if NO_VERB.match(text)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_names_of_tests_use_standard_words(path: Path) -> None:
    names = [node.name for node in functions(path) if node.name.startswith("test_")]
    assert [name for name in names if WORD.search(name.replace("_", " "))] == []


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_every_exception_exists(exception: str) -> None:
    assert (ROOT / exception).exists()
