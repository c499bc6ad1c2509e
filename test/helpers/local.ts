import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { parse } from 'valibot'
import type { Local } from '../../agent/local.ts'
import type { Resource } from '../../lib/catalog.ts'
import { states } from '../../states/index.ts'

/** Props of a file that whoever runs the tests may make. */
export const mine = { owner: userInfo().username, group: null }

/** A resource as the compiler makes it, with all the props that its state gives it. */
export function declared(
  type: string,
  name: string,
  props: object,
  needs: readonly `${string}:${string}`[] = [],
): Resource {
  const state = states.get(type)
  if (state === undefined) throw new Error(type)
  return {
    id: `${type}:${name}`,
    type,
    name,
    props: parse(state.props, props) as Resource['props'],
    needs,
    reactions: [],
    timeoutMs: null,
    onRemove: null,
    tags: [],
    origins: [],
  }
}

/** What a run of these resources is made of, in folders of the test. */
export function localOf(t: Test, resources: (target: string) => readonly Resource[]) {
  const dir = t.testdir({ target: {} })
  const never = new AbortController().signal
  const catalog = {
    format: 1,
    host: 'a',
    site: { name: 'x' },
    roles: ['x'],
    maxRemovals: 100,
    omitted: [],
    checks: [],
    exports: {},
    blobs: {},
    secrets: {},
  } as const
  const local: Local = {
    catalog: { ...catalog, resources: resources(join(dir, 'target')) },
    blobs: new Map(),
    states,
    stateDir: join(dir, 'state'),
    tell: () => undefined,
    waiting: () => undefined,
    signal: never,
    kill: never,
  }
  return { local, path: (name: string) => join(dir, 'target', name), stateDir: join(dir, 'state') }
}
