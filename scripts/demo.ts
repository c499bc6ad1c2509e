import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Host, openBed } from '../test/bed/bed.ts'
import { waitFor } from '../test/bed/wait.ts'
import { type Fleet, installAgent, letIn, openFleet, setSecrets } from '../test/helpers/fleet.ts'

/**
 * Shows a master and three real hosts, in plain words, with the real commands and what they print. Fails when
 * something is not as it says.
 */

const WAIT_MS = 120_000
const REDIRECTS = '/etc/nginx/conf.d/redirects.conf'
const UNIT = '/etc/systemd/system/events.service'
const say = (text: string) => process.stdout.write(`\n\x1b[1m${text}\x1b[0m\n`)
const put = (text: string) => process.stdout.write(text)
const started = performance.now()

const bed = await openBed()
let fleet: Fleet | null = null
try {
  const hosts = await Promise.all(['db', 'web', 'list'].map((name) => bed.host({ name })))
  fleet = await openFleet()
  await demonstrate(fleet, hosts)
  const seconds = Math.round((performance.now() - started) / 1000)
  say(
    `That was all, in ${seconds} s. Hosts and master are taken away now. README.md has the tour to try it yourself.`,
  )
} finally {
  await fleet?.close()
  await bed.close()
}

async function demonstrate(fleet: Fleet, hosts: readonly Host[]): Promise<void> {
  const [, web, list] = hosts as [Host, Host, Host]
  say('1. A master serves the site in examples/community from SQLite. Three Debian hosts have booted.')
  await drover(fleet, ['lint', fleet.site])
  await setSecrets(fleet)
  await drover(fleet, ['secret', 'list', '--site', fleet.site])

  say(
    '2. Each host joins by an invitation: one line, once, for half an hour. What is piped here is as good as a password.',
  )
  await Promise.all(hosts.map(installAgent))
  for (const host of hosts) {
    put(`\n$ drover invite ${host.name} | ssh root@${host.name} drover join\n${await letIn(fleet, host)}`)
  }

  say('3. They are new, so they shall look and change nothing by themselves. Then each is given its role.')
  const why = ['--for', '1h', '--audit', '--why', 'new here']
  for (const { name } of hosts) await drover(fleet, ['pause', name, ...why])
  await drover(fleet, ['assign', 'db', 'database'])
  await drover(fleet, ['assign', 'web', 'events'])
  await drover(fleet, ['assign', 'list', 'redirects'])

  say(
    '4. What would change? The hosts themselves look. Nothing is touched; exit code 2 says that changes are due.',
  )
  await drover(fleet, ['plan', 'list', '--diff', 'none'], 2)
  const planned = await drover(fleet, ['plan', '--all', '--summary'], 2)

  say('5. Exactly this is applied to all three at once. apt installs PostgreSQL, Django and nginx.')
  const fingerprint = /--plan (\S+)/.exec(planned)?.[1] ?? ''
  await drover(fleet, ['apply', '--plan', fingerprint, '--summary'])

  say('6. From now on they keep themselves so. Once more: everything is in order, so nothing is done.')
  for (const { name } of hosts) await drover(fleet, ['resume', name])
  await drover(fleet, ['apply', '--all', '--yes'])
  await drover(fleet, ['hosts'])

  say('7. The page on web shows rows of the database on db.')
  await page(web)

  say(
    '8. Somebody edits a file on web by hand. Its agent hears that, and puts it back with the restart that this needs.',
  )
  const good = await web.read(UNIT)
  const edit = () => web.must(['sed', '-i', 's/--workers 2/--workers 9/', UNIT])
  const isBack = async () => ((await web.read(UNIT)) === good ? true : null)
  await edit()
  await waited('the file is back', isBack)
  await drover(fleet, ['apply', 'web', '--yes'])
  await drover(fleet, ['runs', 'web', '--limit', '3'])
  await page(web)

  say(
    '9. While somebody works on web it is in audit: what differs is told, with what it is and should be, and left.',
  )
  await drover(fleet, ['pause', 'web', ...why])
  await edit()
  await drover(fleet, ['plan', 'web', '--summary'], 2)
  await drover(fleet, ['drift'], 2)
  await drover(fleet, ['resume', 'web'])
  await waited('the file is back', isBack)

  await cutOff(fleet, list)
}

async function cutOff(fleet: Fleet, list: Host): Promise<void> {
  say(
    '10. The cable of list is pulled, its agent stopped, its redirects spoilt, and it reboots. There is no master to be asked.',
  )
  await list.connect(false)
  const good = await list.read(REDIRECTS)
  await list.must(['systemctl', 'stop', 'drover-agent.service'])
  await list.hurt.append(REDIRECTS)
  await list.reboot()
  const isBack = async () => ((await list.read(REDIRECTS)) === good ? true : null)
  await waited('the file is back', isBack)
  put(`\nlist# tail -n 2 ${REDIRECTS}\n${good.split('\n').slice(-3).join('\n')}`)
  say(
    '    Its agent has put it back all the same, from the catalog that it keeps. The master knows nothing of it yet:',
  )
  await drover(fleet, ['runs', 'list', '--limit', '3'])

  say('11. The cable is back, and so is what the host did meanwhile: delivered once.')
  await list.connect(true)
  const delivered = async () => {
    const { stdout } = await fleet.drover(['runs', 'list', '--limit', '5', '--json'])
    return /"trigger": ?"boot"/.test(stdout) ? true : null
  }
  await waited('the report is delivered', delivered)
  await drover(fleet, ['runs', 'list', '--limit', '3'])
  await drover(fleet, ['hosts'])
}

async function waited(what: string, ask: () => Promise<true | null>): Promise<void> {
  const start = performance.now()
  const done = await waitFor(ask, { timeoutMs: WAIT_MS, everyMs: 250 })
  if (done === null) throw new Error(`not within ${WAIT_MS / 1000} s: ${what}`)
  put(`(${what}, after ${((performance.now() - start) / 1000).toFixed(1)} s)\n`)
}

async function page({ address }: Host): Promise<void> {
  const body = await new Promise<string>((done, fail) => {
    const asked = get(
      { host: address, headers: { host: 'web' } },
      (answer) => void text(answer).then(done, fail),
    )
    asked.on('error', fail)
  })
  put(`\n$ curl http://web/\n${body}`)
  if (!body.includes('Repair café')) throw new Error('the page does not show the rows of the database')
}

/** Runs a verb as a person would, and shows what it prints. */
async function drover(fleet: Fleet, words: readonly string[], code = 0): Promise<string> {
  const shown = words.map((word) => (/\s/.test(word) ? `"${word}"` : word.replace(fleet.site, 'site')))
  put(`\n$ drover ${shown.join(' ')}\n`)
  const result = await fleet.drover(process.stdout.isTTY ? ['--color', 'always', ...words] : words)
  put(result.stderr + result.stdout)
  if (result.code !== code) {
    put(fleet.log())
    throw new Error(`drover ${words.join(' ')} exited ${result.code}, not ${code}`)
  }
  return result.stdout
}
