"""
A written activation, broken mechanically in one place at a time.

Not broken: what only makes up a message, which a round trip that passes never sees.
"""

import ast
import pickle
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

_TALK = frozenset({"shown"})
"""Functions that only make up messages."""
_VALUES = frozenset({"BEFORE", "AFTER"})


@dataclass(frozen=True)
class Mutant:
    """One broken file."""

    name: str
    """`change_one:112: drop .where(…)`."""
    written: Callable[[], str]

    @property
    def text(self) -> str:
        """The file, made when asked for: most candidates of a sample are only counted."""
        return self.written()


Broken = Callable[[], ast.Module]
"""Makes a copy of the file's tree that is broken in one place."""

_HARMLESS = {
    r"^append_to_audit:\d+: drop all but .*dialect": "the server continues the chain online too, with the same entry",
    r"^delete_unless_referred_to:\d+: turn hosts": "what refers to the row by its slug answers the same for any host",
    r"^is_row: drop condition 0$": "a model has one host on a provider, and the other conditions find the same row",
}
_MARIADB = r"change_one_in_sql:\d+, column \d+: 'mariadbx'"
_MYSQL = (
    rf"{_MARIADB}|change_one_in_sql:\d+: drop sql = f.SET time_zone|append_in_sql:\d+: drop last_hash = sa.func.sha2"
    r"|change_one_in_sql:\d+, column \d+: ('mysqlx'|.SET time_zone)"
)
_ELSEWHERE = {
    "sqlite": rf"^({_MYSQL}|change_one_in_sql:\d+: drop (update|fail|count|sql = f.DO)|append_in_sql:"
    r"|change_one_in_sql:\d+, column \d+: ('postgresqlx'|.GET DIAGNOSTICS)|append_to_audit:\d+: drop append_in_sql)",
    "postgresql": rf"^({_MYSQL})",
    "mysql": rf"^{_MARIADB}",
}
"""By the name of the dialect: what it does not run."""


def reason_to_live(name: str, database: str) -> str | None:
    """Return why a mutant does no harm that a round trip on one database could see, `None` where it should not live."""
    if re.match(_ELSEWHERE.get(database, "$^"), name):
        return "runs on other databases only, and is found out there"
    return next((reason for pattern, reason in _HARMLESS.items() if re.search(pattern, name)), None)


def mutants(text: str) -> Iterator[Mutant]:
    """Yield the mutants of a file: each differs from it in one place, and can be parsed."""
    tree = ast.parse(text)
    for operator in _OPERATORS:
        for name, broken in operator(tree):
            yield Mutant(name, partial(_text, broken))


def _text(broken: Broken) -> str:
    return ast.unparse(ast.fix_missing_locations(broken()))


