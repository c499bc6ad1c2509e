/** What was typed; nothing where the terminal is closed or the person interrupts. */
export async function question(
  text: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const reader = createInterface({ input, output })
  // What was typed before the end of the input still counts, and is told one turn later than the end itself.
  const closed = new Promise<string>((resolve) => reader.once('close', () => setImmediate(resolve, '')))
  const typed = reader.question(text, { signal }).catch(() => '')
  const answer = await Promise.race([typed, closed])
  reader.close()
  return answer
}

export const isYes = (answer: string) => /^y(es)?$/i.test(answer.trim())
