# shellcheck shell=bash
# The job's allocation: groups of nodes (one, or the parts of a heterogeneous job), cores, memory in MB. Sourced.

# Fails unless this is the first node of an allocation.
require_allocation() {
  [ -n "${SLURM_JOB_ID:-}" ] ||
    fail "this runs inside a SLURM job: sbatch slurm-spark/pipeline.sbatch CONF, or salloc for interactive work"
  [ "${SLURMD_NODENAME:-}" = "$(first_node)" ] ||
    fail "this runs on the first node of the allocation, $(first_node): srun --overlap --nodes=1 --ntasks=1 --pty bash opens a shell there"
}

groups() {
  seq 0 $((${SLURM_HET_SIZE:-1} - 1))
}

# Prints the value of one of SLURM's variables for a group.
of_group() {
  local name="$1${SLURM_HET_SIZE:+_HET_GROUP_$2}"
  printf '%s' "${!name:-}"
}

nodes_of_group() {
  scontrol show hostnames "$(of_group SLURM_JOB_NODELIST "$1")"
}

first_node() {
  nodes_of_group 0 | head -n 1
}

# Prints the address under which SLURM reaches a node.
address_of_node() {
  scontrol show node --oneliner "$1" | sed -nE 's/.* NodeAddr=([^ ]+).*/\1/p'
}

# Prints the cores of each node of a group; the smallest number if they differ, as in 16(x2),8.
cores_of_group() {
  of_group SLURM_JOB_CPUS_PER_NODE "$1" | tr ',' '\n' | sed 's/(.*//' | sort -n | head -n 1
}

# Prints the memory of each node of a group, in MB.
memory_of_group() {
  local per_node per_cpu
  per_node="$(of_group SLURM_MEM_PER_NODE "$1")"
  per_cpu="$(of_group SLURM_MEM_PER_CPU "$1")"
  if [ "${per_node:-0}" != 0 ]; then
    echo "$per_node"
  elif [ "${per_cpu:-0}" != 0 ]; then
    echo $((per_cpu * $(cores_of_group "$1")))
  else
    # the job has no limit of its own: the node's memory
    scontrol show node --oneliner "$(nodes_of_group "$1" | head -n 1)" | sed -nE 's/.* RealMemory=([0-9]+).*/\1/p'
  fi
}

# Divides a node's memory. Spark's own processes (a worker on each node, the master on the first) get 1 GB each, the driver
# on the first node gets an eighth, between 1 and 8 GB, as its heap. One half of the rest is the executor's heap; the other
# half is for native memory, which holds the network's tensors.
driver_memory() {
  local eighth=$(($1 / 8))
  echo $((eighth < 1024 ? 1024 : eighth > 8192 ? 8192 : eighth))
}

executor_memory() { # MEMORY IS_FIRST
  local others=1024
  if [ "$2" = 1 ]; then others=$((2048 + $(driver_memory "$1"))); fi
  echo $((($1 - others) / 2))
}

# Prints the cores of a node's worker: all, but one fewer on the first node, for the driver, if there are several.
executor_cores() { # CORES IS_FIRST
  echo $(($1 > 1 ? $1 - $2 : 1))
}
