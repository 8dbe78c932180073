"""
The page `docs/reference.md`, made from the code: `cd tests && python -m support.reference` writes it anew.

What is a list in the code is a list there: nobody has to remember to add a line.
"""

import argparse
import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pytest_darkhost import __main__ as console
from pytest_darkhost import plugin, variables
from pytest_darkhost.checks.later import Later
from pytest_darkhost.checks.registry import STANDARD
from pytest_darkhost.commands import outcomes
from pytest_darkhost.migrations.checks.registry import STANDARD as TRIP_CHECKS
from pytest_darkhost.observations import RETRYABLE, ErrorKind
from pytest_darkhost.specs.access import Dialect
from pytest_darkhost.specs.target_settings import Capability
from pytest_darkhost.suite import hookspecs
from pytest_darkhost.verdicts import ReasonCode, Verdict
from support.markdown import code, first_line, one_line, table, texts_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference.md"
SCHEMA = ROOT / "pytest_darkhost/venue-spec.schema.json"
HEAD = """\
# Reference

Made from the code by `python -m support.reference` in `tests/`, and held in step by a test. What the words mean is said
in [configuration.md](configuration.md), [specs.md](specs.md), [migrations.md](migrations.md) and
[commands.md](commands.md).
"""


def page() -> str:
    """Return the text of the page."""
    return "\n".join([HEAD, *(line for part in PARTS for line in part()), ""])


class Recorder:
    """Stands in for pytest's parser, and keeps what the plugin declares."""

    def __init__(self) -> None:
        self.options: list[tuple[str, dict[str, Any]]] = []
        self.inis: list[tuple[str, str, str]] = []

    def getgroup(self, *_: Any, **__: Any) -> "Recorder":
        """Return the group of any name: all are on one page."""
        return self

    def addoption(self, *names: str, **settings: Any) -> None:
        """Keep an option."""
        self.options.append((", ".join(names), settings))

    def addini(self, name: str, text: str, type: str = "string", default: Any = None) -> None:  # noqa: A002
        """Keep an ini value."""
        self.inis.append((name, text, type))


def declared() -> Recorder:
    """Return what the plugin declares to pytest."""
    recorder = Recorder()
    plugin.pytest_addoption(recorder)  # type: ignore[arg-type]
    return recorder


def options() -> Iterator[str]:
    """Yield the options of pytest."""
    rows = [
        (code(f"{name} {settings['metavar']}" if "metavar" in settings else name), settings["help"])
        for name, settings in declared().options
    ]
    yield from table("Options of pytest", ("option", "is"), rows)


def inis() -> Iterator[str]:
    """Yield the ini values."""
    rows = [(code(name), kind, text) for name, text, kind in declared().inis]
    yield from table("Ini values", ("name", "type", "is"), rows)


def marks() -> Iterator[str]:
    """Yield the marks and the hooks."""
    yield from table("Marks", ("mark", "is"), [(code(name), text) for name, text in map(_mark, plugin.MARKS)])
    hooks = [value for name, value in vars(hookspecs).items() if name.startswith("pytest_darkhost")]
    yield from table("Hooks", ("hook", "is"), [(code(hook.__name__), first_line(hook)) for hook in hooks])
    fixtures = [getattr(plugin, name) for name in plugin.__all__]
    rows = [(code(each.__name__), first_line(inspect.unwrap(each))) for each in fixtures]
    yield from table("Fixtures", ("fixture", "is"), rows)


def _mark(text: str) -> tuple[str, str]:
    name, _, rest = text.partition(": ")
    return name, rest


def commands() -> Iterator[str]:
    """Yield the sub-commands of `darkhost`, each with what it takes."""
    yield from ("## The command `darkhost`", "")
    yield from _command(console._parser(), "darkhost")


def _command(parser: argparse.ArgumentParser, name: str, about: str = "") -> Iterator[str]:
    rows = [(code(_typed(action)), _said(action)) for action in parser._actions if _is_argument(action)]
    if about and not any(isinstance(action, argparse._SubParsersAction) for action in parser._actions):
        yield from table(f"`{name}`", ("argument", "is") if rows else (), rows, depth=3, about=about)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            said = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for word, each in action.choices.items():
                yield from _command(each, f"{name} {word}", said.get(word, ""))


def _is_argument(action: argparse.Action) -> bool:
    return not isinstance(action, (argparse._HelpAction, argparse._VersionAction, argparse._SubParsersAction))


def _typed(action: argparse.Action) -> str:
    shown = str(action.metavar or "|".join(map(str, action.choices or ())) or action.dest)
    return " ".join(
        (action.option_strings[-1], shown)
        if action.option_strings and action.nargs != 0
        else action.option_strings[-1:] or (shown,)
    )


def _said(action: argparse.Action) -> str:
    return (action.help or "") + (" (required)" if action.required and action.option_strings else "")


EXIT_CODES = {
    0: "All that was selected was judged and passed, or is declared not applicable.",
    1: "A check or a test failed, was not judged in a live run, or nothing was judged at all.",
    2: "The run was stopped, or a file could not be collected.",
    3: "pytest or a plugin broke.",
    4: "An option, a spec, a key, the catalog or the cap cannot be used; nothing was sent.",
    5: "There was nothing to run.",
    6: "All passed, with more warnings than `--max-warnings` allows (newer pytest).",
}


