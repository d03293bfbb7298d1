// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A host on a virtual Ethernet: answers ARP requests for its address and pings.
 *
 * Command line: host=N (2), net=N (0): the address is 10.9.NET.HOST; link=BDF (0): the first link at or behind it.
 */
#include "net.h"

#define FRAME_MAX 17000 /* the usual MTU of such links, and headers */

struct packet {
	u8 to[6], from[6];
	u16 type; /* big-endian, like all of them */
	union {
		struct {
			u16 hardware, protocol;
			u8 hardware_len, protocol_len;
			u16 operation;
			u8 sender[6], sender_ip[4], target[6], target_ip[4];
		} __attribute__((packed)) arp;
		struct {
			u8 version, service;
			u16 len, id, fragment;
			u8 ttl, protocol;
			u16 sum;
			u8 from[4], to[4];
			u8 icmp_type, icmp_code;
			u16 icmp_sum;
		} __attribute__((packed)) ip;
	};
} __attribute__((packed));

#define BE16(n)	     ((u16)((n) >> 8 | ((n)&0xff) << 8))
#define ETH_IP	     BE16(0x0800)
#define ETH_ARP	     BE16(0x0806)
#define ARP_REQUEST  BE16(1)
#define ARP_REPLY    BE16(2)
#define ICMP	     1
#define ECHO_REQUEST 8

static struct net net;
static u8 buf[FRAME_MAX + 2], ip[4], mac[6];
static u32 pings, ups;

static bool same(const u8 *a, const u8 *b, u32 n)
{
	for (u32 i = 0; i < n; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static void answer_to_sender(struct packet *p)
{
	memcpy(p->to, p->from, 6);
	memcpy(p->from, mac, 6);
}

static bool arp(struct packet *p, u32 len)
{
	if (len < 42 || p->arp.operation != ARP_REQUEST || !same(p->arp.target_ip, ip, 4))
		return false;
	p->arp.operation = ARP_REPLY;
	memcpy(p->arp.target, p->arp.sender, 6);
	memcpy(p->arp.target_ip, p->arp.sender_ip, 4);
	memcpy(p->arp.sender, mac, 6);
	memcpy(p->arp.sender_ip, ip, 4);
	answer_to_sender(p);
	return true;
}

/* RFC 1624: a sum over less by 0x0800 is larger by as much, and what is carried comes in below. */
static bool ping(struct packet *p, u32 len)
{
	u32 sum;

	if (len < 42 || p->ip.version != 0x45 || p->ip.protocol != ICMP || !same(p->ip.to, ip, 4) ||
	    p->ip.icmp_type != ECHO_REQUEST || p->ip.fragment & BE16(0x3fff))
		return false;
	memcpy(p->ip.to, p->ip.from, 4);
	memcpy(p->ip.from, ip, 4);
	p->ip.icmp_type = 0;
	sum = BE16(p->ip.icmp_sum) + 0x0800u;
	sum += sum >> 16;
	p->ip.icmp_sum = BE16(sum & 0xffff);
	answer_to_sender(p);
	pings++;
	return true;
}

static void serve(void)
{
	struct packet *p = (struct packet *)(buf + 2);
	u32 len;

	while ((len = net_receive(&net, p, FRAME_MAX)))
		if (p->type == ETH_ARP ? arp(p, len) : p->type == ETH_IP && ping(p, len))
			net_send(&net, p, len);
}

/* The timer wakes the main loop, so that root's requests are answered. */
static void on_irq(u32 intid)
{
	if (intid == TIMER_INTID)
		timer_at(timer_ticks() + timer_hz() / 100);
}

static void look(void)
{
	bool was = net.state == CV_NET_RUN;

	if (!net_follow(&net))
		return;
	if (!was)
		printk("link up %u\n", ++ups);
	serve();
}

void inmate_main(void)
{
	u32 bdf = (u32)cmdline_int("link", 0);

	memcpy(ip, (u8[]){10, 9, (u8)cmdline_int("net", 0), (u8)cmdline_int("host", 2)}, 4);
	memcpy(mac, (u8[]){0x02, 0x0c, 0x0e, 0x11, ip[2], ip[3]}, 6);
	gic_init(on_irq);
	if (net_open(&net, shmem_find(bdf))) {
		printk("no virtual Ethernet\n");
		return;
	}
	gic_enable(net.link.intid);
	gic_enable(TIMER_INTID);
	timer_at(timer_ticks());
	printk("host 10.9.%u.%u, peer %u\n", ip[2], ip[3], net.link.id);
	while (!comm_poll()) {
		look();
		cpu_idle();
	}
	printk("answered %u pings, %u bad\n", pings, net.bad);
}
