/** A place where a file system begins. */
export type Mount = { readonly point: string; readonly type: string; readonly isReadOnly: boolean }

// What the kernel shows of itself, which is made anew.
const OWN = /^\/(proc|sys|dev)(\/|$)/
// Places that open when somebody looks, and namespaces that are kept.
const NOT_FILES = new Set([
  'autofs',
  'nsfs',
  'ramfs',
  'mqueue',
  'hugetlbfs',
  'binfmt_misc',
  'rpc_pipefs',
  'cgroup',
  'cgroup2',
])

/** The file systems of a host that hold files of its own, outer ones first. `text` is /proc/self/mountinfo. */
export function mountsOf(text: string): Mount[] {
  const mounts = new Map<string, Mount>()
  for (const line of text.split('\n')) {
    const [, , , , point, options] = line.split(' ')
    const [type = '', , superOptions = ''] = line.slice(line.indexOf(' - ') + 3).split(' ')
    if (point === undefined || options === undefined) continue
    const place = unescaped(point)
    if (OWN.test(place) || NOT_FILES.has(type)) continue
    const isReadOnly = [options, superOptions].some((one) => one.split(',').includes('ro'))
    // Of two on one point, the later one lies on top.
    mounts.set(place, { point: place, type, isReadOnly })
  }
  return [...mounts.values()].sort((a, b) => depthOf(a) - depthOf(b))
}

const depthOf = ({ point }: Mount) => (point === '/' ? 0 : point.split('/').length)

/** A blank is `\040` there. */
const unescaped = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
