// Says what failed in a TAP stream, then "N passed, N failed, N skipped": assertions, as tap counts them.
import { readFileSync } from 'node:fs'

const MAX_LINES = 30
const MAX_FAILURES = 20

const [file] = process.argv.slice(2)
const text = readFileSync(file, 'utf8')
const lines = text.split('\n')
let shown = 0
let test = ''
let before = ''
for (const [i, line] of lines.entries()) {
  if (line.startsWith('# Subtest: ')) test = line.slice('# Subtest: '.length)
  // What a failure is nested in fails too, right behind the plan of its parts; it has nothing to add.
  const isParent = /^(1\.\.|# (failed|time))/.test(before)
  if (/^ *not ok /.test(line) && !isParent && !/ # (TODO|SKIP)/i.test(line) && shown++ < MAX_FAILURES) {
    process.stdout.write(`\n${test}\n${lines.slice(i, i + MAX_LINES).join('\n')}\n`)
  }
  if (line.trim() !== '') before = line.trim()
}
if (shown > MAX_FAILURES) process.stdout.write(`\nand ${shown - MAX_FAILURES} more\n`)

const total = text.match(/^# \{ ([^}]*) \}$/gm)?.at(-1) ?? ''
const count = (name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(total)?.[1] ?? 0)
process.stdout.write(`${count('pass')} passed, ${count('fail')} failed, ${count('skip')} skipped\n`)
