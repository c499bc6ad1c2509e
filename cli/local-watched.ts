import { readWatched } from '../agent/watched.ts'
import { type Context, formOf, type HereOptions, OUTPUT_VERSION } from './context.ts'
import { EXIT } from './exit.ts'
import { printValue } from './machine.ts'
import { ownPath } from './own-path.ts'
import { agoText, timeOf } from './time-text.ts'
import { watchedLines, watchedText } from './watched-text.ts'

/** `drover local watched`: what the agent of this machine listens to. */
export async function localWatched(context: Context, options: HereOptions): Promise<number> {
  ownPath(options.state)
  const { print } = context
  const form = formOf(options)
  const watched = readWatched(options.state)
  if (form === 'json' || form === 'yaml') {
    const { at, ...counts } = watched ?? { at: 0 }
    const view = watched && { since: timeOf(at), ...counts }
    await printValue(print, form, { version: OUTPUT_VERSION, watched: view })
  } else if (watched === null) print.err([['no agent has watched anything here yet']])
  else {
    const since = `  (since ${agoText(watched.at, Date.now())})`
    print.out([
      ...watchedLines(watched.types),
      [],
      [['bold', 'watching '], watchedText(watched), ['dim', since]],
    ])
  }
  return EXIT.done
}
