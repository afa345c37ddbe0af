#!/usr/bin/env bash
# This machine is measured: see jobs/bench.sh --help. Without a configuration file it takes conf/bench.conf.
jobs="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
case "${1:-}" in
  '' | -* | *=*) [ "${1:-}" = --help ] || [ "${1:-}" = -h ] || set -- "$jobs/../conf/bench.conf" "$@" ;;
esac
exec "$jobs/submit" io.sparkqa.job.BenchJob "$@"
