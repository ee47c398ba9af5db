"""The webhook of the WhatsApp Cloud API."""

from __future__ import annotations

import frappe
from werkzeug.wrappers import Response

from fixee_hotline.host import inbound


@frappe.whitelist(allow_guest=True, methods=["GET", "POST"])
def webhook() -> Response:
	"""GET proves to the provider that the address is ours, POST takes messages; both answer in plain text."""
	request = frappe.local.request
	try:
		if request.method == "GET":
			text = inbound.challenge(request.args)
		else:
			text = inbound.receive(inbound.body_of(request), request.headers.get("X-Hub-Signature-256"))
	except inbound.Refused as refused:
		return Response(str(refused), status=refused.status, mimetype="text/plain")
	return Response(text, status=200, mimetype="text/plain")
