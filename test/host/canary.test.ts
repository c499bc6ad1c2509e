import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bedReason, openBed } from '../bed/bed.ts'
import { installAgent, openFleet } from '../helpers/fleet.ts'
import { writeSite } from '../master/write-site.ts'

/** Secrets of every shape that could slip through: each of their lines is looked for by itself. */
const VALUES: Readonly<Record<string, string>> = {
  'app/plain': 'kanarie-Eins-4711',
  'app/odd': "kan\"arie %s \\ 'Zwei' <&> 0815",
  'app/lines': '-----BEGIN KANARIE-----\nZeileDreiVonVier77\nböse-Zeile-äöü-99\n-----END KANARIE-----',
  'app/hash':
    '$6$kanariesalz$Hk5vJ8aQ0oXbVqfJm9yq2m7dE1l4cYwFh0uZr3sT6pN8gB5xK2jL7iO9eA4wC1vM6nQ3rS8tU5yX2zD7fG0hJ1',
}

const ROLE = `resources:
  - file: /etc/app.env
    content: |
      PLAIN={{ secret('app/plain') }}
      ODD={{ secret('app/odd') }}
      {{ secret('app/lines') }}
    mode: "0600"
  - file: /etc/refused.conf
    content: "password {{ secret('app/plain') }}\\n{{ secret('app/lines') }}"
    mode: "0600"
    validate: sh /etc/loud %s
    needs: [file:/etc/loud]
  - file: /etc/loud
    content: |
      cat "$1" >&2
      cat "$1"
      exit 1
  - user: app
    password: "{{ secret('app/hash') }}"
  - command: takes it
    argv: [cat]
    stdin: "{{ secret('app/odd') }}"
  - command: repeats it and fails
    argv: [sh, /etc/echo]
    stdin: "{{ secret('app/plain') }} {{ secret('app/odd') }}"
    needs: [file:/etc/echo]
  - file: /etc/echo
    content: |
      tee /dev/stderr
      exit 3
`

/** Each way in which a value could stand somewhere. */
function forms(value: string): Map<string, Buffer> {
  const parts = new Set([value, ...value.split('\n')].filter((part) => part.length >= 8))
  const found = new Map<string, Buffer>()
  for (const part of parts) {
    const bytes = Buffer.from(part)
    found.set(`${part} as it is`, bytes)
    found.set(`${part} in JSON`, Buffer.from(JSON.stringify(part).slice(1, -1)))
    found.set(`${part} in hexadecimal`, Buffer.from(bytes.toString('hex')))
    found.set(`${part} in a URL`, Buffer.from(encodeURIComponent(part)))
    found.set(`${part} in UTF-16`, Buffer.from(part, 'utf16le'))
    for (const shift of [0, 1, 2]) {
      // Without the characters that what stands before and behind has a part in.
      const text = Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64')
        .replace(/=+$/, '')
      found.set(
        `${part} in base64`.concat(' ', String(shift)),
        Buffer.from(text.slice(shift === 0 ? 0 : 4, -2)),
      )
    }
  }
  return found
}

const FORMS = new Map(Object.values(VALUES).flatMap((value) => [...forms(value)]))
const shownIn = (bytes: Buffer) => [...FORMS].filter(([, form]) => bytes.includes(form)).map(([what]) => what)

function* filesBelow(dir: string): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile()) yield path
  }
}

/** Looks at the arguments and environment of every process, again and again. */
function watchProcesses() {
  const seen = new Set<string>()
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      for (const what of ['cmdline', 'environ']) {
        try {
          for (const form of shownIn(readFileSync(`/proc/${pid}/${what}`))) seen.add(`${what}: ${form}`)
        } catch {
          // It has ended.
        }
      }
    }
  }, 20)
  return {
    seen,
    end: () => clearInterval(timer),
  }
}

