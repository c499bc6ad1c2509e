import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { parse } from 'yaml'
import { editRoles, removeRoles } from '../../cli/edit-roles.ts'
import { runCli } from '../helpers/run-cli.ts'
import { writeSite } from '../master/write-site.ts'

const cases: { what: string; before: string; after: string; roles?: string[] }[] = [
  {
    what: 'a list in brackets',
    before:
      '# all\nhosts:\n  web1: { roles: [base, web],  address: 192.0.2.1 } # mine\n  db1:  { roles: [db] }\n',
    after:
      '# all\nhosts:\n  web1: { roles: [base, web, new],  address: 192.0.2.1 } # mine\n  db1:  { roles: [db] }\n',
  },
  {
    what: 'several roles at once',
    before: 'hosts:\n  web1: { roles: [ base ] }\n',
    after: 'hosts:\n  web1: { roles: [ base, new, other ] }\n',
    roles: ['new', 'other'],
  },
  {
    what: 'an empty list',
    before: 'hosts:\n  web1: { roles: [] }\n',
    after: 'hosts:\n  web1: { roles: [new] }\n',
  },
  {
    what: 'brackets over several lines, with comments and a last comma',
    before: 'hosts:\n  web1:\n    roles: [\n      base, # all have it\n      web,  # and this\n    ]\n',
    after: 'hosts:\n  web1:\n    roles: [\n      base, # all have it\n      web, new,  # and this\n    ]\n',
  },
  {
    what: 'a list of lines',
    before:
      'hosts:\n  web1:\n    # why\n    roles:\n      - base\n      - web   # here\n\n    # below\n    groups: [south]\n',
    after:
      'hosts:\n  web1:\n    # why\n    roles:\n      - base\n      - web   # here\n      - new\n\n    # below\n    groups: [south]\n',
  },
  {
    what: 'a list of lines that is not indented, at the end, without a last newline',
    before: 'hosts:\n  web1:\n    roles:\n    -  "base"',
    after: 'hosts:\n  web1:\n    roles:\n    -  "base"\n    -  new',
  },
  {
    what: 'lines that end as those of Windows do',
    before: 'hosts:\r\n  web1:\r\n    roles:\r\n      - base\r\n  db1: {}\r\n',
    after: 'hosts:\r\n  web1:\r\n    roles:\r\n      - base\r\n      - new\r\n  db1: {}\r\n',
  },
  {
    what: 'nothing behind the name',
    before: 'hosts:\n  web1: # bare\n',
    after: 'hosts:\n  web1: { roles: [new] } # bare\n',
  },
  {
    what: 'null',
    before: 'hosts:\n  web1: null # bare\n',
    after: 'hosts:\n  web1: { roles: [new] } # bare\n',
  },
  { what: 'an empty map', before: 'hosts:\n  web1: {}\n', after: 'hosts:\n  web1: { roles: [new] }\n' },
  {
    what: 'a map in braces without roles',
    before: 'hosts:\n  web1: { address: 192.0.2.1 }\n',
    after: 'hosts:\n  web1: { roles: [new], address: 192.0.2.1 }\n',
  },
  {
    what: 'lines without roles',
    before: 'hosts:\n  web1:\n    # where\n    address: 192.0.2.1\n',
    after: 'hosts:\n  web1:\n    # where\n    roles: [new]\n    address: 192.0.2.1\n',
  },
  {
    what: 'roles without any',
    before: 'hosts:\n  web1:\n    roles:\n    address: 192.0.2.1\n',
    after: 'hosts:\n  web1:\n    roles: [new]\n    address: 192.0.2.1\n',
  },
  {
    what: 'a name and a key in quotes',
    before: 'hosts:\n  "web1": { "roles": [base] }\n',
    after: 'hosts:\n  "web1": { "roles": [base, new] }\n',
  },
]
for (const { what, before, after, roles = ['new'] } of cases) {
  t.test(`${what}: the roles are added, and nothing else is touched`, async (t) => {
    t.equal(editRoles(before, 'web1', roles), after)
    parse(after)
  })
}

