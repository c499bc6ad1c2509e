import os from 'node:os'
import { basename, resolve } from 'node:path'
import { initSite } from '../../master/site/init.ts'
import type { CommonOptions, Context } from '../context.ts'
import { quoteWord } from '../escape.ts'
import { EXIT } from '../exit.ts'
import { ownPath } from '../own-path.ts'

type InitOptions = CommonOptions & { readonly host?: string; readonly name?: string }

/** `drover init`: a small site that converges as it is. */
export async function init({ print }: Context, dir: string, options: InitOptions): Promise<number> {
  const host = options.host ?? nameOf(os.hostname(), 'host1')
  const paths = initSite(ownPath(dir), { host, name: options.name ?? nameOf(basename(resolve(dir)), 'site') })
  print.out(paths.map((path) => [path]))
  const site = quoteWord(dir)
  print.err([
    [],
    [`This is a site with the host ${host}. Next:`],
    [`  drover lint ${site}`],
    [`  drover local plan ${site} --host ${host}`],
  ])
  return EXIT.done
}

// Of one part of a host's name, and of the name of a site.
const MAX_LABEL = 63

/** A name that a site takes, made of whatever the machine or the folder is called. */
const nameOf = (raw: string, otherwise: string) =>
  raw
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .slice(0, MAX_LABEL)
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '') || otherwise
