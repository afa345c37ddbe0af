#!/usr/bin/env bash
# Checks that all a run needs is there: the built application, data and model: see jobs/check.sh --help.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" --brief --no-natives io.sparkqa.job.CheckJob "$@"
