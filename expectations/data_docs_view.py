"""Page template of Data Docs: self-contained pages, with all values escaped.

GX's own page (1.24.1) loads styles and scripts from eight other hosts, and prints values that broke a rule unescaped.
"""

from __future__ import annotations

from typing import Any

from great_expectations.render.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, PackageLoader, pass_context
from markupsafe import escape


class Page(DefaultJinjaPageView):
    """The page of a suite, of a validation, or the index."""

    def __init__(self, **directories: Any):
        """Put the templates of this package before those of GX."""
        super().__init__(**directories)
        own = PackageLoader("expectations", "data_docs_templates")
        self.env.loader = ChoiceLoader([own, *([self.env.loader] if self.env.loader else [])])
        self.env.filters["render_content_block"] = self.render_escaped

    @pass_context
    def render_escaped(self, context: Any, content_block: Any, *args: Any, **kwargs: Any) -> Any:
        """Render a content block, with plain text in it escaped."""
        if isinstance(content_block, list):
            content_block = [str(escape(part)) if isinstance(part, str) else part for part in content_block]
        elif isinstance(content_block, str):
            content_block = str(escape(content_block))
        return self.render_content_block(context, content_block, *args, **kwargs)
