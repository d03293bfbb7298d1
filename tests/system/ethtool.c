// SPDX-License-Identifier: GPL-2.0-only
/* ethtool INTERFACE: what the kernel tells a program like ethtool of it, a line a figure. */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int sock;
static struct ifreq request;

static void ask(const char *what, void *data)
{
	request.ifr_data = data;
	if (ioctl(sock, SIOCETHTOOL, &request)) {
		perror(what);
		exit(1);
	}
}

static void tell_driver(void)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ethtool_value link = { .cmd = ETHTOOL_GLINK };
	struct ethtool_ringparam ring = { .cmd = ETHTOOL_GRINGPARAM };

	ask("driver", &info);
	printf("driver %s bus %s\n", info.driver, info.bus_info);
	ask("link", &link);
	printf("link %u\n", link.data);
	ask("ring", &ring);
	printf("ring rx %u of %u tx %u of %u\n", ring.rx_pending, ring.rx_max_pending,
	       ring.tx_pending, ring.tx_max_pending);
}

static void tell_statistics(void)
{
	struct {
		struct ethtool_sset_info head;
		__u32 n;
	} set = { { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_STATS }, 0 };
	struct ethtool_gstrings *names;
	struct ethtool_stats *values;

	ask("number of figures", &set);
	names = calloc(1, sizeof(*names) + set.n * ETH_GSTRING_LEN);
	values = calloc(1, sizeof(*values) + set.n * sizeof(values->data[0]));
	if (!names || !values)
		exit(1);
	*names = (struct ethtool_gstrings){ ETHTOOL_GSTRINGS, ETH_SS_STATS, set.n };
	*values = (struct ethtool_stats){ ETHTOOL_GSTATS, set.n };
	ask("names", names);
	ask("figures", values);
	for (__u32 i = 0; i < set.n; i++)
		printf("%.32s %llu\n", (char *)names->data + i * ETH_GSTRING_LEN,
		       (unsigned long long)values->data[i]);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	sock = socket(AF_INET, SOCK_DGRAM, 0);
	strncpy(request.ifr_name, argv[1], IFNAMSIZ - 1);
	tell_driver();
	tell_statistics();
	return 0;
}
