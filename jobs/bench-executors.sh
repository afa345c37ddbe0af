#!/usr/bin/env bash
# Measures what a second executor brings to decode: jobs/bench-executors.sh SQUAD.json MODEL FOLDER. Decodes the questions
# with one one-core executor, then with two, each a process, and prints the windows per second of Spark's decoding jobs,
# the time to read the model included. MODEL is a fine-tuned model's folder; all output goes to FOLDER.
set -euo pipefail
jobs="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

if [ $# != 3 ]; then
  sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}"
  exit 2
fi
mkdir -p "$3"
echo "data.dev = \"$1\", model.from = \"$2\", run.dir = \"$3/run\"" >"$3/bench.conf"
log="$3/log"
"$jobs/preprocess.sh" "$3/bench.conf" features.max_length=192 features.stride=64 >"$log" 2>&1 || {
  tail "$log" >&2
  exit 1
}

# Prints the milliseconds from the start of the first decoding stage to the end of the last.
decoding() {
  grep '"Event":"SparkListenerStageCompleted".*"Stage Name":"dev: windows → logits → answers"' "$1" |
    sed -nE 's/.*"Submission Time":([0-9]+),"Completion Time":([0-9]+).*/\1 \2/p' |
    awk 'NR == 1 || $1 < from { from = $1 } $2 > to { to = $2 } END { print to - from }'
}

printf '| executors | windows/s | times one |\n| --- | --- | --- |\n'
for executors in 1 2; do
  rm -rf "$3/events"
  "$jobs/decode.sh" "$3/bench.conf" --force --master "local-cluster[$executors,1,2048]" features.max_length=192 \
    features.stride=64 spark.executor.memory=2g spark.executor.cores=1 spark.eventLog.enabled=true \
    spark.eventLog.dir="file://$(mkdir -p "$3/events" && cd "$3/events" && pwd)" >"$log" 2>&1 || {
    tail "$log" >&2
    exit 1
  }
  windows="$(sed -nE 's/.* answered from ([0-9,]+) windows.*/\1/p' "$log" | tr -d ,)"
  milliseconds="$(decoding "$(echo "$3"/events/*)")"
  [ "$executors" != 1 ] || one="$milliseconds"
  awk -v n="$executors" -v windows="$windows" -v ms="$milliseconds" -v one="$one" \
    'BEGIN { printf "| %d | %.1f | %.2f |\n", n, 1000 * windows / ms, one / ms }'
done
