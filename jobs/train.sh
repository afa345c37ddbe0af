#!/usr/bin/env bash
# Fine-tunes the model on the training windows: see jobs/train.sh --help.
# a replica has a GPU to itself, and a process, since libtorch has one seed of dropout for all GPUs of a process
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" --tensors --return-heap --gpus-per-task 1 --executor-per-gpu \
  io.sparkqa.job.TrainJob "$@"
