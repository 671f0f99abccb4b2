"""axe-core, which finds what keeps people from using a page."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.helpers.servers import ROOT

AXE = ROOT / "node_modules/axe-core/axe.min.js"


def faults(page: Page) -> list[str]:
    """Return what axe finds, each with the element it means. The page must bypass its policy."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE)
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(({ violations }) => violations)")
    return [f"{each['id']}: {node['html'][:150]}" for each in found for node in each["nodes"]]
