/** Calls `due` again and again, `everyMs` give or take `splayMs`, by a clock that nobody sets. */
export function sweep(
  { everyMs, splayMs }: { readonly everyMs: number; readonly splayMs: number },
  chance: () => number,
  due: () => void,
): { stop(): void } {
  let timer: NodeJS.Timeout
  const next = (ms: number) => {
    timer = setTimeout(() => {
      due()
      next(everyMs + (2 * chance() - 1) * splayMs)
    }, ms)
  }
  // Agents that were started together do not look together.
  next(everyMs * chance() + splayMs)
  return { stop: () => clearTimeout(timer) }
}
