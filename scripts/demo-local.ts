import { openBed } from '../test/bed/bed.ts'
import type { Host } from '../test/bed/host.ts'

/** Shows on two real hosts, in plain words, what drover does. Fails when something is not as it says. */

const SITE = '/opt/drover/examples/site'
const say = (text: string) => process.stdout.write(`\n\x1b[1m${text}\x1b[0m\n`)
const started = performance.now()

const bed = await openBed()
try {
  await demonstrate()
  const seconds = Math.round((performance.now() - started) / 1000)
  say(
    `That was all, in ${seconds} s. The hosts are taken down now. README.md has the tour to try it yourself.`,
  )
} finally {
  await bed.close()
}

async function demonstrate(): Promise<void> {
  say('1. Two Debian hosts boot, each with a systemd of its own.')
  const [web, jobs] = await Promise.all([bed.host({ name: 'web1' }), bed.host({ name: 'jobs1' })])

  say('2. The site in examples/site says what they should be. It is checked without touching a host.')
  await drover(web, ['lint', SITE], 0)

  say('3. What would change on web1? Nothing is touched; exit code 2 says that changes are due.')
  await drover(web, ['local', 'plan', SITE], 2)

  say('4. Both hosts are converged.')
  for (const host of [web, jobs]) await drover(host, ['local', 'apply', SITE, '--yes', '--summary'], 0)

  say('5. Once more: everything is in order, so nothing is done.')
  for (const host of [web, jobs]) await drover(host, ['local', 'apply', SITE, '--yes'], 0)

  say('6. Somebody edits a file, stops nginx and hides the page.')
  await web.must(['sed', '-i', 's/listen 80/listen 8080/', '/etc/nginx/sites-available/www'])
  await web.must(['systemctl', 'stop', 'nginx.service'])
  await web.must(['chmod', '0600', '/srv/www/index.html'])

  say('7. The plan finds these three, with what they are and what they should be.')
  await drover(web, ['local', 'plan', SITE], 2)

  say('8. They are put back.')
  await drover(web, ['local', 'apply', SITE, '--yes'], 0)

  say('9. And nothing is left to be done.')
  await drover(web, ['local', 'plan', SITE], 0)
}

/** Runs drover in a host as a person would, and shows what it prints. */
async function drover(host: Host, words: readonly string[], code: number): Promise<void> {
  process.stdout.write(`\n${host.name}# drover ${words.join(' ')}\n`)
  const env = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}
  const result = await host.exec(['drover', ...words], { timeoutMs: 300_000, env })
  process.stdout.write(result.stdout + result.stderr)
  if (result.code !== code)
    throw new Error(`drover ${words.join(' ')} on ${host.name} exited ${result.code}, not ${code}`)
}
