// Prints "N passed, N failed, N skipped" for a TAP stream: assertions, as tap counts them.
import { readFileSync } from 'node:fs'

const [file] = process.argv.slice(2)
const total = readFileSync(file, 'utf8').match(/^# \{ ([^}]*) \}$/gm)?.at(-1) ?? ''
const count = (name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(total)?.[1] ?? 0)
process.stdout.write(`${count('pass')} passed, ${count('fail')} failed, ${count('skip')} skipped\n`)
