#!/usr/bin/env bash
# Fine-tunes the model on the training windows: see jobs/train.sh --help.
# a replica has its GPUs to itself
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" --tensors --return-heap --gpus-per-task 1 \
  io.sparkqa.job.TrainJob "$@"
