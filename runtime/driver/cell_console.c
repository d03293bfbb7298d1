// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file of the character device that is bound to a cell: root's end of that cell's console. What
 * the cell printed can be read from the oldest character that is left, once by each file; what is
 * written is the cell's input. A file whose cell is gone is at its end.
 *
 * The hypervisor gives no sign when there is something: it is asked again and again, ever slower
 * while nothing comes.
 */
#include "driver.h"
#include "arch.h"
#include "../abi/cell_console.h"

#include <linux/delay.h>
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#define SOONEST_MS 5
#define LATEST_MS  160

struct cv_tty {
	struct cv_cell *cell; /* a reference; out of the list when it is destroyed */
	struct cv_console_io *io;
	u32 position; /* of what is read next */
	unsigned int delay; /* ms until it is asked again */
	wait_queue_head_t pollers;
	struct delayed_work look;
};

static bool is_gone(const struct cv_tty *tty)
{
	return list_empty(&tty->cell->list);
}

/* One hypercall over the page. Bytes that went, -ENODEV when the cell is gone. */
static long transfer(struct cv_tty *tty, unsigned long code, u32 size)
{
	if (is_gone(tty))
		return -ENODEV;
	tty->io->position = tty->position;
	tty->io->size = size;
	return cv_hypercall(code, tty->cell->id, virt_to_phys(tty->io));
}

/* What a poller can do now. */
static __poll_t state(struct cv_tty *tty)
{
	__poll_t mask;

	if (transfer(tty, CV_HC_CONSOLE_READ, 0) < 0)
		return EPOLLIN | EPOLLRDNORM | EPOLLHUP;
	mask = tty->io->head != tty->position ? EPOLLIN | EPOLLRDNORM : 0;
	return tty->io->room ? mask | EPOLLOUT | EPOLLWRNORM : mask;
}

static unsigned int next_delay(struct cv_tty *tty)
{
	unsigned int delay = tty->delay;

	tty->delay = min(delay * 2, (unsigned int)LATEST_MS);
	return delay;
}

static void look(struct work_struct *work)
{
	struct cv_tty *tty = container_of(to_delayed_work(work), struct cv_tty, look);
	__poll_t mask;

	mutex_lock(&cv_lock);
	mask = state(tty);
	mutex_unlock(&cv_lock);
	if (mask)
		wake_up_interruptible_poll(&tty->pollers, mask);
	if (waitqueue_active(&tty->pollers))
		schedule_delayed_work(&tty->look, msecs_to_jiffies(next_delay(tty)));
}

int cv_tty_bind(struct file *file, const void __user *arg)
{
	struct cv_cell_id id;
	struct cv_cell *cell;
	struct cv_tty *tty;

	if (file->private_data)
		return -EBUSY;
	if (copy_from_user(&id, arg, sizeof(id)))
		return -EFAULT;
	cell = cv_cell_find(&id);
	if (IS_ERR(cell))
		return PTR_ERR(cell);
	tty = kzalloc(sizeof(*tty), GFP_KERNEL);
	if (!tty)
		return -ENOMEM;
	tty->io = (void *)get_zeroed_page(GFP_KERNEL);
	if (!tty->io) {
		kfree(tty);
		return -ENOMEM;
	}
	kobject_get(&cell->kobj);
	tty->cell = cell;
	tty->delay = SOONEST_MS;
	init_waitqueue_head(&tty->pollers);
	INIT_DELAYED_WORK(&tty->look, look);
	if (transfer(tty, CV_HC_CONSOLE_READ, 0) < 0) {
		cv_tty_release(tty);
		return -ENXIO; /* it has no console */
	}
	smp_store_release(&file->private_data, tty);
	return 0;
}

void cv_tty_release(struct cv_tty *tty)
{
	cancel_delayed_work_sync(&tty->look);
	kobject_put(&tty->cell->kobj);
	free_page((unsigned long)tty->io);
	kfree(tty);
}

/* Some bytes to the user, 0 at the end, or -EAGAIN when there are none yet. */
static ssize_t read_some(struct cv_tty *tty, char __user *to, size_t size)
{
	long n;

	if (mutex_lock_interruptible(&cv_lock))
		return -ERESTARTSYS;
	n = transfer(tty, CV_HC_CONSOLE_READ, min_t(size_t, size, CV_CONSOLE_IO_MAX));
	if (n > 0 && copy_to_user(to, tty->io->data, n))
		n = -EFAULT;
	if (n > 0)
		tty->position = tty->io->position + n;
	mutex_unlock(&cv_lock);
	return n == -ENODEV ? 0 : n ?: -EAGAIN;
}

/* Some bytes from the user, or -EAGAIN when the cell has not read what it was sent before. */
static ssize_t write_some(struct cv_tty *tty, const char __user *from, size_t size)
{
	long n;

	size = min_t(size_t, size, CV_CONSOLE_IO_MAX);
	if (mutex_lock_interruptible(&cv_lock))
		return -ERESTARTSYS;
	if (copy_from_user(tty->io->data, from, size))
		n = -EFAULT;
	else
		n = transfer(tty, CV_HC_CONSOLE_WRITE, size);
	mutex_unlock(&cv_lock);
	if (n == -EINVAL)
		return -EOPNOTSUPP; /* it prints by hypercall: there is nothing to read with */
	return n == -ENODEV ? -EPIPE : n ?: -EAGAIN;
}

static int pause(struct file *file, struct cv_tty *tty)
{
	if (file->f_flags & O_NONBLOCK)
		return -EAGAIN;
	msleep_interruptible(next_delay(tty));
	return signal_pending(current) ? -ERESTARTSYS : 0;
}

ssize_t cv_tty_read(struct file *file, struct cv_tty *tty, char __user *to, size_t size)
{
	ssize_t n;
	int err;

	while (size && (n = read_some(tty, to, size)) == -EAGAIN) {
		err = pause(file, tty);
		if (err)
			return err;
	}
	tty->delay = SOONEST_MS;
	return size ? n : 0;
}

ssize_t cv_tty_write(struct file *file, struct cv_tty *tty, const char __user *from, size_t size)
{
	size_t done = 0;
	ssize_t n;
	int err;

	tty->delay = SOONEST_MS; /* what is sent is going to be answered */
	while (done < size) {
		n = write_some(tty, from + done, size - done);
		if (n > 0) {
			done += n;
			continue;
		}
		err = n == -EAGAIN ? pause(file, tty) : (int)n;
		if (err)
			return done ? (ssize_t)done : err;
	}
	return done;
}

__poll_t cv_tty_poll(struct file *file, struct cv_tty *tty, poll_table *wait)
{
	__poll_t mask;

	poll_wait(file, &tty->pollers, wait);
	mutex_lock(&cv_lock);
	mask = state(tty);
	mutex_unlock(&cv_lock);
	if (!(mask & EPOLLIN) || !(mask & EPOLLOUT))
		mod_delayed_work(system_wq, &tty->look, msecs_to_jiffies(next_delay(tty)));
	return mask;
}
