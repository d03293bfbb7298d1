" SPDX-License-Identifier: GPL-2.0-only
" generated from grammar/keywords.def by grammar/editor/generate; make syntax
autocmd BufNewFile,BufRead *.plan,*.board setfiletype cellc
autocmd FileType cellc setlocal commentstring=//\ %s shiftwidth=4 softtabstop=4 expandtab
