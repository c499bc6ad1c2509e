/** One `{{ … }}` or `{% … %}` of a template, and where it stands. */
export type CodePart = { readonly index: number; readonly text: string }

const OPENS = /\{[{%#]/g
const RAW = /^\{%[-+]?\s*raw\s*[-+]?%\}$/
const ENDRAW = /\{%[-+]?\s*endraw\s*[-+]?%\}/g
// A quote that is matched by itself has no end.
const SIGNS = /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|["']|[([{]|[)\]}]|%(?=\})/g

/** What of a template is evaluated: no text, no comment, nothing raw. Ends where the engine will find a mistake. */
export function* codeParts(source: string): Generator<CodePart> {
  let at = 0
  for (;;) {
    OPENS.lastIndex = at
    const opening = OPENS.exec(source)
    if (opening === null) return
    const { index } = opening
    const end = opening[0] === '{#' ? endOfComment(source, index) : endOfCode(source, index)
    if (end === null) return
    at = end
    if (opening[0] === '{#') continue
    const text = source.slice(index, end)
    if (!RAW.test(text)) yield { index, text }
    else {
      ENDRAW.lastIndex = end
      if (ENDRAW.exec(source) === null) return
      at = ENDRAW.lastIndex
    }
  }
}

function endOfComment(source: string, index: number): number | null {
  const end = source.indexOf('#}', index + 2)
  return end < 0 ? null : end + 2
}

/** What stands in quotes closes nothing, and neither do braces that belong to a map. */
function endOfCode(source: string, index: number): number | null {
  const close = source.startsWith('{{', index) ? '}}' : '%}'
  let open = 0
  SIGNS.lastIndex = index + 2
  for (let sign = SIGNS.exec(source); sign !== null; sign = SIGNS.exec(source)) {
    const [text] = sign
    if (open <= 0 && source.startsWith(close, sign.index)) return sign.index + 2
    if (text === '"' || text === "'") return null
    if ('([{'.includes(text)) open += 1
    else if (')]}'.includes(text)) open -= 1
  }
  return null
}
