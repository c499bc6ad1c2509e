import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { records, rootOf, withHosts } from './record.ts'

const FIRST = '# hosts of the bed'
const LAST = '# end of the hosts of the bed'

/**
 * Lets the hosts of a bed find each other by name, through their `/etc/hosts`.
 *
 * Touches only its own lines, and the file only when they are not what they should be.
 */
export async function introduce(bed: string): Promise<void> {
  await withHosts(async () => {
    const hosts = records().filter((record) => record.bed === bed)
    const lines = [FIRST, ...hosts.map(({ address, name }) => `${address} ${name}`), LAST].join('\n')
    for (const { id } of hosts) rewrite(join(rootOf(id), 'etc/hosts'), lines)
  })
}

function rewrite(path: string, lines: string): void {
  // Not there while another host is still being made: it introduces itself.
  if (!existsSync(path)) return
  const text = readFileSync(path, 'utf8')
  const [before = '', rest] = text.split(`${FIRST}\n`)
  const after = rest?.split(`${LAST}\n`)[1] ?? ''
  const wanted = `${before}${lines}\n${after}`
  if (wanted !== text) writeFileSync(path, wanted)
}
