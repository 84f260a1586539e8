# What tools/review, tools/test and tools/bench share: packages and building. Sourced by sh.

# Debian 12; README's table says what each is for.
RUN_PACKAGES="gcc meson ninja-build pkg-config libc6-dev libuv1-dev libcurl4-openssl-dev
	libjansson-dev libyaml-dev libsqlite3-dev libssl-dev libcmark-gfm-dev
	libcmark-gfm-extensions-dev libhttp-parser-dev gnuplot-nox"
TEST_PACKAGES="$RUN_PACKAGES clang libclang-rt-14-dev libcriterion-dev valgrind curl python3
	python3-jsonschema python3-yaml mandoc systemd"

# need PACKAGE...: installs those that are missing, after saying which (and asking, on a terminal).
need() {
	missing=
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
			missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	echo "to install from the Debian archive:$missing" >&2
	as_root=
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || {
			echo "run as root, or install these packages and come again" >&2
			exit 1
		}
		as_root=sudo
	fi
	if [ -t 0 ] && [ -z "${YES:-}" ]; then
		printf 'install them now? [Y/n] ' >&2
		read -r answer
		case $answer in [nN]*) exit 1 ;; esac
	fi
	$as_root apt-get update -qq >&2
	# shellcheck disable=SC2086
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		$missing >/dev/null
}

# build SOURCE DIR MESON_OPTION...: quiet when all goes well, the whole log when not.
build() {
	source_dir=$1 build_dir=$2
	shift 2
	mkdir -p "$build_dir"
	log=$build_dir/build.log
	{
		if [ -f "$build_dir/build.ninja" ]; then
			meson configure "$build_dir" "$@"
		else
			meson setup "$build_dir" "$source_dir" "$@"
		fi && ninja -C "$build_dir"
	} >"$log" 2>&1 || {
		cat "$log" >&2
		echo "the build failed; its log is $log" >&2
		exit 1
	}
}
