#!/bin/sh
# Records the twelve "nights" of examples/nightly: real runs of sqlite3, zstd and llama-bench, a
# few minutes apart, filed under dates a day apart. From the tenth on sqlite3 gets a page cache
# of 40 kB in place of 64 MB: that is the regression that a review has to find.
#
#   examples/record-nights.sh OUT_DIR      needs hyperfine, sqlite3, zstd
#   LLAMA_BENCH="llama-bench -m model.gguf"   records llama-bench, too
set -eu

out=${1:?usage: record-nights.sh OUT_DIR}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

seq 1 2000000 >"$work/numbers.txt"
sqlite3 "$work/bench.db" "CREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT);
	WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 299999)
	INSERT INTO t SELECT i, printf('%064d', i * 7919) FROM n;"

lookups="WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 59999)
	SELECT sum(length(v)) FROM n JOIN t ON t.k = (i * 104729) % 300000;"
scan="SELECT count(*), max(v) FROM t WHERE v LIKE '%77%';"
printf 'PRAGMA cache_size=%s; %s' -64000 "$lookups" >"$work/lookups-large.sql"
printf 'PRAGMA cache_size=%s; %s' -40 "$lookups" >"$work/lookups-small.sql"
printf 'PRAGMA cache_size=%s; %s' -64000 "$scan" >"$work/scan.sql"

night=0
while [ "$night" -lt 12 ]; do
	day=$(date -u -d "2026-11-09 + $night days" +%F)
	cache=large
	[ "$night" -ge 9 ] && cache=small
	echo "night $day ($cache cache)" >&2
	hyperfine -N --warmup 2 --runs 12 --export-json "$out/sqlite-$day.json" \
		-n lookups "sqlite3 -readonly $work/bench.db '.read $work/lookups-$cache.sql'" \
		-n scan "sqlite3 -readonly $work/bench.db '.read $work/scan.sql'" >/dev/null
	hyperfine -N --warmup 1 --runs 8 --export-csv "$out/zstd-$day.csv" \
		--export-markdown "$out/zstd-$day.md" -L level 1,3,6 \
		"zstd -q -f -{level} $work/numbers.txt -o $work/numbers.zst" >/dev/null
	if [ -n "${LLAMA_BENCH:-}" ]; then
		# shellcheck disable=SC2086
		$LLAMA_BENCH -p 128 -n 64 -r 6 -o json >"$out/llama-bench-$day.json" 2>/dev/null
	fi
	night=$((night + 1))
	sleep "${PAUSE:-5}"
done
# The scratch directory has another name at each recording; it says nothing.
sed -i "s|$work|/tmp/bench|g" "$out"/*
