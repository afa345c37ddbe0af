#!/usr/bin/env bash
# Measures this machine: see jobs/bench.sh --help. Without a configuration file it takes conf/bench.conf.
jobs="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
case "${1:-}" in
  --help | -h) exec "$jobs/submit" io.sparkqa.job.BenchJob --help ;;
  '' | -* | *=*) set -- "$jobs/../conf/bench.conf" "$@" ;;
esac
# each part runs with the memory settings of the stages that it measures
"$jobs/submit" --tensors --return-heap io.sparkqa.job.BenchJob --part network "$@" || exit
exec "$jobs/submit" io.sparkqa.job.BenchJob --part data "$@"
