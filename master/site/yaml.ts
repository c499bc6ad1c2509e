import { MAX_YAML_BYTES } from '../../lib/limits.ts'
import type { Diagnostics } from './diagnostics.ts'
import type { YamlNode } from './tree.ts'
import { readQuick } from './yaml-quick.ts'
import { decode, isClean } from './yaml-text.ts'

/**
 * A file of strict YAML 1.2 as a located tree; `null` when nothing can be made of it.
 *
 * Every mistake becomes a diagnostic. A tree may come back beside errors, so that what reads it finds more.
 */
export async function parseYaml(bytes: Buffer, file: string, found: Diagnostics): Promise<YamlNode | null> {
  const start = { file, line: 1, column: 1 }
  if (bytes.length > MAX_YAML_BYTES) {
    const message = `the file has ${bytes.length} bytes; a YAML file has at most ${MAX_YAML_BYTES}`
    found.error('E_LIMIT', start, message, { hint: 'split it' })
    return null
  }
  const text = decode(bytes, file, found)
  if (text === null) return null
  const quick = isClean(text) ? readQuick(text, file) : null
  if (quick !== null) return quick
  const { readFull } = await import('./yaml-full.ts')
  const before = found.errors
  const tree = readFull(text, file, found)
  if (found.errors > before) return tree
  if (tree === null || (tree.kind === 'scalar' && tree.value === null)) {
    found.error('E_EMPTY', start, 'the file says nothing', { hint: 'write {} if that is meant' })
    return null
  }
  return tree
}
