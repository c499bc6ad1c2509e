import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ReportHead } from '../proto/gen/drover/v1/ReportHead.ts'
import { readRecord, syncFolder, tried, writeRecord } from './records.ts'

export type Report = { readonly head: ReportHead & { readonly run_id: string }; readonly body: Buffer }

/** What goes before the body, in one line of JSON. */
export type Meta = {
  readonly ended: boolean
  readonly head: Report['head']
  /** The report that this one counts, and that is therefore gone. */
  readonly instead: string | null
}

export type Found = { readonly meta: Meta; readonly body: Buffer }

const MAX_ASIDE = 16

/** Reports in a folder, each in one file: `<run id>.run`, and `<run id>.sent` once the master may have it. */
export class SpoolFiles {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
    mkdirSync(join(dir, 'aside'), { recursive: true, mode: 0o700 })
  }

  /** The runs of which there are reports. What a kill left half-written is taken away. */
  list(): { sent: Set<string>; unsent: Set<string> } {
    const names = readdirSync(this.#dir).sort()
    for (const name of names) if (name.endsWith('.new')) tried(() => rmSync(join(this.#dir, name)))
    const idsOf = (end: string) =>
      names.filter((name) => name.endsWith(end)).map((name) => name.slice(0, -end.length))
    return { sent: new Set(idsOf('.sent')), unsent: new Set(idsOf('.run')) }
  }

  isSent(id: string): boolean {
    return existsSync(this.#at(id, true))
  }

  read(id: string, sent: boolean): Found | 'absent' | 'damaged' {
    const record = readRecord(this.#at(id, sent))
    if (typeof record === 'string') return record
    const end = record.bytes.indexOf('\n')
    const meta = JSON.parse(record.bytes.subarray(0, end).toString('utf8')) as Meta
    return { meta, body: record.bytes.subarray(end + 1) }
  }

  /** On disk when it returns. */
  write({ head, body }: Report, { sent, ...meta }: Omit<Meta, 'head'> & { sent: boolean }): void {
    const line = Buffer.from(`${JSON.stringify({ ...meta, head })}\n`)
    writeRecord(this.#at(head.run_id, sent), Buffer.concat([line, body]))
  }

  /** From here on the master may have it. */
  markSent(id: string): void {
    renameSync(this.#at(id, false), this.#at(id, true))
    syncFolder(this.#dir)
  }

  remove(id: string, sent: boolean): void {
    rmSync(this.#at(id, sent), { force: true })
  }

  /** Keeps it for whoever wants to know, one of a few. */
  setAside(id: string, sent: boolean): void {
    const aside = join(this.#dir, 'aside')
    const kept = readdirSync(aside).sort()
    for (const old of kept.slice(0, Math.max(0, kept.length - MAX_ASIDE + 1))) rmSync(join(aside, old))
    renameSync(this.#at(id, sent), join(aside, nameOf(id, sent)))
  }

  #at(id: string, sent: boolean): string {
    return join(this.#dir, nameOf(id, sent))
  }
}

export const nameOf = (id: string, sent: boolean) => `${id}.${sent ? 'sent' : 'run'}`
