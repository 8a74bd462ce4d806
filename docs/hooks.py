"""Pages of the site that lie elsewhere in the repository: pictures and results, their links as in the repository."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from SAMAdaptLib.methods import METHODS, get_config  # noqa: E402
from Testing.tools.cli_docs import settings_table  # noqa: E402

# Links of a page in docs/ or docs/methods/ to what lies beside docs/.
OUTSIDE = re.compile(r"\]\((?:\.\./)+(?=Resources/)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is below Resources/ under its own name."""
    for path in sorted((ROOT / "Resources").rglob("*")):
        if path.suffix in (".png", ".svg", ".md"):
            name = path.relative_to(ROOT).as_posix()
            files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, *, page, config: MkDocsConfig, files: Files) -> str:
    """Links that leave docs/ in the repository stay inside the site; a method's page ends with its settings."""
    up = "../" * page.file.src_uri.count("/")
    folder, _, name = page.file.src_uri.rpartition("/")
    method = name.removesuffix(".md")
    table = settings_table(get_config(method)) if folder == "methods" and method in METHODS else ()
    return "\n".join([OUTSIDE.sub(f"]({up}", markdown), "", *table])
