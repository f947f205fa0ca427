"""The cells of a row and the entries of the control block: what a kernel may ask for, by name.

A network is a table. Each row is one operation, and its kernel gets the row's address and reads from its cells where
everything lies. The first dense layer of a network, of 2 inputs and 8 units, for batches of up to 20 samples:

      row of the table                         one array of values each, unit after unit, sixteen samples a vector
    +-----------------+                            +-------------------+-------------------+
    |  0 FORWARD      |--> compiled function   x1  | samples 0 … 15    | 16 … 19, 12 spare |  STRIDE: 2 vectors a unit
    |  1 BACKWARD     |--> compiled function       +-------------------+-------------------+
    |  2 CONTROL      |--> control block       x2  | samples 0 … 15    | 16 … 19, 12 spare |
    |  3 X            |--> values of 2 units       +-------------------+-------------------+
    |  4 Y            |--> values of 8 units
    |  5 DX         0 |    nobody asks for the gradient by the data
    |  6 DY           |--> gradient by the 8 units
    |  7 W,  9 B      |--> into the flat weights:   | dense1.weight, 16 floats | dense1.bias, 8 and 8 spare | dense2 …
    |  8 GW, 10 GB    |--> into the flat gradients: | the same places in a second array
    | 11 N_IN       2 |
    | 12 N_OUT      8 |
    |  …              |
    +-----------------+

Every tensor begins at a multiple of sixteen floats. Addresses are in bytes, and 0 means "none". All rows of a table
share one control block, which says how many samples the batch has and which step it is.
"""

from __future__ import annotations

from typing import TypeAlias

from ..simd import Address

Row: TypeAlias = Address
"""The address of a row, all that a kernel gets."""

# Cells of a row, 64 bits each.
FORWARD, BACKWARD = 0, 1
"""Addresses of the two compiled functions."""
CONTROL = 2
"""Address of the control block shared by all rows."""
X, Y, DX, DY = 3, 4, 5, 6
"""Inputs, outputs, and the gradient of the loss by each."""
W, GW, B, GB = 7, 8, 9, 10
"""Weights and bias with their gradients."""
N_IN, N_OUT = 11, 12
"""Units in and out."""
N = 13
"""Vectors of 16 floats in an elementwise row."""
PARAMS = 14
"""Address of float64 settings."""
STATE = 15
"""Address of float32 arrays that are kept but not learned."""
SCRATCH = 16
"""Address of working memory."""
TARGET = 17
"""Targets of the batch."""
RESULT = 18
"""Address of float64 results of a loss."""
HYPER = 19
"""Address of float64 [learning rate, t, settings ...]."""
ROWS, COLUMNS = 20, 21
"""Inputs and outputs of the matrix of a per-tensor row."""
ROW_INDEX = 22
"""Number of the row in its table: tells apart rows that draw random numbers."""
INNER = 23
"""Inputs of one output that lie side by side in that matrix, 0 for 1: input a·INNER + b of output o is float
(a·COLUMNS + o)·INNER + b."""
EXTRA = 24
"""First of the layer's own whole numbers, `Plan.cells`."""
CHANNELS, HEIGHT, WIDTH = EXTRA, EXTRA + 1, EXTRA + 2
"""Shape of a picture, in the row of a hook on the batch; 0 where the inputs are no pictures."""
SLOTS = EXTRA
"""First address of the optimizer's state arrays, in the order of its `slots`."""
PARTS = 36
"""First address of the compiled functions a layer's own two call."""
ROW_CELLS = 40
"""Cells of a row."""

# Entries of the control block, 64 bits each.
N_ROWS = 0
"""Samples in this batch."""
N_VECTORS = 1
"""Vectors of 16 samples in this batch."""
STRIDE = 2
"""Vectors from one unit to the next."""
TRAIN = 3
"""1 while training, 0 while evaluating."""
STEP = 4
"""Number of the step, from 0."""
SEED = 5
"""Seed of the run."""
EPOCH = 6
"""Number of the epoch, from 0."""
POSITION = 7
"""Rows of the epoch already used."""
BATCH = 8
"""Largest number of samples in a batch."""
CONTROL_CELLS = 16
"""Entries of a control block."""
