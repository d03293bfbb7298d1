// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that misbehaves when it is told to, to see who suffers: touches any physical address,
 * hands it to a program, makes any hypercall and any call of the firmware. For the tests alone.
 *
 * An external abort in the kernel is no fault that an exception table could mend; the kernel dies
 * of it (arch/arm64/mm/fault.c). Who is told of that first, the die chain, sees whether it was us,
 * and goes on behind the instruction.
 */
#include "rogue.h"

#include <linux/io.h>
#include <linux/kdebug.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

static DEFINE_MUTEX(lock);
static struct task_struct *touching;
static void *buffer;

/* x9 tells the code below that its instruction was skipped. */
static int on_die(struct notifier_block *block, unsigned long what, void *data)
{
	struct pt_regs *regs = ((struct die_args *)data)->regs;

	if (what != DIE_OOPS || READ_ONCE(touching) != current)
		return NOTIFY_DONE;
	regs->regs[9] = 1;
	regs->pc += 4;
	return NOTIFY_STOP;
}
static struct notifier_block die_block = {.notifier_call = on_die};

#define READ_AS(insn, at, v, bad) \
	asm volatile(insn " %w0, [%2]" : "=&r"(v), "+r"(bad) : "r"(at) : "memory")
#define WRITE_AS(insn, at, v, bad) \
	asm volatile(insn " %w2, [%1]" : "+r"(bad) : "r"(at), "r"(v) : "memory")

static u64 do_read(void __iomem *at, u32 size, u64 *value)
{
	register u64 bad asm("x9") = 0;
	u64 v = 0;

	switch (size) {
	case 1:
		READ_AS("ldrb", at, v, bad);
		break;
	case 2:
		READ_AS("ldrh", at, v, bad);
		break;
	case 4:
		READ_AS("ldr", at, v, bad);
		break;
	case 8:
		asm volatile("ldr %0, [%2]" : "=&r"(v), "+r"(bad) : "r"(at) : "memory");
		break;
	}
	*value = v;
	return bad;
}

static u64 do_write(void __iomem *at, u32 size, u64 v)
{
	register u64 bad asm("x9") = 0;

	switch (size) {
	case 1:
		WRITE_AS("strb", at, v, bad);
		break;
	case 2:
		WRITE_AS("strh", at, v, bad);
		break;
	case 4:
		WRITE_AS("str", at, v, bad);
		break;
	case 8:
		asm volatile("str %2, [%1]" : "+r"(bad) : "r"(at), "r"(v) : "memory");
		break;
	}
	return bad;
}

static long touch(void __user *arg)
{
	struct rogue_touch t;
	void __iomem *at;

	if (copy_from_user(&t, arg, sizeof(t)))
		return -EFAULT;
	at = ioremap(t.phys & PAGE_MASK, PAGE_SIZE);
	if (!at)
		return -ENOMEM;
	WRITE_ONCE(touching, current);
	if (t.write)
		t.aborted = do_write(at + (t.phys & ~PAGE_MASK), t.size, t.value);
	else
		t.aborted = do_read(at + (t.phys & ~PAGE_MASK), t.size, &t.value);
	WRITE_ONCE(touching, NULL);
	iounmap(at);
	return copy_to_user(arg, &t, sizeof(t)) ? -EFAULT : 0;
}

/* x19 keeps the address of the registers; the call may change x0 to x17. */
#define CALL(insn, x)                                                                            \
	asm volatile("mov x19, %0\n\t"                                                           \
		     "ldp x0, x1, [x19]\n\tldp x2, x3, [x19, #16]\n\tldp x4, x5, [x19, #32]\n\t" \
		     "ldp x6, x7, [x19, #48]\n\tldp x8, x9, [x19, #64]\n\t"                      \
		     "ldp x10, x11, [x19, #80]\n\tldp x12, x13, [x19, #96]\n\t"                  \
		     "ldp x14, x15, [x19, #112]\n\tldp x16, x17, [x19, #128]\n\t" insn "\n\t"    \
		     "stp x0, x1, [x19]\n\tstp x2, x3, [x19, #16]\n\tstp x4, x5, [x19, #32]\n\t" \
		     "stp x6, x7, [x19, #48]\n\tstp x8, x9, [x19, #64]\n\t"                      \
		     "stp x10, x11, [x19, #80]\n\tstp x12, x13, [x19, #96]\n\t"                  \
		     "stp x14, x15, [x19, #112]\n\tstp x16, x17, [x19, #128]"                    \
		     :                                                                           \
		     : "r"(x)                                                                    \
		     : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", \
		       "x12", "x13", "x14", "x15", "x16", "x17", "x19", "memory", "cc")

static long call(void __user *arg)
{
	struct rogue_call c;

	if (copy_from_user(&c, arg, sizeof(c)))
		return -EFAULT;
	if (c.smc)
		CALL("smc #0", c.x);
	else
		CALL("hvc #0x4a48", c.x);
	return copy_to_user(arg, &c, sizeof(c)) ? -EFAULT : 0;
}

static long place(void __user *arg)
{
	struct rogue_place p;

	if (copy_from_user(&p, arg, sizeof(p)))
		return -EFAULT;
	if (p.offset > ROGUE_BUFFER || p.size > ROGUE_BUFFER - p.offset)
		return -EINVAL;
	memset(buffer, 0, ROGUE_BUFFER);
	if (copy_from_user(buffer + p.offset, u64_to_user_ptr(p.from), p.size))
		return -EFAULT;
	p.phys = virt_to_phys(buffer);
	return copy_to_user(arg, &p, sizeof(p)) ? -EFAULT : 0;
}

static long rogue_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	long err = -ENOTTY;

	mutex_lock(&lock);
	if (cmd == ROGUE_TOUCH)
		err = touch((void __user *)arg);
	else if (cmd == ROGUE_CALL)
		err = call((void __user *)arg);
	else if (cmd == ROGUE_PLACE)
		err = place((void __user *)arg);
	mutex_unlock(&lock);
	return err;
}

static int rogue_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_page_prot = pgprot_device(vma->vm_page_prot);
	return remap_pfn_range(vma, vma->vm_start, vma->vm_pgoff, vma->vm_end - vma->vm_start,
			       vma->vm_page_prot);
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = rogue_ioctl,
	.mmap = rogue_mmap,
};

static struct miscdevice misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "rogue",
	.fops = &fops,
	.mode = 0600,
};

static int __init rogue_init(void)
{
	int err;

	buffer = alloc_pages_exact(ROGUE_BUFFER, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	register_die_notifier(&die_block);
	err = misc_register(&misc);
	if (!err)
		return 0;
	unregister_die_notifier(&die_block);
	free_pages_exact(buffer, ROGUE_BUFFER);
	return err;
}

static void __exit rogue_exit(void)
{
	misc_deregister(&misc);
	unregister_die_notifier(&die_block);
	free_pages_exact(buffer, ROGUE_BUFFER);
}

module_init(rogue_init);
module_exit(rogue_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("misbehaves, for tests of who keeps it from doing harm");
