#!/usr/bin/env bash
# Scores the answers as the official script does, and accepts its command line too: see jobs/evaluate.sh --help.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" --brief --no-natives io.sparkqa.job.EvaluateJob "$@"
