/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The Linux driver's character device: what a management tool asks of it.
 *
 * Reading the device follows the hypervisor console. State of the hypervisor and its cells stands
 * in sysfs below CV_DRIVER_SYSFS, cells under cells/<id>/.
 */
#ifndef CV_ABI_DRIVER_H
#define CV_ABI_DRIVER_H

#include "cell_config.h"
#include <linux/ioctl.h>

#define CV_DRIVER_DEVICE "/dev/jailhouse"
#define CV_DRIVER_SYSFS	 "/sys/devices/jailhouse"

#define CV_CELL_ID_BY_NAME (-1)

struct cv_cell_id {
	int32_t id; /* CV_CELL_ID_BY_NAME: name tells */
	uint32_t padding;
	char name[CV_CELL_NAME_SIZE];
} __attribute__((packed));

struct cv_cell_create {
	uint64_t config_address; /* in the caller's memory */
	uint32_t config_size;
	uint32_t padding;
} __attribute__((packed));

struct cv_load_image {
	uint64_t source_address; /* in the caller's memory */
	uint64_t size;
	uint64_t target_address; /* of the guest */
	uint64_t padding;
} __attribute__((packed));

struct cv_cell_load {
	struct cv_cell_id cell;
	uint32_t num_images;
	uint32_t padding;
	struct cv_load_image images[];
} __attribute__((packed));

#define CV_IOC_ENABLE	    _IOW(0, 0, void *) /* the system descriptor */
#define CV_IOC_DISABLE	    _IO(0, 1)
#define CV_IOC_CELL_CREATE  _IOW(0, 2, struct cv_cell_create)
#define CV_IOC_CELL_LOAD    _IOW(0, 3, struct cv_cell_load)
#define CV_IOC_CELL_START   _IOW(0, 4, struct cv_cell_id)
#define CV_IOC_CELL_DESTROY _IOW(0, 5, struct cv_cell_id)
/* ours: the file is the other end of this cell's console from now on: read, write, poll */
#define CV_IOC_CONSOLE	    _IOW(0, 6, struct cv_cell_id)

CV_ASSERT_SIZE(cv_cell_id, 40);
CV_ASSERT_SIZE(cv_cell_create, 16);
CV_ASSERT_SIZE(cv_load_image, 32);
CV_ASSERT_SIZE(cv_cell_load, 48);

#endif /* CV_ABI_DRIVER_H */
