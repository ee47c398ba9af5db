// Privacy on the Contact form: a copy or the erasure of a person's WhatsApp messages.
frappe.ui.form.on("Contact", {
	refresh(frm) {
		if (frm.is_new() || !frappe.user.has_role("System Manager")) return;
		const api = "fixee_hotline.api.privacy.";
		const args = { contact: frm.doc.name };
		frm.add_custom_button(
			__("Export WhatsApp messages"),
			async () => {
				const answer = await frappe.xcall(api + "export_contact", args);
				const blob = new Blob([JSON.stringify(answer, null, 2)], { type: "application/json" });
				const link = document.createElement("a");
				link.href = URL.createObjectURL(blob);
				link.download = `whatsapp-${frappe.scrub(frm.doc.name)}.json`;
				link.click();
				URL.revokeObjectURL(link.href);
			},
			__("Privacy")
		);
		frm.add_custom_button(
			__("Erase WhatsApp messages"),
			() =>
				frappe.confirm(
					__("Words and files of this person's messages are erased for good. Tickets stay. Go on?"),
					async () => {
						const answer = await frappe.xcall(api + "erase_contact", args);
						frappe.msgprint(
							__("Erased: {0} messages, {1} files, {2} raw events.", [
								answer.messages,
								answer.files,
								answer.events,
							])
						);
						frm.reload_doc();
					}
				),
			__("Privacy")
		);
	},
});
