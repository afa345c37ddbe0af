#!/usr/bin/env bash
# Answers are measured as the official script does; takes that script's command line too: see jobs/evaluate.sh --help.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" io.sparkqa.job.EvaluateJob "$@"
