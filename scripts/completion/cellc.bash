# SPDX-License-Identifier: GPL-2.0-only
# Completion of cellc for bash. It asks the program itself (its help, its lists), so that it never
# lags behind: commands, their options, formats, warnings, outputs, passes, files.

# _cellc_options COMMAND: the options its help lists, each spelling on a line, '=' kept.
_cellc_options()
{
	"$_cellc" "$1" -h 2>/dev/null | sed -n '
		/^  -/ {
			s/^  //
			s/  .*//
			s/, /\n/g
			p
		}' | sed 's/^\(--[a-z-]*=\).*/\1/; s/^\(-[A-Za-z]*\) .*/\1/'
}

# _cellc_values OPTION: what may follow it, one a line; nothing for files and folders.
_cellc_values()
{
	case $1 in
	--format) printf '%s\n' text json sarif gcc;;
	--color) printf '%s\n' auto always never;;
	--abi) printf '%s\n' 14 13 12;;
	--dump-after) printf '%s\n' load host board resolve place check lower emit;;
	--emit) "$_cellc" build --emit list 2>/dev/null | sed -n 's/^\([a-z-]*\)  .*/\1/p';;
	-W) "$_cellc" explain | awk '/^W/ { print $2; print "no-" $2 } END { print "error" }';;
	-E) "$_cellc" explain | awk '/^W/ { print $2 } END { print "all" }';;
	esac
}

_cellc_complete()
{
	local _cellc=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
	local command=${COMP_WORDS[1]} prefix= IFS=$'\n'

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W "$("$_cellc" -h | sed -n 's/^  \([a-z]*\) .*/\1/p')" -- "$word"))
		return
	fi
	# bash splits words at '=': --format = js
	if [ "$word" = = ]; then
		word=
	elif [ "$before" = = ]; then
		before=${COMP_WORDS[COMP_CWORD-2]}
	elif [[ $word = -* ]]; then
		COMPREPLY=($(compgen -W "$(_cellc_options "$command")" -- "$word"))
		[[ ${#COMPREPLY[@]} = 1 && ${COMPREPLY[0]} = *= ]] && compopt -o nospace 2>/dev/null
		return
	fi
	if [ "$command" = explain ]; then
		COMPREPLY=($(compgen -W "$("$_cellc" explain | awk '{ print $1; print $2 }')" -- "$word"))
		return
	fi
	case $before in
	-o|-I) COMPREPLY=($(compgen -d -- "$word")); return;;
	--emit) # a list: complete behind the last comma
		[[ $word = *,* ]] && prefix=${word%,*},
		COMPREPLY=($(compgen -P "$prefix" -W "$(_cellc_values --emit)" -- "${word##*,}"))
		return;;
	--format|--color|--abi|--dump-after|-W|-E)
		COMPREPLY=($(compgen -W "$(_cellc_values "$before")" -- "$word"))
		return;;
	esac
	COMPREPLY=($(compgen -f -X '!*.@(plan|board|cell|dtb|dts)' -- "$word") $(compgen -d -- "$word"))
}

shopt -s extglob
complete -o filenames -F _cellc_complete cellc
