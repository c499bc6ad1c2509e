import { spawnSync } from 'node:child_process'
import t from 'tap'
import { escapeText, quoteArgv, quoteWord } from '../../cli/escape.ts'
import { openPrint } from '../../cli/print.ts'

const shown = [
  ['plain text, ä, 漢字, 🐑', 'plain text, ä, 漢字, 🐑'],
  ['a tab\tstays', 'a tab\tstays'],
  ['\u001b[31mred', '\\u{1b}[31mred'],
  ['\u001b]0;title\u0007', '\\u{1b}]0;title\\u{7}'],
  ['\u009b2J', '\\u{9b}2J'],
  ['one\rtwo\nthree', 'one\\u{d}two\\u{a}three'],
  ['nul\0', 'nul\\u{0}'],
  ['\u007f', '\\u{7f}'],
  ['\u202euser\u202c', '\\u{202e}user\\u{202c}'],
  ['a\u2066b\u2069', 'a\\u{2066}b\\u{2069}'],
  ['zero\u200bwidth', 'zero\\u{200b}width'],
  ['\ufeffmark', '\\u{feff}mark'],
  ['line\u2028separator', 'line\\u{2028}separator'],
  ['tag\u{e0041}', 'tag\\u{e0041}'],
  ['half \ud800 pair', 'half \\u{d800} pair'],
  ['soft\u00adhyphen', 'soft\\u{ad}hyphen'],
] as const

for (const [text, as] of shown) {
  t.test(`${as} is shown and not obeyed`, async (t) => t.equal(escapeText(text), as))
}

t.test('whatever is printed goes through it', async (t) => {
  const written: string[] = []
  const stream = { write: (text: string) => written.push(text), isTTY: true }
  const print = openPrint({ stdout: stream, stderr: stream, env: {} }, 'never')
  print.out([['\u001b[2J', ['dim', '\u202e']]])
  print.err([[['fail', '\u0007']]])
  t.same(written, ['\\u{1b}[2J\\u{202e}\n', '\\u{7}\n'])
})

t.test('a live line that would wrap is cut', async (t) => {
  const written: string[] = []
  const stderr = { write: (text: string) => written.push(text), isTTY: true, columns: 10 }
  openPrint({ stdout: stderr, stderr, env: {} }, 'never').live(['0123456789abc'])
  t.same(written, ['01234567…'])
})

const words = [
  ['nginx', 'nginx'],
  ['--option=a/b:c,d@e%f+g', '--option=a/b:c,d@e%f+g'],
  ['', "''"],
  ['two words', "'two words'"],
  ["it's", "'it'\\''s'"],
  ['$HOME `id` "x" \\ *', '\'$HOME `id` "x" \\ *\''],
  ['a\nb\tc', "$'a\\nb\\tc'"],
  ["\u001b[0m'", "$'\\x1b[0m\\''"],
  ['\u202e', "$'\\u202e'"],
  ['\u{e0041}', "$'\\U000e0041'"],
] as const

for (const [word, as] of words) {
  t.test(`${as} is a word that bash reads as it was`, async (t) => {
    t.equal(quoteWord(word), as)
    const { stdout } = spawnSync('bash', ['-c', `printf %s ${as}`], {
      encoding: 'utf8',
      env: { LC_ALL: 'C.UTF-8' },
    })
    t.equal(stdout, word)
  })
}

t.test('words stay apart', async (t) => t.equal(quoteArgv(['a', 'b c', '--', 'd']), "a 'b c' -- d"))
