#!/usr/bin/env bash
# Cuts questions and contexts into windows of tokens with labels: see jobs/preprocess.sh --help.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" --no-network io.sparkqa.job.PreprocessJob "$@"
