import { safeParse } from 'valibot'
import type { AnyState } from '../lib/state.ts'
import { declarationsOf } from './examples.ts'
import { type Prop, propsOf } from './prop-words.ts'

const GENERATED = '<!-- Generated from states/ by "npm run docs". Do not edit. -->'

/** The reference page of a state, from its own file: its docblock, its schemas and its examples. */
export function statePage(state: AnyState, source: string): string {
  const props = propsOf(state)
  return [
    GENERATED,
    `# ${state.type}`,
    ...docblockOf(state, source),
    '## Examples',
    ['```yaml', ...state.examples.map(asItem), '```'].join('\n'),
    '## Props',
    propsTable(state, props),
    "`null` means: not managed. The meta keys that every type takes, such as `when`, are in the site's reference.",
    '## How it behaves',
    behaviours(state, source, props).join('\n'),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n')
}

/** One line for each type. */
export function statesReadme(pages: readonly { type: string; source: string; state: AnyState }[]): string {
  const lines = pages.map(
    ({ type, state, source }) => `- [${type}](${type}.md): ${firstSentence(state, source)}`,
  )
  const head =
    'The types of resources that a role can declare. Each page is made from the file that implements the type.'
  return `${GENERATED}\n\n# States\n\n${head}\n\n${lines.join('\n')}\n`
}

const firstSentence = (state: AnyState, source: string) =>
  (docblockOf(state, source)[0] ?? '').replaceAll('\n', ' ').replace(/\.( .*)?$/, '')

/** The paragraphs of the comment above the state. */
export function docblockOf(state: AnyState, source: string): string[] {
  const above = source.slice(0, source.search(/^export const \w+ = defineState/m))
  const comment = /\/\*\*\n((?: \*.*\n)+?) \*\/\n$/.exec(above)?.[1]
  if (comment === undefined) throw new Error(`states/${state.type}.ts has no docblock above its state`)
  return comment
    .replace(/^ \* ?/gm, '')
    .trim()
    .split('\n\n')
}

const asItem = (example: string) => `- ${example.trimEnd().replaceAll('\n', '\n  ')}`

function propsTable(state: AnyState, props: readonly Prop[]): string {
  const own = props.map(({ name, type, usual, description }) => row(`\`${name}\``, type, usual, description))
  const contents = state.carriesContent
    ? [
        row('`content`', 'text', '', 'What it holds, in the role itself.'),
        row(
          '`template`',
          'text',
          '',
          'A file in the `templates/` of the role, rendered with what the role knows.',
        ),
        row('`source`', 'text', '', 'A file in the `files/` of the role, as it is.'),
      ]
    : []
  return [row('prop', 'type', 'default', 'meaning'), '|---|---|---|---|', ...contents, ...own].join('\n')
}

const row = (...cells: string[]) =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`

function behaviours(state: AnyState, source: string, props: readonly Prop[]): string[] {
  const { fields, waits, watches, at } = observed(state, props)
  const reacts = (state.reacts ?? []).map((reaction) => `\`${reaction}_on\``)
  return [
    `- **Drift** is reported in: ${fields.map((field) => fieldWords(field, source)).join('; ') || '`exists`'}.`,
    watches
      ? '- **Noticed** at once by a watch, and by the sweep.'
      : '- **Noticed** by the sweep: nothing tells of a change at once.',
    ...(waits.length > 0
      ? [`- **Waits for** these where the same host has them, as \`${at}\` does: ${waitsWords(waits)}.`]
      : []),
    reacts.length > 0
      ? `- **Reacts** to ${reacts.join(' and ')}.`
      : '- **Reacts** to nothing: it has no use for `restart_on` and `reload_on`. Others may name it there.',
    ...(state.sets ? [`- **Merged** when two roles declare it: ${list(state.sets)}.`] : []),
    ...(state.gather ? ['- **Gathered**: consecutive ones are performed together, and shown as one.'] : []),
  ]
}

/** All that is above a path is one thing to say. */
function waitsWords(ids: readonly string[]): string {
  const isAbove = (id: string) =>
    ['directory', 'link'].every((type) => ids.includes(id.replace(/^(directory|link):/, `${type}:`)))
  const others = ids.filter((id) => !/^(directory|link):/.test(id) || !isAbove(id))
  const above = others.length < ids.length ? ['the directories and links above it'] : []
  return [...above, ...(others.length > 0 ? [list(others)] : [])].join(', ')
}

const list = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(', ')

/** A field, with what the comment above it in the schema says. */
function fieldWords(field: string, source: string): string {
  const block = source.slice(source.indexOf('  fields: '))
  const comment = new RegExp(`/\\*\\* (.*) \\*/\\n\\s*${field}:`).exec(block)?.[1]
  if (comment === undefined) return `\`${field}\``
  return `\`${field}\` (${comment.charAt(0).toLowerCase()}${comment.slice(1).replace(/\.$/, '')})`
}

/** What the state itself answers for its examples, and for each switch among its props turned on. */
function observed(state: AnyState, props: readonly Prop[]) {
  const switches = props.filter(({ type, name }) => type === 'true or false' && name !== 'absent')
  const declared = state.examples.flatMap((example) => {
    const { names, props } = declarationsOf(state, example)
    const variants = [props, ...switches.map(({ name }) => ({ ...props, [name]: true }))]
    return names.flatMap((name) => variants.map((variant) => ({ name: String(name), variant })))
  })
  const fields = new Set<string>()
  let [waits, watches, at]: [readonly string[], boolean, string] = [[], false, '']
  for (const { name, variant } of declared) {
    const checked = safeParse(state.props, variant)
    if (!checked.success) continue
    for (const field of Object.keys(state.desired(name, checked.output) ?? {})) fields.add(field)
    watches ||= (state.watches?.(name, checked.output) ?? []).length > 0
    const needs = state.requires?.(name, checked.output) ?? []
    if (needs.length > waits.length) [waits, at] = [needs, `${state.type}:${name}`]
  }
  const known = Object.keys((state.fields as unknown as { entries?: object }).entries ?? {})
  const managed = known.filter((field) => fields.has(field) || props.some(({ name }) => name === field))
  return { fields: managed, waits, watches, at }
}
