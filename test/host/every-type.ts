import type { Host } from '../bed/bed.ts'
import { isolate } from './repository.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDQhdzLR8jtgykdqG8DVOgQA5KKvwqgs66HWII5xCTAM a'
/** Declares something of every type but sysctl. */
export const ROLE = `resources:
  - package: alpha
  - package: beta
    hold: true
  - group: crew
  - user: app
    groups: [crew]
  - user: games
    shell: /bin/false
    comment: plays
    groups: [crew]
  - group: adm
    members: [games]
  - authorized-keys: app
    keys: ["${KEY}"]
  - directory: /srv/app
    owner: app
  - file: /srv/app/run
    owner: app
    mode: "0755"
    content: "ours\\n"
  - file: /etc/motd
    content: "ours\\n"
  - file: /etc/hostname.mode
    mode: "0600"
  - link: /srv/link
    to: /srv/app
  - line: /etc/profile#umask
    text: umask 027
  - hosts-entry: db.example.org
    address: 192.0.2.7
  - cron: tick
    user: app
    schedule: "0 0 1 1 *"
    command: /bin/true
  - unit: idler.service
    content: |
      [Service]
      User=app
      ExecStart=/bin/sleep infinity
      [Install]
      WantedBy=multi-user.target
  - service: idler.service
  - service: other.service
    running: false
    enabled: false
  - unit: other.service.d/more.conf
    content: |
      [Service]
      Nice=3
  - directory: /srv/pool
    purge: true
  - command: touch /srv/left-by-a-command
    creates: /srv/left-by-a-command
`
const OTHER = `[Service]
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
`

/** What is there before it. */
export async function prepare(host: Host): Promise<void> {
  await isolate(
    host,
    { name: 'alpha', version: '1' },
    { name: 'beta', version: '1', control: 'Depends: alpha' },
  )
  await host.write('/etc/systemd/system/other.service', OTHER)
  await host.must(['systemctl', 'enable', '--quiet', '--now', 'other.service'])
  await host.must([
    'sh',
    '-c',
    'mkdir -p /srv/pool /etc/cron.d; echo theirs > /srv/pool/a; echo x > /etc/hostname.mode',
  ])
  await host.must(['sh', '-c', 'echo theirs > /etc/motd; chmod 640 /etc/motd; chown games:games /etc/motd'])
}
