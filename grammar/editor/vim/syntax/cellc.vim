" SPDX-License-Identifier: GPL-2.0-only
" Vim syntax file: plans and boards of cellc
" generated from grammar/keywords.def by grammar/editor/generate; make syntax

if exists("b:current_syntax")
  finish
endif

syn case match
syn iskeyword @,48-57,_,-

syn keyword cellcStatement aarch32 abi allow apic apic-khz architecture at board boot
syn keyword cellcStatement bytes cache capability cell cmdline common communication
syn keyword cellcStatement compatible console cpu cpu-set cpus device dma dtb flags gic
syn keyword cellcStatement host hypervisor id image in include initrd ioapic iommu irq
syn keyword cellcStatement irqchip kernel label link memory mmio no-dma output overlay
syn keyword cellcStatement passive pci platform pm-timer pool ports protocol ram reserve
syn keyword cellcStatement reset root root-console slot state stream test-device timeout
syn keyword cellcStatement trailing tree tsc-khz vectors virtual-console vpci-irq
syn keyword cellcStatement vtd-limit without

syn keyword cellcClause align back bars base base-cap bdf bitmap caps clock code comm data
syn keyword cellcClause divider domain empty end-bus exclusive explicit extended features
syn keyword cellcClause front fullhd gate gicc gicd gich gicr gicv guest hex intid
syn keyword cellcClause inverted io len lines loadable maintenance mask maskable mdr msi
syn keyword cellcClause msi-cap msi-flags msix no-huge on padding peers pin pins r regions
syn keyword cellcClause rw rwx rx shared size spi stride table table-size tlb type
syn keyword cellcClause unaligned virtual w why wide width window writable wx x

syn keyword cellcChoice active amd arm arm64 auto bridge efifb hscif imx imx-lpuart inmate
syn keyword cellcChoice intel linux mmu500 mvebu net none permitted pl011 pvu scif scifa
syn keyword cellcChoice shmem smmuv3 virtio-block virtio-console virtio-net x2apic x86
syn keyword cellcChoice xapic xuartps

syn match cellcNumber "\<0[xX][0-9A-Fa-f_]\+[KMGT]\=\>"
syn match cellcNumber "\<0[bB][01_]\+[KMGT]\=\>"
syn match cellcNumber "\<\d[0-9_]*[KMGT]\=\>"
syn match cellcPci "\<\%(\x\{1,4}:\)\=\x\{1,2}:\x\{1,2}\.[0-7]\>"
syn match cellcReference "&\h[0-9A-Za-z_-]*"
syn match cellcReference "&{[^}]*}"
syn match cellcEscape contained "\\\%(x\x\x\|[nt\"\\]\)"
syn region cellcString start=+"+ skip=+\\.+ end=+"+ oneline contains=cellcEscape
syn keyword cellcTodo contained TODO FIXME XXX
syn match cellcComment "//.*$" contains=cellcTodo,@Spell
syn region cellcComment start="/\*" end="\*/" contains=cellcTodo,@Spell
syn region cellcBlock start="{" end="}" transparent fold

hi def link cellcStatement Statement
hi def link cellcClause Type
hi def link cellcChoice Constant
hi def link cellcNumber Number
hi def link cellcPci Number
hi def link cellcReference Identifier
hi def link cellcEscape SpecialChar
hi def link cellcString String
hi def link cellcTodo Todo
hi def link cellcComment Comment

let b:current_syntax = "cellc"
