import { join } from 'node:path'
import t from 'tap'
import type { Diagnostic } from '../../master/site/diagnostics.ts'
import { lint } from '../../master/site/lint.ts'
import { states } from './states.ts'
import { type Files, listing, writeSite } from './write-site.ts'

/** One mistake: the files, and what is said of it. `row` is its number in the catalogue of bad input. */
type Row = {
  row: number
  what: string
  files: Files
  code: string
  at: string
  says: RegExp
  hint?: RegExp
  allowed?: RegExp
  severity?: 'warning'
}

const ROLE = 'roles/web/role.yaml'
const role = (text: string): Files => ({ [ROLE]: text })
const resources = (...lines: string[]) => role(['resources:', ...lines].map((line) => `${line}\n`).join(''))
const bytes = (...codes: number[]) => Buffer.from(codes)

function aliasBomb(): string {
  const letters = 'abcdefghi'
  const rest = [...letters.slice(1)].map(
    (letter, i) => `${letter}: &${letter} [${Array(9).fill(`*${letters[i]}`).join(', ')}]`,
  )
  return ['a: &a [x, x, x, x, x, x, x, x, x]', ...rest].join('\n')
}

const rows: Row[] = [
  {
    row: 1,
    what: 'an alias bomb',
    files: { 'data/common.yaml': aliasBomb() },
    code: 'E_YAML_ALIAS',
    at: 'data/common.yaml:4:8',
    says: /more than 100/,
    hint: /write the values out/,
  },
  {
    row: 2,
    what: 'a recursive anchor',
    files: { 'data/common.yaml': 'a: &a [*a]\n' },
    code: 'E_YAML_CYCLE',
    at: 'data/common.yaml:1:8',
    says: /\*a stands inside its own anchor/,
  },
  {
    row: 3,
    what: '20,000 brackets deep',
    files: { 'data/common.yaml': `a: ${'['.repeat(20_000)}\n` },
    code: 'E_DEPTH',
    at: 'data/common.yaml:1:68',
    says: /deeper than 64/,
  },
  {
    row: 3,
    what: '20,000 dashes deep',
    files: { 'data/common.yaml': `a:\n  ${'- '.repeat(20_000)}x\n` },
    code: 'E_DEPTH',
    at: 'data/common.yaml:2:129',
    says: /deeper than 64/,
  },
  {
    row: 4,
    what: 'a duplicate key',
    files: { 'data/common.yaml': 'a: 1\nb: 2\na: 3\n' },
    code: 'E_DUP_KEY',
    at: 'data/common.yaml:3:1',
    says: /"a" stands twice.*line 1/,
    hint: /take one/,
  },
  {
    row: 5,
    what: 'a merge key',
    files: { 'data/common.yaml': 'a: &a { x: 1 }\nb:\n  <<: *a\n' },
    code: 'E_YAML_MERGE',
    at: 'data/common.yaml:3:3',
    says: /"<<" is not supported/,
    hint: /write the keys out/,
  },
  {
    row: 6,
    what: 'a tag of JavaScript',
    files: { 'data/common.yaml': 'a: !!js/function "x"\n' },
    code: 'E_YAML_TAG',
    at: 'data/common.yaml:1:4',
    says: /!!js\/function/,
    hint: /quotes/,
  },
  {
    row: 6,
    what: 'an unknown tag',
    files: { 'data/common.yaml': 'a: !Ref x\n' },
    code: 'E_YAML_TAG',
    at: 'data/common.yaml:1:4',
    says: /!Ref/,
  },
  {
    row: 7,
    what: 'an unquoted mode',
    files: resources('  - file: /etc/x', '    mode: 0644'),
    code: 'E_MODE_UNQUOTED',
    at: `${ROLE}:3:11`,
    says: /file:\/etc\/x: mode: .*got 0644/,
    hint: /write "0644"/,
  },
  {
    row: 8,
    what: 'a version that reads as a number',
    files: resources('  - package: nginx', '    version: 1.10'),
    code: 'E_TYPE',
    at: `${ROLE}:3:14`,
    says: /version: must be string, got 1\.10/,
    hint: /"1\.10"/,
  },
  {
    row: 9,
    what: 'yes for true',
    files: resources('  - service: a.service', '    running: yes'),
    code: 'E_TYPE',
    at: `${ROLE}:3:14`,
    says: /running: must be boolean, got "yes"/,
    allowed: /true, false/,
  },
  {
    row: 10,
    what: 'a whole number beyond 2^53',
    files: { 'data/common.yaml': 'a: 9007199254740993\n' },
    code: 'E_NUMBER_RANGE',
    at: 'data/common.yaml:1:4',
    says: /9007199254740993 is refused/,
    hint: /quotes/,
  },
  {
    row: 10,
    what: 'infinity',
    files: { 'data/common.yaml': 'a: .inf\n' },
    code: 'E_NUMBER_RANGE',
    at: 'data/common.yaml:1:4',
    says: /\.inf is refused/,
  },
  {
    row: 10,
    what: 'minus zero',
    files: { 'data/common.yaml': 'a: -0\n' },
    code: 'E_NUMBER_RANGE',
    at: 'data/common.yaml:1:4',
    says: /minus zero/,
  },
  {
    row: 10,
    what: '1e400',
    files: { 'data/common.yaml': 'a: [1, 1e400]\n' },
    code: 'E_NUMBER_RANGE',
    at: 'data/common.yaml:1:8',
    says: /too large/,
  },
  {
    row: 11,
    what: 'a tab that indents',
    files: { 'data/common.yaml': 'a:\n\tb: 1\n' },
    code: 'E_YAML_TAB',
    at: 'data/common.yaml:2:1',
    says: /a tab must not indent/,
    hint: /spaces/,
  },
  {
    row: 11,
    what: 'a NUL',
    files: { 'data/common.yaml': 'a: "x\0"\n' },
    code: 'E_CONTROL_CHAR',
    at: 'data/common.yaml:1:6',
    says: /U\+0000/,
    hint: /escape/,
  },
  {
    row: 11,
    what: 'a control character in each of 50,000 lines',
    files: { 'data/common.yaml': '# \u0001\n'.repeat(50_000) },
    code: 'E_LIMIT',
    at: 'data/common.yaml',
    says: /was not looked at/,
    hint: /first/,
  },
  {
    row: 11,
    what: 'a lone carriage return',
    files: { 'data/common.yaml': 'a: x\rb: y\n' },
    code: 'E_CONTROL_CHAR',
    at: 'data/common.yaml:1:5',
    says: /carriage return/,
    hint: /LF/,
  },
  {
    row: 11,
    what: 'a byte order mark inside',
    files: { 'data/common.yaml': 'a: x\nb: "\ufeff"\n' },
    code: 'E_BIDI',
    at: 'data/common.yaml:2:5',
    says: /U\+FEFF/,
  },
  {
    row: 12,
    what: 'latin-1',
    files: { 'data/common.yaml': Buffer.concat([Buffer.from('a: 1\nb: caf'), bytes(0xe9, 0x0a)]) },
    code: 'E_UTF8',
    at: 'data/common.yaml:2:7',
    says: /offset 11/,
    hint: /UTF-8/,
  },
  {
    row: 12,
    what: 'UTF-16',
    files: { 'data/common.yaml': Buffer.from('\ufeffa: 1\n', 'utf16le') },
    code: 'E_UTF8',
    at: 'data/common.yaml:1:1',
    says: /offset 0/,
    hint: /UTF-16/,
  },
  {
    row: 13,
    what: 'two documents',
    files: { 'data/common.yaml': 'a: 1\n---\nb: 2\n' },
    code: 'E_YAML_MULTIDOC',
    at: 'data/common.yaml:2:1',
    says: /second document/,
    hint: /split/,
  },
  {
    row: 14,
    what: 'a bidi override in a scalar',
    files: { 'data/common.yaml': 'a: x\u202ey\n' },
    code: 'E_BIDI',
    at: 'data/common.yaml:1:5',
    says: /U\+202E/,
    hint: /\\u202E/,
  },
  {
    row: 14,
    what: 'a bidi override in a comment',
    files: { 'data/common.yaml': 'a: x # \u2066\n' },
    code: 'E_BIDI',
    at: 'data/common.yaml:1:8',
    says: /U\+2066/,
    severity: 'warning',
  },
  {
    row: 14,
    what: 'a zero-width space',
    files: { 'data/common.yaml': 'a: x\u200by\n' },
    code: 'E_BIDI',
    at: 'data/common.yaml:1:5',
    says: /U\+200B/,
  },
  {
    row: 14,
    what: 'a Cyrillic letter in a name of a host',
    files: { 'hosts.yaml': 'hosts:\n  \u0430dmin: { roles: [] }\n' },
    code: 'E_NAME',
    at: 'hosts.yaml:2:3',
    says: /no name for a host/,
    hint: /U\+0430/,
  },
  {
    row: 14,
    what: 'a Cyrillic letter in a name of a user',
    files: resources('  - user: \u0430dmin'),
    code: 'E_NAME',
    at: `${ROLE}:2:5`,
    says: /user:.dmin: a user or group name/,
  },
  {
    row: 15,
    what: 'one name in two forms',
    files: resources('  - file: /etc/caf\u00e9', '  - file: /etc/cafe\u0301'),
    code: 'E_NAME_COLLISION',
    at: `${ROLE}:3:5`,
    says: /role\.yaml:2 but is written with other characters/,
    hint: /NFC/,
  },
  {
    row: 16,
    what: 'a misspelled type',
    files: resources('  - pacakge: nginx'),
    code: 'E_UNKNOWN_KIND',
    at: `${ROLE}:2:5`,
    says: /no type of resource "pacakge"/,
    hint: /"package"/,
    allowed: /directory, file, package/,
  },
  {
    row: 16,
    what: 'a misspelled key of a resource',
    files: resources('  - file: /etc/x', '    onwer: root'),
    code: 'E_UNKNOWN_KEY',
    at: `${ROLE}:3:5`,
    says: /a file has no key "onwer"/,
    hint: /"owner"/,
    allowed: /content, template, source/,
  },
  {
    row: 16,
    what: 'a misspelled meta key',
    files: resources('  - file: /etc/x', '    restarst: service:a.service'),
    code: 'E_UNKNOWN_KEY',
    at: `${ROLE}:3:5`,
    says: /no key "restarst"/,
    hint: /"restarts"/,
  },
  {
    row: 16,
    what: 'a misspelled key of a role',
    files: role('resuorces: []\n'),
    code: 'E_UNKNOWN_KEY',
    at: `${ROLE}:1:1`,
    says: /a role has no key "resuorces"/,
    hint: /"resources"/,
  },
  {
    row: 16,
    what: 'a misspelled key of a host',
    files: { 'hosts.yaml': 'hosts:\n  h1: { rolse: [web] }\n' },
    code: 'E_UNKNOWN_KEY',
    at: 'hosts.yaml:2:9',
    says: /host h1 has no key "rolse"/,
    hint: /"roles"/,
  },
  {
    row: 17,
    what: 'a type that nothing knows',
    files: resources('  - hologram: x'),
    code: 'E_UNKNOWN_KIND',
    at: `${ROLE}:2:5`,
    says: /hologram/,
    allowed: /service/,
  },
  {
    row: 18,
    what: 'the same file twice',
    files: resources('  - file: /etc/x', '  - file: /etc/x'),
    code: 'E_DUP_RESOURCE',
    at: `${ROLE}:3:5`,
    says: /first at roles\/web\/role\.yaml:2/,
  },
  {
    row: 18,
    what: 'the same file as /etc//x',
    files: resources('  - file: /etc/x', '  - file: /etc//x'),
    code: 'E_DUP_RESOURCE',
    at: `${ROLE}:3:5`,
    says: /first at roles\/web\/role\.yaml:2/,
  },
  {
    row: 18,
    what: 'the same file as /etc/./x',
    files: resources('  - file: /etc/./x', '  - file: /etc/x'),
    code: 'E_DUP_RESOURCE',
    at: `${ROLE}:3:5`,
    says: /as "\/etc\/\.\/x"/,
  },
  {
    row: 19,
    what: 'two roles that differ',
    code: 'E_CONFLICT',
    at: 'roles/web/role.yaml:4:12',
    says: /roles base and web give file:\/etc\/x a different owner.*roles\/base\/role\.yaml:3/,
    hint: /one role/,
    files: {
      'roles/base/role.yaml': 'resources:\n  - file: /etc/x\n    owner: root\n',
      [ROLE]: 'includes: [base]\nresources:\n  - file: /etc/x\n    owner: www-data\n',
    },
  },
  {
    row: 20,
    what: 'roles that include each other',
    code: 'E_ROLE_CYCLE',
    at: 'roles/b/role.yaml:1:12',
    says: /web includes b includes web/,
    files: { [ROLE]: 'includes: [b]\n', 'roles/b/role.yaml': 'includes: [web]\n' },
  },
  {
    row: 20,
    what: 'a role that includes itself',
    files: role('includes: [web]\n'),
    code: 'E_ROLE_CYCLE',
    at: `${ROLE}:1:12`,
    says: /web includes web/,
  },
  {
    row: 21,
    what: 'resources that need each other',
    code: 'E_DEP_CYCLE',
    at: `${ROLE}:2:5`,
    says: /cycle: file:\/etc\/a needs file:\/etc\/b needs file:\/etc\/a/,
    files: resources(
      '  - file: /etc/a',
      '    needs: file:/etc/b',
      '  - file: /etc/b',
      '    needs: file:/etc/a',
    ),
  },
  {
    row: 22,
    what: 'an include that climbs',
    files: role('includes: [../../etc/shadow]\n'),
    code: 'E_PATH_ESCAPE',
    at: `${ROLE}:1:12`,
    says: /leads out of roles/,
  },
  {
    row: 22,
    what: 'a template that climbs',
    files: resources('  - file: /etc/x', '    template: ../../../etc/shadow'),
    code: 'E_PATH_ESCAPE',
    at: `${ROLE}:3:15`,
    says: /leads out of templates/,
  },
  {
    row: 22,
    what: 'an absolute source',
    files: resources('  - file: /etc/x', '    source: /etc/shadow'),
    code: 'E_PATH_ESCAPE',
    at: `${ROLE}:3:13`,
    says: /leads out of files/,
  },
  {
    row: 22,
    what: 'a source from .git',
    files: resources('  - file: /etc/x', '    source: ../../../.git/config'),
    code: 'E_PATH_ESCAPE',
    at: `${ROLE}:3:13`,
    says: /leads out of files/,
  },
  {
    row: 22,
    what: 'a link out of the site',
    files: { [ROLE]: '{}\n', 'roles/web/files/shadow': { link: '/etc/shadow' } },
    code: 'E_PATH_ESCAPE',
    at: 'roles/web/files/shadow:1:1',
    says: /a link that leads out of the site/,
  },
  {
    row: 22,
    what: 'a template that includes one outside',
    code: 'E_PATH_ESCAPE',
    at: 'roles/web/templates/x.j2:2:4',
    says: /no template "\.\.\/\.\.\/secret"/,
    files: {
      ...resources('  - file: /etc/x', '    template: x.j2'),
      'roles/web/templates/x.j2': 'a\n{% include "../../secret" %}\n',
    },
  },
  {
    row: 23,
    what: 'a typo in an interpolation',
    files: role(
      'params:\n  port: { type: integer, default: 1 }\nresources:\n  - file: "/etc/{{ params.prot }}"\n',
    ),
    code: 'E_UNDEFINED',
    at: `${ROLE}:4:20`,
    says: /params\.prot is undefined/,
    hint: /"port"/,
  },
  {
    row: 23,
    what: 'a typo in a block of text',
    files: resources('  - file: /etc/x', '    content: |', '      a', '      b {{ hots.name }}'),
    code: 'E_UNDEFINED',
    at: `${ROLE}:5:12`,
    says: /hots\.name is undefined/,
    hint: /"host"/,
  },
  {
    row: 23,
    what: 'a typo in a template',
    code: 'E_UNDEFINED',
    at: 'roles/web/templates/x.j2:2:6',
    says: /host\.nmae is undefined/,
    hint: /"name"/,
    files: {
      ...resources('  - file: /etc/x', '    template: x.j2'),
      'roles/web/templates/x.j2': 'a\nb {{ host.nmae }}\n',
    },
  },
  {
    row: 23,
    what: 'a typo in a condition',
    files: resources('  - file: /etc/x', '    when: fatcs.os.id == "debian"'),
    code: 'E_UNDEFINED',
    at: `${ROLE}:3:11`,
    says: /fatcs\.os is undefined/,
    hint: /"facts"/,
  },
  {
    row: 24,
    what: 'a loop of 10^10 turns',
    files: resources(
      '  - file: /etc/x',
      '    content: "{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}"',
    ),
    code: 'E_TEMPLATE_LIMIT',
    at: `${ROLE}:3:15`,
    says: /too many steps/,
  },
  {
    row: 24,
    what: 'a range of 10^9',
    files: resources('  - file: /etc/x', '    content: "{% for i in range(1000000000) %}x{% endfor %}"'),
    code: 'E_TEMPLATE_LIMIT',
    at: `${ROLE}:3:27`,
    says: /too many elements/,
  },
  {
    row: 24,
    what: 'two MiB of text',
    files: resources('  - file: /etc/x', `    content: "{{ 'x' * 2097152 }}"`),
    code: 'E_TEMPLATE_LIMIT',
    at: `${ROLE}:3:15`,
    says: /2097152 bytes, at most 1048576/,
  },
  {
    row: 25,
    what: 'a secret in a name',
    files: resources(`  - file: "/etc/{{ secret('app/key') }}"`),
    code: 'E_UNKNOWN_SECRET',
    at: `${ROLE}:2:12`,
    says: /no secret "app\/key"/,
  },
  {
    row: 25,
    what: 'a secret in a prop that everybody sees',
    files: {
      ...resources(`  - user: x`, `    shell: "{{ secret('app/key') }}"`),
      'secrets/app.yaml': `key: |\n  -----BEGIN AGE ENCRYPTED FILE-----\n  YWdl\n  -----END AGE ENCRYPTED FILE-----\n`,
    },
    code: 'E_SECRET_FLOW',
    at: `${ROLE}:3:12`,
    says: /user:x: shell would show the secret "app\/key"/,
  },
  {
    row: 32,
    what: 'an encrypted value that was edited',
    files: { 'secrets/app.yaml': 'key: |\n  -----BEGIN AGE ENCRYPTED FILE-----\n  YWdl\n' },
    code: 'E_PLAINTEXT_SECRET',
    at: 'secrets/app.yaml:1:6',
    says: /"app\/key" is not encrypted/,
  },
  {
    row: 26,
    what: 'a pattern that runs away',
    files: role('params:\n  a: { type: string, default: x, pattern: "(a+)+$" }\n'),
    code: 'E_REGEX',
    at: `${ROLE}:2:43`,
    says: /\(a\+\)\+\$.*exponential/,
    hint: /repeats/,
  },
  {
    row: 26,
    what: 'a pattern that refers back',
    files: role("params:\n  a: { type: string, default: x, pattern: '(a)\\1' }\n"),
    code: 'E_REGEX',
    at: `${ROLE}:2:43`,
    says: /refers back/,
  },
  {
    row: 27,
    what: 'more resources than a host may have',
    files: resources(
      ...['a', 'b', 'c'].map((name) => `  - { package: "${name}{{ item }}", for_each: range(9000) }`),
    ),
    code: 'E_LIMIT',
    at: `${ROLE}:4:7`,
    says: /at most 20000 resources/,
  },
  {
    row: 27,
    what: 'a for_each of 20,000',
    files: resources('  - file: "/etc/{{ item }}"', '    for_each: range(20000)'),
    code: 'E_LIMIT',
    at: `${ROLE}:3:15`,
    says: /20000 items, at most 10000/,
  },
  {
    row: 27,
    what: 'a YAML file of 200 MB',
    files: { 'data/common.yaml': { bytes: 200_000_000 } },
    code: 'E_LIMIT',
    at: 'data/common.yaml:1:1',
    says: /200000000 bytes/,
    hint: /split/,
  },
  {
    row: 28,
    what: 'a template that is no text',
    files: {
      ...resources('  - file: /etc/x', '    template: x.j2'),
      'roles/web/templates/x.j2': bytes(0x61, 0xff, 0xfe),
    },
    code: 'E_UTF8',
    at: 'roles/web/templates/x.j2:1:2',
    says: /offset 1/,
  },
  {
    row: 28,
    what: 'a sparse file of 4 GiB',
    files: { [ROLE]: '{}\n', 'roles/web/files/big': { bytes: 4 * 1024 ** 3 } },
    code: 'E_LIMIT',
    at: 'roles/web/files/big:1:1',
    says: /4294967296 bytes/,
    hint: /package/,
  },
  {
    row: 29,
    what: 'an empty file',
    files: role(''),
    code: 'E_EMPTY',
    at: `${ROLE}:1:1`,
    says: /says nothing/,
    hint: /\{\}/,
  },
  {
    row: 29,
    what: 'comments alone',
    files: role('# later\n'),
    code: 'E_EMPTY',
    at: `${ROLE}:1:1`,
    says: /says nothing/,
  },
  { row: 29, what: 'null', files: role('null\n'), code: 'E_EMPTY', at: `${ROLE}:1:1`, says: /says nothing/ },
  {
    row: 29,
    what: 'an environment of all hosts that is declared nowhere',
    files: {
      'drover.yaml': 'name: x\nenvironments: { production: {} }\ndefaults: { environment: producton }\n',
    },
    code: 'E_INVENTORY_ENVIRONMENT',
    at: 'drover.yaml:3:26',
    says: /declares no environment "producton"/,
    hint: /did you mean "production"/,
    allowed: /^production$/,
  },
  ...Object.entries({
    syntax: (i: number) => `k${i}: a: b`,
    duplicate: () => 'a: 1',
    tag: (i: number) => `k${i}: !x 1`,
    quote: (i: number) => `k${i}: "x`,
    bracket: (i: number) => `k${i}: [a`,
    tab: (i: number) => `k${i}:\t1`,
    control: (i: number) => `k${i}: \u0007`,
    document: () => '--- a',
  }).map(([mistake, line]): Row => {
    const text = Array.from({ length: 600_000 }, (_, i) => line(i)).join('\n')
    return {
      row: 3,
      what: `a file of ${Math.round(text.length / 1e6)} MB with a ${mistake} mistake in every line`,
      files: { 'data/common.yaml': `${text}\n` },
      code: 'E_LIMIT',
      at: 'data/common.yaml',
      says: /what follows line \d+ was not looked at/,
      hint: /mend those first/,
    }
  }),
  {
    row: 30,
    what: 'a fleet of no hosts',
    files: { 'hosts.yaml': 'hosts: {}\n' },
    code: 'E_INVENTORY_EMPTY',
    at: 'hosts.yaml:1:1',
    says: /declares no host/,
  },
  {
    row: 30,
    what: 'a host in two ranges',
    files: { 'hosts.yaml': 'hosts:\n  "e[1-3]": { roles: [] }\n  "e[3-4]": { roles: [] }\n' },
    code: 'E_INVENTORY_DUPLICATE',
    at: 'hosts.yaml:3:3',
    says: /e3 is declared twice; first at hosts\.yaml:2/,
  },
  {
    row: 30,
    what: 'hosts that differ in case',
    files: { 'hosts.yaml': 'hosts:\n  web1: { roles: [] }\n  Web1: { roles: [] }\n' },
    code: 'E_INVENTORY_CASE',
    at: 'hosts.yaml:3:3',
    says: /upper and lower case/,
  },
  {
    row: 30,
    what: 'a role that is not there',
    files: { ...role('{}\n'), 'hosts.yaml': 'hosts:\n  h1: { roles: [wbe] }\n' },
    code: 'E_UNKNOWN_ROLE',
    at: 'hosts.yaml:2:17',
    says: /no role "wbe"/,
    hint: /"web"/,
  },
  {
    row: 30,
    what: 'a range that runs backwards',
    files: { 'hosts.yaml': 'hosts:\n  "e[4-1]": { roles: [] }\n' },
    code: 'E_INVENTORY_RANGE',
    at: 'hosts.yaml:2:3',
    says: /backwards/,
  },
  {
    row: 30,
    what: 'a range of 10^9',
    files: { 'hosts.yaml': 'hosts:\n  "e[1-999999999]": { roles: [] }\n' },
    code: 'E_INVENTORY_RANGE',
    at: 'hosts.yaml:2:3',
    says: /more than 10000/,
  },
  {
    row: 31,
    what: 'a private key in clear',
    severity: 'warning',
    code: 'E_PLAINTEXT_SECRET',
    at: `${ROLE}:4:7`,
    says: /a private key/,
    hint: /secrets\//,
    files: resources('  - file: /etc/x', '    content: |', `      -----BEGIN OPENSSH ${'PRIVATE'} KEY-----`),
  },
  {
    row: 31,
    what: 'a token in clear',
    severity: 'warning',
    files: { 'data/common.yaml': `a: ${'ghp'}_${'x'.repeat(36)}\n` },
    code: 'E_PLAINTEXT_SECRET',
    at: 'data/common.yaml:1:4',
    says: /a GitHub token/,
  },
  {
    row: 33,
    what: 'a name with a newline',
    files: resources('  - file: "/etc/a\\nb"'),
    code: 'E_NAME',
    at: `${ROLE}:2:11`,
    says: /newline/,
  },
  {
    row: 33,
    what: 'a name that begins with a dash',
    files: resources('  - package: -oAPT'),
    code: 'E_NAME',
    at: `${ROLE}:2:14`,
    says: /begins with "-"/,
  },
  {
    row: 33,
    what: 'a name that ends in a space',
    files: resources('  - user: "app "'),
    code: 'E_NAME',
    at: `${ROLE}:2:11`,
    says: /begins or ends with a space/,
  },
  {
    row: 33,
    what: 'a part of a path of 256 bytes',
    files: resources(`  - file: /etc/${'x'.repeat(256)}`),
    code: 'E_NAME',
    at: `${ROLE}:2:5`,
    says: /at most 255 bytes/,
  },
  {
    row: 33,
    what: 'a group with an emoji',
    files: { 'hosts.yaml': 'hosts:\n  h1: { groups: ["\u{1f600}"] }\n' },
    code: 'E_NAME',
    at: 'hosts.yaml:2:18',
    says: /no name for a group/,
    hint: /U\+1F600/,
  },
]

