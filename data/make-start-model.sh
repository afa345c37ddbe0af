#!/usr/bin/env bash
# Makes data/start-model: random weights with a structure (io.sparkqa.demo.StructuredStart), trained by the project's own
# train stage on a curriculum of the start world, whose types and relations the demo has none of. Takes 40 minutes on
# two cores. data/make.sh must have made the tokenizer before.
set -euo pipefail
home="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)"
work="$home/target/start-model"
[ -e "$home/target/spark-qa.jar" ] || {
  echo "data/make-start-model.sh: nothing is built yet: run mvn package -DskipTests first." >&2
  exit 1
}
mkdir -p "$work"

demo() { java -cp "$home/target/spark-qa.jar:$home/target/lib/*:$home/target/spark/jars/*" "io.sparkqa.demo.$1" "${@:2}"; }

# stage, questions, optimizer steps
stages=("1 20000 600" "2 40000 1200" "3 100000 5000")

demo DemoData --family start --stage 3 --split dev --questions 600 --seed 100 --out "$work/dev.json"
demo StructuredStart --config "$home/data/start-model/config.json" --tokenizer "$home/data/start-model" --seed 1 --out "$work/model-0"
for entry in "${stages[@]}"; do
  read -r stage questions steps <<<"$entry"
  demo DemoData --family start --stage "$stage" --split train --questions "$questions" --seed "$stage" --out "$work/train-$stage.json"
  settings=(
    "run.dir=$work/stage-$stage" "data.train=$work/train-$stage.json" "data.dev=$work/dev.json"
    "model.from=$work/model-$((stage - 1))" "train.max_steps=$steps"
  )
  "$home/jobs/preprocess.sh" "$home/conf/start-model.conf" "${settings[@]}"
  "$home/jobs/train.sh" "$home/conf/start-model.conf" "${settings[@]}"
  rm -rf "$work/model-$stage"
  cp -r "$work/stage-$stage/model" "$work/model-$stage"
done
cp "$work/model-3/model.safetensors" "$home/data/start-model/model.safetensors"
