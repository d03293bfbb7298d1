// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypervisor console for root: a ring that the hypervisor writes and Linux may only read. The
 * file's offset counts characters since the hypervisor started; a reader that was overtaken goes on
 * with the oldest character that is left, one from before a new start begins again.
 */
#include "driver.h"

#include <linux/delay.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#define POLL_MS 50

int cv_console_map(const struct cv_image_header *header)
{
	if (header->console_offset % 4096 ||
	    (u64)header->console_offset + sizeof(*cv.ring) > header->core_size)
		return -ENOEXEC;
	cv.ring = memremap(cv.phys + header->console_offset, sizeof(*cv.ring), MEMREMAP_WB);
	return cv.ring ? 0 : -ENOMEM;
}

void cv_console_unmap(void)
{
	if (cv.ring)
		memunmap(cv.ring);
	cv.ring = NULL;
}

/*
 * Characters from *at on, at most `size`; moves *at to the first. What the hypervisor overwrote
 * meanwhile is dropped: its count is read again behind the copy.
 */
static size_t copy_ring(char *to, size_t size, u32 *at)
{
	u32 head = smp_load_acquire(&cv.ring->head), n;

	if (head - *at > CV_CONSOLE_SIZE)
		*at = head - min_t(u32, head, CV_CONSOLE_SIZE);
	n = min_t(u32, size, head - *at);
	for (u32 i = 0; i < n; i++)
		to[i] = READ_ONCE(cv.ring->text[(*at + i) % CV_CONSOLE_SIZE]);
	smp_rmb();
	if (READ_ONCE(cv.ring->head) - *at > CV_CONSOLE_SIZE)
		return 0; /* overtaken: the next round starts later */
	return n;
}

/* While the hypervisor has the machine, it shows the ring to root or not, as the descriptor says. */
static bool is_readable(void)
{
	return cv.ring && cv.system->flags & CV_SYS_ROOT_CONSOLE;
}

static size_t copy_last(char *to, size_t size)
{
	u32 head = smp_load_acquire(&cv.ring->head);
	u32 at = head - min3((u32)size, head, (u32)CV_CONSOLE_SIZE);

	return copy_ring(to, size, &at);
}

size_t cv_console_copy(char *to, size_t size)
{
	return is_readable() ? copy_last(to, size) : 0;
}

void cv_console_tell(void)
{
	char text[200], *line = text, *at;

	text[copy_last(text, sizeof(text) - 1)] = '\0';
	while ((at = strsep(&line, "\r\n")))
		if (*at)
			pr_err("it said: %s\n", at);
}

/* Some characters, 0 when there is none yet, or -ENODEV when there is no console to read. */
static ssize_t read_some(char *to, size_t size, loff_t *pos)
{
	u32 at = (u32)*pos;
	ssize_t n;

	if (mutex_lock_interruptible(&cv_lock))
		return -EINTR;
	n = is_readable() ? (ssize_t)copy_ring(to, size, &at) : cv.enabled ? -EPERM : -ENODEV;
	if (n > 0)
		*pos = (loff_t)at + n;
	mutex_unlock(&cv_lock);
	return n;
}

ssize_t cv_console_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	char text[256];
	ssize_t n;

	if (!size)
		return 0;
	for (;;) {
		n = read_some(text, min(size, sizeof(text)), pos);
		if (n)
			break;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (msleep_interruptible(POLL_MS) || signal_pending(current))
			return -EINTR;
	}
	if (n > 0 && copy_to_user(to, text, n))
		return -EFAULT;
	return n;
}
