#!/usr/bin/env bash
# Answers the questions of any table with the model: see jobs/answer.sh --help.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" --tensors --gpus-per-task "${SPARKQA_GPU_SHARE:-1}" \
  io.sparkqa.job.AnswerJob "$@"
