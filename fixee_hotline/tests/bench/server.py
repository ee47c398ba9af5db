"""A real HTTP server of the site under test, on loopback, in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import suppress

import frappe

PROGRAM = """
import os, sys
os.chdir(sys.argv[1])
import frappe.app
from werkzeug.serving import run_simple
frappe.app._site = sys.argv[2]
run_simple("127.0.0.1", int(sys.argv[3]), frappe.app.application, threaded=True)
"""
START_SECONDS = 60


class SiteServer:
	"""Starts with `with`, stops the process it started."""

	def __enter__(self) -> SiteServer:
		with socket.socket() as free:
			free.bind(("127.0.0.1", 0))
			self.port = free.getsockname()[1]
		sites = os.path.abspath(frappe.local.sites_path)
		command = [sys.executable, "-c", PROGRAM, sites, frappe.local.site, str(self.port)]
		self.process = subprocess.Popen(
			command,
			stdout=subprocess.DEVNULL,
			stderr=subprocess.DEVNULL,
			env={**os.environ, "SITES_PATH": sites},
		)
		self.wait()
		return self

	def __exit__(self, *_: object) -> None:
		self.process.terminate()
		self.process.wait(timeout=20)

	def wait(self) -> None:
		end = time.monotonic() + START_SECONDS
		while time.monotonic() < end:
			with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
				return
			time.sleep(0.1)
		raise RuntimeError("The test server did not start")

	def url(self, path: str) -> str:
		return f"http://127.0.0.1:{self.port}{path}"
