import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { shellReason } from '../bed/reason.ts'

const TIMEOUT_MS = 60_000
const BUNDLE = 'dist/bundle/drover.js'
if (!existsSync(BUNDLE)) spawnSync(process.execPath, ['dist/scripts/bundle.js'])

/** A site to complete in, and `drover` on the path. */
function world(t: Test) {
  const dir = t.testdir({
    bin: {},
    site: {
      'drover.yaml': 'name: demo\n',
      'hosts.yaml': 'hosts:\n  "web[1-2]": { roles: [demo] }\n',
      roles: { demo: { 'role.yaml': 'resources: []\n' } },
    },
  })
  symlinkSync(join(process.cwd(), BUNDLE), join(dir, 'bin/drover'))
  const run = (argv: readonly [string, ...string[]]) => {
    const [program, ...args] = argv
    const env = {
      PATH: `${join(dir, 'bin')}:${process.env.PATH}`,
      HOME: dir,
      TERM: 'dumb',
      OUT: join(dir, 'out'),
    }
    const cwd = join(dir, 'site')
    return spawnSync(program, args, { encoding: 'utf8', env, cwd, timeout: TIMEOUT_MS })
  }
  return { dir, run }
}

t.test('fish completes with what the program says', { skip: shellReason('fish') ?? false }, async (t) => {
  const { dir, run } = world(t)
  const complete = (typed: string) => {
    const script = 'drover completion fish | source; complete --do-complete=$argv[1]'
    const { stdout, stderr } = run(['fish', '--no-config', '--command', script, '--', typed])
    t.equal(stderr, '')
    return stdout.split('\n').filter((line) => line !== '')
  }
  const words = (typed: string) => complete(typed).map((line) => line.split('\t')[0])
  t.same(words('drover loc'), ['local'])
  t.match(complete('drover loc')[0], /^local\t\S/, 'with what it is for')
  t.same(words('drover local plan --host '), ['web1', 'web2'])
  t.same(words('drover local plan '), ['roles/'], 'folders')
  t.same(words('drover compile "$(touch pwned)"'), [])
  t.same(words('drover compile (touch pwned)'), [])
  t.notOk(existsSync(join(dir, 'site/pwned')), 'nothing that is typed is evaluated')
})

/** A zsh that a person types into: what it offers goes to `$OUT`, the line that it makes of what was typed to `$OUT.line`. */
const TYPED = String.raw`
zmodload zsh/zpty
zpty typed zsh -f -i
zpty -w typed "source $HOME/set-up.zsh"
zpty -r -m typed line '*READY*'
zpty -w -n typed "$1"$'\t\a'
while zpty -r typed line; do :; done
`
const SET_UP = `
PROMPT=
fpath=($HOME/functions $fpath)
autoload -Uz compinit; compinit -u -D
[[ -e $HOME/functions/_drover ]] || eval "$(drover completion zsh)"
compadd() {
  if (( \${@[(I)-[OAD]]} )); then builtin compadd "$@"; return; fi
  local -a offered
  builtin compadd -O offered "$@"
  print -rl -- $offered >>$OUT
  builtin compadd "$@"
}
finish() { print -r -- "$BUFFER" >$OUT.line; exit }
zle -N finish; bindkey '^G' finish; bindkey '^I' complete-word
ready() { print READY }
zle -N zle-line-init ready
`

for (const how of ['sourced', 'in fpath'])
  t.test(
    `zsh completes with what the program says, ${how}`,
    { skip: shellReason('zsh') ?? false },
    async (t) => {
      const { dir, run } = world(t)
      writeFileSync(join(dir, 'set-up.zsh'), SET_UP)
      mkdirSync(join(dir, 'functions'))
      if (how === 'in fpath')
        writeFileSync(join(dir, 'functions/_drover'), run(['drover', 'completion', 'zsh']).stdout)
      const complete = (typed: string) => {
        writeFileSync(join(dir, 'out'), '')
        const { status, stderr } = run(['zsh', '-f', '-c', TYPED, 'zsh', typed])
        t.same([status, stderr], [0, ''])
        const offered = readFileSync(join(dir, 'out'), 'utf8').split('\n')
        return {
          offered: [...new Set(offered.filter((word) => word !== ''))].sort(),
          line: readFileSync(join(dir, 'out.line'), 'utf8'),
        }
      }
      t.same(complete('drover loc'), { offered: ['local'], line: 'drover local \n' })
      t.same(complete('drover local plan --host '), {
        offered: ['web1', 'web2'],
        line: 'drover local plan --host web\n',
      })
      t.equal(complete('drover local plan ro').line, 'drover local plan roles/\n', 'folders')
      t.same(complete('drover compile "$(touch pwned)"'), {
        offered: [],
        line: 'drover compile "$(touch pwned)"\n',
      })
      t.notOk(existsSync(join(dir, 'site/pwned')), 'nothing that is typed is evaluated')
    },
  )
