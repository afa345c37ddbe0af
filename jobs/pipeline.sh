#!/usr/bin/env bash
# Everything: jobs/pipeline.sh CONF [key=value ...] [--force] [--master URL]. Runs preprocess, train, decode and evaluate,
# each by spark-submit; stops at the first that fails, with its exit code.
set -uo pipefail
jobs="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

if [ $# = 0 ] || [ "$1" = --help ] || [ "$1" = -h ]; then
  sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"
  [ $# != 0 ] && exit 0
  exit 2
fi

# a stage leaves here its peak memory and the paths of what it made
SPARKQA_SUMMARY="$(mktemp)"
export SPARKQA_SUMMARY
trap 'rm -f "$SPARKQA_SUMMARY"' EXIT

summary=()
for stage in preprocess train decode evaluate; do
  : >"$SPARKQA_SUMMARY"
  begun=$SECONDS
  "$jobs/$stage.sh" "$@" || exit $?
  IFS=$'\t' read -r memory paths <"$SPARKQA_SUMMARY" || true
  summary+=("$(printf '%-12s %5d s  %8s  %s' "$stage" $((SECONDS - begun)) "${memory:-}" "${paths:-}")")
done
printf '\n%-12s %7s  %8s  %s\n' stage time memory result
printf '%s\n' "${summary[@]}"
