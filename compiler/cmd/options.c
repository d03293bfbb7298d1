// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command line. In: argv. Out: struct options, the command's own variables, file names. A
 * misuse is reported on standard error with the nearest thing that exists.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../emit/emit.h"
#include "../passes.h"

struct parser {
	struct cellc *c;
	struct cmdline *cl;
	const char *command, *synopsis;
	unsigned groups;
	const struct option *own;
	const char *help;
};

/* A shared option: like struct option, but acted on by a function. */
struct shared {
	unsigned group;
	const char *name, *alias, *arg, *help;
	bool (*act)(struct parser *p, const char *value);
};

static bool misuse(const struct parser *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
static bool misuse(const struct parser *p, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "cellc %s: ", p->command);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	return false;
}

/* ", did you mean ...?" or "", for a word that is none of these. */
static const char *did_you_mean(const struct parser *p, const char *word,
				const char *const *candidates, size_t n)
{
	const char *near = nearest_word(word, candidates, n);

	return near ? arena_printf(p->c->arena, "; did you mean \"%s\"?", near) : "";
}

static bool one_of(const struct parser *p, const char *option, const char *value,
		   const char *const *words, size_t n)
{
	struct buf list;

	for (size_t i = 0; i < n; i++)
		if (strcmp(value, words[i]) == 0)
			return true;
	buf_init(&list, p->c->arena);
	for (size_t i = 0; i < n; i++)
		buf_printf(&list, "%s%s", i ? ", " : "", words[i]);
	return misuse(p, "%s takes one of %s, not \"%s\"%s", option, list.data, value,
		      did_you_mean(p, value, words, n));
}

static bool act_format(struct parser *p, const char *value)
{
	static const char *const formats[] = {"text", "json", "sarif", "gcc"};

	p->c->opt.format = value;
	return one_of(p, "--format", value, formats, ARRAY_SIZE(formats));
}

static bool act_color(struct parser *p, const char *value)
{
	static const char *const words[] = {"auto", "always", "never"};

	p->c->opt.color = value;
	return one_of(p, "--color", value, words, ARRAY_SIZE(words));
}

static bool act_max(struct parser *p, const char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end || n > UINT32_MAX)
		return misuse(p, "--max-findings takes a number, 0 for all, not \"%s\"", value);
	p->c->opt.max_findings = (u32)n;
	return true;
}

static bool no_such_finding(const struct parser *p, const char *option, const char *value)
{
	const char *words[D_COUNT + 1], *hint;

	for (u32 i = 0; i < D_COUNT; i++)
		words[i] = diag_code_name((enum diag_code)i);
	hint = did_you_mean(p, value, words, D_COUNT);
	return misuse(p, "%s: no finding is called \"%s\"%s%s", option, value, hint,
		      *hint ? "" : " (\"cellc explain\" lists all)");
}

static bool act_warning(struct parser *p, const char *value)
{
	bool off = strncmp(value, "no-", 3) == 0;
	const char *name = off ? value + 3 : value;
	enum diag_code code = diag_lookup(name);

	if (!off && strcmp(value, "error") == 0) {
		p->c->warnings_are_errors = true;
		return true;
	}
	if (strcmp(name, "all") == 0) {
		memset(p->c->severity_off, off, sizeof(p->c->severity_off));
		return true;
	}
	if (code == D_COUNT)
		return no_such_finding(p, "-W", name);
	if (off && diag_code_text(code)[0] == 'E')
		return misuse(p, "-W %s: %s is an error and can't be turned off", value,
			      diag_code_text(code));
	p->c->severity_off[code] = off;
	return true;
}

static bool act_error(struct parser *p, const char *value)
{
	enum diag_code code = diag_lookup(value);

	if (strcmp(value, "all") == 0) {
		p->c->warnings_are_errors = true;
		return true;
	}
	if (code == D_COUNT)
		return no_such_finding(p, "-E", value);
	p->c->severity_error[code] = true;
	return true;
}

static bool act_include(struct parser *p, const char *value)
{
	*vec_push(p->c->arena, &p->c->opt.include) = value;
	return true;
}

static bool act_dump(struct parser *p, const char *value)
{
	const char *names[16];
	size_t n = 0;

	while (n < ARRAY_SIZE(names) && pass_name(n)) {
		names[n] = pass_name(n);
		n++;
	}
	p->c->opt.dump_after = value;
	return one_of(p, "--dump-after", value, names, n);
}

static bool act_outdir(struct parser *p, const char *value)
{
	p->c->opt.outdir = value;
	if (!*value)
		return misuse(p, "-o takes a folder, not an empty name");
	if (strcmp(value, "-") == 0 && strcmp(p->command, "import") != 0)
		return misuse(p, "-o takes a folder: several files are written");
	return true;
}

static bool act_quiet(struct parser *p, const char *value)
{
	(void)value;
	p->c->opt.quiet = true;
	return true;
}

