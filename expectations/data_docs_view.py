"""How Data Docs look: GX's pages in this project's frame.

GX's own frame asks ten other servers for style and scripts: that would tell them who reads what, and would be bare
where they cannot be reached.
"""

from __future__ import annotations

from typing import Any

from great_expectations.render.view import DefaultJinjaIndexPageView, DefaultJinjaPageView
from jinja2 import ChoiceLoader, PackageLoader


class Page(DefaultJinjaPageView):
    """A suite's page, or a validation's."""

    def __init__(self, **places: Any):
        """`places` are GX's."""
        super().__init__(**places)
        ours = PackageLoader("expectations", "data_docs_pages")
        self.env.loader = ChoiceLoader([ours, *([self.env.loader] if self.env.loader else [])])


class IndexPage(Page, DefaultJinjaIndexPageView):
    """The list of validations and suites."""
