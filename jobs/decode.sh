#!/usr/bin/env bash
# The model answers the questions: see jobs/decode.sh --help.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" io.sparkqa.job.DecodeJob "$@"
