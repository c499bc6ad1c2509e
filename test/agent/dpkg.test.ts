import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { dpkgReader, parseStatus } from '../../agent/dpkg.ts'

const paragraph = (name: string, architecture: string) =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: ${architecture}\nVersion: 1.0-1\n`
const note = (name: string, architecture: string, automatic: 0 | 1) =>
  `Package: ${name}\nArchitecture: ${architecture}\nAuto-Installed: ${automatic}\n`

const STATUS = [
  paragraph('dpkg', 'amd64'),
  paragraph('nginx', 'amd64'),
  paragraph('nginx', 'i386'),
  paragraph('fonts', 'all'),
  paragraph('libc6', 'amd64'),
].join('\n')

const cases = [
  { of: 'nothing', notes: '', automatic: [] },
  { of: 'one', notes: note('nginx', 'amd64', 1), automatic: ['nginx', 'nginx:amd64'] },
  { of: 'one of another architecture', notes: note('nginx', 'i386', 1), automatic: ['nginx:i386'] },
  {
    of: 'one for every architecture, under that of the host',
    notes: note('fonts', 'amd64', 1),
    automatic: ['fonts', 'fonts:all', 'fonts:amd64'],
  },
  {
    of: 'the last of several',
    notes: [note('nginx', 'amd64', 0), note('libc6', 'amd64', 1)].join('\n'),
    automatic: ['libc6', 'libc6:amd64'],
  },
]
for (const { of, notes, automatic } of cases) {
  t.test(`apt notes as installed for another: ${of}`, (t) => {
    const packages = [...parseStatus(STATUS, notes)]
    t.same(packages.flatMap(([name, reading]) => (reading.automatic ? [name] : [])).sort(), automatic)
    t.end()
  })
}

t.test('both files are parsed once, and anew when either is another', (t) => {
  const root = t.testdir()
  const write = (path: string, text: string, seconds: number) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    utimesSync(join(root, path), seconds, seconds)
  }
  mkdirSync(join(root, 'var/lib/dpkg/updates'), { recursive: true })
  const packages = dpkgReader(root)
  t.equal(packages().size, 0, 'a host without dpkg has no packages')
  write('var/lib/dpkg/status', STATUS, 1)
  const first = packages()
  t.equal(first.get('nginx')?.automatic, false)
  t.equal(packages(), first)
  write('var/lib/apt/extended_states', note('nginx', 'amd64', 1), 1)
  t.equal(packages().get('nginx')?.automatic, true)
  write('var/lib/apt/extended_states', note('nginx', 'amd64', 0), 2)
  t.equal(packages().get('nginx')?.automatic, false)
  write('var/lib/dpkg/status', paragraph('dpkg', 'amd64'), 2)
  t.equal(packages().get('nginx'), undefined)
  t.end()
})

t.test('what stands in the journal of a dpkg that is no more has not come to its end', (t) => {
  const ends = ['installed', 'triggers-pending', 'not-installed', 'config-files', 'unpacked']
  const journal = Object.fromEntries(
    ends.map((end, i) => [`000${i}`, paragraph(end, 'all').replace('ok installed', `ok ${end}`)]),
  )
  const root = t.testdir({ var: { lib: { dpkg: { status: STATUS, updates: journal } } } })
  let busy = true
  const packages = dpkgReader(root, () => busy)
  const statuses = () => ends.map((name) => packages().get(name)?.status)
  t.same(statuses(), ['installed', 'triggers-pending', undefined, 'config-files', 'unpacked'])
  busy = false
  t.same(statuses(), [...Array(4).fill('half-configured'), 'unpacked'])
  t.equal(packages().get('nginx')?.status, 'installed', 'what it has not touched is as it was')
  const torn = STATUS.replace('ok installed', 'reinstreq half-configured')
  t.equal(parseStatus(torn).get('dpkg')?.status, 'half-installed', 'what has to be unpacked anew is torn')
  t.end()
})
