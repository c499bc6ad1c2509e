import { hostTest } from './harness.ts'

const FILE = '/etc/sysctl.d/zz-drover-net.ipv4.ip_forward.conf'
const DOTTED = '/proc/sys/net/ipv4/conf/eth9.7/rp_filter'

hostTest('sysctl', {
  role: `
description: Settings of the kernel.
resources:
  - sysctl: net.ipv4.ip_forward
    value: 1
  - sysctl: net.ipv4.conf.all.accept_redirects
    value: "0"
  - sysctl: net.ipv4.tcp_rmem
    value: "4096 87380   6291456"
  - sysctl: net.ipv4.conf.eth9/7.rp_filter
    value: 2
  - sysctl: net.ipv4.tcp_syncookies
    value: 2
    persist: false
  - sysctl: vm.swappiness
    value: 10
    live: false
  - sysctl: net.nothing.here
    value: 5
    if_present: true
  - sysctl: net.ipv4.tcp_fin_timeout
    absent: true
`,
  before: async (host) => {
    await host.must(['ip', 'link', 'add', 'eth9.7', 'type', 'veth', 'peer', 'name', 'eth9.8'])
    await host.write(
      '/etc/sysctl.d/zz-drover-net.ipv4.tcp_fin_timeout.conf',
      'net.ipv4.tcp_fin_timeout = 30\n',
    )
    await host.write('/etc/sysctl.d/99-local.conf', 'net.ipv4.ip_forward = 0\n')
  },
  look: async (host, t) => {
    const value = async (name: string) => (await host.must(['sysctl', '-n', name])).trim()
    t.equal(await value('net.ipv4.ip_forward'), '1')
    t.equal(await value('net.ipv4.conf.all.accept_redirects'), '0')
    t.equal(await value('net.ipv4.tcp_rmem'), '4096\t87380\t6291456')
    t.equal(await host.read(DOTTED), '2\n')
    t.equal(await value('net.ipv4.tcp_syncookies'), '2')
    t.equal(await host.must(['stat', '-c', '%a %U %G', FILE]), '644 root root\n')
    t.equal(
      (await host.must(['ls', '/etc/sysctl.d'])).split('\n').filter((name) => name.startsWith('zz')).length,
      6,
    )
    t.not((await host.exec(['grep', '-r', 'tcp_fin_timeout', '/etc/sysctl.d'])).code, 0)
    await host.must(['sysctl', '-w', 'net.ipv4.ip_forward=0', 'net.ipv4.conf.eth9/7.rp_filter=0'])
    await host.exec(['/usr/lib/systemd/systemd-sysctl'])
    t.equal(await value('net.ipv4.ip_forward'), '1', 'what a boot does gives the same value')
    t.equal(await host.read(DOTTED), '2\n')
    await host.must(['sysctl', '-w', 'net.ipv4.conf.all.accept_redirects=0'])
  },
  hurts: [
    {
      id: 'sysctl:net.ipv4.tcp_syncookies',
      field: 'live',
      hurt: (host) => host.must(['sysctl', '-w', 'net.ipv4.tcp_syncookies=1']),
      look: async (host, t) => t.equal(await host.must(['sysctl', '-n', 'net.ipv4.tcp_syncookies']), '2\n'),
    },
    {
      id: 'sysctl:net.ipv4.tcp_syncookies',
      field: 'persisted',
      hurt: async (host) => {
        await host.write(
          '/etc/sysctl.d/zz-drover-net.ipv4.tcp_syncookies.conf',
          'net.ipv4.tcp_syncookies = 1\n',
        )
        await host.must(['chown', 'daemon', '/etc/sysctl.d/zz-drover-net.ipv4.tcp_syncookies.conf'])
      },
      look: async (host, t) =>
        t.not(
          (await host.exec(['test', '-e', '/etc/sysctl.d/zz-drover-net.ipv4.tcp_syncookies.conf'])).code,
          0,
        ),
    },
    {
      id: 'sysctl:net.ipv4.conf.eth9/7.rp_filter',
      field: 'live',
      hurt: (host) => host.must(['sysctl', '-w', 'net.ipv4.conf.eth9/7.rp_filter=0']),
      look: async (host, t) => t.equal(await host.read(DOTTED), '2\n'),
    },
    {
      id: 'sysctl:net.ipv4.ip_forward',
      field: 'persisted',
      hurt: (host) => host.must(['sed', '-i', 's/= 1/= 0/', FILE]),
      look: async (host, t) => t.match(await host.read(FILE), /^net\.ipv4\.ip_forward = 1$/m),
    },
    {
      id: 'sysctl:net.ipv4.ip_forward',
      field: 'access',
      hurt: (host) => host.hurt.chmod(FILE, '0666'),
      look: async (host, t) => t.equal(await host.must(['stat', '-c', '%a', FILE]), '644\n'),
    },
    {
      id: 'sysctl:vm.swappiness',
      field: 'persisted',
      hurt: (host) => host.hurt.append('/etc/sysctl.d/zz-drover-vm.swappiness.conf', 'vm.swappiness = 90\n'),
      look: async (host, t) =>
        t.notMatch(await host.read('/etc/sysctl.d/zz-drover-vm.swappiness.conf'), /90/),
    },
  ],
  after: async ({ host, role, check, apply }, t) => {
    await host.must(['sysctl', '-w', 'net.ipv4.ip_forward=0'])
    await host.write('/etc/sysctl.d/zzz.conf', 'net.ipv4.ip_forward = 0\n')
    await role(`
description: What can't be done is said before anything is.
resources:
  - sysctl: vm.swappiness
    value: 1
  - sysctl: net.nothing.here
    value: 1
  - sysctl: net.ipv4.ip_forward
    value: 1
  - sysctl: net.ipv4.tcp_fin_timeout
    value: a lot
`)
    const { outcomes } = await check()
    t.match(outcomes.slice(0, 3), [
      { status: 'failed', code: 'denied', reason: 'vm.swappiness is read-only on this host' },
      { status: 'failed', code: 'not-found', reason: /no setting net.nothing.here/ },
      { status: 'failed', code: 'conflict', reason: /zzz.conf/ },
    ])
    const done = await apply()
    t.match(done.outcomes[3], { status: 'failed', reason: /"sysctl .*" exited/ })
    t.not((await host.exec(['test', '-e', '/etc/sysctl.d/zz-drover-net.ipv4.tcp_fin_timeout.conf'])).code, 0)
  },
})
