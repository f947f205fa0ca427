"""How Numba turns kernels and their helpers into machine code, cut down to what they need.

Numba optimizes every function twice and makes machine code of it, also of one that is only ever inlined into others.
For a kernel with eight helpers that is nine times the work. Here a helper stays intermediate code until the kernel that
uses it is optimized, once, as a whole; and passes for what kernels never have (closures, parallel loops, reference
counts, array expressions) are left out. Measured: all members in half the time, a convolution in a third.
"""

from __future__ import annotations

import llvmlite.binding as llvm
from llvmlite import ir
from llvmlite.ir.instructions import CallInstr
from numba.core import codegen, untyped_passes
from numba.core.compiler import CompilerBase, StateDict
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.typed_passes import (
    IRLegalization,
    NativeLowering,
    NoPythonBackend,
    NopythonTypeInference,
    PreLowerStripPhis,
)

_ENTRY = "cfunc."
"""Begins the name of the C function around a kernel."""


class _Intermediate(codegen.JITCodeLibrary):
    """Code of a helper: linked into others, never run by itself."""

    def _optimize_functions(self, ll_module: llvm.ModuleRef) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


class _Final(codegen.JITCodeLibrary):
    """Code of a kernel with all its helpers, optimized once."""

    def add_ir_module(self, ir_module: ir.Module) -> None:
        """Take in a part. Numba forbids to inline a kernel into its C entry; a network's step is some twenty calls."""
        entries = [function for function in ir_module.functions if function.name.startswith(_ENTRY)]
        for block in (block for function in entries for block in function.blocks):
            for instruction in block.instructions:
                if isinstance(instruction, CallInstr):
                    instruction.attributes.discard("noinline")
        super().add_ir_module(ir_module)

    def _optimize_functions(self, ll_module: llvm.ModuleRef) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        functions = {function.name: function for function in self._final_module.functions}
        entries = [name for name in functions if name.startswith(_ENTRY)]
        for name in entries:
            # Called from nowhere else, it is inlined whatever its size.
            functions[name.removeprefix(_ENTRY)].linkage = "internal"
        builder = self._for_kernels() if entries else self._codegen._pass_builder()
        builder.getModulePassManager().run(self._final_module, builder)

    def _for_kernels(self) -> llvm.PassBuilder:
        """Full optimization, but loops are not unrolled.

        Their vectors hold sixteen numbers and their products are four at a time already: unrolled loops take a fifth
        longer to compile and, measured over all presets, a twelfth longer to run.
        """
        options = llvm.create_pipeline_tuning_options(speed_level=3)
        options.loop_vectorization, options.slp_vectorization, options.loop_unrolling = True, False, False
        return llvm.create_pass_builder(self._codegen._tm, options)


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerKernel(NativeLowering):
    """Emit the code of a kernel into a library that is optimized once."""

    _name = "lower_kernel"

    def run_pass(self, state: StateDict) -> bool:
        state.library = _Final(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        return bool(super().run_pass(state))


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerHelper(NativeLowering):
    """Emit the code of a helper, and tell Numba where to find it."""

    _name = "lower_helper"

    def run_pass(self, state: StateDict) -> bool:
        state.library = _Intermediate(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = True
        super().run_pass(state)
        state.library.finalize()
        # Numba tells compiled functions apart by their entry, which has to be a built-in function; nothing calls it.
        entry = list[object]().append
        state["cr"] = state["cr"]._replace(cfunc=entry)
        state.targetctx.insert_user_function(entry, state["cr"].fndesc, [state.library])
        return True


def _passes(name: str, lowering: type) -> PassManager:
    manager = PassManager(name)
    for step in (
        untyped_passes.TranslateByteCode,
        untyped_passes.FixupArgs,
        untyped_passes.IRProcessing,
        untyped_passes.GenericRewrites,
        untyped_passes.ReconstructSSA,
        NopythonTypeInference,
        PreLowerStripPhis,
        IRLegalization,
        lowering,
        NoPythonBackend,
    ):
        manager.add_pass(step, step.__name__)
    manager.finalize()
    return manager


class KernelCompiler(CompilerBase):
    """For kernels and loops, which are called from outside."""

    def define_pipelines(self) -> list[PassManager]:
        """The only one there is."""
        return [_passes("kernel", _LowerKernel)]


class HelperCompiler(CompilerBase):
    """For helpers, which only kernels call."""

    def define_pipelines(self) -> list[PassManager]:
        """The only one there is."""
        return [_passes("helper", _LowerHelper)]
