import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { readSite } from '../../master/site/read.ts'
import type { Context } from '../context.ts'
import { escapeText } from '../escape.ts'
import { EXIT } from '../exit.ts'
import type { Environment, Print } from '../print.ts'
import { type Known, suggest } from '../suggest.ts'

/** `drover completion`: the script of a shell, which asks `drover complete` for what could come next. */
export async function completion({ print }: Context, shell: string): Promise<number> {
  print.raw(SCRIPTS[shell] ?? '')
  return EXIT.done
}

/** `drover complete -- WORDS`: what could come next. The first line says what else the shell may complete. */
export async function complete(
  program: Command,
  words: readonly string[],
  print: Print,
  env: Environment,
): Promise<void> {
  const { kind, words: found } = suggest(program, words, await knownTo(program, words, env))
  const lines = found.map(({ word, description }) => `${escapeText(word)}\t${escapeText(description)}`)
  print.raw(`${[kind, ...lines].join('\n')}\n`)
}

/** Names of hosts and roles, from the master where the verb asks it, else from a site that is named or one is in. */
async function knownTo(program: Command, words: readonly string[], env: Environment): Promise<Known> {
  const verb = program.commands.find((one) => one.name() === words[0])
  const asks = verb?.options.some(({ long }) => long === '--socket') && !words.includes('--commit')
  if (!asks) return namesOfSite(words)
  const { namesOfMaster } = await import('../known-names.ts')
  const socket = words[words.indexOf('--socket') + 1]
  return namesOfMaster(words.includes('--socket') && socket ? { socket } : {}, env)
}

async function namesOfSite(words: readonly string[]): Promise<Known> {
  const dir = ['.', ...words].findLast((word) => word !== '' && existsSync(join(word, 'drover.yaml')))
  if (dir === undefined) return { hosts: new Map(), roles: new Map() }
  const { site } = await readSite(dir)
  const hosts = [...site.hosts].map(
    ([name, { roles }]) => [name, roles.map((role) => role.name).join(' ')] as const,
  )
  const roles = [...site.roles].map(([name, { description }]) => [name, description ?? ''] as const)
  return { hosts: new Map(hosts), roles: new Map(roles) }
}

// Words go over as they are and come back line by line: nothing that was typed is ever evaluated.
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# bash completion for drover
_drover() {
  local kind word
  COMPREPLY=()
  {
    read -r kind
    while IFS=$'\\t' read -r word _; do COMPREPLY+=("$word"); done
  } < <(drover complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  case $kind in
    files) compopt -o default ;;
    folders) compopt -o dirnames ;;
  esac
}
complete -F _drover drover
`,
  zsh: `#compdef drover
_drover() {
  local kind line
  local -a lines found
  lines=("\${(@f)$(drover complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  kind=\${lines[1]}
  for line in "\${(@)lines[2,-1]}"; do found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}"); done
  (( $#found )) && _describe drover found
  case $kind in
    files) _files ;;
    folders) _files -/ ;;
  esac
}
# In fpath this file is the function itself; sourced, it registers it.
if [ "$funcstack[1]" = _drover ]; then _drover "$@"; else compdef _drover drover; fi
`,
  fish: `# fish completion for drover
function __drover_complete
  set -l words (commandline --tokenize --cut-at-cursor --current-process) (commandline --current-token --cut-at-cursor)
  set -l lines (drover complete -- $words[2..-1] 2>/dev/null)
  test (count $lines) -gt 1; and printf '%s\\n' $lines[2..-1]
  switch "$lines[1]"
    case files
      __fish_complete_path $words[-1]
    case folders
      __fish_complete_directories $words[-1]
  end
end
complete --command drover --no-files --arguments '(__drover_complete)'
`,
}
