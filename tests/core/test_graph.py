"""A computation is noted in the order it is done, with names of its own and constants in the type they meet."""

import numpy as np

from dltui.core.graph import Graph


def test_arithmetic_becomes_operations() -> None:
    graph = Graph()
    x = graph.input("x", "float32", (2,))
    graph.output("y", (x * 2.0 + 1.0).op("Relu"), (2,))
    assert [one.name for one in graph.operations] == ["Mul", "Add", "Relu", "Identity"]
    assert graph.operations[0].inputs[0] == "x" and graph.operations[-1].output == "y"
    assert [str(array.dtype) for array in graph.constants.values()] == ["float32", "float32"]


def test_numbers_take_the_type_of_what_they_meet() -> None:
    graph = Graph()
    x = graph.input("x", "float64", (1,))
    hole = x.op("IsNaN", kind="bool")
    filled = hole.op("Where", np.array(3.0), x, kind="float64")
    whole = filled.cast("int64") / 7
    assert (hole.kind, filled.kind, whole.kind) == ("bool", "float64", "int64")
    assert {str(array.dtype) for array in graph.constants.values()} == {"float64", "int64"}
    assert filled.cast("float64") is filled


def test_a_name_that_is_given_is_kept_and_others_give_way() -> None:
    graph = Graph()
    x, other = (graph.input(name, "float32", ()) for name in ("v1", "label"))
    graph.output("label", x + other, ())
    assert [one.output for one in graph.operations] == ["v1_", "label_"]
    assert list(graph.outputs) == ["label_"]


def test_a_small_constant_is_written_once() -> None:
    graph = Graph()
    x = graph.input("x", "float32", ())
    assert (x * 0.5 + 0.5).graph is graph
    assert len(graph.constants) == 1
    x.cast("float64").op("Add", 0.5)
    assert len(graph.constants) == 2
