#!/usr/bin/env bash
# The stages as four jobs, each of which waits for the one before: slurm-spark/submit.sh [OPTION ...] CONF [key=value ...].
#   --cpu=OPTIONS   sbatch's options for preprocess and evaluate, in one word: --cpu="--nodes=2 --cpus-per-task=16"
#   --gpu=OPTIONS   those for train and decode; without it --gpus-per-node=1 where the cluster has GPUs
#   any other       goes to sbatch for all four, as --account=def-someone
# Runs on the login node, builds what is not built yet and checks that all is there. If a job fails, those behind it are
# cancelled. Prints a line a job: stage and job id.
set -euo pipefail
home="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)"
. "$home/slurm-spark/lib/words.sh"
. "$home/slurm-spark/lib/java.sh"

usage() {
  sed -n '2,7s/^# //p' "${BASH_SOURCE[0]}"
  exit "$1"
}

cpu=()
gpu=()
all=()
if sinfo --noheader --format=%G 2>/dev/null | grep -q gpu; then gpu=(--gpus-per-node=1); fi
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage 0 ;;
    --cpu=*) read -ra cpu <<<"${1#*=}" ;;
    --gpu=*) read -ra gpu <<<"${1#*=}" ;;
    -*) all+=("$1") ;;
    *) break ;;
  esac
  shift
done
[ $# -gt 0 ] || usage 2 >&2

load_java
"$home/jobs/check.sh" "$@" >&2
previous=
for stage in preprocess train decode evaluate; do
  case "$stage" in
    train | decode) options=(${gpu[@]+"${gpu[@]}"}) ;;
    *) options=(${cpu[@]+"${cpu[@]}"}) ;;
  esac
  if [ -n "$previous" ]; then options+=("--dependency=afterok:$previous" --kill-on-invalid-dep=yes); fi
  previous="$(sbatch --parsable --job-name="spark-qa-$stage" ${all[@]+"${all[@]}"} ${options[@]+"${options[@]}"} \
    "$home/slurm-spark/$stage.sbatch" "$@")" || {
    say "sbatch has refused $stage; what was submitted before it stays in the queue"
    exit 1
  }
  previous="${previous%%;*}"
  echo "$stage $previous"
done
