import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { textPreview } from '../../agent/preview.ts'
import { type DriftedSource, sitePatch } from '../../cli/drift-patch.ts'

const FILE = 'roles/web/files/motd'
const CONTENT = { field: 'sha256', from: 'a'.repeat(64), to: 'b'.repeat(64) }

/** A file of a host that differs, as the master tells of it. */
function drifted(
  diff: string | null,
  more: { file?: string; changes?: object[]; id?: string } = {},
): DriftedSource {
  const { file = FILE, changes = [CONTENT], id = 'file:/etc/motd' } = more
  const row = {
    ...{
      host: 'h',
      resource: id,
      since: 1,
      last_seen_at: 1,
      diff: diff ?? '',
      origin: 'roles/web/role.yaml:3',
    },
    ...{
      changes: Buffer.from(JSON.stringify(changes)),
      run_id: '',
      settled_at: 0,
      pause: null,
      evidence: [],
    },
  }
  return { row, sources: [{ role: 'web', origin: 'roles/web/role.yaml:3', file }] } as DriftedSource
}

/** A site with one file under git; what it is after a patch. */
function openSite(t: Test) {
  const dir = t.testdir({})
  const git = (args: string[], input = '') =>
    execFileSync('git', ['-C', dir, ...args], { input, stdio: 'pipe' })
  git(['init', '-q'])
  mkdirSync(dirname(join(dir, FILE)), { recursive: true })
  return (declared: string, patch: readonly string[]): string => {
    writeFileSync(join(dir, FILE), declared)
    if (patch.length > 0) git(['apply'], `${patch.join('\n')}\n`)
    return readFileSync(join(dir, FILE), 'utf8')
  }
}

t.test('a patch makes the site what the host has, whatever that is, by git apply', async (t) => {
  const after = openSite(t)
  const line = fc.constantFrom('', ' ', 'one', 'two', '- three', '+ four', '@@ five', '\\ six', '\t')
  const text = fc.tuple(fc.array(line, { minLength: 1, maxLength: 12 }), fc.boolean())
  const textOf = text.map(([lines, ends]) => `${lines.join('\n')}${ends ? '\n' : 'x'}`)
  await fc.assert(
    fc.asyncProperty(textOf, textOf, async (live, declared) => {
      fc.pre(live !== declared)
      const { diff } = await textPreview('/etc/motd', live, declared)
      const { patch, rest } = sitePatch([drifted(diff)])
      t.same(rest, [])
      t.equal(after(declared, patch), live)
    }),
    { numRuns: 60 },
  )
})

t.test('what is no patch is told with its place, its fields and the reason', async (t) => {
  const of = async (live: string, more: Parameters<typeof drifted>[1] = {}) =>
    sitePatch([drifted((await textPreview('/etc/motd', live, 'declared\n')).diff, more)])
  const words = async (...given: Parameters<typeof of>) => {
    const { patch, rest } = await of(...given)
    t.same(patch, [])
    return rest
      .map((line) => line.map((span) => (typeof span === 'string' ? span : span[1])).join(''))
      .join('\n')
  }
  t.match(
    await words('x\n', { file: 'roles/web/templates/motd.j2' }),
    /made from roles\/web\/templates\/motd\.j2/,
  )
  t.match(await words('x\n', { file: '' }), /stands in the role/)
  t.match(await words('x\n', { file: '<drover>/roles/web/files/motd' }), /made from <drover>/)
  t.match(await words('key ‹secret:app/key›\n'), /holds a secret/)
  t.match(await words('\u001b]0;x\u0007\n'), /a terminal would obey/)
  t.match(await words('\0'), /binary, or holds a secret/)
  t.match(
    await words('x\n', { changes: [{ field: 'exists', from: false, to: true }, CONTENT] }),
    /is not there/,
  )
  const mode = { changes: [{ field: 'mode', from: '0600', to: '0644' }] }
  const said = await words('declared\n', mode)
  t.match(
    said,
    /^file:\/etc\/motd {2}web {2}roles\/web\/role\.yaml:3\n {4}mode is "?0600"?, declared "?0644"?/,
  )
  const long = Array.from({ length: 900 }, (_, i) => `${i}\n`).join('')
  t.match(await words(long), /too long to be kept whole/)
})

t.test('one file of the site takes one patch', async (t) => {
  const { diff } = await textPreview('/etc/motd', 'live\n', 'declared\n')
  const { patch, rest } = sitePatch([drifted(diff), drifted(diff, { id: 'file:/etc/other' })])
  t.equal(patch.filter((line) => line.startsWith('diff --git')).length, 1)
  t.match(JSON.stringify(rest), /file:\/etc\/other.*is patched for file:\/etc\/motd already/)
})
