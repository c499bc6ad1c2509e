import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../../lib/failure.ts'
import { GIT_TIMEOUT_MS, MAX_SITE_BYTES } from '../../lib/limits.ts'
import { type Follower, type Found, looker } from './follower.ts'

export type GitSetting = {
  /** `https://`, `ssh://`, `host:path`, or a path on this machine. */
  readonly url: string
  readonly branch: string
  /** Where the copy and the checkouts are kept. */
  readonly stateDir: string
  readonly pollMs: number
  /** A branch whose history was rewritten is followed too. */
  readonly allowRewrite: boolean
}

/**
 * Follows a branch of a git repository. Each commit is checked out into a folder of its own, so that the one in use
 * never changes while it is read.
 */
export async function followGit(
  setting: GitSetting,
  found: Found,
  failed: (error: unknown) => void,
): Promise<Follower> {
  const copy = await openCopy(setting)
  const look = async (commit: string) => {
    const { good } = await found({ dir: await copy.checkout(commit), commit })
    await copy.seen(commit, good)
  }
  // Before anything new: it is known to be good, and the repository may be out of reach.
  const last = await copy.lastGood()
  if (last !== null) await look(last).catch(failed)
  const { wake, problem, idle } = looker(async () => {
    const commit = await copy.fetch()
    if (commit !== null) await look(commit)
  }, failed)
  const timer = setInterval(wake, setting.pollMs)
  wake()
  return {
    wake,
    problem,
    async close() {
      clearInterval(timer)
      await idle()
    },
  }
}

/** The commit that was looked at last, and the last that was good. */
const SEEN = 'refs/drover/seen'
const GOOD = 'refs/drover/good'
const FETCHED = 'refs/drover/fetched'

async function openCopy({ url, branch, stateDir, allowRewrite }: GitSetting) {
  checkUrl(url)
  const bare = join(stateDir, 'site.git')
  const checkouts = join(stateDir, 'sites')
  mkdirSync(checkouts, { recursive: true, mode: 0o700 })
  const git = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runGit(['--git-dir', bare, ...args], env)
  if (!existsSync(join(bare, 'HEAD'))) await git(['init', '--quiet', '--bare'])
  const known = async (ref: string) =>
    (await git(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]).catch(() => '')).trim() || null

  return {
    lastGood: () => known(GOOD),

    /** The commit of the branch; `null`: it was looked at already. */
    async fetch(): Promise<string | null> {
      await git(['fetch', '--quiet', '--no-tags', '--', url, `+refs/heads/${branch}:${FETCHED}`])
      const [from, to] = [await known(SEEN), await known(FETCHED)]
      if (to === from) return null
      if (from !== null && to !== null && !allowRewrite && !(await isAncestor(from, to)))
        throw new Failure(
          'conflict',
          `branch "${branch}" was rewritten: ${short(to)} does not follow ${short(from)}, which was seen before`,
          { about: url, hint: 'if it was meant, set allow_rewrite in master.yaml' },
        )
      return to
    },

    async checkout(commit: string): Promise<string> {
      const dir = join(checkouts, commit)
      if (existsSync(dir)) return dir
      await checkSize(commit)
      const part = `${dir}.part`
      rmSync(part, { recursive: true, force: true })
      mkdirSync(part, { mode: 0o700 })
      const env = { GIT_INDEX_FILE: join(part, '..', `${commit}.index`) }
      try {
        await git(['read-tree', commit], env)
        await git(['--work-tree', part, 'checkout-index', '--all', '--quiet'], env)
      } finally {
        rmSync(env.GIT_INDEX_FILE, { force: true })
      }
      renameSync(part, dir)
      return dir
    },

    /** Remembers what was looked at. Files of the last good checkout are still read, those of others never. */
    async seen(commit: string, good: boolean): Promise<void> {
      await git(['update-ref', SEEN, commit])
      if (good) await git(['update-ref', GOOD, commit])
      const kept = await known(GOOD)
      for (const name of readdirSync(checkouts))
        if (name !== kept) rmSync(join(checkouts, name), { recursive: true, force: true })
    },
  }

  async function isAncestor(from: string, to: string): Promise<boolean> {
    return git(['merge-base', '--is-ancestor', from, to]).then(
      () => true,
      () => false,
    )
  }

  async function checkSize(commit: string): Promise<void> {
    const lines = (await git(['ls-tree', '-r', '-l', '-z', commit])).split('\0')
    const bytes = lines.reduce(
      (sum, line) => sum + (Number(/^\d+ blob \w+ +(\d+)\t/.exec(line)?.[1]) || 0),
      0,
    )
    if (bytes > MAX_SITE_BYTES)
      throw new Failure('invalid', `the site has ${bytes} bytes, at most ${MAX_SITE_BYTES} are taken`, {
        about: `commit ${short(commit)}`,
        hint: 'let hosts fetch large files with a "download" resource',
      })
  }
}

const short = (commit: string) => commit.slice(0, 12)

/** Schemes that run a program of the URL's choosing are out. */
function checkUrl(url: string): void {
  if (/^(?:https|ssh|file):\/\/[^-]/.test(url) || /^\//.test(url) || /^[\w.@][\w.@-]*:(?!\/\/)[^:]/.test(url))
    return
  throw new Failure('invalid', `"${url}" is no place of a repository that can be followed`, {
    hint: 'use https://, ssh://, user@host:path or a path',
  })
}

// A pack of more cannot hold a site of the size that is taken.
const MAX_PACK_BYTES = 2 * MAX_SITE_BYTES

const SAFE = [
  'core.hooksPath=/dev/null',
  'protocol.ext.allow=never',
  'transfer.fsckObjects=true',
  'core.autocrlf=false',
  'gc.auto=0',
].flatMap((one) => ['-c', one])

function runGit(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const { PATH = '/usr/bin:/bin', HOME = '/root' } = process.env
  return new Promise((resolve, reject) => {
    execFile(
      'prlimit',
      [`--fsize=${MAX_PACK_BYTES}`, '--', 'git', ...SAFE, ...args],
      {
        timeout: GIT_TIMEOUT_MS,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_SITE_BYTES / 8,
        env: {
          PATH,
          HOME,
          LC_ALL: 'C',
          GIT_CONFIG_NOSYSTEM: '1',
          GIT_TERMINAL_PROMPT: '0',
          GIT_ALLOW_PROTOCOL: 'https:ssh:file',
          GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
          ...env,
        },
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout)
        else reject(gitFailure(args, error, stderr))
      },
    )
  })
}

function gitFailure(args: readonly string[], error: Error & { killed?: boolean }, stderr: string): Failure {
  const verb = args.find((word) => /^[a-z]+(-[a-z]+)*$/.test(word)) ?? 'git'
  const lines = stderr.trim().split('\n')
  const said = lines.find((line) => /^(?:fatal|error):/.test(line)) ?? lines.at(-1)
  const why = error.killed ? `took more than ${GIT_TIMEOUT_MS} ms` : (said ?? error.message)
  return new Failure(error.killed ? 'timeout' : 'unavailable', `git ${verb}: ${why}`, { cause: error })
}
