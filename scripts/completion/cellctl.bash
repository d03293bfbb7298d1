# SPDX-License-Identifier: GPL-2.0-only
# Completion of cellctl for bash. Commands and options come from the program's help, cells from
# sysfs.

_cellctl_cells()
{
	local folder
	for folder in /sys/devices/jailhouse/cells/[1-9]*; do
		[ -r "$folder/name" ] && cat "$folder/name"
	done
}

_cellctl_complete()
{
	local cellctl=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
	local before=${COMP_WORDS[COMP_CWORD-1]} at=2 words IFS=$'\n'

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W "$("$cellctl" -h | sed -n 's/^  \([a-z]*\).*/\1/p' | sort -u)" \
			-- "$word"))
		return
	fi
	if [ "$command" = cell ]; then
		if [ "$COMP_CWORD" = 2 ]; then
			COMPREPLY=($(compgen -W "$("$cellctl" -h | sed -n 's/^  cell \([a-z]*\).*/\1/p')" \
				-- "$word"))
			return
		fi
		command="cell ${COMP_WORDS[2]}"
		at=3
	fi
	if [[ $word = -* ]]; then
		IFS=' ' read -r -a words <<<"$command"
		COMPREPLY=($(compgen -W "$("$cellctl" "${words[@]}" -h | sed -n '
			s/^  \(-[a-z]\), \(--[a-z]*\).*/\1\n\2/p')"$'\n-h' -- "$word"))
		return
	fi
	case $command in
	enable|hardware|'cell create')
		COMPREPLY=($(compgen -f -X '!*.cell' -- "$word") $(compgen -d -- "$word"));;
	'cell linux')
		COMPREPLY=($(compgen -f -- "$word"));;
	up)
		COMPREPLY=($(compgen -d -- "$word"));;
	console|'cell start'|'cell shutdown'|'cell destroy'|'cell stats')
		COMPREPLY=($(compgen -W "$(_cellctl_cells)" -- "$word"));;
	'cell load')
		if [ "$COMP_CWORD" = $at ] || [ "$before" = --name ]; then
			COMPREPLY=($(compgen -W "$(_cellctl_cells)" -- "$word"))
		else
			COMPREPLY=($(compgen -f -- "$word"))
		fi;;
	esac
}

complete -o filenames -F _cellctl_complete cellctl
