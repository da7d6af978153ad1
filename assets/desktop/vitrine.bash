# Completion of vitrine for bash. Labs, presets, cards and data sets are asked of the program itself; each option
# stands here and in the program's --help, and tests/cli/completion_test.sh compares the two.
# shellcheck shell=bash

# _vitrine_options SUBCOMMAND: its options, a word each.
_vitrine_options() {
  case $1 in
    "") echo --lab --fresh --quit-after --version --help ;;
    compute) echo --list --help ;;
    train) echo --preset --out --resume --print-config --set --describe --json --force --help ;;
    sweep) echo --out --resume --set --threads --force --json --range-test --preset --help ;;
    data) echo --to --mirror --path --count --seed --out --help ;;
    eval) echo --json --out --data --worst --threads --help ;;
    lesson) echo --question --seed --help ;;
    shot)
      echo --list --lab --preset --open --at --size --scale --theme --presenter --card --lesson --step --answer \
        --out --help
      ;;
    export)
      echo --list --lab --state --preset --open --at --size --scale --theme --frame --transparent --numbers --seconds \
        --fps --run --out --help
      ;;
  esac
}

# _vitrine_lines WORD: of the lines of standard input those that begin with it, with what a shell needs before blanks.
_vitrine_lines() {
  local line
  while IFS= read -r line; do
    [[ $line == "$1"* ]] && COMPREPLY+=("$(printf '%q' "$line")")
  done
}

_vitrine_files() {
  compopt -o filenames
  mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_vitrine_folders() {
  compopt -o filenames
  mapfile -t COMPREPLY < <(compgen -d -- "$1")
}

_vitrine() {
  local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local subcommand="" lab="" words="" i
  COMPREPLY=()
  if ((COMP_CWORD > 1)); then
    case ${COMP_WORDS[1]} in
      compute | train | sweep | data | eval | lesson | shot | export) subcommand=${COMP_WORDS[1]} ;;
    esac
  fi
  for ((i = 1; i < COMP_CWORD - 1; ++i)); do
    [[ ${COMP_WORDS[i]} == --lab ]] && lab=${COMP_WORDS[i + 1]}
  done

  local place=$subcommand,$before
  [[ $word == -* && $before != -* ]] && place=option
  case $place in
    *,--lab) words=$("$program" shot --list 2> /dev/null | cut -d ' ' -f 1) ;;
    shot,--preset | export,--preset)
      _vitrine_lines "$word" < <("$program" shot --lab "$lab" --list 2> /dev/null)
      ((${#COMPREPLY[@]} > 0)) || _vitrine_files "$word"
      return
      ;;
    *,--preset | *,--print-config) words="homework homework-wide homework-fine demo cnn mlp" ;;
    *,--theme) words="dark light" ;;
    *,--card) words=$("$program" lesson list 2> /dev/null | sed -n 's/^card [^ ]*  \([^:]*\):.*/\1/p') ;;
    *,--lesson) words=$("$program" lesson list 2> /dev/null | sed -n 's/^lesson [^ ]*  \([^:]*\):.*/\1/p') ;;
    eval,--data | data,fetch | data,show) words=$("$program" data list 2> /dev/null | cut -d ' ' -f 1) ;;
    *,--resume | *,--run | *,--to | *,--path | train,--out | sweep,--out | eval,--out) _vitrine_folders "$word" && return ;;
    *,--at | *,--size | *,--scale | *,--step | *,--answer | *,--numbers | *,--seconds | *,--fps | *,--set | *,--threads | \
      *,--quit-after | *,--mirror | *,--count | *,--seed | *,--worst | *,--question)
      return
      ;;
    *,--open | *,--state | *,--out) _vitrine_files "$word" && return ;;
    data,data) words="list fetch show --help" ;;
    lesson,lesson) words="check list grade --help" ;;
    lesson,grade) words=$("$program" lesson list 2> /dev/null | sed -n 's/^card [^ ]*  \([^:]*\):.*/\1/p') ;;
    *)
      if [[ $word == -* ]]; then
        words=$(_vitrine_options "$subcommand")
      else
        _vitrine_files "$word"
        ((COMP_CWORD == 1)) || return 0
        words="compute train sweep data eval lesson shot export"
      fi
      ;;
  esac
  local -a matching
  mapfile -t matching < <(compgen -W "$words" -- "$word")
  COMPREPLY+=("${matching[@]}")
}

complete -F _vitrine vitrine
