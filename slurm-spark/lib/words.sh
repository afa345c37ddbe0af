# shellcheck shell=bash
# How the scripts for SLURM speak. Sourced.

say() {
  echo "spark-qa: $*" >&2
}

fail() {
  say "$*"
  exit 1
}
