#!/usr/bin/env bash
# Writes a SQuAD data set of any size, as one file or many: data/multiply.sh --from data/dev.json --questions 600000
# --out many.json; --help explains the options. Needs what `mvn package` leaves under target/.
set -euo pipefail

target="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../target"
if ! [ -e "$target/spark-qa-demo.jar" ] || ! [ -d "$target/spark/jars" ]; then
  echo "data/multiply.sh: nothing is built yet: run mvn package -DskipTests first." >&2
  exit 1
fi
if [ -t 2 ]; then export SPARKQA_TERMINAL=1; fi
exec java -cp "$target/spark-qa-demo.jar:$target/spark-qa.jar:$target/spark/jars/*:$target/lib/*" \
  io.sparkqa.demo.MultipliedData "$@"
