// What `kubectl completion SHELL` prints: small scripts that ask `kubectl __complete`
// for the candidates at every TAB.
#pragma once

namespace drydock::kubectl {

inline constexpr const char* kBashCompletion =
    R"~(# bash completion for kubectl                                 -*- shell-script -*-
#
# Every TAB asks kubectl itself: `kubectl __complete WORD...` prints one candidate a line,
# a tab and a description behind it, and last ":N", a sum of
#   1 error, 2 no space behind the candidate, 4 no file names, 8 files by extension,
#   16 directories only, 32 keep the order.

__kubectl_get_completion_results()
{
    local line requested
    directive=0
    candidates=()
    requested=("${COMP_WORDS[@]:1:COMP_CWORD}")
    while IFS= read -r line; do
        case $line in
            :[0-9]*) directive=${line#:} ;;
            *) candidates+=("${line%%$'\t'*}") ;;
        esac
    done < <(kubectl __complete "${requested[@]}" 2>/dev/null)
}

__start_kubectl()
{
    local cur candidate directive
    local -a candidates
    COMPREPLY=()
    cur=${COMP_WORDS[COMP_CWORD]}
    __kubectl_get_completion_results
    if (( (directive & 1) != 0 )); then
        return
    fi
    # Of --flag=value only the value is completed.
    if [[ $cur == -*=* ]]; then
        cur=${cur#*=}
    elif [[ $cur == = ]]; then
        cur=
    fi
    if (( (directive & 2) != 0 )); then
        compopt -o nospace
    fi
    if (( (directive & 4) != 0 )); then
        compopt +o default
    fi
    for candidate in "${candidates[@]}"; do
        if [[ $candidate == "$cur"* ]]; then
            COMPREPLY+=("$candidate")
        fi
    done
}

if [[ $(type -t compopt) = "builtin" ]]; then
    complete -o default -F __start_kubectl kubectl
else
    complete -o default -o nospace -F __start_kubectl kubectl
fi

# ex: ts=4 sw=4 et filetype=sh
)~";

inline constexpr const char* kZshCompletion = R"~(#compdef kubectl
compdef _kubectl kubectl

# zsh completion for kubectl                              -*- shell-script -*-

_kubectl()
{
    local line directive=0
    local -a requested candidates
    requested=("${words[@]:1:$((CURRENT-1))}")
    while IFS= read -r line; do
        case $line in
            :[0-9]*) directive=${line#:} ;;
            *) candidates+=("${${line//:/\\:}/$'\t'/:}") ;;
        esac
    done < <(kubectl __complete "${requested[@]}" 2>/dev/null)
    if (( (directive & 1) != 0 )); then
        return
    fi
    if [[ ${words[CURRENT]} == -*=* ]]; then
        compset -P '*='
    fi
    if (( (directive & 2) != 0 )); then
        _describe -V 'completions' candidates -S ''
    else
        _describe -V 'completions' candidates
    fi
    if (( $? != 0 && (directive & 4) == 0 )); then
        _files
    fi
}

# don't run the completion function when being source-ed or eval-ed
if [ "$funcstack[1]" = "_kubectl" ]; then
    _kubectl
fi
)~";

inline constexpr const char* kFishCompletion =
    R"~(# fish completion for kubectl                               -*- shell-script -*-

function __kubectl_candidates
    set -l requested (commandline -opc)[2..] (commandline -ct)
    for line in (kubectl __complete $requested 2>/dev/null)
        string match -qr '^:[0-9]+$' -- $line; or echo $line
    end
end

complete -c kubectl -e
complete -c kubectl -f -a '(__kubectl_candidates)'
)~";

inline constexpr const char* kPowerShellCompletion =
    R"~(# powershell completion for kubectl                         -*- shell-script -*-

Register-ArgumentCompleter -Native -CommandName 'kubectl' -ScriptBlock {
    param($WordToComplete, $CommandAst, $CursorPosition)
    $words = @($CommandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    if ($WordToComplete -eq '') { $words += '""' }
    $lines = & kubectl __complete @words 2>$null
    foreach ($line in $lines) {
        if ($line -match '^:\d+$') { continue }
        $name, $description = $line -split "`t", 2
        if (-not $description) { $description = $name }
        [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $description)
    }
}
)~";

}  // namespace drydock::kubectl
