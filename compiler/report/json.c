// SPDX-License-Identifier: GPL-2.0-only
/*
 * The report as JSON for programs: the same facts as the text, origins as text beside each.
 */
#include "report.h"
#include "lib/diag.h"
#include "lib/json.h"

static void json_from(struct cellc *c, struct json *j, const struct origin *from)
{
	json_string(j, "from", from_text(c, from));
}

static void json_cores(struct cellc *c, const struct report *r, struct json *j)
{
	json_array(j, "cpus");
	for (size_t i = 0; i < r->cores.n; i++) {
		const struct core *k = &r->cores.v[i];

		json_object(j, NULL);
		json_u64(j, "index", k->index);
		json_u64(j, "cluster", k->cluster);
		json_string(j, "owner", k->owner ? k->owner->label : NULL);
		json_string(j, "compatible", k->what);
		json_from(c, j, k->from);
		json_end(j);
	}
	json_end(j);
}

static void json_segments(struct cellc *c, const struct report *r, struct json *j)
{
	json_array(j, "memory");
	for (size_t i = 0; i < r->segments.n; i++) {
		const struct segment *s = &r->segments.v[i];

		json_object(j, NULL);
		json_u64(j, "start", s->start);
		json_u64(j, "last", s->last);
		json_string(j, "owner", s->owner->label);
		json_string(j, "what", s->what);
		if (s->mapped) {
			json_u64(j, "guest", s->guest);
			json_u64(j, "flags", s->flags);
		}
		json_from(c, j, s->from);
		json_end(j);
	}
	json_end(j);
}

static void json_lines(struct cellc *c, const struct report *r, struct json *j)
{
	json_array(j, "interrupts");
	for (size_t i = 0; i < r->lines.n; i++) {
		const struct line *l = &r->lines.v[i];

		json_object(j, NULL);
		json_u64(j, "chip", l->chip);
		json_u64(j, r->model->arch == CV_ARCH_X86 ? "pin" : "intid", l->pin);
		json_string(j, "owner", l->owner->label);
		json_string(j, "what", l->what);
		json_from(c, j, l->from);
		json_end(j);
	}
	json_end(j);
}

static void json_link(struct cellc *c, const struct link *l, struct json *j)
{
	json_object(j, NULL);
	json_string(j, "name", l->name);
	json_string(j, "kind", link_kind_text(l->kind));
	json_u64(j, "protocol", l->protocol);
	json_u64(j, "address", l->phys.v);
	json_u64(j, "state_size", l->state_size);
	json_u64(j, "common_size", l->common_size);
	json_u64(j, "output_size", l->output_size);
	json_u64(j, "slot", l->slot.v);
	json_u64(j, "vectors", l->vectors);
	json_array(j, "peers");
	for (size_t i = 0; i < l->peers.n; i++) {
		json_object(j, NULL);
		json_u64(j, "id", l->peers.v[i].id.v);
		json_string(j, "cell", l->peers.v[i].cell->name);
		json_end(j);
	}
	json_end(j);
	json_from(c, j, l->phys.from);
	json_end(j);
}

static void json_decisions(struct cellc *c, const struct report *r, struct json *j)
{
	json_array(j, "decisions");
	for (size_t i = 0; i < r->model->placements.n; i++) {
		const struct placement *p = &r->model->placements.v[i];

		json_object(j, NULL);
		json_string(j, "what", p->what);
		json_string(j, "result", p->result);
		json_string(j, "why", p->why);
		json_from(c, j, p->from);
		json_end(j);
	}
	json_end(j);
}

static void json_findings(struct cellc *c, struct json *j)
{
	json_array(j, "findings");
	for (size_t i = 0; i < c->diags.n; i++) {
		const struct diag *d = c->diags.v[i];

		if (d->off)
			continue;
		json_object(j, NULL);
		json_string(j, "code", diag_code_text(d->code));
		json_string(j, "text", d->text);
		json_string(j, "allowed", d->allowed);
		json_string(j, "from", origin_text(c, d->at));
		json_end(j);
	}
	json_end(j);
}

void report_json(struct cellc *c, const struct report *r, struct buf *out)
{
	struct json j;

	json_init(&j, out, 2);
	json_object(&j, NULL);
	json_u64(&j, "report", 1);
	json_string(&j, "plan", r->model->plan_name);
	json_string(&j, "architecture", arch_name(r->model->arch));
	json_cores(c, r, &j);
	json_segments(c, r, &j);
	json_lines(c, r, &j);
	json_array(&j, "links");
	for (size_t i = 0; i < r->model->links.n; i++)
		json_link(c, r->model->links.v[i], &j);
	json_end(&j);
	json_decisions(c, r, &j);
	json_findings(c, &j);
	json_end(&j);
}
