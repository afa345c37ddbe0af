# shellcheck shell=bash
# The job's scratch folder on this node: in SLURM_TMPDIR, or else in TMPDIR; readable by its owner only. Sourced.

# Sets SCRATCH.
scratch_locate() {
  local base="${SLURM_TMPDIR:-}"
  if [ ! -w "$base" ]; then base="${TMPDIR:-/tmp}"; fi
  SCRATCH="$base/spark-qa-$SLURM_JOB_ID-$SLURMD_NODENAME"
}

# Creates the folder if needed and makes Spark and the native libraries write there.
scratch_make() {
  scratch_locate
  # where everyone may write, another user may have made a folder or link of this name
  mkdir -m 700 "$SCRATCH" 2>/dev/null || { [ -d "$SCRATCH" ] && [ ! -L "$SCRATCH" ] && [ -O "$SCRATCH" ] && chmod 700 "$SCRATCH"; } ||
    fail "$SCRATCH: can't be made on $SLURMD_NODENAME, or belongs to someone else; set TMPDIR to a folder on the node in which you may write"
  export SPARK_LOCAL_DIRS="$SCRATCH/local" DJL_CACHE_DIR="$SCRATCH/spark-qa"
}

scratch_remove() {
  rm -rf "$SCRATCH"
}
