#!/usr/bin/env bash
# Measures how the stages scale with the data: jobs/bench-scale.sh SQUAD.json TOKENIZER FOLDER [TIMES ...]. Multiplies a SQuAD
# file by 1, 10 and 100, or by TIMES, runs preprocess, decode and evaluate on each with a driver and two one-core executors
# of 2 GB, compares the metrics with those of evaluate's official command line, and prints a table in Markdown. The network
# is tiny, so the handling of data is measured and not the arithmetic. All output goes to FOLDER.
set -euo pipefail
jobs="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

if [ $# -lt 3 ]; then
  sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}"
  exit 2
fi
source="$1" tokenizer="$2" folder="$3"
shift 3
times=("$@")
[ $# != 0 ] || times=(1 10 100)
master="local-cluster[2,1,2048]"
spark=(spark.driver.memory=2g spark.executor.memory=2g spark.executor.cores=1)

mkdir -p "$folder"
SPARKQA_SUMMARY="$folder/summary"
export SPARKQA_SUMMARY

# Runs a command; sets seconds, and sets driver and executor to the peak memory of these processes.
measure() {
  local begun pid child held
  executor=0
  : >"$SPARKQA_SUMMARY"
  begun="$(date +%s%N)"
  "$@" >>"$folder/log" 2>&1 &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    for child in $(pgrep -P "$pid" || true); do
      held="$(sed -nE 's/^VmHWM:[^0-9]*([0-9]+) kB$/\1/p' "/proc/$child/status" 2>/dev/null || true)"
      if [ "${held:-0}" -gt "$executor" ]; then executor="$held"; fi
    done
    sleep 0.2
  done
  wait "$pid" || {
    tail -n 20 "$folder/log" >&2
    exit 1
  }
  seconds="$((($(date +%s%N) - begun) / 100000000))"
  seconds="$((seconds / 10)).$((seconds % 10))"
  driver="$(cut -f 1 "$SPARKQA_SUMMARY")"
  executor="$((executor / 100000))"
  executor="$((executor / 10)).$((executor % 10)) GB"
}

row() { # QUESTIONS INPUT STAGE
  printf '| %s | %s | %s | %s s | %s | %s |\n' "$1" "$2" "$3" "$seconds" "$driver" "$executor"
}

size() {
  du -sh --apparent-size "$1" | cut -f 1
}

cat >"$folder/config.json" <<END
{"architectures": ["RobertaForQuestionAnswering"], "model_type": "roberta", "vocab_size": 50265, "hidden_size": 32,
 "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64, "hidden_act": "gelu",
 "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1, "max_position_embeddings": 514, "type_vocab_size": 1,
 "initializer_range": 0.02, "layer_norm_eps": 1e-05, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
END
cat >"$folder/bench.conf" <<END
model { config = "$folder/config.json", tokenizer = "$tokenizer" }
train { max_steps = 1, dropout = 0 }
END
: >"$folder/log"
for stage in preprocess train; do
  measure "$jobs/$stage.sh" "$folder/bench.conf" run.dir="$folder/model" data.train="$source" features.mismatch=skip
done

printf '| questions | input | stage | time | driver | executor |\n| --- | --- | --- | --- | --- | --- |\n'
for n in "${times[@]}"; do
  run="$folder/times-$n" data="$folder/times-$n.json"
  "$jobs/../data/multiply.sh" --from "$source" --copies "$n" --out "$data" 2>>"$folder/log"
  common=("$folder/bench.conf" run.dir="$run" data.dev="$data" model.from="$folder/model/model" --master "$master" "${spark[@]}")
  measure "$jobs/preprocess.sh" "${common[@]}"
  questions="$(sed -nE 's/.*dev: ([0-9,]+) questions in.*/\1/p' "$folder/log" | tail -n 1)"
  row "$questions" "$(size "$data")" preprocess
  measure "$jobs/decode.sh" "${common[@]}"
  row "$questions" "$(size "$run/windows")" decode
  measure "$jobs/evaluate.sh" "${common[@]}"
  row "$questions" "$(size "$run/answers")" evaluate
  "$jobs/evaluate.sh" "$data" "$run/predictions.json" -n "$run/null_odds.json" -t 1e30 \
    -p "$run/images" -o "$run/official.json" >>"$folder/log" 2>&1
  if ! cmp -s <(tr -d ' \n' <"$run/metrics.json") <(tr -d ' \n' <"$run/official.json"); then
    echo "bench-scale: $run/metrics.json differs from what the official command makes: $run/official.json" >&2
    exit 1
  fi
  if [ "$n" = 10 ]; then
    "$jobs/../data/multiply.sh" --from "$source" --copies "$n" --files 16 --gzip --out "$data.d" 2>>"$folder/log"
    measure "$jobs/preprocess.sh" "${common[@]}" run.dir="$run-gzip" data.dev="$data.d"
    row "$questions" "$(size "$data.d"), 16 files, gzip" preprocess
  fi
  rm -rf "$data" "$data.d" "$run" "$run-gzip"
done
