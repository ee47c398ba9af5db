// The "Hotline" actions on Helpdesk's ticket page. Loaded by the HD Form Script "Hotline actions".
// Helpdesk runs setup() again at each reload of the ticket: nothing here keeps state.

const API = "fixee_hotline.api.ticket.";

/**
 * @param {object} context what Helpdesk gives to a form script: doc, call, $dialog, createToast, toast, router
 * @returns {{actions: object[]}}
 */
export function setup(context) {
	return {
		actions: [
			{
				buttonLabel: "Hotline",
				group: "hotline",
				hideLabel: true,
				items: [
					{ label: "Why this level", icon: "help-circle", onClick: () => guarded(context, showWhy) },
					{ label: "Change level", icon: "sliders", onClick: () => guarded(context, changeLevel) },
					{ label: "Place on machine", icon: "map-pin", onClick: () => guarded(context, placeOnMachine) },
					{ label: "Fetch missing files", icon: "download", onClick: () => guarded(context, fetchFiles) },
					...(context.doc.hotline_channel === "WhatsApp" ? whatsAppItems(context) : []),
				],
			},
		],
	};
}

async function guarded(context, action) {
	try {
		await action(context);
	} catch (error) {
		tell(context, error?.messages?.[0] || error?.message || "The action failed", true);
	}
}

// Fetch missing files ---------------------------------------------------------------------------------------------

async function fetchFiles(context) {
	const answer = await context.call("fixee_hotline.api.media.fetch_missing", { ticket: context.doc.name });
	tell(context, answer.files ? `${answer.files} file(s) asked for` : "No file of a WhatsApp message is missing");
}

// Why this level --------------------------------------------------------------------------------------------------

async function showWhy({ call, doc, $dialog }) {
	const html = await call(API + "why", { ticket: doc.name });
	$dialog({ title: "Why this level", size: "3xl", html: styled(html) });
}

// Change level ----------------------------------------------------------------------------------------------------

async function changeLevel(context) {
	const { call, doc, $dialog } = context;
	const html = await call(API + "level_form", { ticket: doc.name });
	$dialog({
		title: "Change level",
		size: "lg",
		html: styled(html),
		actions: [
			{
				label: "Save",
				variant: "solid",
				onClick: ({ close }) =>
					guarded(context, async () => {
						const form = document.querySelector("form.hotline-form");
						await call(API + "change_level", {
							ticket: doc.name,
							level: form.elements.level.value,
							reason: form.elements.reason.value,
						});
						close();
						tell(context, "The level is saved");
					}),
			},
		],
	});
}

// Place on machine ------------------------------------------------------------------------------------------------

async function placeOnMachine(context) {
	const { call, doc, $dialog } = context;
	const html = await call(API + "machine_form", { ticket: doc.name });
	$dialog({
		title: "Place on machine",
		size: "2xl",
		html: styled(html),
		actions: [
			{
				label: "Place",
				variant: "solid",
				onClick: ({ close }) =>
					guarded(context, async () => {
						const chosen = document.querySelector("form.hotline-form input[name=machine]:checked");
						if (!chosen) throw new Error("Choose a machine first");
						await call(API + "place_on_machine", { ticket: doc.name, machine: chosen.value });
						close();
						tell(context, "The ticket stands on the machine");
					}),
			},
		],
	});
	searchWhileTyping(context);
}

/** The dialog is mounted a moment later: listen on the document and replace the list of machines. */
function searchWhileTyping({ call, doc }) {
	let timer = null;
	const listener = (event) => {
		if (!event.target.matches?.("form.hotline-form input[name=serial]")) return;
		clearTimeout(timer);
		timer = setTimeout(async () => {
			const text = event.target.value;
			const rows = await call(API + "machine_rows", { ticket: doc.name, text });
			const list = document.querySelector("form.hotline-form .hotline-machines");
			if (!list) document.removeEventListener("input", listener);
			else if (event.target.value === text) list.innerHTML = rows;
		}, 250);
	};
	if (window.fixeeHotlineSearch) document.removeEventListener("input", window.fixeeHotlineSearch);
	window.fixeeHotlineSearch = listener;
	document.addEventListener("input", listener);
}

// WhatsApp --------------------------------------------------------------------------------------------------------

const WHATSAPP = "fixee_hotline.api.whatsapp.";

function whatsAppItems(context) {
	return [
		{ label: "WhatsApp messages", icon: "message-circle", onClick: () => guarded(context, showMessages) },
		{ label: "Send template", icon: "send", onClick: () => guarded(context, sendTemplate) },
	];
}

async function showMessages(context) {
	const { call, doc, $dialog } = context;
	const html = await call(WHATSAPP + "messages", { ticket: doc.name });
	$dialog({ title: "WhatsApp messages", size: "3xl", html: styled(html) });
	resendOnClick(context);
}

/** The dialog is mounted a moment later: listen on the document, once. */
function resendOnClick(context) {
	const { call, doc } = context;
	const listener = (event) => {
		const button = event.target.closest?.("[data-hotline-resend]");
		if (!button) return;
		button.disabled = true;
		guarded(context, async () => {
			await call(WHATSAPP + "resend", { ticket: doc.name, message: button.dataset.hotlineResend });
			button.remove();
			tell(context, "The message is sent again");
		});
	};
	if (window.fixeeHotlineResend) document.removeEventListener("click", window.fixeeHotlineResend);
	window.fixeeHotlineResend = listener;
	document.addEventListener("click", listener);
}

async function sendTemplate(context) {
	const { call, doc, $dialog } = context;
	const html = await call(WHATSAPP + "template_form", { ticket: doc.name });
	$dialog({
		title: "Send template",
		size: "2xl",
		html: styled(html),
		actions: [
			{
				label: "Send",
				variant: "solid",
				onClick: ({ close }) =>
					guarded(context, async () => {
						const chosen = document.querySelector("form.hotline-template-form input[name=template]:checked");
						if (!chosen) throw new Error("Choose a template first");
						const fields = chosen.closest("fieldset").querySelectorAll("input[type=text]");
						const values = Object.fromEntries([...fields].map((field) => [field.name, field.value]));
						await call(WHATSAPP + "send_template", { ticket: doc.name, template: chosen.value, values });
						close();
						tell(context, "The template is on its way");
					}),
			},
		],
	});
}

// Shared ----------------------------------------------------------------------------------------------------------

function styled(html) {
	const version = new URL(import.meta.url).searchParams.get("v") || "";
	return `<link rel="stylesheet" href="/assets/fixee_hotline/css/agent.css?v=${encodeURIComponent(version)}">${html}`;
}

function tell({ createToast, toast }, title, failed = false) {
	if (toast?.error) failed ? toast.error(title) : toast.success(title);
	else if (createToast) createToast({ title, icon: failed ? "x" : "check" });
}
