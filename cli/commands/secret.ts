import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Document, YAMLMap } from 'yaml'
import { armored, openSecret, recipientOf, sealSecret, unarmored } from '../../lib/age.ts'
import { count } from '../../lib/count.ts'
import { Failure, reasonOf } from '../../lib/failure.ts'
import { MAX_SECRET_BYTES } from '../../lib/limits.ts'
import { isSecretName } from '../../lib/secret-mark.ts'
import { MASTER_STATE_DIR } from '../../lib/state-dirs.ts'
import { nearest } from '../../master/site/nearest.ts'
import { SECRETS_FOLDER, type SiteSecret } from '../../master/site/secrets.ts'
import { type CommonOptions, type Context, formOf, type OutputOptions } from '../context.ts'
import { EXIT, Usage } from '../exit.ts'
import { printList } from '../machine.ts'
import type { Line } from '../print.ts'
import { openSite } from '../site.ts'
import { readHidden } from '../typed.ts'

type SecretOptions = CommonOptions & { readonly site: string }
type SetOptions = SecretOptions & { readonly file?: string }
type GetOptions = SecretOptions & { readonly identity?: string }

/** `drover secret set`: encrypts a value to all recipients of the site, and puts it into `secrets/`. */
export async function secretSet(context: Context, name: string, options: SetOptions): Promise<number> {
  checkName(name)
  const recipients = await recipientsOf(options.site)
  const value = await readValue(context, name, options.file)
  const known = (await openSite(options.site)).secrets.has(name)
  await write(options.site, [[name, await armored(await sealSecret(name, value, recipients))]])
  const { print } = context
  print.err([
    [
      `${name} ${known ? 'replaced' : 'set'} in ${fileOf(name)}, for ${count(recipients.length, 'recipient')}`,
    ],
  ])
  print.err([[['dim', 'commit it; hosts that use it get it with their next catalog']]])
  return EXIT.done
}

/** `drover secret get`: the value on stdout, for who has the key of a recipient. */
export async function secretGet(context: Context, name: string, options: GetOptions): Promise<number> {
  const { secrets } = await openSite(options.site)
  const secret = secrets.get(name)
  if (secret === undefined) throw unknownSecret(name, secrets)
  context.print.raw(await open(secret, await identitiesOf(options.identity)))
  if (context.stdout.isTTY) context.print.raw('\n')
  return EXIT.done
}

/** `drover secret list`: names and files, never values. */
export async function secretList(context: Context, options: SecretOptions & OutputOptions): Promise<number> {
  const { secrets } = await openSite(options.site)
  const rows = [...secrets.values()].map(({ name, place, version }) => ({
    name,
    file: place.file,
    line: place.line,
    version: version.slice(0, 12),
  }))
  const named = { list: 'secrets', one: 'secret', name: (row: { name: string }) => row.name }
  if (!(await printList(context.print, formOf(options), named, rows)))
    context.print.out(
      rows.map((row): Line => [row.name.padEnd(32), ['dim', `${row.file}:${row.line}  ${row.version}`]]),
    )
  return EXIT.done
}

/** `drover secret rekey`: encrypts every secret anew, to those who are recipients now. */
export async function secretRekey(context: Context, options: GetOptions): Promise<number> {
  const { secrets } = await openSite(options.site)
  const recipients = await recipientsOf(options.site)
  const identities = await identitiesOf(options.identity)
  const sealed: [string, string][] = []
  // All are opened before one is written, so that a missing key leaves everything as it was.
  for (const secret of secrets.values())
    sealed.push([
      secret.name,
      await armored(await sealSecret(secret.name, await open(secret, identities), recipients)),
    ])
  await write(options.site, sealed)
  context.print.err([
    [`${count(sealed.length, 'secret')} encrypted anew, for ${count(recipients.length, 'recipient')}`],
  ])
  context.print.err([[['dim', 'who was taken out still knows the old values: set those anew that matter']]])
  return EXIT.done
}

const open = async ({ name, armor }: SiteSecret, identities: readonly string[]) =>
  openSecret(name, await unarmored(armor), identities)

