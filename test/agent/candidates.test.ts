import t from 'tap'
import { candidatesReader, parsePolicy } from '../../agent/candidates.ts'
import type { Argv, Ended, PackageReading } from '../../lib/host.ts'

const POLICY = `a:
  Installed: 1.0-1
  Candidate: 1.1-1
  Version table:
     1.1-1 500
b:i386:
  Installed: 2:1.0~rc1
  Candidate: 2:1.0
`

t.test('what apt would install', async (t) =>
  t.same(
    [...parsePolicy(POLICY)],
    [
      ['a', '1.1-1'],
      ['b:i386', '2:1.0'],
    ],
  ),
)

t.test('all packages are asked for once, each by the name that apt gives it', async (t) => {
  const one = {} as PackageReading
  const packages = new Map([
    ['a', one],
    ['a:amd64', one],
    ['b:i386', {} as PackageReading],
  ])
  const asked: Argv[] = []
  const ask = async (argv: Argv) => {
    asked.push(argv)
    return { stdout: POLICY } as Ended
  }
  const candidate = candidatesReader(() => packages, ask)
  t.equal(await candidate('a', null), '1.1-1')
  t.equal(await candidate('a:amd64', null), '1.1-1')
  t.equal(await candidate('b:i386', null), '2:1.0')
  t.equal(await candidate('c', null), null)
  t.same(asked, [['apt-cache', 'policy', '--', 'a', 'b:i386']])
  await candidate('a', 'backports')
  t.same(asked[1]?.slice(2, 4), ['-o', 'APT::Default-Release=backports'])
})