def _code(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield the nodes of a function, without those that only make up the message of a `raise`."""
    told = [
        block[:-1] for owner, field in _bodies(function) if isinstance((block := getattr(owner, field))[-1], ast.Raise)
    ]
    talk = {id(node) for block in told for statement in block for node in ast.walk(statement)}
    talk |= {id(part) for node in ast.walk(function) if isinstance(node, ast.Raise) for part in ast.walk(node)}
    return (node for node in ast.walk(function) if id(node) not in talk)


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name not in _TALK)


def _edited(tree: ast.Module, node: ast.AST, edit: Callable[[Any], None]) -> Broken:
    """Return what makes a copy of a tree with one node changed in place."""

    def broken() -> ast.Module:
        made: ast.Module
        made, changed = pickle.loads(pickle.dumps((tree, node)))  # as a deep copy is, in a fifth of its time
        edit(changed)
        return made

    return broken


def _bodies(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, str]]:
    """Yield each list of statements: its owner and the name of the field. Blocks that end in `raise` build messages."""
    for node in ast.walk(function):
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield node, field


def _is_doc(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _dropped(tree: ast.Module) -> Iterator[tuple[str, Broken]]:
    """Drop a statement, or of a block that ends in `raise`, the raise."""
    for function in _functions(tree):
        for owner, field in _bodies(function):
            block = getattr(owner, field)
            talk = isinstance(block[-1], ast.Raise)
            for index, statement in enumerate(block):
                if _is_doc(statement) or isinstance(statement, ast.Return) or (talk and statement is not block[-1]):
                    continue
                if isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Raise) and not statement.orelse:
                    continue  # without its `raise`, it is gone all the same

                def edit(node: Any, field: str = field, index: int = index) -> None:
                    getattr(node, field)[index] = ast.Pass()

                words = ast.unparse(statement).splitlines()[0]
                yield f"{function.name}:{statement.lineno}: drop {words}", _edited(tree, owner, edit)


def _swapped_order(tree: ast.Module) -> Iterator[tuple[str, Broken]]:
    """Swap two statements that follow each other in `upgrade` and `downgrade`."""
    for function in _functions(tree):
        if function.name in {"upgrade", "downgrade"}:
            for index in range(1, len(function.body) - 1):

                def edit(node: Any, index: int = index) -> None:
                    node.body[index], node.body[index + 1] = node.body[index + 1], node.body[index]

                yield f"{function.name}: swap statements {index} and {index + 1}", _edited(tree, function, edit)


def _conditions(tree: ast.Module) -> Iterator[tuple[str, Broken]]:
    """Drop a `.where(…)`, a condition of `is_row`, a kind of reference, and all but one part of `and`, `or`."""
    for function in _functions(tree):
        for node in _code(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "where":

                def unwhere(call: Any) -> None:
                    call.args, call.func.attr = [], "where"

                yield f"{function.name}:{node.lineno}: drop {ast.unparse(node)[-40:]}", _edited(tree, node, unwhere)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "sa.or_" and len(node.args) > 1:
                for index in range(len(node.args)):

                    def forget(made: Any, index: int = index) -> None:
                        del made.args[index]

                    yield f"{function.name}: drop {ast.unparse(node.args[index])}", _edited(tree, node, forget)
            if isinstance(node, ast.BoolOp):
                for index in range(len(node.values)):

                    def single(made: Any, index: int = index) -> None:
                        made.values = [made.values[index]]

                    others = f"all but {ast.unparse(node.values[index])}"
                    yield f"{function.name}:{node.lineno}: drop {others}", _edited(tree, node, single)
            if function.name == "is_row" and isinstance(node, ast.List):
                for index in range(len(node.elts)):

                    def drop(made: Any, index: int = index) -> None:
                        del made.elts[index]

                    yield f"is_row: drop condition {index}", _edited(tree, node, drop)


_TURNED: dict[type, type] = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.Add: ast.Sub}


def _operators(tree: ast.Module) -> Iterator[tuple[str, Broken]]:
    """Turn a comparison round, add where one was taken away, leave out a `not`."""
    for function in _functions(tree):
        for node in _code(function):
            turned = _TURNED.get(type(node.ops[0])) if isinstance(node, ast.Compare) else None
            if turned:

                def edit(made: Any, turned: type = turned) -> None:
                    made.ops[0] = turned()

                yield f"{function.name}:{node.lineno}: turn {ast.unparse(node)}", _edited(tree, node, edit)
            if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):

                def plain(made: Any) -> None:
                    made.operand = ast.UnaryOp(ast.Invert(), made.operand)

                yield f"{function.name}:{node.lineno}: leave ~ out", _edited(tree, node, plain)
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and isinstance(node.right, ast.Constant):

                def minus(made: Any) -> None:
                    made.right = ast.Constant(made.right.value + 1)

                yield f"{function.name}:{node.lineno}: one more in {ast.unparse(node)}", _edited(tree, node, minus)


def _swapped_names(tree: ast.Module) -> Iterator[tuple[str, Broken]]:
    """Use BEFORE for AFTER and `old` for `new`, and the other way round, in one place."""
    other = {"BEFORE": "AFTER", "AFTER": "BEFORE", "old": "new", "new": "old"}
    for function in _functions(tree):
        texts = {id(part) for node in ast.walk(function) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
        for node in _code(function):
            if isinstance(node, ast.Name) and node.id in other and id(node) not in texts:

                def edit(made: Any) -> None:
                    made.id = other[made.id]

                words = f"{function.name}:{node.lineno}: {other[node.id]} for {node.id}, column {node.col_offset}"
                yield words, _edited(tree, node, edit)


def _values(tree: ast.Module) -> Iterator[tuple[str, Broken]]:
    """Drop each column of BEFORE and AFTER, change each value, and each module-level name of the row."""
    for statement in tree.body:
        target = getattr(statement, "target", None) or next(iter(getattr(statement, "targets", [])), None)
        name, value = getattr(target, "id", ""), getattr(statement, "value", None)
        value = value.right if isinstance(value, ast.BinOp) else value
        if name in _VALUES and isinstance(value, ast.Dict):
            for index, key in enumerate(value.keys):

                def drop(made: Any, index: int = index) -> None:
                    del made.keys[index], made.values[index]

                def change(made: Any, index: int = index) -> None:
                    made.values[index] = _other(made.values[index])

                column = ast.unparse(key) if key else "**"
                yield f"{name}: drop {column}", _edited(tree, value, drop)
                if key:
                    yield f"{name}: another {column}", _edited(tree, value, change)
        elif name in {"VENUE", "SLUG", "LOGICAL_SLUG"}:

            def rename(made: Any) -> None:
                made.value = ast.Constant(made.value.value + "x")

            yield f"another {name}", _edited(tree, statement, rename)


def _other(value: Any) -> ast.expr:
    if isinstance(value, ast.Call):
        return ast.Call(value.func, [ast.Constant(value.args[0].value + "1")], [])
    if isinstance(value.value, bool):
        return ast.Constant(not value.value)
    if value.value is None:
        return ast.Constant(0)
    return ast.Constant(value.value / 2 if isinstance(value.value, float) else f"{value.value}x")


def _written(tree: ast.Module) -> Iterator[tuple[str, Broken]]:
    """Order the other way round; other numbers in SQL, other separators in JSON, other names of dialects."""
    for function in _functions(tree):
        for node in _code(function):
            if isinstance(node, ast.Attribute) and node.attr == "desc":
                turned = _edited(tree, node, lambda made: setattr(made, "attr", "asc"))
                yield f"{function.name}:{node.lineno}: order {ast.unparse(node.value)} upwards", turned
            for constant, other in _other_words(node):

                def edit(made: Any, other: str = other) -> None:
                    made.value = other

                place = f"{function.name}:{node.lineno}, column {constant.col_offset}"
                yield f"{place}: {other!r} for {constant.value!r}", _edited(tree, constant, edit)


def _other_words(node: ast.AST) -> Iterator[tuple[ast.Constant, str]]:
    """Yield the texts in a node that a database or a reader takes at their word, each with another."""
    if isinstance(node, ast.JoinedStr):
        pieces = [each for each in node.values if isinstance(each, ast.Constant)]
        yield from ((each, other) for each in pieces if (other := re.sub(r"\b1\b", "2", each.value)) != each.value)
    words: list[ast.AST] = []
    if isinstance(node, ast.Compare):
        words = [part for each in node.comparators for part in ast.walk(each)]
    elif isinstance(node, ast.keyword) and node.arg == "separators":
        words = list(ast.walk(node.value))
    for each in words:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each, f"{each.value}x"


def _skipped(tree: ast.Module) -> Iterator[tuple[str, Broken]]:
    """Skip the upgrade, skip the undo, swap the two, and let the undo refuse."""
    found = {function.name: function for function in _functions(tree)}
    refuse = ast.parse("raise NotImplementedError").body
    for name in ("upgrade", "downgrade"):
        yield f"skip {name}", _edited(tree, found[name], lambda made: setattr(made, "body", [ast.Pass()]))

    def swap(made: Any) -> None:
        up, down = (next(f for f in made.body if getattr(f, "name", "") == name) for name in ("upgrade", "downgrade"))
        up.name, down.name = "downgrade", "upgrade"

    yield "swap upgrade and downgrade", _edited(tree, tree, swap)
    yield "refuse downgrade", _edited(tree, found["downgrade"], lambda made: setattr(made, "body", refuse))


def _declared(tree: ast.Module) -> Iterator[tuple[str, Broken]]:
    """Leave out a declared change, or a declared column."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == "darkhost":
            for node in ast.walk(statement.value):
                if isinstance(node, ast.List):
                    for index in range(len(node.elts)):

                        def drop(made: Any, index: int = index) -> None:
                            del made.elts[index]

                        yield f"darkhost: leave out {ast.unparse(node.elts[index])}", _edited(tree, node, drop)


_OPERATORS = (
    _dropped,
    _swapped_order,
    _conditions,
    _operators,
    _swapped_names,
    _values,
    _written,
    _skipped,
    _declared,
)
