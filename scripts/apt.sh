# SPDX-License-Identifier: GPL-2.0-only
# Packages fetched without privilege, for scripts/trees and scripts/kernels; sourced, never run.
#
# In: $top, the root of the checkout; scripts/lib.sh sourced; CACHE_DIR=DIR keeps packages elsewhere.
# Out: $cache, the folder of the packages, and $conf, the settings of a private apt.
# Holds: the system's apt and dpkg state is not touched (apt works on a private one in cache/apt).

cache=${CACHE_DIR:-$top/cache}
conf=$cache/apt/apt.conf

# write_conf: settings of the private apt: its own state, the boards' architectures and this machine's, no hooks.
write_conf()
{
	mkdir -p "$cache/apt/state/lists/partial" "$cache/apt/archives/partial"
	: >"$cache/apt/status"
	cat >"$conf" <<-END
	#clear APT::Architectures;
	#clear APT::Update::Pre-Invoke;
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	#clear DPkg::Post-Invoke;
	APT::Architecture "arm64";
	APT::Architectures { "arm64"; "armhf"; "$(dpkg --print-architecture)"; };
	APT::Sandbox::User "$(id -un)";
	Acquire::Languages "none";
	Acquire::Retries "3";
	Acquire::http::Timeout "30";
	Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
	Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
	Acquire::IndexTargets::deb-src::Sources::DefaultEnabled "false";
	Dir::State "$cache/apt/state";
	Dir::State::lists "lists/";
	Dir::State::status "$cache/apt/status";
	Dir::Cache "$cache/apt";
	Dir::Cache::archives "archives/";
	END
}

# A source list may name an index that has no such architecture, or is gone; what counts is
# whether the kernel package is found.
refresh()
{
	apt-get -q -c "$conf" update || echo "apt-get update: some index is missing, going on"
}

# download DIR PACKAGE: into DIR (apt checks size and hash against the signed index).
download() { (cd "$1" && apt-get -q -c "$conf" download "$2"); }