const removals: { what: string; before: string; after: string }[] = [
  {
    what: 'one of several in brackets',
    before: 'hosts:\n  web1: { roles: [base,  old, web] } # mine\n',
    after: 'hosts:\n  web1: { roles: [base,  web] } # mine\n',
  },
  {
    what: 'the last one in brackets',
    before: 'hosts:\n  web1: { roles: [ base, old ], address: 192.0.2.1 }\n',
    after: 'hosts:\n  web1: { roles: [ base ], address: 192.0.2.1 }\n',
  },
  {
    what: 'the only one, and its comma',
    before: 'hosts:\n  web1: { roles: [old,] }\n',
    after: 'hosts:\n  web1: { roles: [] }\n',
  },
  {
    what: 'one that is there twice',
    before: 'hosts:\n  web1: { roles: [old, base, "old"] }\n',
    after: 'hosts:\n  web1: { roles: [base] }\n',
  },
  {
    what: 'a line within brackets',
    before:
      'hosts:\n  web1:\n    roles: [\n      old, # gone\n      # of web\n      web,  # and this\n    ]\n',
    after: 'hosts:\n  web1:\n    roles: [\n      # of web\n      web,  # and this\n    ]\n',
  },
  {
    what: 'the end of a line within brackets',
    before: 'hosts:\n  web1:\n    roles: [ base, old,\n      web ]\n',
    after: 'hosts:\n  web1:\n    roles: [ base,\n      web ]\n',
  },
  {
    what: 'a line of a list',
    before: 'hosts:\n  web1:\n    roles:\n      # all\n      - base\n      - old   # gone\n\n    # below\n',
    after: 'hosts:\n  web1:\n    roles:\n      # all\n      - base\n\n    # below\n',
  },
  {
    what: 'the only line of a list',
    before: 'hosts:\n  web1:\n    roles: # of it\n      - old\n    groups: [south]\n',
    after: 'hosts:\n  web1:\n    roles: [] # of it\n    groups: [south]\n',
  },
  {
    what: 'the last line of all, which has no end',
    before: 'hosts:\r\n  web1:\r\n    roles:\r\n    - base\r\n    - old',
    after: 'hosts:\r\n  web1:\r\n    roles:\r\n    - base\r\n',
  },
]
for (const { what, before, after } of removals) {
  t.test(`${what}: the role is gone, and nothing else is touched`, async (t) => {
    t.equal(removeRoles(before, 'web1', ['old']), after)
    parse(after)
  })
}

const refused = [
  ['hosts:\n  web1: &a { roles: [b] }\n  web2: *a\n', 'web2', /alias/],
  ['hosts:\n  web1: { roles: [b] }\n', 'web2', /not declared under its own name/],
  ['hosts:\n  web1: { roles: base }\n', 'web1', /no list/],
  ['hosts:\n  web1: [base]\n', 'web1', /no map/],
] as const
for (const [text, host, why] of refused) {
  t.test(`${JSON.stringify(text)} is left to people`, async (t) => {
    t.throws(() => editRoles(text, host, ['new']), { code: 'conflict', message: why })
  })
}

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
const comment = fc.constantFrom('', '', ' # why', '  #  äöü: [x], {y}', ' # "quoted', "  # it's")
const host = fc.record({
  roles: fc.option(fc.uniqueArray(word, { maxLength: 4 }), { nil: null }),
  comment,
  form: fc.constantFrom('flow', 'block', 'mixed', 'bare'),
  blank: fc.boolean(),
})

function hostText(
  name: string,
  { roles, comment, form, blank }: { roles: string[] | null; comment: string; form: string; blank: boolean },
): string {
  const gap = blank ? '\n    # a line of its own\n' : ''
  if (form === 'bare') return `  ${name}:${comment}\n${gap}`
  if (form === 'flow')
    return `  ${name}: { ${roles === null ? '' : `roles: [${roles.join(',  ')}], `}address: "192.0.2.1" }${comment}\n${gap}`
  const list =
    form === 'mixed' || roles === null || roles.length === 0
      ? roles === null
        ? ''
        : `    roles: [${roles.join(', ')}]${comment}\n`
      : `    roles:${comment}\n${roles.map((role) => `      -   ${role}${comment}\n`).join('')}`
  return `  ${name}:${comment}\n${list}    address: '192.0.2.1'${comment}\n${gap}`
}

