"""Arithmetic typed by a user, evaluated over whole arrays without ever running it as code.

The text is parsed by Python's grammar, and only an allowlist of its nodes is turned into closures: numbers, named
variables, a dozen functions, arithmetic, comparison, and/or/not, and the conditional. Nothing else can be said, so
nothing else can happen. All values are float64, so no power can grow into a long whole number.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TypeAlias

import numpy as np

from .errors import ConfigError, nearest

MAX_LENGTH = 200
MAX_NODES = 64
MAX_DEPTH = 16

Array: TypeAlias = np.ndarray
Values: TypeAlias = Mapping[str, Array]
Evaluate: TypeAlias = Callable[[Values], Array]

CONSTANTS: Mapping[str, float] = {"pi": np.pi, "e": np.e}

FUNCTIONS: Mapping[str, tuple[Callable[..., Array], int, int]] = {
    "abs": (np.abs, 1, 1),
    "min": (lambda *values: reduce(np.minimum, values), 2, 8),
    "max": (lambda *values: reduce(np.maximum, values), 2, 8),
    "exp": (np.exp, 1, 1),
    "log": (np.log, 1, 1),
    "sqrt": (np.sqrt, 1, 1),
    "sin": (np.sin, 1, 1),
    "cos": (np.cos, 1, 1),
    "tan": (np.tan, 1, 1),
    "tanh": (np.tanh, 1, 1),
    "floor": (np.floor, 1, 1),
    "ceil": (np.ceil, 1, 1),
    "sign": (np.sign, 1, 1),
}
"""Name -> function of arrays, fewest and most arguments."""

OPERATORS: Mapping[type[ast.operator], Callable[[Array, Array], Array]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}

COMPARISONS: Mapping[type[ast.cmpop], Callable[[Array, Array], Array]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}

CONTEXT = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
"""Nodes that only qualify others and do not count."""


@dataclass(frozen=True)
class Expression:
    """A checked expression."""

    text: str
    """As typed."""
    variables: tuple[str, ...]
    """Names it may use."""
    evaluate: Evaluate
    """Variable -> array, to the values."""

    def __call__(self, **values: Array) -> Array:
        """The values of the expression.

        Args:
            **values: One float64 array for each variable, all of one shape.

        Returns:
            float64 array of that shape; not finite where the mathematics is not.

        Example:
            compile_expression("x**2 + 1", ("x",))(x=np.array([0.0, 1.0]))
        """
        arrays = {name: np.asarray(values[name], dtype=np.float64) for name in self.variables}
        shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
        with np.errstate(all="ignore"):
            result = np.asarray(self.evaluate(arrays), dtype=np.float64)
        return np.array(np.broadcast_to(result, shape))


def compile_expression(text: str, variables: tuple[str, ...]) -> Expression:
    """The expression a text says.

    Args:
        text: What the user typed.
        variables: Names it may use.

    Raises:
        ConfigError: It is too long or too deep, or says something that is not allowed; points at the column.
    """
    if len(text) > MAX_LENGTH:
        raise ConfigError("is too long", value=text, allowed=f"{MAX_LENGTH} characters")
    if "\n" in text or "\r" in text or "\0" in text:
        raise ConfigError("must stand on one line", value=text)
    if not text.strip(" \t"):
        raise _wrong(text, "cannot be read", 1)
    try:
        tree = ast.parse(text.strip(" \t"), mode="eval").body
    except SyntaxError as error:
        raise _wrong(text, "cannot be read", max(error.offset or 1, 1) + _indent(text)) from None
    except (ValueError, MemoryError, RecursionError, SyntaxWarning):
        raise _wrong(text, "cannot be read", 1) from None
    n_nodes = sum(not isinstance(node, CONTEXT) for node in ast.walk(tree))
    if n_nodes > MAX_NODES:
        raise ConfigError("has too many parts", value=text, allowed=f"{MAX_NODES} parts")
    expression = Expression(text, variables, _Compiler(text, variables).compile(tree, 1))
    _refuse_infinite_constants(text, tree, expression)
    return expression


@dataclass(frozen=True)
class _Compiler:
    text: str
    variables: tuple[str, ...]

    def compile(self, node: ast.expr, depth: int) -> Evaluate:
        if depth > MAX_DEPTH:
            raise self.wrong(node, f"nests deeper than {MAX_DEPTH}")
        match node:
            case ast.Constant(value=bool() | complex() | str() | bytes() | None):
                raise self.wrong(node, "holds something that is not a number")
            case ast.Constant(value=int() | float() as number):
                return self.constant(node, number)
            case ast.Name(id=name):
                return self.name(node, name)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return _binary(OPERATORS[type(op)], self.compile(left, depth + 1), self.compile(right, depth + 1))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _apply(np.negative, self.compile(operand, depth + 1))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.compile(operand, depth + 1)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return _apply(_not, self.compile(operand, depth + 1))
            case ast.BoolOp(op=op, values=parts):
                join = np.logical_and if isinstance(op, ast.And) else np.logical_or
                return _join(join, [self.compile(part, depth + 1) for part in parts])
            case ast.Compare(left=left, ops=ops, comparators=rest) if all(type(op) in COMPARISONS for op in ops):
                terms = [self.compile(part, depth + 1) for part in (left, *rest)]
                tests = [COMPARISONS[type(op)] for op in ops]
                pairs = zip(tests, terms[:-1], terms[1:], strict=True)
                return _join(np.logical_and, [_binary(test, one, other) for test, one, other in pairs])
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return _choose(*(self.compile(part, depth + 1) for part in (test, body, orelse)))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self.call(node, name, args, depth)
        raise self.wrong(node, "says something that is not allowed")

    def constant(self, node: ast.expr, number: float) -> Evaluate:
        try:
            value = np.asarray(float(number))
        except OverflowError:
            value = np.asarray(np.inf)
        if not np.isfinite(value):
            raise self.wrong(node, "holds a number that is too large")
        return lambda values: value

    def name(self, node: ast.expr, name: str) -> Evaluate:
        if name in self.variables:
            return lambda values: values[name]
        if name in CONSTANTS:
            value = np.asarray(CONSTANTS[name])
            return lambda values: value
        if name in FUNCTIONS:
            raise self.wrong(node, f"needs arguments for {name}")
        raise self.unknown(node, name, (*self.variables, *CONSTANTS))

    def call(self, node: ast.expr, name: str, args: list[ast.expr], depth: int) -> Evaluate:
        if name not in FUNCTIONS:
            raise self.unknown(node, name, tuple(FUNCTIONS))
        function, fewest, most = FUNCTIONS[name]
        parts = [self.compile(arg, depth + 1) for arg in args]
        if not fewest <= len(args) <= most:
            count = str(fewest) if fewest == most else f"{fewest} to {most}"
            raise self.wrong(node, f"gives {name} {len(args)} arguments instead of {count}")
        return lambda values: function(*(part(values) for part in parts))

    def unknown(self, node: ast.expr, name: str, names: tuple[str, ...]) -> ConfigError:
        like = nearest(name, names)
        hint = f" (did you mean {like!r}?)" if like else ""
        allowed = f"{', '.join(self.variables)}, {', '.join(CONSTANTS)}; functions {', '.join(FUNCTIONS)}"
        return self.wrong(node, f"has an unknown name {name!r}{hint}", allowed)

    def wrong(self, node: ast.expr, problem: str, allowed: str | None = None) -> ConfigError:
        stripped = self.text.strip(" \t").encode()
        column = len(stripped[: node.col_offset].decode(errors="ignore")) + 1 + _indent(self.text)
        return _wrong(self.text, problem, column, allowed)


def _wrong(text: str, problem: str, column: int, allowed: str | None = None) -> ConfigError:
    allowed = allowed or "numbers, variables, functions, + - * / // % **, comparison, and, or, not, if else"
    return ConfigError(f"{problem} at column {column}", value=text, allowed=allowed, column=column)


def _refuse_infinite_constants(text: str, tree: ast.expr, expression: Expression) -> None:
    """Refuse what is infinite whatever the variables are, as 9**9**9 is."""
    compiler = _Compiler(text, expression.variables)
    for node in ast.walk(tree):
        if not isinstance(node, ast.BinOp | ast.Call):
            continue
        names = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}
        if not names & set(expression.variables):
            with np.errstate(all="ignore"):
                value = np.asarray(compiler.compile(node, 1)({}), dtype=np.float64)
            if not np.isfinite(value).all():
                raise compiler.wrong(node, "has a part that is not finite", "parts that are finite")


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" \t"))


def _not(value: Array) -> Array:
    return np.asarray(value == 0, dtype=np.float64)


def _apply(function: Callable[[Array], Array], part: Evaluate) -> Evaluate:
    return lambda values: function(part(values))


def _binary(function: Callable[[Array, Array], Array], left: Evaluate, right: Evaluate) -> Evaluate:
    return lambda values: np.asarray(function(left(values), right(values)), dtype=np.float64)


def _join(function: Callable[[Array, Array], Array], parts: list[Evaluate]) -> Evaluate:
    """Truth values joined: 1.0 or 0.0."""
    return lambda values: np.asarray(
        reduce(function, [np.asarray(part(values)) != 0 for part in parts]), dtype=np.float64
    )


def _choose(test: Evaluate, body: Evaluate, orelse: Evaluate) -> Evaluate:
    return lambda values: np.where(np.asarray(test(values)) != 0, body(values), orelse(values))
