import t from 'tap'
import { safeParse } from 'valibot'
import { PublicKeyLine, publicKeyOf } from '../../lib/public-key.ts'
import { ALICE, BOB, CAROL } from '../helpers/keys.ts'

const [TYPE = '', BODY = ''] = ALICE.split(' ')

const good = [
  ALICE,
  CAROL,
  `${TYPE} ${BODY}`,
  `  ${ALICE}  `,
  `restrict ${ALICE}`,
  `from="10.0.0.0/8,192.0.2.1",no-pty ${ALICE}`,
  `command="echo \\"ssh-rsa AAAA\\" and more" ${ALICE}`,
  `command="a\\b",restrict\t${ALICE}`,
]
for (const line of good) {
  t.test(`a key: ${line.slice(0, 60)}`, async (t) => {
    const { output } = safeParse(PublicKeyLine, line)
    t.equal(output, line.trim())
    t.ok(publicKeyOf(line))
  })
}

const bad = [
  { line: '', says: /a key is a line such as/ },
  { line: '# comment', says: /a key is a line such as/ },
  { line: BODY, says: /a key is a line such as/ },
  { line: `ssh-dss ${BODY} old`, says: /its type is one of/ },
  { line: `constructor ${BODY}`, says: /its type is one of/ },
  { line: `command="x ${ALICE}`, says: /a key is a line such as/ },
  { line: `${TYPE} ${BODY.slice(0, -4)}`, says: /cut short/ },
  { line: `${TYPE} ${BODY.slice(0, -1)}`, says: /cut short/ },
  { line: `${TYPE} AAAA`, says: /cut short/ },
  { line: `${TYPE} ${BODY}AAAA`, says: /cut short|behind its end/ },
  { line: `${TYPE} ${btoa(`${atob(BODY)}\0\0\0\0`)}`, says: /behind its end/ },
  { line: `ssh-rsa ${CAROL.split(' ')[1]}`, says: /says ssh-rsa, and its body is of another type/ },
  { line: `${ALICE}\n${BOB}`, says: /single line/ },
  { line: '-----BEGIN OPENSSH PRIVATE KEY-----', says: /private key; the public one/ },
  { line: `${ALICE}${'x'.repeat(9000)}`, says: /at most 8192/ },
]
for (const { line, says } of bad) {
  t.test(`no key: ${JSON.stringify(line.slice(0, 60))}`, async (t) => {
    t.match(safeParse(PublicKeyLine, line).issues?.[0]?.message, says)
  })
}

t.test('options that never end are refused in no time', async (t) => {
  const started = performance.now()
  t.notOk(safeParse(PublicKeyLine, `command="${'\\"'.repeat(4000)}`).success)
  t.notOk(safeParse(PublicKeyLine, `${'"a"'.repeat(2600)} x`).success)
  t.ok(performance.now() - started < 500)
})
