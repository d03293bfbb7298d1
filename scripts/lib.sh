# SPDX-License-Identifier: GPL-2.0-only
# Helpers of ./setup and scripts/trees; sourced by bash, never run.
#
# In: $top, the root of the checkout. Each caller sets `set -euo pipefail`.
# Holds: output of the commands run goes to build/setup.log; the user sees one line a step, and
# the end of the log when a step fails.

log=$top/build/setup.log

# say TEXT...: a line of progress.
say() { printf '%s\n' "$*"; }

# die TEXT...: what went wrong and what to do, exit 1.
die() { printf '%s: error: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# watch_step PID TEXT: count the seconds behind TEXT on a terminal until PID ends.
watch_step()
{
	local start=$SECONDS
	while kill -0 "$1" 2>/dev/null; do
		printf '\r%s ... %d s ' "$2" $((SECONDS - start))
		sleep 0.5
	done
	printf '\r\033[K'
}

# step TEXT COMMAND...: run COMMAND with its output in the log, show TEXT and how long it took.
# Result: that of COMMAND; when it fails, the end of its output has been shown on stderr.
step()
{
	local text=$1 start=$SECONDS out rc=0 pid
	shift
	mkdir -p "${log%/*}"
	out=$(mktemp "$log.XXXXXX")
	set -m		# a process group of its own, so that an interrupt ends all of it
	"$@" >"$out" 2>&1 </dev/null &
	pid=$!
	set +m
	trap 'kill -- -"$pid" 2>/dev/null; rm -f "$out"; exit 130' INT TERM
	if [ -t 1 ]; then watch_step "$pid" "$text"; fi
	wait "$pid" || rc=$?
	trap - INT TERM
	{ printf '== %s\n' "$text"; cat "$out"; } >>"$log"
	if [ $rc = 0 ]; then
		say "$text: done, $((SECONDS - start)) s"
	else
		say "$text: failed"
		tail -n 15 "$out" | sed 's/^/    /' >&2
	fi
	rm -f "$out"
	return $rc
}