const MAX_MS = 1000

for (const { row, what, files, code, at, says, hint, allowed, severity = 'error' } of rows) {
  t.test(`row ${row}: ${what} is ${code} at ${at}`, async (t) => {
    const dir = writeSite(t.testdir(), { [ROLE]: '{}\n', ...files })
    const before = listing(dir)
    const cpu = process.cpuUsage()
    const diagnostics = await lint(dir, states)
    const { user, system } = process.cpuUsage(cpu)
    const found = diagnostics.find((one) => one.code === code && placeOf(one).startsWith(at))
    if (found === undefined) {
      t.fail('the mistake is reported', { diagnostics })
      return
    }
    t.equal(found.severity, severity)
    t.match(found.message, says)
    if (hint !== undefined) t.match(found.hint, hint)
    if (allowed !== undefined) t.match(found.allowed, allowed)
    t.ok((user + system) / 1000 < MAX_MS, `refused within ${MAX_MS} ms`)
    t.strictSame(listing(dir), before, 'nothing is written')
  })
}

const placeOf = ({ file, line, column }: Diagnostic) => `${file}:${line}:${column}`

t.test('every row of the catalogue that concerns a site is here', async (t) => {
  const covered = new Set(rows.map(({ row }) => row))
  // 32 is about encrypted values, which a site does not open.
  for (let row = 1; row <= 33; row += 1) if (row !== 32) t.ok(covered.has(row), `row ${row}`)
})