static bool act_verbose(struct parser *p, const char *value)
{
	(void)value;
	p->c->opt.verbose = true;
	return true;
}

static bool act_abi(struct parser *p, const char *value)
{
	static const char *const revisions[] = {"14", "13", "12"};

	if (!one_of(p, "--abi", value, revisions, ARRAY_SIZE(revisions)))
		return false;
	p->c->opt.abi = (u16)atoi(value);
	p->c->opt.abi_given = true;
	return true;
}

static bool act_emit(struct parser *p, const char *value)
{
	const char *wrong, *names[64];
	size_t n = 0;

	p->c->opt.emit = value;
	if (emit_list_valid(p->c, value, &wrong))
		return true;
	while (n < ARRAY_SIZE(names) && emitters[n].name) {
		names[n] = emitters[n].name;
		n++;
	}
	return misuse(p, "--emit: no output is called \"%s\"%s (\"--emit list\" lists all)", wrong,
		      did_you_mean(p, wrong, names, n));
}

static bool act_depfile(struct parser *p, const char *value)
{
	p->c->opt.depfile = true;
	if (value)
		p->c->opt.depfile_path = value;
	return true;
}

static bool act_depfile_target(struct parser *p, const char *value)
{
	p->c->opt.depfile = true;
	p->c->opt.depfile_target = value;
	return true;
}

static bool act_help(struct parser *p, const char *value);

static const struct shared shared_options[] = {
	{OPTS_OUTPUT, "-o", NULL, "DIR", "write into this folder, which is made if needed",
	 act_outdir},
	{OPTS_INPUT, "-I", NULL, "DIR", "search this folder for included files and boards",
	 act_include},
	{OPTS_BUILD, "--abi", NULL, "N", "config revision to emit: 14, 13 or 12", act_abi},
	{OPTS_BUILD, "--emit", NULL, "LIST",
	 "which outputs, with commas between; \"list\" lists them", act_emit},
	{OPTS_BUILD, "-MD", NULL, NULL, "write a dependency file for make or ninja", act_depfile},
	{OPTS_BUILD, "-MF", NULL, "FILE", "name of the dependency file; implies -MD", act_depfile},
	{OPTS_BUILD, "-MT", NULL, "TARGET", "its target, instead of every output; implies -MD",
	 act_depfile_target},
	{OPTS_FINDINGS, "--format", NULL, "FORMAT", "print findings as text, json, sarif or gcc",
	 act_format},
	{OPTS_FINDINGS, "--max-findings", NULL, "N", "print at most N findings (100); 0: all",
	 act_max},
	{OPTS_FINDINGS, "--color", NULL, "WHEN", "colours: auto, always or never", act_color},
	{OPTS_FINDINGS, "-W", NULL, "NAME",
	 "turn a warning on; no-NAME: off; error: every warning is an error", act_warning},
	{OPTS_FINDINGS, "-E", NULL, "NAME", "make a warning an error; all: every warning",
	 act_error},
	{OPTS_OUTPUT, "-q", NULL, NULL, "say nothing but findings", act_quiet},
	{OPTS_OUTPUT, "-v", NULL, NULL, "list the files written", act_verbose},
	{OPTS_INPUT, "--dump-after", NULL, "PASS", "print what a pass made, and end", act_dump},
	{0, "-h", "--help", NULL, "this help", act_help},
};

static bool applies(const struct parser *p, const struct shared *s)
{
	return !s->group || (p->groups & s->group);
}

static void print_option(const char *name, const char *alias, const char *arg, const char *help)
{
	char left[64];
	const char *eq = name[1] == '-' ? "=" : " ";

	snprintf(left, sizeof(left), "%s%s%s%s%s", name, alias ? ", " : "", alias ? alias : "",
		 arg ? eq : "", arg ? arg : "");
	printf("  %-20s  %s\n", left, help);
}

static bool act_help(struct parser *p, const char *value)
{
	(void)value;
	printf("usage: cellc %s %s\n%s\n\n", p->command, p->synopsis, p->help);
	for (const struct option *o = p->own; o && o->name; o++)
		print_option(o->name, o->alias, o->arg, o->help);
	for (size_t i = 0; i < ARRAY_SIZE(shared_options); i++) {
		const struct shared *s = &shared_options[i];

		if (applies(p, s))
			print_option(s->name, s->alias, s->arg, s->help);
	}
	p->cl->exit = EXIT_CLEAN;
	return false;
}

/*
 * Whether word is this option, with *value set to what is attached ("-odir", "--emit=x") or NULL.
 * Attaching without '=' is for one-letter options with an argument only.
 */
static bool matches(const char *word, const char *name, bool takes_arg, const char **value)
{
	size_t len = name ? strlen(name) : 0;

	*value = NULL;
	if (!name || strncmp(word, name, len) != 0)
		return false;
	if (!word[len])
		return true;
	if (len > 2 && name[1] == '-' && word[len] == '=') {
		*value = word + len + 1;
		return true;
	}
	*value = word + len;
	return len == 2 && takes_arg;
}

