import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { newIdentity, sealSecret } from '../../lib/age.ts'

const UNIT = readFileSync('packaging/drover-agent.service', 'utf8')
const FLAGS = /^ExecStart=\S+ (--.*) \/usr\/lib/m.exec(UNIT)?.[1]?.split(' ') ?? []

t.test('secrets open with the flags of the unit, which leave no WebAssembly', async (t) => {
  t.ok(FLAGS.includes('--lite-mode'), FLAGS.join(' '))
  const { identity, recipient } = await newIdentity()
  const ciphertext = Buffer.from(await sealSecret('app/key', 'wört', [recipient])).toString('base64')
  const argv = ['--unset=NODE_OPTIONS', process.execPath, ...FLAGS, 'dist/test/helpers/open-secret.js']
  const { stdout, stderr, status } = spawnSync('env', argv, {
    input: JSON.stringify({ ciphertext, identity }),
    encoding: 'utf8',
  })
  t.match({ stdout, status }, { stdout: 'wört', status: 0 }, { stderr })
})
