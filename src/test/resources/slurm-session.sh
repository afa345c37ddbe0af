#!/usr/bin/env bash
# Works interactively in an allocation and prints a line for each finding, which SlurmIT checks: slurm-session.sh PROJECT
# FOLDER USER. USER is another user, who can read FOLDER.
set -u
project="$1" folder="$2" user="$3"
cluster="$project/slurm-spark/cluster.sh"

page() { # HOST PORT PATH
  (
    exec 3<>"/dev/tcp/$1/$2"
    printf 'GET %s HTTP/1.0\r\n\r\n' "$3" >&3
    cat <&3
  ) 2>/dev/null
}

"$cluster" status || echo "no cluster before it is started"
eval "$("$cluster" start --history runs/small/spark-events)"
"$cluster" status
settings="$SPARK_CONF_DIR/spark-defaults.conf"
master="$(sed -n 's/^spark.master //p' "$settings")"
secret="$(sed -n 's/^spark.authenticate.secret //p' "$settings")"
echo "secret $secret"
echo "modes $(stat -c %a "$SPARK_CONF_DIR") $(stat -c %a "$settings")"
ui=$((${master##*:} + 1))
page 127.0.0.1 "$ui" /json/ | grep -q '"addresses" : \[ "0", "1" \]' && echo "workers with two GPUs"
page 127.0.0.2 "$ui" /json/ || echo "no page on the node's address"

"$project/jobs/sql.sh" small.conf "SELECT concat('windows ', count(*)) AS counted FROM windows"
echo 'println("shell " + sc.parallelize(1 to 100, 2).map(_ * 2).sum)' | "$project/target/spark/bin/spark-shell" 2>/dev/null
for ((i = 0; i < 60; i++)); do
  page 127.0.0.1 $((ui + 1)) /api/v1/applications | grep -q '"id" : "app-' && echo "history" && break
  sleep 0.2
done

# a worker that dies is started again
kill -KILL "$(pgrep --newest -f "deploy.worker.Worker.*$master")"
for ((i = 0; i < 100; i++)); do
  sleep 0.2
  "$cluster" status | grep -q ': 2 of 2 workers' && echo "both workers after one has died" && break
done

# the other user has a Spark of his own and knows the address
cp -r "$project/target/spark" "$folder/spark"
as_other() {
  setpriv --reuid="$user" --regid=nogroup --clear-groups env -i PATH="$PATH" JAVA_HOME="${JAVA_HOME:-}" SPARK_LOCAL_IP=127.0.0.1 "$@"
}
submit() { "$@" "$folder/spark/bin/spark-submit" --deploy-mode cluster --master "$master" --driver-memory 5g --class x /tmp/x.jar; }
as_other cat "$settings" || echo "the secret's file is not readable"
as_other sh -c 'cat /proc/[0-9]*/environ' 2>/dev/null | grep -aq "$secret" || echo "the secret is in no environment"
# shellcheck disable=SC2009 # the whole command lines count
ps -eo args | grep -v grep | grep -q "$secret" || echo "the secret is on no command line"
submit as_other >without.log 2>&1 || echo "refused without the secret"
SPARK_CONF_DIR="$folder/conf"
mkdir "$SPARK_CONF_DIR"
printf 'spark.authenticate true\nspark.network.crypto.enabled true\nspark.authenticate.secret guessed\n' \
  >"$SPARK_CONF_DIR/spark-defaults.conf"
submit as_other "SPARK_CONF_DIR=$SPARK_CONF_DIR" >other.log 2>&1 || echo "refused with another secret"
SPARK_CONF_DIR="${settings%/*}" submit env >own.log 2>&1 && echo "taken with the secret"

"$cluster" stop