struct found {
	const struct shared *shared;
	const struct option *own;
	const char *name, *value;
	bool takes_arg;
};

/* An exact name wins over an attached argument: "-MD" is never "-M" with "D". */
static bool find_option(const struct parser *p, const char *word, struct found *f)
{
	for (int exact = 1; exact >= 0; exact--) {
		for (const struct option *o = p->own; o && o->name; o++) {
			*f = (struct found){.own = o, .name = o->name, .takes_arg = o->arg};
			if ((matches(word, o->name, o->arg, &f->value) ||
			     matches(word, o->alias, o->arg, &f->value)) &&
			    (!exact || !f->value || o->name[1] == '-'))
				return true;
		}
		for (size_t i = 0; i < ARRAY_SIZE(shared_options); i++) {
			const struct shared *s = &shared_options[i];

			*f = (struct found){.shared = s, .name = s->name, .takes_arg = s->arg};
			if (applies(p, s) &&
			    (matches(word, s->name, s->arg, &f->value) ||
			     matches(word, s->alias, s->arg, &f->value)) &&
			    (!exact || !f->value || s->name[1] == '-'))
				return true;
		}
	}
	return false;
}

static bool unknown_option(const struct parser *p, const char *word)
{
	const char *names[128];
	size_t n = 0;

	for (const struct option *o = p->own; o && o->name && n < 64; o++)
		names[n++] = o->name;
	for (size_t i = 0; i < ARRAY_SIZE(shared_options); i++)
		if (applies(p, &shared_options[i]))
			names[n++] = shared_options[i].name;
	return misuse(p, "no option \"%s\"%s", word, did_you_mean(p, word, names, n));
}

static bool take_option(struct parser *p, const char *word, const char *next, bool *took_next)
{
	struct found f;

	if (!find_option(p, word, &f))
		return unknown_option(p, word);
	if (f.value && !f.takes_arg)
		return misuse(p, "%s takes no argument", f.name);
	if (f.takes_arg && !f.value) {
		if (!next)
			return misuse(p, "%s needs an argument", word);
		f.value = next;
		*took_next = true;
	}
	if (f.shared)
		return f.shared->act(p, f.value);
	if (f.own->flag)
		*f.own->flag = true;
	if (f.own->text)
		*f.own->text = f.value;
	return true;
}

static bool count_files(const struct parser *p, size_t min, size_t max)
{
	size_t n = p->cl->files.n;

	if (n < min)
		return misuse(p, "%s (\"cellc %s -h\" helps)",
			      n ? "too few files" : "no file given", p->command);
	if (n > max)
		return misuse(p, max ? "unexpected \"%s\"" : "takes no file: \"%s\"",
			      p->cl->files.v[max]);
	return true;
}

/* The path of this program, without its last two parts; NULL if it can't be told. */
static const char *program_prefix(struct cellc *c)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash = NULL;

	if (len <= 0)
		return NULL;
	path[len] = 0;
	for (int parts = 0; parts < 2; parts++) {
		slash = strrchr(path, '/');
		if (!slash)
			return NULL;
		*slash = 0;
	}
	return arena_printf(c->arena, "%s", path);
}

/* Boards of an installed tree, wherever it was moved to, and of a source tree built in place. */
static void add_board_dirs(struct cellc *c)
{
	const char *prefix = program_prefix(c);

	c->opt.include_given = c->opt.include.n;
	if (prefix)
		*vec_push(c->arena, &c->opt.include) =
			arena_printf(c->arena, "%s/share/cellc/boards", prefix);
	*vec_push(c->arena, &c->opt.include) = BOARD_DIR;
	if (prefix)
		*vec_push(c->arena, &c->opt.include) = arena_printf(c->arena, "%s/boards", prefix);
}

static const char *command_help(const char *name)
{
	static const struct command commands[] = {
#define COMMAND(name, function, help) {name, function, help},
#include "commands.def"
#undef COMMAND
	};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].help;
	return "";
}

bool options_parse(struct cellc *c, struct cmdline *cl, int argc, char **argv, const char *synopsis,
		   unsigned groups, const struct option *own, size_t min, size_t max)
{
	struct parser p = {c, cl, argv[0], synopsis, groups, own, command_help(argv[0])};
	bool only_files = false;

	*cl = (struct cmdline){.exit = EXIT_MISUSE};
	for (int i = 1; i < argc; i++) {
		bool took_next = false;

		if (!only_files && strcmp(argv[i], "--") == 0) {
			only_files = true;
		} else if (only_files || argv[i][0] != '-' || !argv[i][1]) {
			*vec_push(c->arena, &cl->files) = argv[i];
		} else if (!take_option(&p, argv[i], i + 1 < argc ? argv[i + 1] : NULL,
					&took_next)) {
			return false;
		}
		i += took_next;
	}
	add_board_dirs(c);
	return count_files(&p, min, max);
}
