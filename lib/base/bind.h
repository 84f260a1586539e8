/* SPDX-License-Identifier: MIT */
/*
 * bind - fill a struct from a YAML mapping, following a table.
 *
 * Everything that is not in the table is an error, and so is a key that comes twice. Messages
 * read "SOURCE:LINE:COLUMN: key: what", on one line, with foreign text made printable.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/yaml_text.h"

enum bind_type {
	BIND_STRING,   /* char *, malloc'd; with `names`, one of these */
	BIND_UINT,     /* uint64_t */
	BIND_INT,      /* int64_t */
	BIND_DOUBLE,   /* double, always finite */
	BIND_BOOL,     /* bool: true or false */
	BIND_ENUM,     /* int: the index into `names` */
	BIND_DURATION, /* uint64_t, milliseconds: 90 and 90s, 250ms, 5m, 36h, 14d */
	BIND_SIZE,     /* uint64_t, bytes: 65536, 64KiB, 64MiB, 2G */
	BIND_MAP,      /* a struct at `offset`, by `table` */
	BIND_STRINGS,  /* list to char **, each value once */
	BIND_UINTS,    /* list to uint64_t * */
	BIND_MAPS,     /* list of mappings to an array of structs, by `table` */
	BIND_PAIRS,   /* mapping with keys of the user's own to an array of structs: the key goes to
	                 the first field of `table`, a plain value to the second, a mapping to all
	                 but the first */
	BIND_ANY,     /* whatever it is, it is left alone */
	BIND_REFUSED, /* known, but must be empty: not supported by this version */
};

struct bind_field {
	const char *key; /* NULL ends the table */
	enum bind_type type;
	size_t offset; /* of the value, the struct or the array's pointer */
	bool required;
	/*
	 * Of numbers: their range. Of strings: their length in bytes. Of lists: the same for each
	 * element. max 0: as much as fits a number, BIND_TEXT_MAX for a string.
	 */
	uint64_t min, max;
	double low, high; /* range of BIND_INT and BIND_DOUBLE; none where both are 0 */
	const char *const *names;
	const struct bind_field *table;
	/* Of strings: NULL, or what is wrong with this one ("must be an absolute path"). */
	const char *(*check)(const char *text);
	bool hidden;      /* may hold a secret: messages never show the value */
	const char *form; /* what a value of the wrong shape is told to be ("a list of paths") */
	/* Of lists and pairs. */
	size_t count_offset;  /* of a size_t */
	size_t element_bytes; /* BIND_MAPS, BIND_PAIRS: size of a struct */
	const void *element;  /* its defaults, without memory of their own; NULL: zeros */
	size_t max_count;     /* 0: BIND_COUNT_MAX */
};

#define BIND_TEXT_MAX  4096
#define BIND_COUNT_MAX 256

struct bind_source {
	const char *name; /* for messages: a path, or "request" */
	yaml_document_t *doc;
};

/*
 * Binds one mapping node into *dst, which the caller has filled with defaults (strings and arrays
 * in them malloc'd). Whatever was bound before a failure stays in *dst; bind_free() frees it.
 */
int bind_map(const struct bind_source *src, const yaml_node_t *node, const struct bind_field *table,
             void *dst, struct error *err) MUST_USE;

/* Looks at the whole once it is bound; the document is still there for bind_fail(). */
typedef int bind_check_fn(const struct bind_source *src, void *dst, const void *arg,
                          struct error *err);

/* From text to *dst in one call. check may be NULL. An empty text is an empty mapping. */
int bind_text(const char *source, const char *text, size_t len, const struct bind_field *table,
              void *dst, bind_check_fn *check, const void *arg, struct error *err) MUST_USE;

/* Frees all that the table says was allocated in *dst, also half-built, and clears it. */
void bind_free(const struct bind_field *table, void *dst);

/*
 * A complaint about one value: path is "steps/1/needs/0", keys and indexes from the top. Where the
 * path leads nowhere, the place is that of the last node on the way. Returns code.
 */
int bind_fail(const struct bind_source *src, const char *path, struct error *err, int code,
              const char *fmt, ...) PRINTF_LIKE(5, 6);

/* For `check`: NULL, or what is wrong with it as a name ([a-z0-9][a-z0-9-]{0,63}). */
const char *bind_check_name(const char *text);
const char *bind_check_absolute(const char *text); /* the same for an absolute path */
