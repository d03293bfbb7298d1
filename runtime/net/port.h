/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What ring.c needs of the world it runs in: the kernel, a bare-metal cell, a test on the host.
 *
 * Shared memory is accessed by single loads and stores of the size of the field; barriers order
 * accesses of this CPU as the CPU of another cell sees them.
 */
#ifndef CV_NET_PORT_H
#define CV_NET_PORT_H

#ifdef __KERNEL__
#include <asm/barrier.h>
#include <linux/string.h>
#define cv_mb()	 virt_mb()
#define cv_rmb() virt_rmb()
#define cv_wmb() virt_wmb()
#else
#include <stdbool.h>
#include <stddef.h>
#define cv_mb()	 __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define cv_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define cv_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#endif

#define cv_clear(to, size)     __builtin_memset(to, 0, size)
#define cv_load(field)	       (*(const volatile __typeof__(field) *)&(field))
#define cv_store(field, value) (*(volatile __typeof__(field) *)&(field) = (value))

#endif /* CV_NET_PORT_H */
