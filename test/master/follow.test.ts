import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Revision } from '../../master/catalogs/catalogs.ts'
import { followFolder } from '../../master/follow/folder.ts'
import { followGit } from '../../master/follow/git.ts'
import { answerHook } from '../../master/follow/hook.ts'

const NEVER_MS = 3_600_000

/** Gathers what a follower hands on, and waits for it. */
function looks(isGood: (revision: Revision) => boolean = () => true) {
  const events = new EventEmitter()
  const seen: Revision[] = []
  const faults: string[] = []
  return {
    seen,
    faults,
    found: async (revision: Revision) => {
      seen.push(revision)
      setImmediate(() => events.emit('look'))
      return { good: isGood(revision) }
    },
    failed: (error: unknown) => {
      faults.push(String(error))
      setImmediate(() => events.emit('fault'))
    },
    next: async (what: 'look' | 'fault' = 'look') => {
      await once(events, what)
    },
  }
}

const GIT = ['-c', 'user.name=x', '-c', 'user.email=x@example', '-c', 'init.defaultBranch=main']

function repository(t: Test) {
  const dir = t.testdir({ repo: {}, state: {} })
  const repo = join(dir, 'repo')
  const git = (...args: string[]) =>
    execFileSync('git', [...GIT, '-C', repo, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  git('init', '--quiet')
  const commit = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(repo, name), text)
    git('add', '-A')
    git('commit', '--quiet', '--allow-empty', '-m', 'x')
    return git('rev-parse', 'HEAD').trim()
  }
  const setting = {
    url: repo,
    branch: 'main',
    stateDir: join(dir, 'state'),
    pollMs: NEVER_MS,
    allowRewrite: false,
  }
  return { dir, repo, git, commit, setting }
}

t.test('a branch is followed commit by commit, each in a folder of its own', async (t) => {
  const { commit, setting } = repository(t)
  const first = commit({ 'drover.yaml': 'name: one\n' })
  const { seen, next, found, failed, faults } = looks()
  const looked = next()
  const follower = await followGit(setting, found, failed)
  t.teardown(() => follower.close())
  await looked
  t.equal(seen[0]?.commit, first)
  t.equal(readFileSync(join(seen[0]?.dir ?? '', 'drover.yaml'), 'utf8'), 'name: one\n')

  const second = commit({ 'drover.yaml': 'name: two\n' })
  const again = next()
  follower.wake()
  await again
  t.equal(seen[1]?.commit, second)
  t.equal(readFileSync(join(seen[1]?.dir ?? '', 'drover.yaml'), 'utf8'), 'name: two\n')
  t.notOk(existsSync(join(seen[1]?.dir ?? '', '.git')))
  t.strictSame(faults, [])
})

t.test('a commit that is not good leaves the checkout of the last good one', async (t) => {
  const { commit, setting } = repository(t)
  const first = commit({ 'drover.yaml': 'name: one\n' })
  const { seen, next, found, failed } = looks((revision) => revision.commit === first)
  const looked = next()
  const follower = await followGit(setting, found, failed)
  await looked
  const bad = commit({ 'drover.yaml': 'nam: one\n' })
  const again = next()
  follower.wake()
  await again
  await follower.close()
  t.equal(seen[1]?.commit, bad)
  t.strictSame(readdirSync(join(setting.stateDir, 'sites')), [first])

  const after = looks()
  const restarted = await followGit(setting, after.found, after.failed)
  await restarted.close()
  t.equal(after.seen[0]?.commit, first, 'and a restart begins with the last good one')
})

t.test('history that was rewritten is refused, unless that is allowed', async (t) => {
  const { commit, git, setting } = repository(t)
  const first = commit({ a: '1' })
  commit({ a: '2' })
  const { seen, next, found, failed, faults } = looks()
  const looked = next()
  const follower = await followGit(setting, found, failed)
  await looked
  git('reset', '--quiet', '--hard', first)
  const other = commit({ a: '3' })
  const refused = next('fault')
  follower.wake()
  await refused
  t.match(follower.problem(), /branch "main" was rewritten/)
  t.equal(seen.length, 1)
  await follower.close()

  const allowed = looks()
  const willing = await followGit({ ...setting, allowRewrite: true }, allowed.found, allowed.failed)
  while (allowed.seen.at(-1)?.commit !== other) await allowed.next()
  await willing.close()
  t.equal(faults.length, 1)
})

t.test('a repository out of reach is a problem that ends by itself', async (t) => {
  const { repo, commit, setting } = repository(t)
  const first = commit({ a: '1' })
  const before = looks()
  const looked = before.next()
  const earlier = await followGit(setting, before.found, before.failed)
  await looked
  await earlier.close()
  renameSync(repo, `${repo}.away`)
  const { seen, next, found, failed } = looks()
  const failing = next('fault')
  const follower = await followGit(setting, found, failed)
  await failing
  t.strictSame(
    seen.map((one) => one.commit),
    [first],
    'the last good commit is used meanwhile',
  )
  t.match(follower.problem(), /^git fetch: fatal: /)
  renameSync(`${repo}.away`, repo)
  const second = commit({ a: '2' })
  const again = next()
  follower.wake()
  await again
  t.equal(seen.at(-1)?.commit, second)
  await follower.close()
  t.equal(follower.problem(), null)
})

t.test('a place that would run a program is refused', async (t) => {
  const { setting } = repository(t)
  const { found, failed } = looks()
  for (const url of ['ext::sh -c id', '--upload-pack=id', 'http://x/y', '-x', 'fd::17'])
    await t.rejects(followGit({ ...setting, url }, found, failed), { code: 'invalid' }, url)
})

t.test('a folder is looked at at the start, and once after a flurry of changes', async (t) => {
  const dir = t.testdir({ site: { 'drover.yaml': 'name: x\n', roles: {} } })
  const site = join(dir, 'site')
  const { seen, next, found, failed, faults } = looks()
  const looked = next()
  const follower = await followFolder(site, found, failed)
  t.teardown(() => follower.close())
  await looked
  t.strictSame(seen, [{ dir: site, commit: null }])
  const again = next()
  for (let i = 0; i < 50; i += 1) {
    mkdirSync(join(site, 'roles', `r${i}`))
    writeFileSync(join(site, 'roles', `r${i}`, 'role.yaml'), '{}\n')
  }
  await again
  t.equal(seen.length, 2)
  t.strictSame(faults, [])
})

t.test('a webhook wakes only who proves that it knows the secret', async (t) => {
  let woken = 0
  const server = createServer((request, response) =>
    answerHook(request, response, 's3cret', () => {
      woken += 1
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const body = '{"ref":"refs/heads/main"}'
  const sign = (secret: string) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  const post = async (headers: Readonly<Record<string, string>>, text = body) =>
    (await fetch(`http://127.0.0.1:${port}/hook/site`, { method: 'POST', headers, body: text })).status
  t.equal(await post({ 'x-hub-signature-256': sign('s3cret') }), 204)
  t.equal(await post({ 'x-gitlab-token': 's3cret' }), 204)
  t.equal(woken, 2)
  t.equal(await post({ 'x-hub-signature-256': sign('other') }), 401)
  t.equal(await post({ 'x-hub-signature-256': sign('s3cret') }, `${body} `), 401)
  t.equal(await post({ 'x-gitlab-token': 's3cre' }), 401)
  t.equal(await post({}), 401)
  t.equal((await fetch(`http://127.0.0.1:${port}/hook/site`)).status, 405)
  t.equal(woken, 2)
})
