import t from 'tap'
import { parse } from 'yaml'
import { rolesOf, siteFiles } from '../../bench/fleet/fleet-site.ts'
import { environmentFiles, resourcesOf } from '../../bench/fleet/puppet-site.ts'

const [DROVER, PUPPET] = [siteFiles(3), environmentFiles(3)]
const ROLES = ['base', 'half', 'one']

/** Of what a role of drover's declares. */
function idsOf(role: string): string[] {
  const { resources } = parse(DROVER.get(`roles/${role}/role.yaml`) ?? '')
  return resources.flatMap((resource: Record<string, string | string[]>) => {
    const [[type, names] = ['', '']] = Object.entries(resource)
    return [names].flat().map((name) => `${type}:${name}`)
  })
}

/** The same of a class of Puppet's, which calls a directory a file. */
function puppetIdsOf(role: string): string[] {
  const manifest = PUPPET.get(`modules/${role}/manifests/init.pp`) ?? ''
  const declared = manifest.matchAll(/^ {2}(\w+) \{ \[?([^\]:]+)\]?: ensure => (\w+)/gm)
  return [...declared].flatMap(([, type, names = '', ensure]) =>
    [...names.matchAll(/'([^']+)'/g)].map(([, name]) => `${ensure === 'directory' ? ensure : type}:${name}`),
  )
}

const templatesOf = (files: ReadonlyMap<string, string>) =>
  [...files]
    .filter(([path]) => path.includes('/templates/'))
    .map(([path, text]) => [/(\w+)\.\w+$/.exec(path)?.[1], text.replaceAll(/\{\{.*?\}\}|<%=.*?%>/g, 'VALUE')])

for (const role of ROLES) {
  t.test(`drover and Puppet are given the same resources in ${role}`, (t) => {
    t.not(idsOf(role).length, 0)
    t.same(puppetIdsOf(role), idsOf(role))
    t.end()
  })
}

t.test('their templates differ in how a value is read alone', (t) => {
  t.equal(templatesOf(DROVER).length, 7)
  t.same(templatesOf(PUPPET), templatesOf(DROVER))
  t.end()
})

for (const i of [0, 1, 2]) {
  t.test(`host ${i} has as many resources as its catalog is checked for`, (t) => {
    t.equal(resourcesOf(i), rolesOf(i).flatMap(idsOf).length)
    t.end()
  })
}
