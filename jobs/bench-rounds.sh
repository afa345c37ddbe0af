#!/usr/bin/env bash
# Measures what training in rounds costs: jobs/bench-rounds.sh FOLDER [key=value ...]. Two executors, each a process on this
# machine, train a network of RoBERTa-base's shape with random weights on the project's own questions, for three rounds of
# two steps each. The table gives the last round's times, and the shares that exchange and checkpoints would have in a round
# of 100 and of 500 steps. All output goes to FOLDER, about 9 GB. Needs 20 GB of memory.
set -euo pipefail
jobs="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

if [ $# = 0 ] || [ "$1" = --help ] || [ "$1" = -h ]; then
  sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}"
  [ $# != 0 ] && exit 0
  exit 2
fi
folder="$1"
shift
mkdir -p "$folder"
log="$folder/log"
settings=("run.dir=$folder/run" "data.train=$jobs/../data/dev.json" train.batch=16 train.max_steps=12 train.dropout=0
  train.keep=1 train.replicas=2 train.rounds.steps=2 spark.driver.memory=4g "$@")
run() {
  local stage="$1"
  shift
  "$jobs/$stage.sh" "$jobs/../conf/bench.conf" "${settings[@]}" "$@" >>"$log" 2>&1 || {
    tail "$log" >&2
    exit 1
  }
}
run preprocess
run train --force --master 'local-cluster[2,1,3072]' spark.executor.memory=3g spark.executor.cores=1

"$jobs/sql.sh" "$jobs/../conf/bench.conf" "run.dir=$folder/run" "
  WITH rounds AS (
    SELECT *, steps_ms / 2 AS own_step_ms, moments_ms + checkpoint_ms AS saving_ms
    FROM train_log WHERE event = 'round' ORDER BY step DESC LIMIT 1
  )
  SELECT round(bytes / 1e6) AS weights_mb, round(own_step_ms) AS step_ms, round(exchange_ms) AS exchange_ms,
    round(saving_ms) AS saving_ms,
    round(100 * exchange_ms / (100 * own_step_ms + exchange_ms + saving_ms), 1) AS exchange_share_100,
    round(100 * saving_ms / (100 * own_step_ms + exchange_ms + saving_ms), 1) AS saving_share_100,
    round(100 * exchange_ms / (500 * own_step_ms + exchange_ms + saving_ms), 1) AS exchange_share_500,
    round(100 * saving_ms / (500 * own_step_ms + exchange_ms + saving_ms), 1) AS saving_share_500
  FROM rounds"
