#!/usr/bin/env bash
# Model and data set are brought from the HuggingFace Hub, on a machine with a network: see jobs/fetch.sh --help.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" io.sparkqa.job.FetchJob "$@"
