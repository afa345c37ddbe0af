#!/usr/bin/env bash
# Runs Spark SQL over the tables of a run: see jobs/sql.sh --help.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" --brief io.sparkqa.job.SqlJob "$@"
