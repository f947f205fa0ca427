"""The network as a table of rows over flat arrays, and the loops that run it.

How a step is computed, from the table down to the registers. Ten minutes; each part names the file that has the rest.

**A table.** A network is a list of rows (`table`, drawn in `kernel/cells.py`). A row is one call: a layer, an
activation, the loss, a hook, the optimizer. Its cells are whole numbers, most of them addresses: of its two compiled
functions, of its inputs and outputs, of its weights and their gradients. `program` makes the rows from a plan of the
network (`design`, `network`), `updates` those behind the gradient. Another activation is another number in one cell.

**Addresses.** Each member's functions are compiled alone, as C functions of one number, the address of their row, and
cached on disk (`kernel/compile.py`). The compiled loops (`loops`) know no method. They gather a batch (`gather`) and go
through the rows, calling the address in cell FORWARD, then backwards through BACKWARD, then the rows behind:

    batch ─► layers, forward ─► loss ─► layers, backward ─► hooks ─► finite? ─► optimizer ─► hooks ─► next batch

So nothing that a user can choose ever recompiles them, and a step costs some twenty calls, no Python and no allocation:
a network of 2-8-8-1 trains two to three million steps a second. Addresses are integers to the compiler, and loops over
integers compile several times faster than loops over arrays. The price is that kernels trust them: every number is
checked once, where a Config or a file is read.

**Flat arrays.** All weights are one array, all gradients another, and so is every part of the optimizer's state
(`memory`). An optimizer is one loop over them, a copy of a run one copy each. Tensors begin at multiples of sixteen
floats.

**Vectors.** Sixteen floats are one value (`simd/types.py`). An operation on it is one instruction where registers are
that wide, two or four elsewhere, so kernels read like their formulas and do not depend on what a compiler manages to
vectorize. Batches lie in these vectors: a unit after the other, the samples of the batch in the lanes.

    unit 0    | samples 0 … 15 | 16 … 31 | …     STRIDE vectors a unit: odd for large batches, so that units
    unit 1    | samples 0 … 15 | 16 … 31 | …     do not fall into the same places of a cache

Everything elementwise is then a loop over vectors, the same for any shape, and a weight is one number for all lanes.

**Products.** Nearly all time goes into three products: y = W x, and backwards dx = Wᵀ dy and dW = dy xᵀ. They are
written twice. For at most sixteen samples everything fits into one vector a unit, and what surrounds the arithmetic
costs more than itself (`layers/shared/dense_few.py`). For more, three things decide (`layers/shared/dense_many.py`):

* Registers. A tile of sums is kept in them while its terms pass by, so that each number that is read is used several
  times: four outputs share each vector of inputs (`simd/products.py`). For dW the sums run over samples, which lie in
  the lanes. Adding up lanes is slow, so dy is turned first, and sixteen weights are summed side by side
  (`simd/lane_sums.py`).
* Caches. A processor multiplies many times faster than memory delivers. Wide layers and large batches are cut into
  blocks that stay in the second cache while they are used, weights into lines that stay in the first.
* Order. A float sum depends on the order of its terms. Blocks and tiles never change it: every output takes its inputs
  from the first to the last, every gradient the samples of each lane, then the lanes in pairs. So the same run has the
  same bits with any sizes of blocks, on a machine with narrower registers, and when a kernel is made faster. That is
  also why no library of linear algebra is called: its order depends on the processor, and it would not be faster on
  most of these shapes.

Convolutions are the same sums over windows (`layers/shared/windows.py`).

**Denormals** (floats next to 0) are twenty times slower: they are taken as 0 while a chunk runs (`kernel/access.py`).

A chunk runs on one core, without the interpreter's lock. How fast it is beside NumPy, PyTorch and JAX, for every size,
is measured by `tests/benchmarks/bench_growth.py` and `bench_peers.py`.
"""
