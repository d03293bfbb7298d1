/* SPDX-License-Identifier: GPL-2.0-only */
/* The CPU that the fake machine is at the moment. */
#ifndef HV_THIS_CPU_H
#define HV_THIS_CPU_H

struct percpu *fake_this_cpu(void);

static inline struct percpu *this_cpu(void)
{
	return fake_this_cpu();
}

#endif
