import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { parse, safeParse } from 'valibot'
import { declarationsOf } from '../../scripts/examples.ts'
import { propsOf } from '../../scripts/prop-words.ts'
import { docblockOf, statePage } from '../../scripts/state-page.ts'
import { types } from '../../scripts/states-index.ts'
import { states } from '../../states/index.ts'

// This file runs from dist/test/states.
const ROOT = resolve(import.meta.dirname, '../../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

t.test('the list of states is the folder', async (t) => {
  process.chdir(ROOT)
  t.same([...states.keys()], types())
})

for (const [type, state] of states) {
  t.test(type, async (t) => {
    t.equal(state.type, type, 'it is named as its file')
    for (const folder of ['test/states', 'test/host'])
      t.ok(existsSync(join(ROOT, folder, `${type}.test.ts`)), `it has a test in ${folder}`)

    const source = read(`states/${type}.ts`)
    t.ok(docblockOf(state, source).length > 1, 'its docblock says what it is and what to know of it')
    for (const { name, description } of propsOf(state))
      t.match(description, /\.$/, `prop ${name} is described`)
    t.equal(read(`docs/states/${type}.md`), statePage(state, source), 'its page is fresh')

    for (const example of state.examples) {
      const { names, props } = declarationsOf(state, example)
      t.ok(names.length > 0, 'an example has a name')
      for (const name of names) t.same(safeParse(state.name, name).issues, undefined, `${name} is a name`)
      const checked = safeParse(state.props, props)
      t.same(
        checked.issues?.map(({ message }) => message),
        undefined,
        example,
      )
      if (!checked.success) continue
      // Nothing in a declaration may keep a catalog from being made of it.
      for (const name of names.map((one) => parse(state.name, one))) {
        state.desired(name, checked.output)
        state.requires?.(name, checked.output)
        state.watches?.(name, checked.output)
      }
    }
  })
}
