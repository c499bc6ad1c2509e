import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Failure } from '../../lib/failure.ts'

/** A private key with its certificates, the newest first, in one file: they change together or not at all. */
export type KeyFile = { readonly key: KeyObject; readonly certificates: readonly X509Certificate[] }

export const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }) as string
export const pkcs8Of = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'der' })
export const spkiOf = (key: KeyObject) =>
  (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' })

const BLOCK = /-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g

/** A file that is not whole is never replaced by itself: all that its key has signed would be lost. */
export function readKeyFile(path: string): KeyFile {
  try {
    const blocks = readFileSync(path, 'utf8').match(BLOCK) ?? []
    const [first = '', ...others] = blocks
    const key = createPrivateKey(first)
    const certificates = others.map((one) => new X509Certificate(one))
    if (certificates[0]?.checkPrivateKey(key) !== true) throw new Error('the key is of another certificate')
    return { key, certificates }
  } catch (cause) {
    throw new Failure('internal', 'the authority can not be read: a part of it is missing or damaged', {
      about: path,
      hint: 'bring the folder back from a backup; without it every host has to join anew',
      cause,
    })
  }
}

export function writeKeyFile(path: string, { key, certificates }: KeyFile): void {
  const fresh = `${path}.new`
  rmSync(fresh, { force: true })
  const fd = openSync(fresh, 'wx', 0o600)
  try {
    writeSync(fd, [pemOf(key), ...certificates.map((one) => one.toString())].join(''))
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(fresh, path)
  syncDirectory(dirname(path))
}

/** Makes a folder, whole or not at all, unless it is there. */
export async function makeFolder(path: string, fill: (fresh: string) => Promise<void>): Promise<void> {
  if (existsSync(path)) return
  const fresh = `${path}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true, mode: 0o700 })
  await fill(fresh)
  renameSync(fresh, path)
  syncDirectory(dirname(path))
}

function syncDirectory(path: string): void {
  const fd = openSync(path, 'r')
  fsyncSync(fd)
  closeSync(fd)
}
