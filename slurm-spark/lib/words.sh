# shellcheck shell=bash
# Messages of the scripts for SLURM. Sourced.

say() {
  echo "spark-qa: $*" >&2
}

fail() {
  say "$*"
  exit 1
}
