#!/usr/bin/env bash
# Runs all stages: jobs/pipeline.sh CONF [key=value ...] [--force] [--master URL]. Runs preprocess, train, decode,
# evaluate and report, and stops at the first that fails, with its exit code. SIGUSR1, SIGTERM and Ctrl-C go to
# the running stage; exit code 75 means that the same command continues where this one stopped.
set -uo pipefail
jobs="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

if [ $# = 0 ] || [ "$1" = --help ] || [ "$1" = -h ]; then
  sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}"
  [ $# != 0 ] && exit 0
  exit 2
fi

# each stage writes its peak memory and the paths of its outputs here
SPARKQA_SUMMARY="$(mktemp)"
export SPARKQA_SUMMARY
trap 'rm -f "$SPARKQA_SUMMARY"' EXIT

# Passes a request to stop on to the running stage; no further stage is started. Background processes ignore SIGINT, so
# Ctrl-C is passed on as SIGTERM.
stage_pid='' signal='' signals=0
ask() {
  signal="$1" signals=$((signals + 1))
  if [ -n "$stage_pid" ]; then kill -s "$signal" "$stage_pid" 2>/dev/null || true; fi
}
trap 'ask TERM' TERM INT
trap 'ask USR1' USR1

run_stage() {
  local code heard
  "$jobs/$1.sh" "${@:2}" &
  stage_pid=$!
  if [ -n "$signal" ]; then ask "$signal"; fi
  # a signal interrupts wait, not the stage
  while heard=$signals; wait "$stage_pid"; code=$?; [ "$signals" != "$heard" ]; do :; done
  stage_pid=''
  # 138: SIGUSR1 came before the stage could listen
  if [ -n "$signal" ] && { [ "$code" = 0 ] || [ "$code" = 138 ]; }; then code=75; fi
  return "$code"
}

summary=()
stale=''
for stage in preprocess train decode evaluate report; do
  : >"$SPARKQA_SUMMARY"
  begun=$SECONDS
  run_stage "$stage" "$@" || exit $?
  IFS=$'\t' read -r memory paths stale <"$SPARKQA_SUMMARY" || true
  summary+=("$(printf '%-12s %5d s  %8s  %s' "$stage" $((SECONDS - begun)) "${memory:-}" "${paths:-}")")
done
printf '\n%-12s %7s  %8s  %s\n' stage time memory result
printf '%s\n' "${summary[@]}"
if [ -n "$stale" ]; then printf '\npipeline: warning: stale: %s\n' "$stale" >&2; fi
