// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Linux side: the character device, and what happens to the machine while the hypervisor has
 * it (reboot, kexec, suspend). Exported symbols only; kernels 6.1 and later.
 *
 * Unloading is refused while enabled, since cv_enable holds the module.
 */
#include "driver.h"

#include <linux/cpuhotplug.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/reboot.h>
#include <linux/suspend.h>

DEFINE_MUTEX(cv_lock);
struct cv_state cv = { .cells = LIST_HEAD_INIT(cv.cells) };

static enum cpuhp_state hotplug;

static long cv_request(struct file *file, unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case CV_IOC_CONSOLE:
		return cv_tty_bind(file, arg);
	case CV_IOC_ENABLE:
		return cv_enable(arg);
	case CV_IOC_DISABLE:
		return cv_disable();
	case CV_IOC_CELL_CREATE:
		return cv_cell_create(arg);
	case CV_IOC_CELL_LOAD:
		return cv_cell_load(arg);
	case CV_IOC_CELL_START:
		return cv_cell_start(arg);
	case CV_IOC_CELL_DESTROY:
		return cv_cell_destroy(arg);
	}
	return -ENOTTY;
}

static long cv_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	long err;

	if (mutex_lock_interruptible(&cv_lock))
		return -EINTR;
	err = cv_request(file, cmd, (void __user *)arg);
	mutex_unlock(&cv_lock);
	return err;
}

/* A file follows the hypervisor's console until it is bound to that of a cell. */
static struct cv_tty *tty_of(struct file *file)
{
	return smp_load_acquire(&file->private_data);
}

static int cv_open(struct inode *inode, struct file *file)
{
	file->private_data = NULL;
	return 0;
}

static int cv_release(struct inode *inode, struct file *file)
{
	if (tty_of(file))
		cv_tty_release(tty_of(file));
	return 0;
}

static ssize_t cv_read(struct file *file, char __user *to, size_t size, loff_t *at)
{
	return tty_of(file) ? cv_tty_read(file, tty_of(file), to, size) :
			      cv_console_read(file, to, size, at);
}

static ssize_t cv_write(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	return tty_of(file) ? cv_tty_write(file, tty_of(file), from, size) : -EINVAL;
}

static __poll_t cv_poll(struct file *file, poll_table *wait)
{
	return tty_of(file) ? cv_tty_poll(file, tty_of(file), wait) : DEFAULT_POLLMASK;
}

static const struct file_operations cv_fops = {
	.owner = THIS_MODULE,
	.open = cv_open,
	.release = cv_release,
	.read = cv_read,
	.write = cv_write,
	.poll = cv_poll,
	.unlocked_ioctl = cv_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice cv_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "jailhouse",
	.fops = &cv_fops,
	.mode = 0600,
};

/* The next kernel, and the firmware, want the machine as it was: reboot, power off, kexec. */
static int cv_reboot(struct notifier_block *block, unsigned long action, void *data)
{
	WRITE_ONCE(cv.ending, true);
	mutex_lock(&cv_lock);
	if (cv.enabled && (cv_cells_destroy() || cv_disable()))
		pr_err("goes down with the hypervisor enabled: a cell refuses to be destroyed\n");
	mutex_unlock(&cv_lock);
	return NOTIFY_DONE;
}

static struct notifier_block cv_reboot_block = { .notifier_call = cv_reboot };

/*
 * Cells would lose their CPUs' state, and the hypervisor its own; a kernel that is restored from an
 * image knows nothing of either. Who asks is not kept waiting for a request that waits for a cell.
 */
static int cv_suspend(struct notifier_block *block, unsigned long action, void *data)
{
	bool begins = action == PM_SUSPEND_PREPARE || action == PM_HIBERNATION_PREPARE ||
		      action == PM_RESTORE_PREPARE;

	if (!READ_ONCE(cv.enabled)) {
		mutex_lock(&cv_lock);
		cv.asleep = begins && !cv.enabled;
		mutex_unlock(&cv_lock);
	}
	if (!begins || !READ_ONCE(cv.enabled))
		return NOTIFY_DONE;
	pr_err("no suspend while the hypervisor is enabled\n");
	return notifier_from_errno(-EBUSY);
}

static struct notifier_block cv_suspend_block = { .notifier_call = cv_suspend };

static int __init cv_init(void)
{
	int err = cv_sysfs_init();

	if (err)
		return err;
	err = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "cellvisor:prepare", cv_cpu_prepare,
					NULL);
	if (err < 0)
		goto no_hotplug;
	hotplug = err;
	err = register_pm_notifier(&cv_suspend_block);
	if (err)
		goto no_suspend;
	err = register_reboot_notifier(&cv_reboot_block);
	if (err)
		goto no_reboot;
	err = misc_register(&cv_misc);
	if (err)
		goto no_device;
	cv.misc = cv_misc.this_device;
	return 0;

no_device:
	unregister_reboot_notifier(&cv_reboot_block);
no_reboot:
	unregister_pm_notifier(&cv_suspend_block);
no_suspend:
	cpuhp_remove_state_nocalls(hotplug);
no_hotplug:
	cv_sysfs_exit();
	return err;
}

static void __exit cv_exit(void)
{
	misc_deregister(&cv_misc);
	unregister_reboot_notifier(&cv_reboot_block);
	unregister_pm_notifier(&cv_suspend_block);
	cpuhp_remove_state_nocalls(hotplug);
	cv_sysfs_exit();
}

module_init(cv_init);
module_exit(cv_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("static partitioning: hands the machine to the hypervisor");
MODULE_FIRMWARE("cellvisor-arm64.bin");
