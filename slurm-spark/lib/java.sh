# shellcheck shell=bash
# Java on a compute node: the installed one, or a module. Sourced.

# Loads the module that SPARKQA_JAVA_MODULE names (default: java/17) where no Java 17 or newer is found.
load_java() {
  local java="${JAVA_HOME:+$JAVA_HOME/bin/}java" profile
  if "$java" -version 2>&1 | grep -qE ' version "(1[7-9]|[2-9][0-9])'; then return; fi
  # the shell of a batch job has not read the profile that defines the command
  for profile in /etc/profile.d/{modules,lmod,z00_lmod}.sh; do
    # shellcheck disable=SC1090
    if ! command -v module >/dev/null && [ -r "$profile" ]; then . "$profile"; fi
  done
  if command -v module >/dev/null; then
    module load "${SPARKQA_JAVA_MODULE:-java/17}" ||
      fail "no Java 17 found, and module load ${SPARKQA_JAVA_MODULE:-java/17} fails: module spider java lists the modules; set SPARKQA_JAVA_MODULE to one."
  fi
}
