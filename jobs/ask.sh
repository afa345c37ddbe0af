#!/usr/bin/env bash
# Answers questions about a text at the terminal: see jobs/ask.sh --help.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/submit" --plain --tensors io.sparkqa.job.AskJob "$@"
