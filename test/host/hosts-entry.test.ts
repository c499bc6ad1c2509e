import { hostTest } from './harness.ts'

const HOSTS = '/etc/hosts'

hostTest('hosts-entry', {
  role: `
description: Names of other hosts.
resources:
  - hosts-entry: db1.example.org
    address: [192.0.2.11, "2001:db8::11"]
    aliases: [db1, db]
    comment: the first
  - hosts-entry: web1
    address: 192.0.2.21
  - hosts-entry: old.example.org
    absent: true
`,
  before: async (host) => {
    await host.hurt.append(
      HOSTS,
      '# by hand\n192.0.2.20 web1\n192.0.2.20 web1\n127.0.1.1 other web1\n192.0.2.99 old.example.org old\n',
    )
  },
  look: async (host, t) => {
    const ahosts = async (name: string) =>
      (await host.must(['getent', 'ahosts', name])).match(/^\S+(?=\s+STREAM)/gm)?.sort()
    t.same(await ahosts('db'), ['192.0.2.11', '2001:db8::11'])
    t.same(await ahosts('db1.example.org'), ['192.0.2.11', '2001:db8::11'])
    t.same(await ahosts('web1'), ['192.0.2.21'])
    t.match(await host.must(['getent', 'hosts', 'localhost']), /localhost/)
    t.match(await host.must(['getent', 'hosts', '192.0.2.11']), /db1\.example\.org\s+db1 db/)
    t.not((await host.exec(['getent', 'hosts', 'old.example.org'])).code, 0)
    t.match(await host.read(HOSTS), /# by hand\n192\.0\.2\.21\tweb1\n127\.0\.1\.1\tother\n/)
    t.equal(await host.must(['stat', '-c', '%a %U', HOSTS]), '644 root\n')
  },
  hurts: [
    {
      id: 'hosts-entry:db1.example.org',
      field: 'addresses',
      hurt: (host) => host.must(['sed', '-i', 's/^192.0.2.11/192.0.2.12/', HOSTS]),
    },
    {
      id: 'hosts-entry:db1.example.org',
      field: 'aliases',
      hurt: (host) => host.must(['sed', '-i', '/^2001/s/ db1 db/ db1/', HOSTS]),
    },
    {
      id: 'hosts-entry:db1.example.org',
      field: 'comment',
      hurt: (host) => host.must(['sed', '-i', 's/the first/the last/', HOSTS]),
    },
    {
      id: 'hosts-entry:web1',
      field: 'elsewhere',
      hurt: (host) => host.hurt.append(HOSTS, '192.0.2.66 evil web1\n'),
      look: async (host, t) => t.match(await host.read(HOSTS), /192\.0\.2\.66\tevil\n/),
    },
    {
      id: 'hosts-entry:old.example.org',
      field: 'exists',
      hurt: (host) => host.hurt.append(HOSTS, '192.0.2.98 old.example.org\n'),
    },
  ],
})
