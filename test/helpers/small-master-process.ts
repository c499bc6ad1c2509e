import { readFileSync } from 'node:fs'
import { catalogOf } from './agent-parts.ts'
import { type Pki, SmallMaster } from './small-master.ts'

/** A small master as a process of its own, which can be stopped in the middle of a word. Says where it listens. */
const master = new SmallMaster(JSON.parse(readFileSync(0, 'utf8')) as Pki)
await master.start()
master.declare(catalogOf(['file:/etc/a']))
process.stdout.write(`${master.address}\n`)
