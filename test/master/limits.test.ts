import t from 'tap'
import { SITE_LIMITS } from '../../lib/limits.ts'
import { lint } from '../../master/site/lint.ts'
import { readSite } from '../../master/site/read.ts'
import { states } from './states.ts'
import { type Files, writeSite } from './write-site.ts'

const ROLE = 'roles/web/role.yaml'
const limited = (limits: string, files: Files): Files => ({
  ...files,
  'drover.yaml': `name: test\nlimits: ${limits}\n`,
})
const role = (...lines: string[]) => ({
  [ROLE]: ['resources:', ...lines].map((line) => `${line}\n`).join(''),
})

/** What is over a limit that the site lowers, and under the one that it raises. */
const cases = [
  {
    name: 'hosts',
    lower: 2,
    files: {
      'hosts.yaml': 'hosts:\n  h[1-2]: { roles: [web] }\n  h3: {}\n  h4: {}\n',
      ...role('  - package: nano'),
    },
    at: 'hosts.yaml:3:3',
    says: 'the site has at most 2 hosts, and this is one more',
  },
  {
    name: 'resources_per_host',
    lower: 2,
    files: role('  - package: [nano, curl]', '  - package: htop'),
    at: `${ROLE}:3:5`,
    says: 'one host has at most 2 resources, and this is one more',
  },
  {
    name: 'file_bytes_per_host',
    lower: 9,
    files: role(
      '  - { file: /etc/a, content: "12345" }',
      '  - { file: /etc/b, content: "1234" }',
      '  - { file: /etc/c, content: "1" }',
    ),
    at: `${ROLE}:4:30`,
    says: 'the files of one host have more than 9 bytes together',
  },
  {
    name: 'file_bytes_per_host',
    lower: 9,
    files: { ...role('  - { file: /etc/a, source: a }'), 'roles/web/files/a': '1234567890' },
    at: `${ROLE}:2:29`,
    says: 'the files of one host have more than 9 bytes together',
  },
  {
    name: 'for_each_items',
    lower: 3,
    files: role('  - package: "p{{ item }}"', '    for_each: range(4)'),
    at: `${ROLE}:3:15`,
    says: 'for_each has 4 items, at most 3 are allowed',
  },
  {
    name: 'render_bytes',
    lower: 20,
    files: role(`  - { file: /etc/a, content: "{{ 'x' * 21 }}" }`),
    at: `${ROLE}:2:31`,
    says: 'the rendered text has 21 bytes, at most 20 are allowed',
  },
  {
    name: 'render_steps',
    lower: 500,
    files: role('  - { file: /etc/a, content: "{% for i in range(500) %}x{% endfor %}" }'),
    at: `${ROLE}:2:31`,
    says: 'the template takes too many steps: engine ran out of fuel',
  },
] as const

for (const { name, lower, files, at, says } of cases) {
  t.test(`limits.${name} is in force where it is lowered: ${says}`, async (t) => {
    t.strictSame(await errors(t.testdir(), files), [], 'the site has no mistake as it is usually limited')
    const found = await errors(t.testdir(), limited(`{ ${name}: ${lower} }`, files))
    t.match(found, [{ at, message: says }])
    t.equal(found.length, 1)
  })
}

t.test('a site may raise a limit', async (t) => {
  const files = {
    ...role(
      '  - { file: /etc/a, template: a }',
      '  - { file: /etc/b, source: b }',
      '  - { package: "p{{ item }}", for_each: range(10001) }',
      '  - { package: "q{{ item }}", for_each: range(10000) }',
    ),
    'roles/web/templates/a': '{% for i in range(100000) %}12345678901234567890{% endfor %}',
    'roles/web/files/b': { bytes: 300 * 1024 * 1024 },
  }
  const usual = await errors(t.testdir(), files)
  const [bytes, file, items] = usual
  t.match(bytes, {
    message: /2000000 bytes, at most 1048576/,
    hint: /set limits\.render_bytes in .*, to at most 16777216/,
  })
  t.match(file, { message: /more than 268435456 bytes/ })
  t.match(items, { message: /10001 items/, hint: /set limits\.for_each_items in .*, to at most 100000/ })
  t.equal(usual.length, 3)
  const raised =
    '{ for_each_items: 10001, resources_per_host: 30000, render_bytes: 2000000, file_bytes_per_host: 400000000 }'
  t.strictSame(await errors(t.testdir(), limited(raised, files)), [])
  t.match(
    await errors(t.testdir(), files),
    [{}, {}, {}],
    'a site with the same templates keeps its own limits',
  )
})

t.test('what a site leaves out is as usual', async (t) => {
  const { site } = await readSite(writeSite(t.testdir(), limited('{ hosts: 7 }', role('  - package: nano'))))
  t.equal(site.settings.limits.hosts, 7)
  t.equal(site.settings.limits.render_bytes, SITE_LIMITS.render_bytes.usual)
})

const mistakes = [
  {
    limits: '{ hosts: 100001 }',
    at: 'drover.yaml:2:18',
    says: /^limits\.hosts must be a whole number from 1 to 100000, got the number 100001$/,
  },
  { limits: '{ hosts: 0 }', at: 'drover.yaml:2:18', says: /from 1 to 100000, got the number 0/ },
  { limits: '{ hosts: 1.5 }', at: 'drover.yaml:2:18', says: /from 1 to 100000, got the number 1.5/ },
  { limits: '{ hosts: "5" }', at: 'drover.yaml:2:18', says: /from 1 to 100000, got the string "5"/ },
  { limits: '{ hosts: 1_000 }', at: 'drover.yaml:2:18', says: /from 1 to 100000, got the string "1_000"/ },
  { limits: '{ hosts: null }', at: 'drover.yaml:2:18', says: /from 1 to 100000, got null/ },
  { limits: '{ hosts: [5] }', at: 'drover.yaml:2:18', says: /from 1 to 100000, got a list/ },
  {
    limits: '{ render_byte: 5 }',
    at: 'drover.yaml:2:11',
    says: /limits has no key "render_byte"/,
    hint: 'did you mean "render_bytes"?',
  },
  { limits: '20', at: 'drover.yaml:2:9', says: /limits must be a map/ },
]
for (const { limits, at, says, hint } of mistakes) {
  t.test(`limits: ${limits} is refused at its place`, async (t) => {
    const found = await errors(t.testdir(), limited(limits, role('  - package: nano')))
    t.match(found, [{ at, message: says, ...(hint ? { hint } : {}) }])
    t.equal(found.length, 1)
  })
}

for (const [name, { usual, most }] of Object.entries(SITE_LIMITS)) {
  t.test(`the bound of limits.${name} is itself allowed, and is no less than what is usual`, async (t) => {
    t.ok(usual <= most)
    t.strictSame(await errors(t.testdir(), limited(`{ ${name}: ${most} }`, role('  - package: nano'))), [])
  })
}

async function errors(dir: string, files: Files) {
  const found = await lint(writeSite(dir, files), states)
  return found
    .filter(({ severity }) => severity === 'error')
    .map(({ file, line, column, message, hint }) => ({ at: `${file}:${line}:${column}`, message, hint }))
}
