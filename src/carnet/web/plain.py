"""How does a page look that may load no file, for nobody has a session there?"""

from __future__ import annotations

import base64
import hashlib

STYLE = """
body { margin: 0; padding: 3rem 1rem; font: 1rem/1.5 "Segoe UI", system-ui, sans-serif; background: #f5f5f5; color: #242424 }
main { max-width: 36rem; margin: auto; padding: 1.5rem; border-radius: .5rem; background: #fff; box-shadow: 0 2px 4px #0003 }
h1 { margin: 0 0 .5rem; font-size: 1.5rem }
p { margin: 0 }
@media (prefers-color-scheme: dark) { body { background: #141414; color: #fff } main { background: #292929 } }
"""
ELEMENT = f"<style>{STYLE}</style>"
DIGEST = f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
"""What lets this style in, and no other, where pages may hold none of their own."""
