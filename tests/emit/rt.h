/* Made by cellc: addresses and numbers of one cell. */
#ifndef RT_CELL_H
#define RT_CELL_H

/* the cell */
#define RT_CPUS 1
#define RT_RESET 0x0
#define RT_GIC_VERSION 2
#define RT_GICD_BASE 0x10810000
#define RT_GICC_BASE 0x1082f000

/* memory, by guest address */
#define RT_RAM_BASE 0x0
#define RT_RAM_SIZE 0x100000
#define RT_SCRATCH_BASE 0x7b220000
#define RT_SCRATCH_SIZE 0x10000
#define RT_COMM_BASE 0x80000000
#define RT_COMM_SIZE 0x1000

/* device serial@11000 */
#define RT_UART1_BASE 0x10011000
#define RT_UART1_SIZE 0x1000
#define RT_UART1_IRQ 43

/* console; type and flags as in the communication region */
#define RT_CONSOLE_BASE 0x10011000
#define RT_CONSOLE_SIZE 0x1000
#define RT_CONSOLE_TYPE 2
#define RT_CONSOLE_FLAGS 0x3
#define RT_CONSOLE_DIVIDER 0

/* link; own output section: OUTPUT, that of peer n: OUTPUTn */
#define RT_LINK_FAST_ID 1
#define RT_LINK_FAST_PEERS 2
#define RT_LINK_FAST_PROTOCOL 0x4001
#define RT_LINK_FAST_SLOT 1
#define RT_LINK_FAST_IRQ 119
#define RT_LINK_FAST_STATE_BASE 0x7b200000
#define RT_LINK_FAST_STATE_SIZE 0x1000
#define RT_LINK_FAST_COMMON_BASE 0x7b201000
#define RT_LINK_FAST_COMMON_SIZE 0x10000
#define RT_LINK_FAST_OUTPUT0_BASE 0x7b211000
#define RT_LINK_FAST_OUTPUT0_SIZE 0x1000
#define RT_LINK_FAST_OUTPUT1_BASE 0x7b212000
#define RT_LINK_FAST_OUTPUT1_SIZE 0x1000
#define RT_LINK_FAST_OUTPUT_BASE 0x7b212000
#define RT_LINK_FAST_OUTPUT_SIZE 0x1000

/* PCI configuration space and the window for BARs */
#define RT_PCI_ECAM_BASE 0xffe00000
#define RT_PCI_ECAM_SIZE 0x100000
#define RT_PCI_WINDOW_BASE 0xfff00000
#define RT_PCI_WINDOW_SIZE 0x100000

#endif
