#!/usr/bin/env bash
# Measures a GPU: jobs/bench-gpu.sh FOLDER [key=value ...]. First it runs the tests that need a GPU. Then it measures matrix
# products, train steps of 96 windows and decode, and trains 2,000 steps to see whether the GPU's memory grows. Last it
# measures the steps again without sums in a fixed order. A network of RoBERTa-base's shape with random weights computes on the
# project's own questions; for others: data.train=train-v2.0.json model.tokenizer=TOKENIZER features.max_length=384
# features.stride=128. All output goes to FOLDER, about 5 GB. Takes some ten minutes.
set -euo pipefail
jobs="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

if [ $# = 0 ] || [ "$1" = --help ] || [ "$1" = -h ]; then
  sed -n '2,7s/^# //p' "${BASH_SOURCE[0]}"
  [ $# != 0 ] && exit 0
  exit 2
fi
folder="$1"
shift
mkdir -p "$folder"
log="$folder/log"
settings=("run.dir=$folder/run" train.device=cuda train.batch=96 "$@")
run() {
  "$@" >>"$log" 2>&1 || {
    tail "$log" >&2
    exit 1
  }
}
network() {
  "$jobs/submit" --tensors --return-heap io.sparkqa.job.BenchJob "$jobs/../conf/bench.conf" --part network --steps 40 \
    "${settings[@]}" 2>>"$log" || {
    tail "$log" >&2
    exit 1
  }
}

"$jobs/check.sh" "$jobs/../conf/bench.conf" "${settings[@]}"
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || true

echo "tests that need a GPU:"
# shellcheck source=jobs/libtorch
. "$jobs/libtorch"
libtorch="$(libtorch_chosen "$jobs/../target")"
env PYTORCH_LIBRARY_PATH="$libtorch" LD_LIBRARY_PATH="$(cuda_libraries "$libtorch")${LD_LIBRARY_PATH:-}" \
  CUBLAS_WORKSPACE_CONFIG=:4096:8 \
  mvn -B -f "$jobs/../pom.xml" test -Dgroups=gpu -Dtest.forks=1 -Dspotless.check.skip=true >"$folder/tests" 2>&1 || true
grep -E 'Tests run:|ERROR.*Test|BUILD' "$folder/tests"

network
run "$jobs/preprocess.sh" "$jobs/../conf/bench.conf" "${settings[@]}"
run "$jobs/train.sh" "$jobs/../conf/bench.conf" --force "${settings[@]}" train.max_steps=2000 train.log_steps=20 train.keep=1
"$jobs/sql.sh" "$jobs/../conf/bench.conf" "run.dir=$folder/run" "
  SELECT min(step) AS from_step, max(step) AS to_step, round(min(gpu_mb)) AS least_gpu_mb, round(max(gpu_mb)) AS most_gpu_mb,
    round(avg(step_ms), 1) AS step_ms, round(avg(tokens_per_second)) AS tokens_per_second, round(100 * avg(share_of_peak)) AS percent
  FROM (SELECT *, ntile(20) OVER (ORDER BY step) AS stretch FROM train_log WHERE event = 'step')
  GROUP BY stretch ORDER BY from_step" 2>>"$log"

echo "without sums in a fixed order:"
# a value that does not keep cuBLAS's order
export CUBLAS_WORKSPACE_CONFIG=:4096:2:16:8
network
