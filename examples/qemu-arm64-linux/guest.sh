#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What the second Linux does once it runs: its end of the network, its end of the link.
for module in uio uio-cellvisor cellvisor-net; do
	insmod /lib/modules/$module.ko
done
lan=$(ls /sys/bus/pci/drivers/cellvisor_net/*/net)
ip addr add 10.0.0.2/24 dev "${lan##* }"
ip link set "${lan##* }" up
traffic serve 9000 >/dev/null &
