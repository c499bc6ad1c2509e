import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { readFacts } from '../../agent/facts.ts'
import { readAllFacts } from '../../agent/hardware.ts'
import { writeRecord } from '../../agent/records.ts'
import { SAMPLE_FACTS } from '../../master/site/sample-facts.ts'

/** The facts of a host that has these files. */
function factsOf(t: Test, files: Readonly<Record<string, string>>) {
  const root = t.testdir()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return readFacts(root)
}

const DEBIAN = {
  '/etc/os-release':
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n',
  '/etc/debian_version': '12.11\n',
  '/proc/sys/kernel/hostname': 'web1\n',
  '/proc/sys/kernel/osrelease': '6.1.0-28-amd64\n',
  '/proc/meminfo': 'MemTotal:        2015832 kB\nMemFree: 3 kB\nSwapTotal: 1048572 kB\n',
  '/proc/cpuinfo': 'processor\t: 0\nmodel name\t: A CPU\nprocessor\t: 1\nmodel name\t: A CPU\n',
  '/proc/net/route':
    'Iface\tDestination\tGateway\neth0\t00000000\t010200C0\t0003\neth0\t000200C0\t00000000\t0001\n',
}

t.test('a Debian host', async (t) => {
  t.match(factsOf(t, DEBIAN), {
    hostname: 'web1',
    os: { id: 'debian', family: 'debian', codename: 'bookworm', version: '12', release: '12.11' },
    kernel: { release: '6.1.0-28-amd64', version: '6.1' },
    init: 'other',
    memory: { total_mb: 1968, swap_mb: 1023 },
    cpu: { count: 2, model: 'A CPU' },
    virtualisation: { kind: 'none', container: false },
    network: { default_route: { interface: 'eth0', gateway: '192.0.2.1' } },
    timezone: 'UTC',
  })
})

t.test('what derives from Debian', async (t) => {
  const { os } = factsOf(t, { '/etc/os-release': 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n' })
  t.match(os, { id: 'ubuntu', family: 'debian', version: '24.04', release: '24.04' })
})

t.test('a full name from /etc/hosts', async (t) => {
  const hosts = '127.0.0.1 localhost\n# 192.0.2.1 web1.example.com web1\n192.0.2.1 web1.example.org web1\n'
  t.equal(factsOf(t, { ...DEBIAN, '/etc/hosts': hosts }).fqdn, 'web1.example.org')
  t.equal(factsOf(t, DEBIAN).fqdn, 'web1')
})

const virtual = [
  { kind: 'lxc', container: true, files: { '/run/systemd/container': 'lxc\n' } },
  {
    kind: 'systemd-nspawn',
    container: true,
    files: { '/proc/1/environ': 'A=b\0container=systemd-nspawn\0' },
  },
  { kind: 'docker', container: true, files: { '/.dockerenv': '' } },
  { kind: 'podman', container: true, files: { '/run/.containerenv': '' } },
  { kind: 'qemu', container: false, files: { '/sys/class/dmi/id/sys_vendor': 'QEMU\n' } },
  { kind: 'vmware', container: false, files: { '/sys/class/dmi/id/sys_vendor': 'VMware, Inc.\n' } },
  { kind: 'xen', container: false, files: { '/sys/hypervisor/type': 'xen\n' } },
  { kind: 'vm', container: false, files: { '/proc/cpuinfo': 'flags\t\t: fpu hypervisor lahf_lm\n' } },
]
for (const { kind, container, files } of virtual) {
  t.test(`a host in ${kind}`, async (t) => {
    t.same(factsOf(t, files as unknown as Record<string, string>).virtualisation, { kind, container })
  })
}

t.test('a time zone by its link, then by its file', async (t) => {
  const root = t.testdir({ etc: { timezone: 'Europe/Paris\n' } })
  t.equal(readFacts(root).timezone, 'Europe/Paris')
  symlinkSync('/usr/share/zoneinfo/Europe/Berlin', join(root, 'etc/localtime'))
  t.equal(readFacts(root).timezone, 'Europe/Berlin')
})

t.test('a host that lies is bounded to one line of text', async (t) => {
  const { hostname, os } = factsOf(t, {
    '/proc/sys/kernel/hostname': `a\u001b[31m\n${'x'.repeat(1000)}`,
    '/etc/os-release': `ID=${'y'.repeat(1000)}\n`,
  })
  t.equal(hostname.length, 256)
  t.notMatch(hostname, '\u001b')
  t.equal(os.id.length, 256)
})

t.test('a host with nothing to read has facts all the same', async (t) => {
  t.match(factsOf(t, {}), { os: { id: 'unknown', version: '' }, memory: { total_mb: 0 } })
})

t.test('lint knows every fact that a host has', async (t) => {
  const shape = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .map(([key, inner]) => [key, key === 'interfaces' ? 'map' : shape(inner)])
            .sort(),
        )
      : Array.isArray(value)
        ? 'list'
        : 'value'
  const all = await readAllFacts(t.testdir())
  const { network: mine, hardware, ...facts } = all
  const { network: sample, hardware: sampleHardware, ...samples } = SAMPLE_FACTS
  t.same(shape(facts), shape(samples))
  t.same(Object.keys(mine).sort(), Object.keys(sample).sort())
  t.same(Object.keys(hardware ?? {}).sort(), Object.keys(sampleHardware ?? {}).sort())
})

t.test('the hardware is gathered once, and again when the machine is another one', async (t) => {
  const stateDir = t.testdir()
  const { hardware } = await readAllFacts(stateDir)
  t.ok(hardware?.cpu.cores, 'it knows of cores')
  t.ok(Object.values(hardware?.filesystems ?? {}).every(({ size_mb }) => size_mb >= 0))
  const started = performance.now()
  t.same((await readAllFacts(stateDir)).hardware, hardware)
  t.ok(performance.now() - started < 100, 'the second time it starts no programs')
  const file = join(stateDir, 'hardware')
  writeRecord(file, JSON.stringify({ signature: 'another', hardware: { model: 'another' } }))
  t.same((await readAllFacts(stateDir)).hardware, hardware)
})
