import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitFor } from '../test/bed/wait.ts'
import { BUNDLE, type Fleet, openFleet, setSecrets } from '../test/helpers/fleet.ts'

/**
 * The same where no hosts can be booted: a master and one agent on this machine, which looks and changes nothing.
 * Both keep their state in temporary folders.
 */

const WAIT_MS = 120_000
const say = (text: string) => process.stdout.write(`\n\x1b[1m${text}\x1b[0m\n`)
const put = (text: string) => process.stdout.write(text)

const state = mkdtempSync(join(tmpdir(), 'drover-agent-'))
const fleet = await openFleet('127.0.0.1')
try {
  await demonstrate(fleet)
} finally {
  await fleet.close()
  rmSync(state, { recursive: true, force: true })
}

async function demonstrate(fleet: Fleet): Promise<void> {
  say('1. A master serves the site in examples/community from SQLite, on the loopback of this machine.')
  await drover(['lint', fleet.site])
  await setSecrets(fleet)

  say('2. This machine joins as "list", and is told to look and change nothing before its agent starts.')
  const invited = await fleet.drover(['invite', 'list'])
  put('\n$ drover invite list | drover join --state STATE\n')
  await drover(['join', '--state', state], [0], invited.stdout)
  await drover(['pause', 'list', '--for', '1h', '--audit', '--why', 'only to look'])
  await drover(['assign', 'list', 'redirects'])

  const agent = spawn(process.execPath, [BUNDLE, 'agent', '--state', state], { stdio: 'ignore' })
  const over = once(agent, 'exit')
  try {
    say('3. Its agent runs as whoever you are. It looks when it has its catalog.')
    const looked = async () => (await counted()) || (agent.exitCode === null ? null : false)
    if (!(await waitFor(looked, { timeoutMs: WAIT_MS, everyMs: 250 })))
      throw new Error('the agent has not looked')
    await drover(['hosts'])

    say('4. What would change here? Without being root some of it can not be read, which is said.')
    // 2: changes are due; 4: something could not be read.
    await drover(['plan', 'list'], [2, 4, 6])
    await drover(['drift', '--diff', 'none'], [0, 2, 4, 6])
    say('Nothing was changed. As root on Debian "npm run demo" boots three hosts and does all of it.')
  } finally {
    agent.kill('SIGTERM')
    await over
  }
}

async function counted(): Promise<true | null> {
  const { stdout } = await fleet.drover(['runs', 'list', '--json'])
  return /"mode": ?"check"/.test(stdout) ? true : null
}

async function drover(words: readonly string[], codes: readonly number[] = [0], stdin = ''): Promise<void> {
  const shown = words.map((word) =>
    /\s/.test(word) ? `"${word}"` : word.replace(fleet.site, 'site').replace(state, 'STATE'),
  )
  if (stdin === '') put(`\n$ drover ${shown.join(' ')}\n`)
  const result = await fleet.drover(words, stdin)
  put(result.stderr + result.stdout)
  if (!codes.includes(result.code)) throw new Error(`drover ${shown.join(' ')} exited ${result.code}`)
}
