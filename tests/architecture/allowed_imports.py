"""An import contract that import-linter lacks: a room may import what is listed, and nothing else.

A list of what is forbidden lets every new dependency in until somebody adds it; this one does not.
"""

import re
import sys
from collections.abc import Iterable, Sequence

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class AllowedImports(Contract):
    """`source_modules` may import the standard library, themselves and `allowed_modules`.

    A `*` stands for one part of a name. Only direct imports count: what is allowed answers for
    its own.
    """

    source_modules = fields.ListField(subfield=fields.StringField())
    allowed_modules = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        sources: Sequence[str] = self.source_modules  # type: ignore[assignment]
        allowed: Sequence[str] = self.allowed_modules  # type: ignore[assignment]
        unmatched = [source for source in sources if not list(_within(graph.modules, [source]))]
        strays = [
            (importer, imported)
            for importer in _within(graph.modules, sources)
            for imported in graph.find_modules_directly_imported_by(importer)
            if imported.partition(".")[0] not in sys.stdlib_module_names
            and not list(_within([imported], [*sources, *allowed]))
        ]
        return ContractCheck(
            kept=not strays and not unmatched,
            metadata={"strays": sorted(strays), "unmatched": unmatched},
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["strays"]:
            output.print_error(f"{importer} may not import {imported}", bold=False)
        for source in check.metadata["unmatched"]:
            output.print_error(f"no module is called {source}", bold=False)
        output.new_line()


def _within(modules: Iterable[str], expressions: Iterable[str]) -> Iterable[str]:
    """Those of `modules` that are one of `expressions`, or inside one."""
    patterns = [re.escape(name).replace(r"\*", "[^.]+") + r"(\..+)?" for name in expressions]
    return (name for name in modules if any(re.fullmatch(pattern, name) for pattern in patterns))
