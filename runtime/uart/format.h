/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Formatted text for hypervisor and inmates: one source, built for both. */
#ifndef RUNTIME_FORMAT_H
#define RUNTIME_FORMAT_H

#include <stdarg.h>

/* Hands the text over, character by character: %s %c %d %u %x with l and widths, the last three
 * padded by spaces or, with a leading 0, by zeros. */
void format(void (*put)(void *to, char c), void *to, const char *fmt, va_list args);

#endif
