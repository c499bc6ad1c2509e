import { writeSync } from 'node:fs'
import { openStore } from '../../../master/store/store.ts'
import { changed, idOf, join1, report } from './make-store.ts'

/** Started as a program of its own, to be killed: stores reports and says which of them were acknowledged. */
const [path = '', run = '', callers = '8', each = '25'] = process.argv.slice(2)
const store = await openStore(path, Date.now)
const host = (await store.hosts.list())[0]?.id ?? (await join1(store))
const caller = async (who: number) => {
  for (let i = 0; i < Number(each); i++) {
    const name = `${run} ${who} ${i}`
    await store.runs.record(report(host, name, [changed('file:/a'), changed('file:/b')]))
    writeSync(1, `${idOf(name)}\n`)
  }
}
await Promise.all(Array.from({ length: Number(callers) }, (_, i) => caller(i)))
await store.close()
