import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { EXIT } from '../../cli/exit.ts'
import { bedReason, type Host, openBed } from '../bed/bed.ts'
import { waitFor } from '../bed/wait.ts'
import { type Fleet, installAgent, letIn, openFleet, setSecrets } from '../helpers/fleet.ts'

const REDIRECTS = '/etc/nginx/conf.d/redirects.conf'
const UNIT = '/etc/systemd/system/events.service'
const WAIT_MS = 120_000
const skip = bedReason() ?? false

t.test('the community: a master and three hosts', { skip, timeout: 590_000 }, async (t) => {
  const bed = await openBed(t)
  const hosts = await Promise.all(['db', 'web', 'list'].map((name) => bed.host({ name })))
  const fleet = await openFleet()
  t.teardown(() => fleet.close())
  const [, web, list] = hosts as [Host, Host, Host]

  await t.test('hosts that have joined in audit look at their roles and change nothing', async (t) => {
    await setSecrets(fleet)
    await Promise.all(hosts.map(installAgent))
    await Promise.all(hosts.map((host) => letIn(fleet, host)))
    for (const { name } of hosts)
      await exits(t, fleet, ['pause', name, '--for', '1h', '--audit', '--why', 'new'])
    await exits(t, fleet, ['assign', 'db', 'database'])
    await exits(t, fleet, ['assign', 'web', 'events'])
    await exits(t, fleet, ['assign', 'list', 'redirects'])
    t.match(await exits(t, fleet, ['plan', '--all', '--summary'], EXIT.due), /3 hosts: 3 with changes/)
    t.equal((await list.exec(['test', '-e', REDIRECTS])).code, 1)
  })

  await t.test('what was planned is applied to all at once, and no more is to be done', async (t) => {
    const planned = await exits(t, fleet, ['plan', '--all', '--summary'], EXIT.due)
    const fingerprint = /--plan (\S+)/.exec(planned)?.[1] ?? ''
    t.match(await exits(t, fleet, ['apply', '--plan', fingerprint, '--summary']), /3 hosts: 3 changed/)
    t.match(await exits(t, fleet, ['apply', '--all', '--yes']), /3 hosts: 3 in order/)
    t.match(await exits(t, fleet, ['apply', '--plan', fingerprint], EXIT.failed), /no longer what it was/)
  })

  await t.test('the page shows rows of the database, and the redirects lead on', async (t) => {
    t.match((await ask(web, '/')).body, /Repair café, Old fire station/)
    t.match(await ask(list, '/wiki'), { status: 302, location: 'https://wiki.example.org/' })
    const settings = await web.read('/etc/events/settings.json')
    const { secret_key, database } = JSON.parse(settings)
    for (const secret of [secret_key, database.PASSWORD]) {
      t.match(secret, /^[0-9a-f]{64}$/)
      t.notOk(fleet.log().includes(secret), 'the master says nothing of it')
    }
    t.equal(await web.must(['stat', '-c', '%a %U %G', '/etc/events/settings.json']), '640 root events\n')
  })

  await t.test('an edit by hand is found with its diff, and put back', async (t) => {
    for (const { name } of hosts) await exits(t, fleet, ['resume', name])
    // Each looks once by itself when it goes on; what comes after this is not seen by that.
    await exits(t, fleet, ['apply', '--all', '--yes'])
    const good = await web.read(UNIT)
    // In enforce mode it would be put back before anybody can look.
    await exits(t, fleet, ['pause', 'web', '--for', '1h', '--audit', '--why', 'an edit by hand'])
    await web.must(['sed', '-i', 's/--workers 2/--workers 9/', UNIT])
    await exits(t, fleet, ['plan', 'web'], EXIT.due)
    const drift = await exits(t, fleet, ['drift', 'web'], null)
    t.match(drift, /-ExecStart=.*--workers 9/)
    t.match(drift, /\+ExecStart=.*--workers 2/)
    await exits(t, fleet, ['apply', 'web', '--yes'])
    t.equal(await web.read(UNIT), good)
    t.match(await exits(t, fleet, ['drift', 'web']), /nothing differs/)
    await exits(t, fleet, ['resume', 'web'])
    await web.must(['sed', '-i', 's/--workers 2/--workers 9/', UNIT])
    const isBack = async () => ((await web.read(UNIT)) === good ? true : null)
    t.ok(await waitFor(isBack, { timeoutMs: WAIT_MS }), 'it is put back as soon as it is heard of')
  })

  await t.test('a host without its master enforces from boot, and reports it later, once', async (t) => {
    await list.connect(false)
    const good = await list.read(REDIRECTS)
    // It would put it back before the host goes down.
    await list.must(['systemctl', 'stop', 'drover-agent.service'])
    await list.hurt.append(REDIRECTS)
    await list.reboot()
    const isBack = async () => ((await list.read(REDIRECTS)) === good ? true : null)
    t.ok(await waitFor(isBack, { timeoutMs: WAIT_MS }), 'it was put back')
    t.same(await bootRuns(t, fleet), [], 'and nobody knows')
    await list.connect(true)
    const delivered = async () => ((await bootRuns(t, fleet)).length > 0 ? true : null)
    t.ok(await waitFor(delivered, { timeoutMs: WAIT_MS, everyMs: 500 }), 'the report came')
    await exits(t, fleet, ['apply', 'list', '--yes'])
    t.equal((await bootRuns(t, fleet)).length, 1, 'once')
    const history = JSON.parse(await exits(t, fleet, ['history', 'list', '--json']))
    const changes = history.changes.filter(
      ({ resource }: { resource: string }) => resource === `file:${REDIRECTS}`,
    )
    t.equal(changes.length, 2, 'it was made once, and mended once')
  })
})

