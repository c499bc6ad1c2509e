/**
 * A plain Debian 12 host, for what must be rendered without one.
 *
 * `lint` compiles every host with these: a template that asks for a fact that is not here is checked on the host alone.
 */
export const SAMPLE_FACTS = {
  hostname: 'sample',
  fqdn: 'sample.example.org',
  os: { id: 'debian', name: 'Debian GNU/Linux', version: '12', codename: 'bookworm', family: 'debian' },
  kernel: { release: '6.1.0-28-amd64', version: '6.1' },
  architecture: 'amd64',
  virtualization: 'kvm',
  cpu: { count: 2, model: 'sample' },
  memory: { total_mb: 4096, swap_mb: 0 },
  network: {
    interfaces: {
      lo: { addresses: ['127.0.0.1/8'] },
      eth0: { addresses: ['192.0.2.1/24'], mac: '02:00:00:00:00:01' },
    },
    default_route: { interface: 'eth0', gateway: '192.0.2.254' },
    addresses: ['192.0.2.1'],
  },
  timezone: 'Etc/UTC',
} as const
