import { type Form, OUTPUT_VERSION } from './context.ts'
import type { FleetRun, Hearer, HostOutcome } from './fleet-run.ts'
import { tallyOf } from './fleet-run.ts'
import { fleetLines, fleetSummary } from './fleet-text.ts'
import { runView } from './host-text.ts'
import { printEvent, printValue, printVersion } from './machine.ts'
import type { Show } from './plan-text.ts'
import type { Print } from './print.ts'
import { timeOf } from './time-text.ts'

/** A host's part in a run, for programs. */
function hostView({ host, run, body, problem }: HostOutcome) {
  const { outcomes, owed, undo } = body
  return { host, run: run && runView(run), outcomes, owed, ...(undo && { undo }), problem }
}

/** Prints events of a run as they happen, where the form is lines of JSON. */
export function fleetEvents(print: Print, form: Form): Hearer | null {
  if (form !== 'jsonl') return null
  return {
    started(hosts) {
      printVersion(print)
      printEvent(print, { type: 'started', hosts })
    },
    progress: (progress) => printEvent(print, { type: 'progress', ...progress }),
    result: (result) => printEvent(print, { type: 'result', ...hostView(result) }),
  }
}

/** Prints what a run of several hosts came to, in any form. */
export async function printFleet(
  print: Print,
  form: Form,
  run: FleetRun,
  show: Show & { readonly summaryOnly: boolean },
): Promise<void> {
  const { mode, results, fingerprint, paused, detached, ms } = run
  const end = {
    ...{ mode, summary: tallyOf(run), fingerprint: fingerprint || null, detached, ms },
    ...(paused.ids.length > 0 && { paused: { resources: paused.ids, until: timeOf(paused.until) } }),
  }
  if (form === 'json' || form === 'yaml') {
    return printValue(print, form, { version: OUTPUT_VERSION, ...end, hosts: results.map(hostView) })
  }
  if (form === 'jsonl') return printEvent(print, { type: 'end', ...end })
  if (form === 'name') {
    const told = results.filter(
      ({ body, problem }) => show.all || body.outcomes.length > 0 || problem !== null,
    )
    return print.out(told.map(({ host }) => [host]))
  }
  const lines = show.summaryOnly ? [] : fleetLines(run, { ...show, wide: form === 'wide' })
  print.out([...lines, ...(lines.length > 0 ? [[]] : []), fleetSummary(run)])
}
