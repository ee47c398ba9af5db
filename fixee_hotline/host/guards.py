"""Who may call what: Helpdesk's own guard, under our roof."""

from __future__ import annotations

from helpdesk.utils import agent_only

__all__ = ["agent_only"]
