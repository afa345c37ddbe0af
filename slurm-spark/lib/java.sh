# shellcheck shell=bash
# Java on a compute node: the one there is, or the module. Sourced.

# Loads the module that SPARKQA_JAVA_MODULE names (java/17 without it) where there is no Java 17 or newer, but modules.
load_java() {
  local java="${JAVA_HOME:+$JAVA_HOME/bin/}java" profile
  if "$java" -version 2>&1 | grep -qE ' version "(1[7-9]|[2-9][0-9])'; then return; fi
  # a batch job's shell has not read what defines the command
  for profile in /etc/profile.d/{modules,lmod,z00_lmod}.sh; do
    # shellcheck disable=SC1090
    if ! command -v module >/dev/null && [ -r "$profile" ]; then . "$profile"; fi
  done
  if command -v module >/dev/null; then
    module load "${SPARKQA_JAVA_MODULE:-java/17}" ||
      fail "no Java 17 found, and module load ${SPARKQA_JAVA_MODULE:-java/17} fails: module spider java shows what there is; name it in SPARKQA_JAVA_MODULE."
  fi
}
