# shellcheck shell=bash
# The allocation's own Spark cluster: a master on the first node, a worker on every node. Its folder, named after the job
# and next to the job's output, holds the processes' logs and, in conf/, the settings that users of the cluster need, with
# the shared secret. Sourced.

SPARKQA_HOME="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)"
CLUSTER="${SLURM_SUBMIT_DIR:-$PWD}/spark-qa-${SLURM_JOB_ID:-}"
# Spark's web pages can be reached from the node itself only, unless SPARKQA_UI=public is set
UI_ADDRESS=127.0.0.1
if [ "${SPARKQA_UI:-}" = public ]; then UI_ADDRESS=0.0.0.0; fi
readonly SPARKQA_HOME CLUSTER UI_ADDRESS
readonly CLUSTER_SECONDS=180

# Creates the cluster's folder, readable by its owner only, and the first node's scratch folder.
cluster_prepare() {
  # an earlier start of the same job may not have cleaned up
  rm -rf "$CLUSTER"
  (umask 077 && mkdir -p "$CLUSTER/conf") || fail "$CLUSTER: can't be made; submit the job from a folder in which compute nodes may write"
  scratch_make
  export SPARK_LOCAL_IP="$UI_ADDRESS" SPARK_DAEMON_MEMORY=512m
  # these processes do little, so a fast start matters more than speed
  export SPARK_DAEMON_JAVA_OPTS="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 ${SPARK_DAEMON_JAVA_OPTS:-}"
}

# Starts master and workers, waits until all workers have registered, and sets SPARK_CONF_DIR to the settings.
cluster_start() {
  local own_defaults="${SPARK_HOME:+${SPARK_CONF_DIR:-$SPARK_HOME/conf}/spark-defaults.conf}"
  local address memory attempt begun=$SECONDS
  # jobs/submit takes a set SPARK_HOME for the user's own Spark, so it is set for Spark's processes only
  local spark="${SPARK_HOME:-$SPARKQA_HOME/target/spark}"
  address="$(address_of_node "$SLURMD_NODENAME")"
  memory="$(memory_of_group 0)"
  [ "$(executor_memory "$memory" 1)" -ge 512 ] ||
    fail "a node's share of memory is $memory MB, of which $((memory - 2 * $(executor_memory "$memory" 1))) MB are for driver, master and worker: too little is left for executors; ask for 4 GB a node or more: sbatch --mem=4G"
  cluster_settings "$address" "$memory" "$own_defaults" "$spark"
  export SPARK_CONF_DIR="$CLUSTER/conf"
  for attempt in 0 1 2 3 4 5 6 7 8 9; do
    if cluster_start_master "$spark" "$address" "$attempt"; then break; fi
    [ -z "${signal:-}" ] || return
    [ "$attempt" != 9 ] || fail "the master does not start; see the end of $CLUSTER/master.log"
  done
  cluster_start_workers "$spark"
  cluster_await_workers || return
  echo "spark.executor.memory $(workers_have memory | head -n 1)m" >>"$SPARK_CONF_DIR/spark-defaults.conf"
  cluster_gpus
  say "cluster of $(cluster_size) workers at $(master_url)${SPARKQA_GPUS:+ with GPUs}, ready after $((SECONDS - begun)) s"
}

