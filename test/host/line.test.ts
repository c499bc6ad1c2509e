import { hostTest } from './harness.ts'

const SSHD = '/etc/ssh/sshd_config'
const MODE = ['stat', '-c', '%a %U %G']

hostTest('line', {
  role: `
description: Lines of files that others own.
resources:
  - file: /etc/app/new.conf
    content: |
      [one]
      [two]
    once: true
  - directory: /etc/app
  - line: /etc/app/new.conf#a
    text: a = 1
    match: ^a\\s*=
    after: ^\\[one\\]
  - line: /etc/app/new.conf#b
    text: b = 2
    before: BOF
  - line: ${SSHD}#PermitRootLogin
    text: PermitRootLogin no
    match: ^#?PermitRootLogin\\b
    which: first
    before: ^Match\\b
    backup: /etc/ssh/sshd_config.old
    validate: grep -q PermitRootLogin %s
  - line: ${SSHD}#X11
    match: ^X11Forwarding
    absent: true
  - line: /etc/app/made.conf
    text: made
    create: true
  - line: /etc/app/grub
    text: CMDLINE="\\1 panic=10"
    match: ^CMDLINE="(.*?)( panic=10)?"$
    backrefs: true
`,
  before: async (host) => {
    await host.write(
      SSHD,
      '# sshd\r\n#PermitRootLogin prohibit-password\r\nX11Forwarding yes\r\nMatch User x\r\n  PermitRootLogin yes\r\n',
      { mode: '0600' },
    )
    await host.must(['chown', 'daemon:adm', SSHD])
    await host.write('/etc/app/grub', 'CMDLINE="quiet"')
  },
  look: async (host, t) => {
    t.equal(await host.read('/etc/app/new.conf'), 'b = 2\n[one]\na = 1\n[two]\n')
    t.equal(
      await host.read(SSHD),
      '# sshd\r\nPermitRootLogin no\r\nMatch User x\r\n  PermitRootLogin yes\r\n',
    )
    t.equal(await host.must([...MODE, SSHD]), '600 daemon adm\n', 'mode and owner stay')
    t.match(await host.read('/etc/ssh/sshd_config.old'), /X11Forwarding/)
    t.equal(await host.read('/etc/app/made.conf'), 'made\n')
    t.equal(await host.must([...MODE, '/etc/app/made.conf']), '644 root root\n')
    t.equal(await host.read('/etc/app/grub'), 'CMDLINE="quiet panic=10"', 'no end is added to it')
  },
  remains: [/^files \/etc\/ssh\/sshd_config\.old: none/],
  hurts: [
    {
      id: `line:${SSHD}#PermitRootLogin`,
      field: 'lines',
      hurt: (host) => host.must(['sed', '-i', 's/^PermitRootLogin no/PermitRootLogin yes/', SSHD]),
      look: async (host, t) => t.match(await host.read(SSHD), /\r\nPermitRootLogin no\r\nMatch/),
    },
    {
      id: `line:${SSHD}#X11`,
      field: 'exists',
      hurt: (host) => host.hurt.append(SSHD, 'X11Forwarding yes\n'),
      look: async (host, t) => t.notMatch(await host.read(SSHD), /X11/),
    },
    {
      id: 'line:/etc/app/made.conf',
      field: 'exists',
      hurt: (host) => host.hurt.remove('/etc/app/made.conf'),
    },
    {
      id: 'line:/etc/app/grub',
      field: 'lines',
      hurt: (host) => host.write('/etc/app/grub', 'CMDLINE="splash"\n'),
      look: async (host, t) => t.equal(await host.read('/etc/app/grub'), 'CMDLINE="splash panic=10"\n'),
    },
  ],
  after: async ({ host, role, check, apply }, t) => {
    const declare = (rest: string) => role(`description: x\nresources:\n  - line: ${SSHD}\n${rest}`)
    const before = await host.read(SSHD)

    await declare('    text: Nonsense\n    validate: /bin/false %s\n')
    const refused = (await apply()).outcomes[0]
    t.match(refused, { status: 'failed', ended: { argv: ['/bin/false'] } })
    t.equal(await host.read(SSHD), before, 'what is not accepted is not written')

    await declare('    text: P\n    match: "PermitRootLogin"\n')
    t.match((await check()).outcomes[0], { status: 'failed', code: 'conflict', hint: /which: first/ })

    await host.must(['sh', '-c', `printf 'caf\\351\\n' > /etc/app/latin1`])
    await role('description: x\nresources:\n  - line: /etc/app/latin1\n    text: x\n')
    t.match((await apply()).outcomes[0], { status: 'failed', code: 'invalid', reason: /no text in UTF-8/ })
    t.equal(await host.must(['od', '-An', '-c', '/etc/app/latin1']), '   c   a   f 351  \\n\n')

    await host.must(['ln', '-s', SSHD, '/etc/app/link'])
    await role('description: x\nresources:\n  - line: /etc/app/link\n    text: x\n')
    t.match((await apply()).outcomes[0], { status: 'failed', code: 'conflict', hint: /sshd_config/ })

    await role('description: x\nresources:\n  - line: /etc/app/none\n    text: x\n')
    t.match((await check()).outcomes[0], { status: 'failed', code: 'not-found', hint: /create: true/ })
  },
})
