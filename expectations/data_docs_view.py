"""How Data Docs look: GX's pages in this project's frame.

GX's own frame asks ten other servers for style and scripts: that would tell them who reads what, and would be bare
where they cannot be reached. And GX puts the values that broke a rule into a page as they are, markup and all.
"""

from __future__ import annotations

from typing import Any

from great_expectations.render.view import DefaultJinjaIndexPageView, DefaultJinjaPageView
from jinja2 import ChoiceLoader, PackageLoader, pass_context
from markupsafe import escape


class Page(DefaultJinjaPageView):
    """A suite's page, or a validation's."""

    def __init__(self, **places: Any):
        """`places` are GX's."""
        super().__init__(**places)
        ours = PackageLoader("expectations", "data_docs_pages")
        self.env.loader = ChoiceLoader([ours, *([self.env.loader] if self.env.loader else [])])
        self.env.filters["render_content_block"] = self.render_escaped

    @pass_context
    def render_escaped(self, context: Any, content_block: Any, *further: Any, **named: Any) -> Any:
        """Render a block as GX does; what is text in it, and no block, is text on the page too."""
        if isinstance(content_block, list):
            content_block = [str(escape(part)) if isinstance(part, str) else part for part in content_block]
        elif isinstance(content_block, str):
            content_block = str(escape(content_block))
        return self.render_content_block(context, content_block, *further, **named)


class IndexPage(Page, DefaultJinjaIndexPageView):
    """The list of validations and suites."""