def exit_codes() -> Iterator[str]:
    """Yield what pytest and `darkhost` exit with."""
    rows = [(str(each), text) for each, text in EXIT_CODES.items()]
    yield from table("Exit codes of pytest", ("code", "means"), rows)
    rows = [(str(getattr(outcomes, name)), text) for name, text in texts_of(outcomes).items()]
    yield from table("Exit codes of `darkhost`", ("code", "means"), rows)


OTHERS = {
    "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY": "The proxies of requests to venues, in small letters too.",
    "SSL_CERT_FILE, SSL_CERT_DIR": "Certificates to trust instead of certifi's; the report names them.",
    "GITHUB_ACTIONS, GITHUB_WORKSPACE": "On GitHub, each failure is annotated at its line below this directory.",
    "PYTEST_ADDOPTS": "Options of pytest; those of the plugin count too, and are in the report.",
    "NO_COLOR, TERM, COLUMNS": "Colours, the line of progress, and the width of what is printed.",
    "CI, BUILD_NUMBER": "Where one is set, no line of progress is drawn: a log is kept.",
    "TMPDIR": "Where databases and scratch files are made.",
    "UV": "The program uv, which fetches the local model where there is no pip.",
}
"""What others have named, and we read."""


def environment() -> Iterator[str]:
    """Yield the environment variables."""
    texts = texts_of(variables)
    own = [(code(getattr(variables, name)), text) for name, text in texts.items()]
    others = [(", ".join(map(code, names.split(", "))), text) for names, text in OTHERS.items()]
    keys = ("those of `credential_env`", "The key of a venue: the first that is set, and from nowhere else.")
    yield from table("Environment variables", ("variable", "is"), [keys, *own, *others])


def spec_fields() -> Iterator[str]:
    """Yield the keys of a venue spec, model by model, as the committed schema has them."""
    yield from ("## Keys of a venue spec", "")
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    nodes = {"VenueSpec": schema, **schema["$defs"]}
    for name in ("VenueSpec", *sorted(set(nodes) - {"VenueSpec"})):
        node = nodes[name]
        if "properties" in node:
            required = set(node.get("required", ()))
            rows = [
                (
                    code(key),
                    kind_of(value),
                    "required" if key in required else default_of(value),
                    value.get("description", ""),
                )
                for key, value in node["properties"].items()
            ]
            about = one_line(node.get("description", ""))
            yield from table(f"`{name}`", ("key", "type", "default", "is"), rows, depth=3, about=about)
    for kind in (Capability, Dialect):
        texts = texts_of(kind)
        rows = [(code(each), texts[each.name]) for each in kind]
        yield from table(f"`{kind.__name__}`", ("value", "is"), rows, depth=3, about=first_line(kind))


def default_of(node: dict[str, Any]) -> str:
    """Return what holds where a key is absent."""
    value = node.get("default")
    return "" if value in (None, [], {}, "") or isinstance(value, dict) else code(json.dumps(value))


def kind_of(node: dict[str, Any]) -> str:
    """Return the type of a schema's node in words."""
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        values = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"][name].get("enum")
        return kind_of({"enum": values}) if values else code(name)
    if "anyOf" in node:
        return " or ".join(dict.fromkeys(kind_of(each) for each in node["anyOf"]))
    if "enum" in node or "const" in node:
        return ", ".join(code(str(each)) for each in node.get("enum", [node.get("const")]))
    if node.get("type") == "array":
        return f"list of {kind_of(node.get('items', {}))}"
    return str(node.get("type", "any"))


def checks() -> Iterator[str]:
    """Yield the checks, of targets and of revisions."""
    rows = [
        (code(each.name), each.scope.value, ", ".join(map(code, each.needs)), passes(_judge(each.judge)))
        for each in STANDARD
    ]
    yield from table("Checks of venues", ("check", "of a", "reads the probes", "passes when"), rows)
    trips = [(code(each.name), "activation" if each.of_activations else "", passes(each.judge)) for each in TRIP_CHECKS]
    yield from table("Checks of revisions", ("check", "only of an", "passes when"), trips)


def _judge(function: Any) -> Any:
    return function.load() if isinstance(function, Later) else function


def passes(judge: Any) -> str:
    """Return when a check passes, from a docstring such as `Return whether …`."""
    return first_line(judge).removeprefix("Return whether ")


def codes() -> Iterator[str]:
    """Yield the verdicts, the reason codes and the kinds of error."""
    verdicts = [(code(each.__name__), first_line(each)) for each in get_args(Verdict)]
    yield from table("Verdicts", ("verdict", "means"), verdicts)
    reasons = texts_of(ReasonCode)
    yield from table("Reason codes", ("code", "means"), [(code(each), reasons[each.name]) for each in ReasonCode])
    kinds = texts_of(ErrorKind)
    rows = [(code(each), "yes" if each in RETRYABLE else "", kinds[each.name]) for each in ErrorKind]
    yield from table("Kinds of error", ("kind", "may pass when repeated", "means"), rows)


PARTS = (options, inis, environment, marks, commands, exit_codes, spec_fields, checks, codes)

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
