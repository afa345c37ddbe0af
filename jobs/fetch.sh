#!/usr/bin/env bash
# Downloads model and data set from the HuggingFace Hub, on a machine with a network: see jobs/fetch.sh --help.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" --brief io.sparkqa.job.FetchJob "$@"