# Writes the settings for the cluster's processes and its users. Later lines win.
cluster_settings() { # ADDRESS MEMORY OWN_DEFAULTS SPARK
  local secret
  secret="$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')"
  (
    # no one else may open the file, not even while it is empty
    umask 077
    exec >"$CLUSTER/conf/spark-defaults.conf"
    if [ -r "$3" ]; then cat "$3"; fi
    cat <<END
spark.authenticate true
spark.authenticate.secret $secret
spark.network.crypto.enabled true
spark.network.crypto.saslFallback false
spark.master.rest.enabled false
spark.master.ui.decommission.allow.mode DENY
spark.ui.killEnabled false
spark.ui.enabled false
spark.executor.extraClassPath $SPARKQA_HOME/target/lib/*:$4/jars/*
spark.driver.host $1
spark.driver.bindAddress $1
spark.driver.memory $(driver_memory "$2")m
END
  )
}

cluster_forget_secret() {
  rm -rf "$CLUSTER/conf"
}

# Where workers have GPUs, an executor of decode takes all GPUs of its worker, and so many tasks share one that all cores are
# busy. An executor of train takes one GPU, with its part of the worker's cores and memory.
cluster_gpus() {
  local gpus tasks cores memory
  gpus="$(cat "$CLUSTER"/gpus.* | grep -vx 0 | sort -n | head -n 1)"
  [ -n "$gpus" ] || return 0
  tasks=$((($(workers_have cores | tail -n 1) + gpus - 1) / gpus))
  SPARKQA_GPUS="$gpus"
  SPARKQA_GPU_SHARE="$(one_by "$tasks")"
  export SPARKQA_GPUS SPARKQA_GPU_SHARE
  cores=$(($(workers_have cores | head -n 1) / gpus))
  memory=$(($(workers_have memory | head -n 1) / gpus))
  # Spark starts no executor with less
  if [ "$cores" -ge 1 ] && [ "$memory" -ge 512 ]; then
    export SPARKQA_GPU_CORES="$cores" SPARKQA_GPU_MEMORY="${memory}m"
  fi
}

# Prints 1/N as a decimal fraction, rounded down.
one_by() {
  if [ "$1" = 1 ]; then echo 1; else printf '0.%04d\n' $((10000 / $1)); fi
}

# Starts the master. Ports are computed from the job's id, so that jobs on one node use different ones; if another program
# has one of them, the master ends at once and the next attempt uses others. They are, in order, the master's port, its
# page's and the history server's.
cluster_start_master() { # SPARK ADDRESS ATTEMPT
  local port=$((20000 + (SLURM_JOB_ID * 4 + $3 * 1201) % 12000)) master
  sed -i '/^spark\.master /d' "$CLUSTER/conf/spark-defaults.conf"
  echo "spark.master spark://$2:$port" >>"$CLUSTER/conf/spark-defaults.conf"
  SPARK_MASTER_OPTS="-Dspark.port.maxRetries=0" "$1/bin/spark-class" org.apache.spark.deploy.master.Master \
    --host "$2" --port "$port" --webui-port $((port + 1)) >"$CLUSTER/master.log" 2>&1 &
  master=$!
  echo "$master" >"$CLUSTER/master.pids"
  # the log is checked too, since another program could answer on that port
  until grep -q 'elected leader' "$CLUSTER/master.log" && master_says | grep -q '"workers"'; do
    kill -0 "$master" 2>/dev/null && [ -z "${signal:-}" ] || return 1
    sleep 0.3
  done
}

cluster_start_workers() { # SPARK
  local group nodes
  for group in $(groups); do
    nodes="$(nodes_of_group "$group" | wc -l)"
    # memory per core or GPU contradicts --mem=0, which lets the step use all of the job's memory
    env -u SLURM_MEM_PER_CPU -u SLURM_MEM_PER_GPU -u SLURM_MEM_PER_NODE SPARK_HOME="$1" \
      srun ${SLURM_HET_SIZE:+"--het-group=$group"} --job-name=spark-worker --overlap --input=none --mem=0 \
      --nodes="$nodes" --ntasks="$nodes" --ntasks-per-node=1 --cpus-per-task="$(cores_of_group "$group")" \
      --cpu-bind=none --kill-on-bad-exit=0 --wait=0 --no-kill --output="$CLUSTER/worker-$group-%n.log" \
      "$SPARKQA_HOME/slurm-spark/lib/worker" "$CLUSTER" "$(master_url)" "$(cores_of_group "$group")" \
      "$(memory_of_group "$group")" "$(first_node)" >>"$CLUSTER/srun.log" 2>&1 &
    echo $! >>"$CLUSTER/srun.pids"
  done
}

# Prints how many nodes the job has.
cluster_size() {
  local group
  for group in $(groups); do nodes_of_group "$group"; done | wc -l
}

cluster_await_workers() {
  local there size deadline=$((SECONDS + CLUSTER_SECONDS))
  size="$(cluster_size)"
  until there="$(workers_there)" && [ "$there" = "$size" ]; do
    [ -z "${signal:-}" ] || return 1
    if [ $SECONDS -ge $deadline ] || ! cluster_is_up; then
      fail "only ${there:-0} of $size workers have registered with the master; see $CLUSTER/worker-*.log, and $CLUSTER/srun.log for srun"
    fi
    sleep 0.5
  done
}

cluster_is_up() {
  kill -0 "$(pids master)" 2>/dev/null
}

# Prints how many "cores" or how much "memory" each worker has, in ascending order.
workers_have() {
  master_says | sed -n '/"workers" :/,/"aliveworkers" :/p' | sed -nE "s/^ *\"$1\" : ([0-9]+),?/\1/p" | sort -n
}

workers_there() {
  master_says | sed -nE 's/^ *"aliveworkers" : ([0-9]+),?/\1/p'
}

master_url() {
  sed -n 's/^spark\.master //p' "$CLUSTER/conf/spark-defaults.conf"
}

# Prints the master's state as JSON.
master_says() {
  local url
  url="$(master_url)"
  page $((${url##*:} + 1)) /json/
}

# Prints what a port of this node answers to a request for a page.
page() { # PORT PATH
  (
    exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'GET %s HTTP/1.0\r\n\r\n' "$2" >&3 || exit 1
    # the port may belong to a program that never answers
    timeout 5 cat <&3
  ) 2>/dev/null
}

# Ends all processes of the cluster, the workers first, and waits until they are gone.
cluster_stop() {
  local step pid deadline=$((SECONDS + 10))
  for step in $(squeue --steps --noheader --jobs="$(worker_jobs)" --format='%i %j' 2>/dev/null | sed -n 's/ spark-worker$//p'); do
    # a signal to srun would kill the workers
    scancel --signal=TERM "$step" 2>/dev/null
  done
  for pid in $(pids srun); do await_end "$pid" "$deadline"; done
  for pid in $(pids history) $(pids master); do
    kill "$pid" 2>/dev/null
    await_end "$pid" $((SECONDS + 5))
  done
}

# Prints the ids of the processes of a kind that were started on this node.
pids() {
  cat "$CLUSTER/$1.pids" 2>/dev/null
}

worker_jobs() {
  local group ids=
  for group in $(groups); do ids+="${ids:+,}$(of_group SLURM_JOB_ID "$group")"; done
  echo "$ids"
}

await_end() { # PID DEADLINE
  while kill -0 "$1" 2>/dev/null; do
    if [ $SECONDS -ge "$2" ]; then kill -KILL "$1" 2>/dev/null; fi
    sleep 0.1
  done
}
