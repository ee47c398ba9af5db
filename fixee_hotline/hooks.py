app_name = "fixee_hotline"
app_title = "FIXEE Hotline"
app_publisher = "FIXEE Hotline maintainers"
app_description = "An industrial technical hotline on Frappe Helpdesk"
app_email = "hotline@example.invalid"
app_license = "AGPL-3.0-or-later"

required_apps = ["helpdesk"]
require_type_annotated_api_methods = True

# Everything we add to a site is created if missing, at install and at each migrate, and removed at uninstall.
after_install = "fixee_hotline.host.install.sync"
after_migrate = ["fixee_hotline.host.install.sync"]
before_uninstall = "fixee_hotline.host.install.before_uninstall"

# Triage before Helpdesk picks the service level agreement, and protection of what customers must not write.
override_doctype_class = {"HD Ticket": "fixee_hotline.host.ticket.HotlineTicket"}

# Helpdesk's own screens show our data, and merging and splitting keep it sensible.
override_whitelisted_methods = {
	f"helpdesk.helpdesk.doctype.hd_ticket.api.{name}": f"fixee_hotline.host.wrapped.{name}"
	for name in (
		"get_one",
		"get_ticket_activities",
		"get_recent_similar_tickets",
		"merge_ticket",
		"split_ticket",
	)
}

# Customers' mail domains and telephone numbers are kept in the cache; customers must not write our fields.
doc_events = {
	"HD Customer": {
		"before_validate": "fixee_hotline.host.customers.protect",
		"on_update": "fixee_hotline.machines.store.forget_addresses",
		"after_rename": "fixee_hotline.machines.store.forget_addresses",
		"on_trash": "fixee_hotline.machines.store.forget_addresses",
	},
}

# Export and erasure of a person's messages.
doctype_js = {"Contact": "public/js/contact.js"}

# Customers see their own machines only.
_MACHINE = "fixee_hotline.fixee_hotline.doctype.hotline_machine.hotline_machine"
permission_query_conditions = {"Hotline Machine": f"{_MACHINE}.get_permission_query_conditions"}
has_permission = {"Hotline Machine": f"{_MACHINE}.has_permission"}

# Our rows about a ticket go with it instead of keeping it.
ignore_links_on_delete = [
	"Hotline Assessment",
	"Hotline Event",
	"Hotline Inbound Event",
	"Hotline Contact Identity",
	"Hotline Received Message",
	"Hotline Reaction",
	"Hotline Media",
	"Hotline Outgoing Message",
]

scheduler_events = {
	"cron": {
		# What a lost job left behind.
		"* * * * *": [
			"fixee_hotline.host.inbound.drain_left_over",
			"fixee_hotline.host.media.sweep",
			"fixee_hotline.host.outbox.drain",
		],
		"*/5 * * * *": ["fixee_hotline.host.window.remind"],
		"*/10 * * * *": ["fixee_hotline.host.inbound.retry_failed"],
	},
	"hourly_long": ["fixee_hotline.host.graph.sync_all_templates"],
	"daily_long": ["fixee_hotline.host.inbound.remove_old_events"],
}

before_tests = "helpdesk.test_utils.before_tests"
