import { MAX_YAML_BYTES } from '../../lib/limits.ts'
import type { Diagnostics } from './diagnostics.ts'
import type { YamlNode } from './tree.ts'
import { readQuick } from './yaml-quick.ts'
import { decode, isClean } from './yaml-text.ts'

/** What `parseYaml` asks of a file; its bytes are not read when it is too large. */
export type YamlSource = { readonly path: string; readonly size: number; readonly bytes: Buffer }

/**
 * A file of strict YAML 1.2 as a located tree; `null` when nothing can be made of it.
 *
 * Every mistake becomes a diagnostic. A tree may come back beside errors, so that what reads it finds more.
 */
export async function parseYaml(source: YamlSource, found: Diagnostics): Promise<YamlNode | null> {
  const file = source.path
  const start = { file, line: 1, column: 1 }
  if (source.size > MAX_YAML_BYTES) {
    const message = `the file has ${source.size} bytes; a YAML file has at most ${MAX_YAML_BYTES}`
    found.error('E_LIMIT', start, message, { hint: 'split it' })
    return null
  }
  const text = decode(source.bytes, file, found)
  if (text === null) return null
  const quick = isClean(text) ? readQuick(text, file) : null
  if (quick !== null) return quick
  const { readAhead, readFull } = await import('./yaml-full.ts')
  if (readAhead(text, file, found)) return null
  const before = found.errors
  const tree = readFull(text, file, found)
  if (found.errors > before) return tree
  if (tree === null || (tree.kind === 'scalar' && tree.value === null)) {
    found.error('E_EMPTY', start, 'the file says nothing', { hint: 'write {} if that is meant' })
    return null
  }
  return tree
}
