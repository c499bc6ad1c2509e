import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { writeIdentity } from '../../agent/identity.ts'
import { makeWork, usualWork } from '../../bench/make-work.ts'
import { compile } from '../../master/compile/compile.ts'
import { readSite } from '../../master/site/read.ts'
import { SAMPLE_FACTS } from '../../master/site/sample-facts.ts'
import { states } from '../../states/index.ts'
import type { Host } from '../bed/bed.ts'
import { GATEWAY } from '../bed/places.ts'
import { writeSite } from '../master/write-site.ts'
import { makePki, SmallMaster } from './small-master.ts'

/** A master that hosts of a bed reach, while a test lasts. */
export async function bedMaster(t: Test): Promise<SmallMaster> {
  const master = new SmallMaster(await makePki(GATEWAY))
  master.address = `${GATEWAY}:0`
  await master.start()
  t.teardown(() => master.stop())
  return master
}

/**
 * A host called bench gets an identity, and its master the catalog of 574 resources for it; `dir` is for scratch.
 *
 * @param more is declared beside them, and is handed packages that the host has and that they leave alone
 */
export async function giveWork(
  host: Host,
  master: SmallMaster,
  dir: string,
  more: (packages: readonly string[]) => string = () => '',
): Promise<void> {
  const query = await host.must(['dpkg-query', '-W', '-f=$'.concat('{Package}\\n')])
  const installed = query.trim().split('\n')
  const work = makeWork(usualWork(installed.slice(0, 50)))
  const files = [...work].filter(([path]) => path.startsWith('drover/'))
  const tree = Object.fromEntries(files.map(([path, text]) => [path.slice('drover/'.length), text]))
  const role = `${tree[ROLE] ?? ''}${more(installed.slice(50, 70))}`
  await giveSite(host, master, dir, { ...tree, [ROLE]: role })
}

const ROLE = 'roles/bench/role.yaml'

/** A host called bench gets an identity, and its master what a site says of it; `dir` is for scratch. */
export async function giveSite(
  host: Host,
  master: SmallMaster,
  dir: string,
  tree: Readonly<Record<string, string>>,
): Promise<void> {
  const { roots, client } = master.pki
  writeIdentity(join(dir, 'identity'), {
    ...{ name: 'bench', ...client, roots, generation: 1 },
    ...{ addresses: [master.address], enrollment: [], ageIdentity: null },
  })
  await host.must(['install', '-d', '-m', '0700', '/var/lib/drover', '/var/lib/drover/identity'])
  const identity = readFileSync(join(dir, 'identity', 'identity'), 'utf8')
  await host.write('/var/lib/drover/identity/identity', identity, { mode: '0600' })
  const { site } = await readSite(writeSite(join(dir, 'site'), tree))
  const { catalog, blobs } = await compile(site, 'bench', SAMPLE_FACTS, { states })
  if (catalog === null) throw new Error('what the host is given does not compile')
  for (const [digest, bytes] of blobs) master.blobs.set(digest, bytes)
  master.declare(catalog)
}
