#!/usr/bin/env bash
# Runs your own Spark cluster in an allocation, for interactive work: slurm-spark/cluster.sh start|stop|status.
#   start [--history FOLDER]   starts it, with a history server for FOLDER's event logs if asked, and prints the variables
#                              to set in this shell: eval "$(slurm-spark/cluster.sh start)"
#   stop                       stops it and removes its files
#   status                     prints its address and the number of workers
# Runs on the allocation's first node. Then jobs/*.sh, and spark-shell in $SPARK_HOME/bin or target/spark/bin, use it.
set -uo pipefail
lib="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib"
. "$lib/words.sh"
. "$lib/allocation.sh"
. "$lib/java.sh"
. "$lib/scratch.sh"
. "$lib/spark-cluster.sh"

usage() {
  sed -n '2,7s/^# //p' "${BASH_SOURCE[0]}"
  exit "$1"
}

start() {
  cluster_is_up && fail "a cluster is running already at $(master_url); slurm-spark/cluster.sh stop stops it"
  [ -e "$SPARKQA_HOME/target/spark-qa.jar" ] || [ -n "${SPARK_HOME:-}" ] ||
    fail "spark-qa is not built in $SPARKQA_HOME: run jobs/check.sh CONF where there is a network."
  load_java
  cluster_prepare
  trap 'cluster_stop; cluster_forget_secret; scratch_remove' EXIT
  cluster_start
  if [ -n "$1" ]; then start_history "$1"; fi
  trap - EXIT
  if [ -n "${SPARKQA_GPUS:-}" ]; then
    printf 'export %s=%q\n' SPARKQA_GPUS "$SPARKQA_GPUS" SPARKQA_GPU_SHARE "$SPARKQA_GPU_SHARE" \
      SPARKQA_GPU_CORES "${SPARKQA_GPU_CORES:-}" SPARKQA_GPU_MEMORY "${SPARKQA_GPU_MEMORY:-}"
  fi
  printf 'export %s=%q\n' SPARK_CONF_DIR "$SPARK_CONF_DIR" SPARK_LOCAL_IP "$SPARK_LOCAL_IP" \
    SPARK_LOCAL_DIRS "$SPARK_LOCAL_DIRS" DJL_CACHE_DIR "$DJL_CACHE_DIR"
}

start_history() {
  local folder port url
  [ -d "$1" ] || fail "$1: no such folder of event logs"
  folder="$(readlink -f "$1")"
  url="$(master_url)"
  port=$((${url##*:} + 2))
  SPARK_HISTORY_OPTS="-Dspark.history.ui.port=$port \"-Dspark.history.fs.logDirectory=$folder\" ${SPARK_HISTORY_OPTS:-}" \
    "${SPARK_HOME:-$SPARKQA_HOME/target/spark}/bin/spark-class" org.apache.spark.deploy.history.HistoryServer \
    >"$CLUSTER/history.log" 2>&1 &
  echo $! >"$CLUSTER/history.pids"
  until page "$port" / >/dev/null; do
    kill -0 "$(pids history)" 2>/dev/null || fail "the history server does not start: $(tail -n 1 "$CLUSTER/history.log")"
    sleep 0.3
  done
  say "history server of $folder at http://$UI_ADDRESS:$port"
}

status() {
  cluster_is_up || fail "no cluster is running in job $SLURM_JOB_ID; slurm-spark/cluster.sh start starts one"
  echo "$(master_url): $(workers_there) of $(cluster_size) workers; logs and settings in $CLUSTER"
}

stop() {
  cluster_is_up || fail "no cluster is running in job $SLURM_JOB_ID"
  cluster_stop
  rm -rf "$CLUSTER"
  scratch_locate
  scratch_remove
  say "the cluster has stopped"
}

case "$*" in
  --help | -h) usage 0 ;;
  start | 'start --history '?* | stop | status) require_allocation ;;
  *) usage 2 >&2 ;;
esac
case "$1" in
  start) start "${3:-}" ;;
  *) "$1" ;;
esac
