import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { commitOf, workTreeOf } from '../../master/site/commit.ts'
import { Diagnostics } from '../../master/site/diagnostics.ts'
import { SiteFolder } from '../../master/site/folder.ts'
import { writeSite } from './write-site.ts'

const NOBODY = 65_534

/** Root may read everything, so it steps down. */
function asAnother(work: () => void): void {
  const isRoot = process.getuid?.() === 0
  if (isRoot) process.seteuid?.(NOBODY)
  try {
    work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

t.test('what only others may read is an error with its place', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'drover-folder-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  chmodSync(dir, 0o755)
  writeFileSync(join(dir, 'file'), '')
  mkdirSync(join(dir, 'folder'))
  for (const name of ['file', 'folder']) chmodSync(join(dir, name), 0)
  const found = new Diagnostics()
  asAnother(() => {
    const folder = new SiteFolder(dir, '', found)
    t.equal(folder.file('file'), null)
    t.strictSame(folder.names('folder'), [])
  })
  t.match(found.sorted(), [
    { code: 'E_UNREADABLE', file: 'file', message: /^file can't be read: .*EACCES|permission/ },
    { code: 'E_UNREADABLE', file: 'folder' },
  ])
})

t.test('a site has a commit when that commit holds all of it', async (t) => {
  const dir = t.testdir({ other: {}, site: {} })
  const site = writeSite(join(dir, 'site'), { 'roles/web/role.yaml': '{}\n' })
  const name = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false']
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', dir, ...name, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  git('init', '--quiet')
  t.equal(workTreeOf(site), null, 'nothing is committed yet')
  git('add', '.')
  git('commit', '--quiet', '--message', 'first')
  const head = git('rev-parse', 'HEAD')
  t.strictSame(workTreeOf(site), { head, clean: true }, 'also of a site below the top of its repository')
  t.equal(commitOf(site), head)

  writeFileSync(join(dir, 'other', 'x'), '')
  writeFileSync(join(site, 'README'), '')
  t.equal(commitOf(site), head, 'what no site reads does not matter')

  const differs: readonly (readonly [string, string, string])[] = [
    ['a file that is changed', 'hosts.yaml', 'hosts: {}\n'],
    ['a file that is new', 'roles/web/files/new', ''],
    ['a file that git ignores', 'data/common.yaml', '{}\n'],
  ]
  writeFileSync(join(dir, '.git/info/exclude'), 'common.yaml\n')
  for (const [what, path, text] of differs) {
    writeSite(site, { [path]: text })
    t.strictSame(workTreeOf(site), { head, clean: false }, what)
    t.equal(commitOf(site), null, what)
    git('clean', '-dfxq')
    git('checkout', '--quiet', '.')
    t.equal(commitOf(site), head)
  }
  git('rm', '--quiet', '--cached', 'site/hosts.yaml')
  t.equal(commitOf(site), null, 'a file that is removed from the next commit')
})