t.test(
  'no secret is seen anywhere but where it belongs',
  { skip: bedReason() ?? false, timeout: 600_000 },
  async (t) => {
    const dir = t.testdir()
    const site = join(dir, 'site')
    writeSite(site, {
      'drover.yaml': 'name: canary\n',
      'hosts.yaml': 'hosts:\n  h: { roles: [app] }\n',
      'roles/app/role.yaml': ROLE,
    })
    mkdirSync(join(site, 'secrets'))
    const bed = await openBed(t)
    const host = await bed.host({ name: 'h' })
    const fleet = await openFleet(undefined, site)
    t.teardown(() => fleet.close())
    const processes = watchProcesses()
    t.teardown(() => processes.end())
    const said: string[] = []
    const drover = async (...words: string[]) => {
      const { stdout, stderr } = await fleet.drover(words)
      said.push(stdout, stderr)
      return stdout
    }

    copyFileSync(join(fleet.state, 'secrets.recipient'), join(fleet.site, 'secrets', 'recipients.txt'))
    for (const [name, value] of Object.entries(VALUES)) {
      const { code, stderr } = await fleet.drover(['secret', 'set', name, '--site', fleet.site], value)
      t.equal(code, 0, stderr)
    }
    await drover('lint', fleet.site)
    await installAgent(host)
    const invited = await fleet.drover(['invite', 'h'])
    const words = ['/usr/local/bin/node', '/opt/drover/dist/bundle/drover.js', 'join', '--token-file', '-']
    await host.must(words, { stdin: invited.stdout })
    await host.must(['systemctl', 'start', 'drover-agent.service'])
    const runs = await untilRun(drover)

    await t.test('the secrets have come to where they belong', async (t) => {
      const text = await host.read('/etc/app.env')
      t.match(text, VALUES['app/plain'])
      t.ok(text.includes(VALUES['app/lines'] ?? '?'))
      t.ok((await host.read('/etc/shadow')).includes(VALUES['app/hash'] ?? '?'))
      t.ok(shownIn(Buffer.from(text)).length > 0, 'this search would find them')
      t.notOk((await host.exec(['test', '-e', '/etc/refused.conf'])).code === 0)
    })

    // In enforce mode it would be put back before anybody can look.
    await drover('pause', 'h', '--for', '1h', '--audit', '--why', 'to look')
    await host.must(['sh', '-c', 'echo broken > /etc/app.env'])
    await drover('plan', 'h', '-o', 'wide', '--diff', 'full')
    await drover('plan', 'h', '--json')
    await drover('drift', 'h', '--json')
    t.match(await drover('rehearse', 'h', '--all', '--diff', 'full'), '~ /etc/app.env')
    await drover('rehearse', 'h', '--json')
    await drover('apply', 'h', '--yes', '-o', 'wide', '--diff', 'full')
    await drover('apply', 'h', '--yes', '--json')
    for (const verb of [
      ['hosts'],
      ['show', 'h'],
      ['facts', 'h'],
      ['drift'],
      ['runs', 'h'],
      ['history', 'h'],
      ['audit'],
      ['doctor'],
    ]) {
      await drover(...verb)
      await drover(...verb, '--json')
    }
    for (const id of runs) await drover('run', id, '--json')
    const copy = join(dir, 'backup')
    await drover('backup', copy)
    processes.end()

    await t.test('what was said shows none', async (t) => {
      t.match(said.join('\n'), /file:\/etc\/app\.env/, 'it speaks of the file')
      t.match(said.join('\n'), /‹secret:app\/plain›/, 'and of a secret that a program has told')
      t.strictSame(shownIn(Buffer.from(said.join('\n'))), [])
    })
    await t.test('no process was given one by its arguments or environment', async (t) => {
      t.strictSame([...processes.seen], [])
    })
    await t.test('the master keeps none: store, log of writes, backup, its own log', async (t) => {
      const paths = [...filesBelow(fleet.state), copy]
      t.ok(paths.some((path) => path.endsWith('master.db')))
      for (const path of paths) t.strictSame(shownIn(readFileSync(path)), [], path)
      t.strictSame(shownIn(Buffer.from(fleet.log())), [])
    })
    await t.test('the host keeps none beside: agent state, journal, temporary files', async (t) => {
      await host.must(['journalctl', '--flush'])
      for (const folder of ['var/lib/drover', 'var/log', 'tmp', 'var/tmp', 'run/log']) {
        const below = join(host.root, folder)
        for (const path of existsSync(below) ? filesBelow(below) : [])
          t.strictSame(shownIn(readFileSync(path)), [], path)
      }
      t.ok(existsSync(join(host.root, 'var/lib/drover/identity')), 'that is where its files are')
      const journal = await host.must(['journalctl', '--no-pager', '-o', 'json'])
      t.match(journal, /drover-agent/)
      t.strictSame(shownIn(Buffer.from(journal)), [])
    })
  },
)

/** Ids of the runs, once there is one. */
async function untilRun(drover: (...words: string[]) => Promise<string>): Promise<string[]> {
  for (;;) {
    const listed = JSON.parse(await drover('runs', 'h', '--json')) as {
      runs?: { id?: string; run_id?: string }[]
    }
    const ids = (listed.runs ?? []).flatMap((run) => run.id ?? run.run_id ?? [])
    if (ids.length > 0) return ids
    await new Promise((done) => setTimeout(done, 500))
  }
}
