#!/usr/bin/env bash
# Windows fine-tune the model: see jobs/train.sh --help.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" io.sparkqa.job.TrainJob "$@"