const accepted: { row: number; what: string; files: Files }[] = [
  { row: 9, what: '"no" is a string', files: role('params: { country: { type: string, default: no } }\n') },
  { row: 11, what: 'CR LF ends a line', files: role('resources:\r\n  - package: nginx\r\n') },
  { row: 11, what: 'a byte order mark at the start', files: role('\ufeffresources: []\n') },
  {
    row: 11,
    what: 'a tab in a block of text',
    files: resources('  - file: /etc/x', '    content: |', '      a\tb'),
  },
  {
    row: 11,
    what: 'a tab in each of 5,000 blocks of text',
    files: {
      [ROLE]: '{}\n',
      'data/common.yaml': `a:\n${Array.from({ length: 5000 }, (_, i) => ` k${i}: |\n  a\tb\n`).join('')}`,
    },
  },
  { row: 14, what: 'an escaped bidi character', files: role('description: "\\u202e"\n') },
  { row: 29, what: '{} is an empty role', files: role('{}\n') },
  {
    row: 33,
    what: 'a path with spaces and an emoji',
    files: resources('  - file: "/srv/a b/\u{1f600}.txt"'),
  },
]

for (const { row, what, files } of accepted) {
  t.test(`row ${row}: ${what} is accepted`, async (t) => {
    const dir = writeSite(t.testdir(), files)
    t.strictSame(await lint(dir, states), [])
  })
}

t.test('a folder that is not there is said to be none', async (t) => {
  t.match(await lint(join(t.testdir(), 'none'), states), [{ code: 'E_NO_SITE', severity: 'error' }])
})
