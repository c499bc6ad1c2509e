import type { Facts } from '../../lib/facts.ts'

/**
 * A plain Debian 12 host, for what must be rendered without one.
 *
 * `lint` compiles every host with these: a template that asks for a fact that is not here is checked on the host alone.
 */
export const SAMPLE_FACTS: Facts = {
  hostname: 'sample',
  fqdn: 'sample.example.org',
  architecture: 'amd64',
  os: {
    id: 'debian',
    family: 'debian',
    name: 'Debian GNU/Linux 12 (bookworm)',
    codename: 'bookworm',
    version: '12',
    release: '12.11',
  },
  kernel: { release: '6.1.0-28-amd64', version: '6.1' },
  init: 'systemd',
  cpu: { count: 2, model: 'sample' },
  memory: { total_mb: 4096, swap_mb: 0 },
  virtualisation: { kind: 'kvm', container: false },
  network: {
    interfaces: {
      eth0: { mac: '02:00:00:00:00:01', mtu: 1500, ipv4: ['192.0.2.1/24'], ipv6: ['2001:db8::1/64'] },
      lo: { mac: '00:00:00:00:00:00', mtu: 65536, ipv4: ['127.0.0.1/8'], ipv6: ['::1/128'] },
    },
    ipv4: ['192.0.2.1'],
    ipv6: ['2001:db8::1'],
    default_route: { interface: 'eth0', gateway: '192.0.2.254' },
  },
  timezone: 'Etc/UTC',
  hardware: {
    manufacturer: 'sample',
    model: 'sample',
    serial: 'sample',
    uuid: '00000000-0000-4000-8000-000000000001',
    chassis: 'Other',
    board: { manufacturer: 'sample', model: 'sample' },
    firmware: { vendor: 'sample', version: '1' },
    cpu: { manufacturer: 'sample', cores: 2, sockets: 1 },
    disks: { vda: { size_mb: 20480, kind: 'ssd', model: 'sample', removable: false } },
    filesystems: { '/': { device: '/dev/vda1', type: 'ext4', size_mb: 20000 } },
    interfaces: { eth0: { kind: 'wired' }, lo: { kind: 'virtual' } },
  },
}