t.test(
  'whatever the file: what is taken out of the edited text is one piece, and the rest is the file',
  async (t) => {
    fc.assert(
      fc.property(
        fc.array(host, { minLength: 1, maxLength: 5 }),
        fc.nat(),
        fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
        (hosts, pick, added) => {
          const text = `# the fleet\nhosts:\n${hosts.map((one, i) => hostText(`h${i}`, one)).join('')}# the end\n`
          const name = `h${pick % hosts.length}`
          const had = (parse(text).hosts[name]?.roles ?? []) as string[]
          const fresh = added.filter((role) => !had.includes(role))
          if (fresh.length === 0) return
          const edited = editRoles(text, name, fresh)
          let from = 0
          while (text[from] === edited[from] && from < text.length) from += 1
          let behind = 0
          while (text.at(-1 - behind) === edited.at(-1 - behind) && behind < text.length - from) behind += 1
          // Nothing of the file is gone, and the piece holds no comment.
          if (from + behind < text.length)
            throw new Error(`lost: ${JSON.stringify(text.slice(from, text.length - behind))}`)
          if (edited.slice(from, edited.length - behind).includes('#')) throw new Error('a comment moved')
          const now = parse(edited).hosts
          const wanted = parse(text).hosts
          wanted[name] = { ...wanted[name], roles: [...had, ...fresh] }
          t.same(now, wanted)
          const back = parse(removeRoles(edited, name, fresh)).hosts
          wanted[name] = { ...wanted[name], roles: had }
          t.same(back, wanted)
        },
      ),
      { numRuns: 300 },
    )
  },
)

const SITE = {
  'drover.yaml': 'name: demo\ndefaults: { roles: [base] }\n',
  'hosts/a.yaml': '# ours\nhosts:\n  web1: { roles: [web] } # the first\n  "edge[1-4]": { roles: [web] }\n',
  'hosts/b.yaml': 'hosts:\n  db1:\n',
  'roles/base/role.yaml': 'resources: []\n',
  'roles/web/role.yaml': 'resources: []\n',
  'roles/db/role.yaml': 'resources: []\n',
}

t.test(
  'assign --commit writes the file that declares the host, asks no master, and says what is left to do',
  async (t) => {
    const dir = t.testdir()
    mkdirSync(join(dir, 'site'))
    writeSite(join(dir, 'site'), SITE)
    const site = join(dir, 'site')
    const words = (host: string, ...roles: string[]) => ['assign', host, ...roles, '--commit', site]
    const read = (name: string) => readFileSync(join(site, name), 'utf8')

    const said = await runCli(words('web1', 'db', 'web', 'base'))
    t.match(said, {
      code: 0,
      out: '+ db  hosts/a.yaml:3\n  web  it has it already\n  base  it has it already\n',
    })
    t.match(said.err, /not committed.*git -C .* diff/)
    t.equal(read('hosts/a.yaml'), SITE['hosts/a.yaml'].replace('[web] } # the', '[web, db] } # the'))
    t.equal(read('hosts/b.yaml'), SITE['hosts/b.yaml'])
    t.equal((await runCli(words('db1', 'db'))).code, 0)
    t.equal(read('hosts/b.yaml'), 'hosts:\n  db1: { roles: [db] }\n')

    const before = read('hosts/a.yaml')
    const { mtimeMs } = statSync(join(site, 'hosts/a.yaml'))
    t.match(await runCli(words('edge2', 'db')), {
      code: 1,
      err: /hosts\/a\.yaml:4: .*"edge\[1-4\]".*\nhint: .*drover assign edge2 db/,
    })
    t.match(await runCli(words('wbe1', 'db')), { code: 1, err: /did you mean "web1"/ })
    t.match(await runCli(words('web1', 'dbb')), { code: 1, err: /no role "dbb"\nhint: did you mean "db"/ })
    t.match(await runCli([...words('web1', 'web'), '--json']), { code: 0, out: /"assigned": \[\]/ })
    const away = (host: string, ...roles: string[]) => ['unassign', host, ...roles, '--commit', site]
    t.match(await runCli(away('edge2', 'web')), { code: 1, err: /"edge\[1-4\]"/ })
    t.match(await runCli([...away('web1', 'base'), '--json']), { code: 0, out: /"unassigned": \[\]/ })
    t.equal(read('hosts/a.yaml'), before)
    t.equal(statSync(join(site, 'hosts/a.yaml')).mtimeMs, mtimeMs, 'what is not changed is not written')

    const gone = await runCli(away('web1', 'db', 'base', 'no'))
    t.match(gone, {
      code: 0,
      out: /^- db {2}hosts\/a\.yaml:3\n {2}base {2}it has it from drover\.yaml:2\n {2}no {2}it does not have it\n$/,
      err: /not committed.*git -C .* diff\n.*drover unassign --help/,
    })
    t.equal(read('hosts/a.yaml'), SITE['hosts/a.yaml'], 'as it was before it was assigned')
  },
)
