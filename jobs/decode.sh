#!/usr/bin/env bash
# Answers the questions with the model: see jobs/decode.sh --help.
# tasks share a GPU: a cluster's script exports the share of each
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" --tensors --gpus-per-task "${SPARKQA_GPU_SHARE:-1}" \
  io.sparkqa.job.DecodeJob "$@"
