// Messages that came for numbers which no account has: kept, and said where accounts are listed.
frappe.listview_settings["Hotline WhatsApp Account"] = {
	async onload(listview) {
		const rows = await frappe.xcall("fixee_hotline.api.privacy.unknown_numbers");
		if (!rows.length) return;
		const lines = rows.map((row) =>
			__("{0} events wait for phone number id {1}.", [row.events, frappe.utils.escape_html(row.phone_number_id)])
		);
		const text = `${lines.join("<br>")} ${__("Create its account: they are then taken up.")}`;
		$(`<div class="alert alert-warning">${text}</div>`).prependTo(listview.$result.parent());
	},
};
