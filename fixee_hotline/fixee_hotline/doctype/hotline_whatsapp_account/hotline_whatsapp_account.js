const WHATSAPP = "fixee_hotline.api.whatsapp.";

frappe.ui.form.on("Hotline WhatsApp Account", {
	refresh(frm) {
		if (frm.is_new()) return;
		headline(frm);
		frm.add_custom_button(__("Check and Subscribe"), () => check(frm));
		frm.add_custom_button(__("Send Test Message"), () => sendTest(frm));
	},
});

function headline(frm) {
	const colours = { Healthy: "green", Warning: "orange", Blocked: "red" };
	if (colours[frm.doc.health] && frm.doc.health !== "Healthy") {
		const reason = frappe.utils.escape_html(frm.doc.health_reason || "");
		frm.dashboard.set_headline_alert(reason, colours[frm.doc.health]);
	}
}

async function check(frm) {
	const steps = await frappe.xcall(WHATSAPP + "check_and_subscribe", { account: frm.doc.name });
	const rows = steps.map(
		(step) =>
			`<tr><td>${step.ok ? "✓" : "✗"}</td><td>${frappe.utils.escape_html(step.step)}</td>` +
			`<td>${frappe.utils.escape_html(step.text)}</td></tr>`
	);
	frappe.msgprint({
		title: __("Check and Subscribe"),
		message: `<table class="table">${rows.join("")}</table>`,
		wide: true,
	});
	frm.reload_doc();
}

function sendTest(frm) {
	frappe.prompt(
		{ fieldname: "to", fieldtype: "Data", label: __("Telephone number with country code"), reqd: 1 },
		async ({ to }) => {
			const result = await frappe.xcall(WHATSAPP + "send_test_message", { account: frm.doc.name, to });
			const text = [__(result.state), result.error, result.advice].filter(Boolean).join(". ");
			frappe.msgprint({ title: __("Send Test Message"), message: frappe.utils.escape_html(text) });
			frm.reload_doc();
		},
		__("Send Test Message"),
		__("Send")
	);
}
