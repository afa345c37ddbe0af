#!/usr/bin/env bash
# Submits the stages as five jobs, each waiting for the one before: slurm-spark/submit.sh [OPTION ...] CONF [key=value ...].
#   --cpu=OPTIONS   sbatch's options for preprocess and evaluate, as one argument: --cpu="--nodes=2 --cpus-per-task=16"
#   --gpu=OPTIONS   sbatch's options for train and decode; default: --gpus-per-node=1 where the cluster has GPUs
#   other options   go to sbatch for all five, as --account=def-someone
# Runs on the login node, builds spark-qa if needed and checks that all inputs are there. If a job fails, those after it are
# cancelled. Prints a line per job: stage and job id.
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
for stage in preprocess train decode evaluate report; do
  case "$stage" in
    train | decode) options=(${gpu[@]+"${gpu[@]}"}) ;;
    report) options=() ;;
    *) options=(${cpu[@]+"${cpu[@]}"}) ;;
  esac
  if [ -n "$previous" ]; then options+=("--dependency=afterok:$previous" --kill-on-invalid-dep=yes); fi
  previous="$(sbatch --parsable --job-name="spark-qa-$stage" ${all[@]+"${all[@]}"} ${options[@]+"${options[@]}"} \
    "$home/slurm-spark/$stage.sbatch" "$@")" || {
    say "sbatch refused $stage; the jobs submitted before it stay in the queue"
    exit 1
  }
  previous="${previous%%;*}"
  echo "$stage $previous"
done
