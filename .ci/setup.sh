# shellcheck shell=bash
# What run, run-tests and .ci/run share: the packages, the build, the words for what goes wrong. To be sourced; sets
# `root`, the repository. Nothing here changes the caller's folder, so file names given to ./run keep their meaning.
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
readonly root
readonly least_free_mb=1500  # a build of everything takes about two thirds of it

say() { printf '%s\n' "$*"; }

# The one line that says why nothing more is done.
fail() {
  printf 'vitrine: %s\n' "$*" >&2
  exit 1
}

has() { command -v "$1" > /dev/null 2>&1; }

listed_packages() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$root/third_party/debian-packages.txt"; }

# Of the packages given, those that are not installed.
missing_of() {
  local installed
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u)
  printf '%s\n' "$@" | sort -u | comm -23 - <(printf '%s\n' "$installed")
}

# apt-get as root; its complaints go to the file `complaints`, and what it does is shown on a terminal only.
apt() {
  local -a as_root=()
  if ((EUID != 0)); then
    has sudo || fail "installing needs root and there is no sudo; as root: apt-get install $wanted"
    as_root=(sudo)
    [[ -t 0 ]] || as_root+=(-n)  # nobody is there to type a password
  fi
  local -a command=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get -q --yes -o DPkg::Lock::Timeout=120 -o Dpkg::Progress-Fancy=1 "$@")
  if [[ -t 1 ]]; then
    "${command[@]}" < /dev/null 2> "$complaints"
  else
    "${command[@]}" < /dev/null > /dev/null 2> "$complaints"
  fi
}

# Installs what of "$@" is missing; says nothing when nothing is.
install_packages() {
  if ! has apt-get || ! has dpkg-query; then
    has c++ && has cmake && has ninja && return  # some other system; CMake finds out whether it has the libraries
    fail "this is not Debian or Ubuntu: please install what these packages hold: $*"
  fi
  local wanted complaints reason
  wanted=$(missing_of "$@" | paste -sd ' ')
  [[ -z $wanted ]] && return
  say "To build, run and test Vitrine these Debian packages are missing and will be installed: $wanted"
  complaints=$(mktemp)
  # shellcheck disable=SC2086 # one word a package
  if ! { apt update && apt install --no-install-recommends $wanted; }; then
    reason=$(grep -m 1 '^E:' "$complaints" || tail -n 1 "$complaints")
    rm -f "$complaints"
    [[ $reason != *etch* && $reason != *resolv* ]] || reason="is there a network? $reason"
    fail "$wanted could not be installed: ${reason:-apt-get gave no reason}"
  fi
  rm -f "$complaints"
}

free_mb() { df -Pm "$root" | awk 'NR == 2 { print $4 }'; }

# As many compilers at once as there are processors, and a gigabyte and a half of memory for each.
jobs_count() {
  local jobs by_memory
  jobs=$(nproc)
  by_memory=$(awk '/^MemAvailable/ { print int($2 / 1500000) }' /proc/meminfo)
  ((by_memory < jobs)) && jobs=$by_memory
  printf '%d\n' $((jobs > 0 ? jobs : 1))
}

use_ccache() {
  has ccache || return 0
  export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
  export CCACHE_SLOPPINESS=time_macros
  [[ -w ${HOME:-/nonexistent} ]] || export CCACHE_DIR=${CCACHE_DIR:-$root/build/ccache}
}

# build PRESET [TARGET...]: brings build/PRESET up to date; without a target, all of it.
build() {
  local preset=$1 folder=$root/build/$1
  shift
  local log=$folder-configure.log
  mkdir -p "$root/build" 2> /dev/null || true
  [[ -w $root/build ]] || fail "cannot write to $root/build"
  if [[ -f $folder/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    rm -rf "$folder"  # the repository was moved or copied: CMake refuses such a folder
  fi
  if [[ ! -f $folder/build.ninja ]] && (($(free_mb) < least_free_mb)); then
    fail "only $(free_mb) MB are free in $root, and a build needs $least_free_mb"
  fi
  use_ccache
  if ! (cd "$root" && cmake --preset "$preset") > "$log" 2>&1; then
    out_of_space
    fail "CMake cannot prepare the build: $(grep -A8 -m1 'CMake Error' "$log" | tr -s ' \n' ' ' | cut -c 1-300) (all of it: $log)"
  fi
  local -a targets=()
  (($# == 0)) || targets=(--target "$@")
  (cd "$root" && cmake --build --preset "$preset" --parallel "$(jobs_count)" "${targets[@]}") && return
  out_of_space
  fail "the build stopped at the first error above"
}

out_of_space() { (($(free_mb) > 20)) || fail "the disk is full: $(free_mb) MB are free in $root"; }

# run_tests PRESET [ARGUMENT OF CTEST...]
run_tests() {
  local preset=$1
  shift
  local -a progress=()
  [[ -t 1 ]] && progress=(--progress)
  (cd "$root" && ctest --preset "$preset" --parallel "$(nproc)" --no-label-summary \
    "${progress[@]}" "$@")
}
