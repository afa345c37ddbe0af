#!/usr/bin/env bash
# Shows a run, or several, on one page: see jobs/report.sh --help.
# Arrow, which holds the windows, reaches into java.nio.
export SPARK_SUBMIT_OPTS="--add-opens=java.base/java.nio=ALL-UNNAMED ${SPARK_SUBMIT_OPTS:-}"
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" --plain io.sparkqa.job.ReportJob "$@"