function checkName(name: string): void {
  if (isSecretName(name)) return
  throw new Usage(`"${name}" is no name for a secret`, 'name the file and the key, such as "app/key"')
}

function unknownSecret(name: string, known: ReadonlyMap<string, SiteSecret>): Failure {
  const meant = nearest(name, [...known.keys()])
  return new Failure('not-found', `the site has no secret "${name}"`, {
    hint: meant === null ? 'see them with "drover secret list"' : `did you mean "${meant}"?`,
  })
}

const RECIPIENTS = join(SECRETS_FOLDER, 'recipients.txt')
const fileOf = (name: string) => join(SECRETS_FOLDER, `${name.slice(0, name.lastIndexOf('/'))}.yaml`)

/** One age recipient a line; what follows a `#` is for people. */
async function recipientsOf(site: string): Promise<string[]> {
  const path = join(site, RECIPIENTS)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const recipients = text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
  const odd = recipients.find((one) => !/^age1[0-9a-z]{20,}$/.test(one))
  if (odd !== undefined) throw new Failure('invalid', `"${odd}" is no age recipient`, { about: RECIPIENTS })
  if (recipients.length > 0) return recipients
  throw new Failure('not-found', 'the site says nobody to encrypt secrets to', {
    about: RECIPIENTS,
    hint: 'put the recipient of the master there, which "drover doctor" shows, and those of operators ("age-keygen")',
  })
}

/** Never from the command line, where everybody on the machine could read it. */
async function readValue(context: Context, name: string, file: string | undefined): Promise<string> {
  const wanted = { question: `Value of ${name}: `, otherwise: 'pipe it in, or name a file with --file' }
  const bytes = file === undefined || file === '-' ? await readHidden(context, wanted) : readFile(file)
  if (bytes.length > MAX_SECRET_BYTES)
    throw new Failure(
      'invalid',
      `a secret has at most ${MAX_SECRET_BYTES} bytes, this one has ${bytes.length}`,
    )
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Failure('invalid', 'a secret is text in UTF-8', { hint: 'encode binary keys, with base64' })
  }
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new Failure('not-found', `the value can't be read: ${reasonOf(error)}`, { about: path })
  }
}

const OWN_KEY = join('.config', 'drover', 'age.key')
const MASTER_KEY = join(MASTER_STATE_DIR, 'secrets.key')

/** Keys of the files that were named, or of the usual ones. */
async function identitiesOf(named: string | undefined): Promise<string[]> {
  const paths = named === undefined ? [join(homedir(), OWN_KEY), MASTER_KEY].filter(isReadable) : [named]
  const lines = paths.flatMap((path) => readFile(path).toString('utf8').split('\n'))
  const identities = lines.filter((line) => line.startsWith('AGE-SECRET-KEY-1'))
  if (identities.length === 0)
    throw new Failure('not-found', 'there is no key to open secrets with', {
      about: named ?? `~/${OWN_KEY}`,
      hint: `name a file with --identity, or keep a key of "age-keygen" in ~/${OWN_KEY}`,
    })
  // A key that is none fails here and not as a stranger.
  await Promise.all(identities.map(recipientOf))
  return identities
}

function isReadable(path: string): boolean {
  try {
    return statSync(path).isFile() && readFileSync(path).length > 0
  } catch {
    return false
  }
}

/** Puts secrets into their files; comments and all else in them stays. Each file is replaced whole. */
async function write(site: string, secrets: readonly (readonly [string, string])[]): Promise<void> {
  const { parseDocument, Document, Scalar } = await import('yaml')
  const documents = new Map<string, Document>()
  for (const [name, armor] of secrets) {
    const path = join(site, fileOf(name))
    const known = documents.get(path)
    const document =
      known ?? (existsSync(path) ? parseDocument(readFileSync(path, 'utf8')) : new Document({}))
    const value = new Scalar(`${armor}\n`)
    value.type = Scalar.BLOCK_LITERAL
    const map = document as Document<YAMLMap>
    map.set(name.slice(name.lastIndexOf('/') + 1), value)
    documents.set(path, document)
  }
  for (const [path, document] of documents) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(`${path}.new`, document.toString({ lineWidth: 0 }), { flush: true })
    renameSync(`${path}.new`, path)
  }
}
