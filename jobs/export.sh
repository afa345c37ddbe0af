#!/usr/bin/env bash
# Writes a model to one file for other programs: see jobs/export.sh --help.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" --plain --no-natives io.sparkqa.job.ExportJob "$@"
