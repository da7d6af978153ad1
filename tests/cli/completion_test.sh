#!/usr/bin/env bash
# Whatever option the program's own help names is offered by the completions and explained by the manual page, and what
# they offer beyond it is an option of a subcommand that this build leaves out.
# Usage: completion_test.sh PROGRAM REPOSITORY
set -euo pipefail
program=$1 root=$2
readonly manual=$root/docs/vitrine.1 zsh=$root/assets/desktop/_vitrine
wrong=0

complain() {
  printf 'completion_test: %s\n' "$*" >&2
  wrong=1
}

# The options in a text, one a line, each once; those of other subcommands, "vitrine shot --list", are left out.
options_in() {
  sed -E "s/vitrine ($1)( [a-z.]+)? --/vitrine \1 /g" | grep -oE -- '--[a-z][a-z-]+' | sort -u || true
}

# A completion as the shell asks for it: the words of the line, the last of them incomplete.
completed() {
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  COMPREPLY=()
  compopt() { :; } # there is no line to be edited
  _vitrine
  printf '%s\n' "${COMPREPLY[@]}"
}

# The manual page's part about a subcommand, as plain hyphens.
manual_part() {
  awk -v part="$1" '/^\.S[SH]/ { inside = part == "" ? $0 == ".SH OPTIONS" : index($0 " ", ".SS vitrine " part " ") == 1 } inside' "$manual" |
    sed 's/\\-/-/g'
}

# The body of a function of the completion for zsh, without what stands in brackets.
zsh_part() {
  awk -v name="$1() {" '$0 == name { inside = 1 } inside { print } inside && $0 == "}" { exit }' "$zsh" | sed 's/\[[^]]*\]//g'
}

# lacks WHERE LIST OPTION...
lacks() {
  local where=$1 list=$2 option
  shift 2
  for option in "$@"; do
    grep -qxF -- "$option" <<< "$list" || complain "$where lacks $option"
  done
}

# compare NAME OPTION...: the three against the options of a subcommand; an empty name is the window.
compare() {
  local name=$1 bash_list zsh_list manual_list zsh_name=_vitrine${1:+_$1}
  shift
  [[ $name != data ]] || zsh_name=_vitrine_data_command
  bash_list=$(completed vitrine ${name:+"$name"} --)
  zsh_list=$(zsh_part "$zsh_name" | options_in none)
  manual_list=$(manual_part "$name" | options_in "${others:-none}")
  lacks "the bash completion of vitrine $name" "$bash_list" "$@"
  lacks "the zsh completion of vitrine $name" "$zsh_list" "$@"
  lacks "the manual page's part on vitrine $name" "$manual_list" "$@"
  local known
  known=$(printf '%s\n' "$@" --help)
  # shellcheck disable=SC2046 # one word an option
  lacks "the help of vitrine $name" "$known" $(printf '%s\n%s\n%s\n' "$bash_list" "$zsh_list" "$manual_list" | sort -u)
}

# shellcheck source=assets/desktop/vitrine.bash
source "$root/assets/desktop/vitrine.bash"

usage=$("$program" --help)
mapfile -t subcommands < <(sed -nE 's/^  vitrine ([a-z]+) .*/\1/p' <<< "$usage")
((${#subcommands[@]} >= 7)) || complain "the program's help names only ${#subcommands[@]} subcommands"

others=$(IFS='|' && printf '%s' "${subcommands[*]}")
mapfile -t found < <(sed -nE 's/^  (--.*)/\1/p' <<< "$usage" | options_in "$others")
compare "" "${found[@]}"
for name in "${subcommands[@]}"; do
  grep -qxF -- "$name" <<< "$(cd / && completed vitrine "${name:0:2}")" || complain "the bash completion lacks $name"
  grep -qE "^    '$name:" "$zsh" || complain "the zsh completion lacks $name"
  if ! help=$("$program" "$name" --help 2>&1); then
    [[ $name == shot || $name == export ]] && continue # a build without a window has neither
    complain "vitrine $name --help fails: $help"
  fi
  others=$(printf '%s\n' "${subcommands[@]}" | grep -vx "$name" | paste -sd '|')
  mapfile -t found < <(options_in "$others" <<< "$help")
  ((${#found[@]} > 0)) || complain "the help of vitrine $name names no option"
  compare "$name" "${found[@]}"
done

presets=$("$program" train --preset none 2>&1 | sed -n 's/.*there are //p' | tr -d ',' || true)
[[ $(completed vitrine train --preset "" | paste -sd ' ') == "$presets" ]] || complain "the presets of training are $presets"
grep -qF "compadd $presets }" "$zsh" || complain "the zsh completion has other presets than $presets"
grep -qxF digits <<< "$(completed "$program" data show d)" || complain "no data set is completed"
grep -qxF moving-average <<< "$(completed "$program" lesson grade mov)" || complain "no card is completed"
if "$program" shot --list > /dev/null 2>&1; then
  grep -qxF sliding-window <<< "$(completed "$program" shot --lab sli)" || complain "no lab is completed"
  # shellcheck disable=SC1003 # the backslash is what the shell needs before a blank
  grep -qxF 'Edge\ detector' <<< "$(completed "$program" shot --lab sliding-window --preset E)" || complain "no preset is completed"
fi
((wrong == 0)) && echo "completion_test: passed"
