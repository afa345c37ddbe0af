#!/usr/bin/env bash
# Makes the shipped train.json, dev.json and tokenizer.json again, byte for byte: data/make.sh [FOLDER]. Writes to FOLDER
# if given, else over the shipped files. Needs the classes and libraries that `mvn package` leaves under target/.
set -euo pipefail

data="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
target="$data/../target"
out="${1:-$data}"

if [ ! -e "$target/spark-qa.jar" ] || [ ! -d "$target/spark/jars" ]; then
  echo "data/make.sh: nothing is built yet: run mvn package -DskipTests first." >&2
  exit 1
fi
run() {
  java -cp "$target/spark-qa.jar:$target/spark/jars/*:$target/lib/*" "io.sparkqa.demo.$1" "${@:2}"
}

mkdir -p "$out"
run DemoData --family demo --split train --questions 12000 --seed 17 --out "$out/train.json"
run DemoData --family demo --split dev --questions 1000 --seed 18 --out "$out/dev.json"
run TokenizerTrainer --vocabulary 4608 --out "$out/start-model"
