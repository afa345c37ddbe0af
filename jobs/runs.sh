#!/usr/bin/env bash
# Lists the runs of a folder, with scores and the settings that differ: see jobs/runs.sh --help.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" --plain io.sparkqa.job.RunsJob "$@"
