#!/usr/bin/env bash
# Spark SQL over a run's tables: see jobs/sql.sh --help.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" io.sparkqa.job.SqlJob "$@"
