# shellcheck shell=bash
# The job's scratch folder on this node: in SLURM_TMPDIR, or else in TMPDIR; readable for its owner alone. Sourced.

# Sets SCRATCH.
scratch_locate() {
  local base="${SLURM_TMPDIR:-}"
  if [ ! -w "$base" ]; then base="${TMPDIR:-/tmp}"; fi
  SCRATCH="$base/spark-qa-$SLURM_JOB_ID-$SLURMD_NODENAME"
}

# Makes the folder if it is not there and sends there what Spark and the native libraries write.
scratch_make() {
  scratch_locate
  # where all may write, another user's folder or link may bear the name
  mkdir -m 700 "$SCRATCH" 2>/dev/null || { [ -d "$SCRATCH" ] && [ ! -L "$SCRATCH" ] && [ -O "$SCRATCH" ] && chmod 700 "$SCRATCH"; } ||
    fail "$SCRATCH: can't be made on $SLURMD_NODENAME, or is not yours; set TMPDIR to a folder on the node in which you may write"
  export SPARK_LOCAL_DIRS="$SCRATCH/local" DJL_CACHE_DIR="$SCRATCH/spark-qa"
}

scratch_remove() {
  rm -rf "$SCRATCH"
}
