"""FIXEE Hotline: an industrial technical hotline on Frappe Helpdesk."""

__version__ = "0.1.0"
