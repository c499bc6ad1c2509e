import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again and again until the answer is not null; null when the time is over. */
export async function waitFor<T>(
  ask: () => Promise<T | null> | T | null,
  { timeoutMs, everyMs = 25 }: { timeoutMs: number; everyMs?: number },
): Promise<T | null> {
  const deadlineMs = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== null || performance.now() > deadlineMs) return answer
    await sleep(everyMs)
  }
}