t.test('the master under systemd, as its unit has it', { skip, timeout: 300_000 }, async (t) => {
  const bed = await openBed(t)
  const host = await bed.host({ name: 'master' })
  const unit = '/etc/systemd/system/drover-master.service'
  await host.must(['cp', '/opt/drover/packaging/drover-master.service', unit])
  await host.must(['ln', '-s', '/usr/local/bin/drover', '/usr/bin/drover'])
  await host.must(['useradd', '--system', 'drover'])
  await host.must(['cp', '-r', '/opt/drover/examples/community', '/srv/site'])
  await host.write('/etc/drover/master.yaml', 'site: /srv/site\nnames: [master]\n')
  t.equal((await host.exec(['systemd-analyze', 'verify', unit])).stderr, '')
  await host.must(['systemctl', 'enable', '--quiet', '--now', 'drover-master.service'])
  t.match(await host.must(['drover', 'hosts']), /db +- absent/)
  t.match(await host.must(['drover', 'invite', 'db']), /^drover1\..*master:7441/)
  t.equal(await host.must(['stat', '-c', '%a %U', '/var/lib/drover-master']), '700 drover\n')
  await host.must(['systemctl', 'stop', 'drover-master.service'])
  t.equal(
    await host.must(['systemctl', 'show', '--value', '-p', 'Result', 'drover-master.service']),
    'success\n',
  )
})

/** What a verb prints; `null`: however it exits. */
async function exits(t: Test, fleet: Fleet, words: readonly string[], code: number | null = EXIT.done) {
  const result = await fleet.drover(words)
  if (code !== null)
    t.equal(
      result.code,
      code,
      `drover ${words.join(' ')}\n${result.stderr}${result.code === code ? '' : result.stdout}`,
    )
  return result.stdout
}

async function bootRuns(t: Test, fleet: Fleet): Promise<unknown[]> {
  const { runs } = JSON.parse(await exits(t, fleet, ['runs', 'list', '--json']))
  return runs.filter(({ trigger, summary }: { trigger: string; summary: { changed: number } }) => {
    return trigger === 'boot' && summary.changed > 0
  })
}

type Answer = {
  readonly status: number | undefined
  readonly location: string | undefined
  readonly body: string
}

function ask({ address, name }: Host, path: string): Promise<Answer> {
  return new Promise((done, fail) => {
    const asked = get({ host: address, path, headers: { host: name } }, (answer) => {
      const { statusCode: status, headers } = answer
      text(answer).then((body) => done({ status, location: headers.location, body }), fail)
    })
    asked.on('error', fail)
  })
}
